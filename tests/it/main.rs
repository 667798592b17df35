//! The whole product through its public face, on real servers.

mod access;
mod demo;
mod evidence;
mod given;
mod image_uploads;
mod images;
mod import_jobs;
mod import_refusals;
mod import_variants;
mod importing;
mod landing;
mod ledger;
mod managing;
mod nodes;
mod operations;
mod preferences;
mod problems;
mod protection;
mod redis_failures;
mod redis_history;
mod reports;
mod servers;
mod serving;
mod shutdown;
mod tracking;
mod visitors;
