//! Live impressions, clicks and conversions: each counts once, and is on disk before its sender
//! is told so.
//!
//! [`Events`] takes them. They wait in a queue for the [`EventWriter`], which stores as many as
//! there are in one transaction: raw rows, whose unique keys decide what is new, performance, and
//! the revision by which nodes learn of it. Only after the commit are the senders answered. A
//! transaction that fails is repeated with the same ids, so that nothing counts twice even where
//! nobody can tell whether the first one was committed.

mod batch;
mod booking;
mod counters;
mod event;
mod expiry;
mod new_rows;
mod node;
mod pending;
mod queue;
pub(crate) mod raw_events;
mod writer;

pub use counters::EventCounters;
pub use event::{
    Booked, Conversion, ConversionFault, ConversionFlaw, ConversionsError, EventError,
    LONGEST_EVENT_ID, MOST_REVENUE, Showing, event_id,
};
pub use expiry::{expire_impressions, links_expired_before};
pub use queue::Events;
pub use writer::EventWriter;
