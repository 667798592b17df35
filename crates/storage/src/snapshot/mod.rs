//! The snapshot of every campaign's ladders in memory, which serving reads instead of SQL.
//!
//! A [`Snapshot`] is immutable. The refresher builds the next one from what changed and swaps it in, and
//! readers never wait. Banners stand in one table that all campaigns share, so that a change of one
//! costs the same whether one campaign shows it or thousands do.

mod attached;
mod banner_row;
mod banner_rows;
mod banner_table;
mod cached_text;
mod content;
mod earned;
mod left_out;
mod load;
mod node_changes;
mod packed_banners;
mod page_builder;
mod pool;
mod ranking;
mod refresh;
mod renewal;
mod served_banner;
mod served_campaign;
mod switched;

pub use self::cached_text::{CachedText, CachedTextGuard};
pub use self::content::Snapshot;
pub use self::left_out::left_out_banners;
pub use self::ranking::{RankedBanner, Ranking, ranking};
pub use self::refresh::Snapshots;
pub use self::served_banner::ServedBanner;
pub use self::served_campaign::ServedCampaign;
