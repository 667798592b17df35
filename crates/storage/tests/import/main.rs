//! Importing files into real databases.

mod auditing;
mod booking;
mod concurrency;
mod events;
mod images;
mod jobs;
mod mending;
mod packed;
mod plan;
mod portions;
mod refusal;
mod rejected;
mod reverting;
mod seen;
mod staged;
mod switching;
mod usage;
mod world;
