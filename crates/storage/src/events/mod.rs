//! Live impressions, clicks and conversions. Each counts once, and is on disk before its sender
//! gets an answer.
//!
//! [`Events`] takes them into a queue. The [`EventWriter`] stores those that wait in one
//! transaction: raw rows, whose unique keys decide what is new, performance, and the revision by
//! which nodes notice. Senders are answered after the commit. A transaction that fails is repeated
//! with the same ids, so that nothing counts twice even if the first one may have been committed.

mod batch;
mod booking;
mod counters;
mod event;
mod expiry;
mod known;
mod new_rows;
mod node;
mod other_versions;
mod pending;
mod queue;
pub(crate) mod raw_events;
mod stored_conversion;
mod summing;
pub(crate) mod used_ids;
mod writer;

pub use counters::EventCounters;
pub use event::{
    Booked, Conversion, ConversionFault, ConversionFlaw, ConversionsError, EventError,
    LONGEST_EVENT_ID, MOST_REVENUE, Showing, event_id, is_stored_event_id, too_much_revenue,
};
pub use expiry::{expire_impressions, links_expired_before};
pub use other_versions::{ProgramVersion, other_versions};
pub use queue::Events;
pub use stored_conversion::StoredConversion;
pub use summing::sum_up_raw_rows;
pub use writer::EventWriter;
