//! SQL on real SQLite and MariaDB.

mod catalogs;
mod changes;
mod conversions;
mod events;
mod idempotency;
mod keys;
mod lists;
mod migrations;
mod rankings;
mod reports;
mod snapshots;
mod stores;
mod verifying;
mod visitors;
