//! What BAMS remembers.
//!
//! SQL (SQLite or MySQL) keeps campaigns, banners, raw events, performance, imports and keys.
//! [`Snapshot`] is what serving reads instead of SQL. Visitor history lives in this process
//! or in Redis.
#![warn(clippy::unwrap_used)]

mod achieved;
mod attached;
mod attachments;
mod audit;
mod banners;
mod campaigns;
mod catalog;
mod change;
mod condense;
mod connect;
mod contention;
mod distribution;
mod entity;
mod error;
mod events;
mod history;
mod import;
mod insert;
mod keys;
mod load;
mod page;
mod portions;
mod ranking;
mod refresh;
mod report;
mod revision;
mod row;
mod snapshot;
mod sum;
mod verify;
mod visitors;
mod which_campaigns;

pub use attachments::{Attachment, AttachmentSort, attachment, attachments};
pub use audit::{AuditEntry, AuditFilter, audit_log};
pub use banners::{Banner, BannerFilter, BannerImage, BannerSettings, BannerSort, banner, banners};
pub use campaigns::{
    Campaign, CampaignFilter, CampaignSettings, CampaignSort, campaign, campaigns,
};
pub use catalog::{BannerRecord, CampaignRecord, Catalog};
pub use change::{Actor, Begun, Change, Claim, StoredAnswer, Subject, answered_before};
pub use condense::condense;
pub use connect::Database;
pub use distribution::Distribution;
pub use error::StorageError;
pub use events::{
    Booked, Conversion, ConversionFault, ConversionFlaw, ConversionsError, EventCounters,
    EventError, EventKind, EventWriter, Events, FilterReason, FilteredEvents, LONGEST_EVENT_ID,
    MOST_REVENUE, Showing, event_id, expire_impressions, filtered_events, links_expired_before,
};
pub use history::{
    HistorySettings, HistoryUnavailable, InvalidRedisUrl, RecalledHistory, RedisSettings, Standing,
    VisitorHistory,
};
pub use import::{
    ErrorCode, Failure, FailureCode, ImportError, ImportFile, ImportFilter, ImportOptions,
    ImportQueue, ImportReport, ImportStanding, Imports, Kind, OnError, Once, Phase, PlannedFile,
    Progress, QueueError, RejectedRow, RowError, State, Submitted, UnknownKind, import_states,
    left_out, plan,
};
pub use keys::{
    ApiKey, Doorkeeper, KeyFilter, KeyText, NewKey, Proof, Role, UnknownRole, key, keys,
};
pub use page::{After, Page, PageRequest, SortValue};
pub use ranking::{RankedBanner, Ranking, ranking};
pub use refresh::Snapshots;
pub use report::{
    Dimension, FilteredCounts, Measured, Period, Position, Rank, Report, ReportError, ReportQuery,
    ReportRow, SortKey, Sums, report, stream_report,
};
pub use snapshot::{Presentation, Presented, ServedBanner, ServedCampaign, Snapshot};
pub use verify::{Counts, Difference, Place, count_differences, verify};
pub use visitors::{KeptPreferences, Visitors};
