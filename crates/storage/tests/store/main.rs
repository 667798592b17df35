//! SQL on real SQLite and MariaDB.

mod catalogs;
mod certain_days;
mod changed_banners;
mod changes;
mod condensing;
mod conversions;
mod copies;
mod events;
mod idempotency;
mod keys;
mod lists;
mod local_reports;
mod logins;
mod mended_ladders;
mod migrations;
mod naive;
mod rankings;
mod repairing;
mod reports;
mod roll_ups;
mod snapshots;
mod stores;
mod summing_up;
mod sums;
mod verifying;
mod visitors;
