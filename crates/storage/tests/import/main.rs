//! Importing files into real databases.

mod booking;
mod concurrency;
mod events;
mod images;
mod plan;
mod refusal;
mod usage;
mod world;
