//! Changing campaigns, banners, attachments and keys without HTTP, on a real SQLite file (what databases
//! may see differently, on a real MariaDB too), at a moment of the test's choosing.

mod attachments;
mod audit;
mod banners;
mod campaigns;
mod closed;
mod concurrency;
mod copying;
mod images;
mod keys;
mod repetition;
mod reverting;
mod world;
