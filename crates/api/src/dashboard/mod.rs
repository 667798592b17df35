//! The dashboard: pages for people, with a session instead of a key.
//!
//! A page takes a [`Desk`](desk::Desk), which is somebody who signed in, calls the same use cases as the
//! routes, and answers HTML. Every view is an address, and every change a form that leads back to one, so
//! that all of it works without a script.

mod asset_files;
mod assets;
mod attention;
mod audit_words;
mod banner;
mod banners;
mod browser;
mod campaign;
mod campaigns;
mod charts;
mod cookies;
mod desk;
mod fields;
mod figures;
mod figures_file;
mod files;
mod first_steps;
mod forms;
mod frame;
mod html;
mod imports;
mod local_clock;
mod mount;
mod numbers;
mod overview;
mod page;
mod period;
mod preview;
pub(crate) mod refusal;
mod report;
mod rules;
mod same_origin;
mod schedule;
mod sentences;
mod settings;
pub(crate) mod shared;
mod sign_in;
mod statuses;
mod undo;
mod zone;

pub(crate) use self::mount::mount;
