//! The use cases of BAMS: decide which banners a visitor sees, record what became of them, manage
//! campaigns, banners and keys, import and report.
//!
//! REST and the command line call them. They know no HTTP server, no SQL text, no environment and no
//! wall clock: the time and the source of randomness are arguments.
#![warn(clippy::unwrap_used)]

pub mod backup;
mod draft;
pub mod exporting;
pub mod images;
pub mod importing;
pub mod managing;
mod missing_images;
mod rate;
pub mod repairing;
pub mod reporting;
mod rules;
mod secrets;
pub mod serving;
pub mod signing_in;
pub mod tracking;
pub mod upkeep;
mod violation;
mod visitor;
pub mod visitors;

pub use draft::{Draft, Said};
pub use missing_images::MissingImages;
pub use rate::Rate;
pub use rules::{
    MOST_TAGS, NAME_LENGTH, PAGE_SIZES, Refused, Rules, TAG_LENGTH, characters, entries, hidden,
    hidden_code, missing, whole_number,
};
pub use secrets::{KEY_FILE, Secrets, SecretsError};
pub use violation::Violation;
pub use visitor::Visitor;
