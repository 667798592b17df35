//! CSV import, in one code path for the command line and HTTP.
//!
//! A file is read twice, as a stream: first for its SHA-256, by which a file counts once, then for
//! its rows. A blocking thread parses ([`text`], [`layout`], [`guard`], [`header`], [`field`],
//! [`rows`], [`reader`]) and
//! the async side writes ([`booking`]): in one transaction for the whole file or, if it is large, in
//! portions that one short transaction makes count ([`staging`]). Files whose senders do not wait are
//! jobs in a [`queue`].

mod banner_field;
mod booking;
mod column;
mod content;
mod error;
mod examine;
mod examined;
mod failure;
mod field;
mod foreign;
mod formula;
#[cfg(feature = "fuzzing")]
mod fuzzing;
mod guard;
mod header;
mod imports;
mod job;
mod kind;
mod layout;
mod lines;
mod mending;
pub(crate) mod moment;
mod notice;
mod options;
mod outcome;
mod plan;
mod progress;
mod queue;
mod reader;
mod record;
mod rejected;
mod report;
mod retry;
mod reverting;
mod row_error;
mod rows;
mod run;
mod silence;
mod staging;
mod states;
mod tally;
mod text;

pub use error::ImportError;
pub use failure::{ImportFailure, ImportFailureCode};
pub use formula::harmless;
#[cfg(feature = "fuzzing")]
pub use fuzzing::check_csv;
pub use imports::Imports;
pub use kind::{ImportKind, UnknownKind};
pub use notice::{ImportNotice, NoticeCode};
pub use options::{ImportFile, ImportFilter, ImportOptions, OnError};
pub use plan::{PlannedFile, left_out, plan};
pub use progress::{ImportPhase, ImportProgress};
pub use queue::{ImportQueue, ImportStanding, QueueError, Submitted};
pub use rejected::{RejectedColumns, RejectedRow};
pub use report::{ImportReport, ImportState};
pub use reverting::{RevertError, Reverted};
pub use row_error::{ErrorCode, RowError};
pub use states::import_states;
