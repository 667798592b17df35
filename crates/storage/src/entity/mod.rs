//! The SQL tables as SeaORM sees them. They stay inside this crate.
#![expect(unreachable_pub, reason = "the derive macros ask for public models")]

pub(crate) mod api_key;
pub(crate) mod audit_entry;
pub(crate) mod banner;
pub(crate) mod banner_revision;
pub(crate) mod campaign;
pub(crate) mod campaign_banner;
pub(crate) mod campaign_conversion;
pub(crate) mod campaign_revision;
pub(crate) mod idempotency;
pub(crate) mod import;
pub(crate) mod import_job;
pub(crate) mod performance;
pub(crate) mod quarter_performance;
pub(crate) mod rejected_row;
pub(crate) mod session;
pub(crate) mod shared_report;
pub(crate) mod sign_in_link;
pub(crate) mod visitor;
