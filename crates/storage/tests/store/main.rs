//! SQL on real SQLite and MariaDB.

mod catalogs;
mod conversions;
mod events;
mod keys;
mod migrations;
mod rankings;
mod reports;
mod snapshots;
mod stores;
mod verifying;
