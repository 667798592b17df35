//! The memory of BAMS: everything it stores and reads back.
//!
//! SQL (SQLite or MySQL) keeps campaigns, banners, raw events, performance, imports and keys.
//! Serving reads a [`Snapshot`] instead of SQL. The history of visitors is in this process or in
//! Redis.
#![warn(clippy::unwrap_used)]

mod alternatives;
mod backup;
mod catalog;
mod change;
mod database;
mod distribution;
mod entity;
mod error;
mod events;
mod export;
mod history;
mod import;
mod keys;
mod performance;
mod server_url;
mod sessions;
mod snapshot;
mod trouble;
mod visitors;

pub use alternatives::alternatives;
pub use backup::{
    ReplacedStore, StoreFileError, StoreSummary, can_work_on, copy_store, make_ready, sqlite_file,
};
pub use catalog::{
    Attachment, AttachmentSort, Banner, BannerFilter, BannerImage, BannerSettings, BannerState,
    Campaign, CampaignFilter, CampaignSettings, CatalogSort, LONGEST_ALT, LONGEST_NAME,
    LONGEST_TAG, MOST_TAGS, Recorded, States, attachment, attachment_counts, attachments, banner,
    banners, campaign, campaign_counts, campaign_statuses, campaigns, count_banners,
    unknown_banners,
};
#[cfg(feature = "fixtures")]
pub use catalog::{BannerRecord, CampaignRecord, Catalog};
pub use change::{
    Actor, AuditEntry, AuditFilter, Begun, Change, Claim, EarlierUse, LONGEST_IDEMPOTENCY_KEY,
    Once, StoredAnswer, Subject, audit_entry, audit_log, earlier_use,
};
pub use database::{
    After, Database, DatabaseAddress, InvalidDatabaseAddress, ListPage, PageRequest, Repetition,
    SortValue, WriteStanding, Writes,
};
pub use distribution::Distribution;
pub use error::StorageError;
pub use events::{
    Booked, Conversion, ConversionFault, ConversionFlaw, ConversionsError, EventCounters,
    EventError, EventWriter, Events, LONGEST_EVENT_ID, MOST_REVENUE, ProgramVersion, Showing,
    StoredConversion, event_id, expire_impressions, is_stored_event_id, links_expired_before,
    other_versions, sum_up_raw_rows, too_much_revenue,
};
pub use export::{Export, ExportedTable};
pub use history::{
    HistorySettings, HistoryStanding, HistoryUnavailable, InvalidRedisUrl, RecalledHistory,
    RedisSettings, VisitorHistory,
};
#[cfg(feature = "fuzzing")]
pub use import::check_csv;
pub use import::{
    ErrorCode, ImportError, ImportFailure, ImportFailureCode, ImportFile, ImportFilter, ImportKind,
    ImportNotice, ImportOptions, ImportPhase, ImportProgress, ImportQueue, ImportReport,
    ImportStanding, ImportState, Imports, NoticeCode, OnError, PlannedFile, QueueError,
    RejectedColumns, RejectedRow, RevertError, Reverted, RowError, Submitted, UnknownKind,
    harmless, import_states, left_out, plan,
};
pub use keys::{
    ApiKey, Doorkeeper, KeyFilter, KeyText, NewKey, Proof, Role, UnknownRole, key, keys,
};
pub use performance::{
    Difference, Dimension, EventKind, FilterReason, FilteredCounts, FilteredEvents, LocalTime,
    Measured, PerformanceCounts, Period, Place, Position, Rank, Repair, RepairError, Report,
    ReportError, ReportQuery, ReportRow, RollUp, SortKey, Streamed, Sums, certain_day,
    certain_time, condense, count_differences, filtered_events, raw_rows_from, report, roll_up,
    stream_report, verify,
};
pub use sessions::{
    SessionProof, Sessions, SharedReport, TokenText, shared_report, shared_reports,
};
pub use snapshot::{
    CachedText, CachedTextGuard, RankedBanner, Ranking, ServedBanner, ServedCampaign, Snapshot,
    Snapshots, left_out_banners, ranking,
};
pub use trouble::Trouble;
pub use visitors::{KeptPreferences, Visitors};
