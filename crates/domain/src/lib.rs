#![doc = include_str!("../README.md")]
#![warn(clippy::unwrap_used)]

mod eligibility;
mod filling;
mod hidden;
mod history;
mod id;
mod ladder;
mod landing;
mod line;
mod membership;
mod object_key;
mod order;
mod page;
mod performance;
mod placeholder;
mod policy;
mod preferences;
mod quarter;
mod revenue;
mod rule;
mod selection;
#[cfg(feature = "serde")]
mod serialized;
mod size;
mod statistics;
mod tiers;

pub use eligibility::{
    EmptyReason, LeftOut, Schedule, Status, UnknownStatus, closed, empty_reason, left_out,
};
pub use filling::{Placement, fill_pages};
pub use hidden::hidden_characters;
pub use history::History;
pub use id::{BannerId, CampaignId, InvalidVisitorId, VisitorId};
pub use ladder::Ladder;
pub use landing::{FollowedClick, InvalidLandingUrl, LandingUrl};
pub use line::{InvalidLine, line};
pub use object_key::{KeyError, check_object_key};
pub use order::{Order, Selected};
pub use page::Page;
pub use performance::{BannerPerformance, Performance};
pub use policy::{Policy, Prepared, UnknownPolicy};
pub use preferences::Preferences;
pub use quarter::{InvalidQuarter, Quarter, Slot};
pub use rand;
pub use revenue::{InvalidRevenue, Revenue};
pub use rule::{Basis, Rule};
pub use selection::{Selection, select};
pub use size::{InvalidSize, Size};
pub use statistics::{Evidence, EvidenceLabel, Figure, Interval, Measure};

/// The example in the README of the repository.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
