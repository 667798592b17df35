//! CSV import: one way in for the command line, HTTP and the dashboard.
//!
//! A file is read twice, as a stream: first for its SHA-256, by which a file counts once, then
//! for its rows. A blocking thread parses ([`guard`], [`header`], [`field`], [`rows`], [`reader`])
//! and the async side writes ([`booking`]), in one transaction for the whole file.

mod booking;
mod error;
mod examine;
mod field;
mod guard;
mod halt;
mod header;
mod imports;
mod job;
mod kind;
mod plan;
mod progress;
mod reader;
mod report;
mod row_error;
mod rows;

pub use error::ImportError;
pub use imports::{ImportFile, ImportOptions, Imports, OnError};
pub use kind::{Kind, UnknownKind};
pub use plan::{PlannedFile, plan};
pub use progress::{Phase, Progress};
pub use report::{ImportReport, State};
pub use row_error::{ErrorCode, RowError};
