//! Importing files into real databases.

mod auditing;
mod booking;
mod concurrency;
mod events;
mod images;
mod jobs;
mod packed;
mod plan;
mod portions;
mod refusal;
mod rejected;
mod seen;
mod staged;
mod usage;
mod world;
