//! Changing campaigns, banners, attachments and keys without HTTP, on a real SQLite file, at a moment of
//! the test's choosing.

mod attachments;
mod banners;
mod campaigns;
mod concurrency;
mod images;
mod keys;
mod repetition;
mod world;
