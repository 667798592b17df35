//! The snapshot of every campaign's ladders in memory, which serving reads instead of SQL.
//!
//! A [`Snapshot`] is immutable. The refresher builds the next one from the campaigns that changed
//! and swaps it in, and readers never wait.

mod cached_text;
mod left_out;
mod load;
mod node_changes;
mod ranking;
mod refresh;
mod served_banners;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use bams_domain::{
    BannerId, BannerPerformance, CampaignId, EmptyReason, LandingUrl, Performance, Policy,
    Prepared, Quarter, Schedule, Size, Status, empty_reason,
};

pub use self::cached_text::{CachedText, CachedTextGuard};
pub use self::left_out::left_out_banners;
pub use self::ranking::{RankedBanner, Ranking, ranking};
pub use self::refresh::Snapshots;
use crate::change::revision::Revision;
use crate::performance::changed_totals::ChangedTotal;

/// Everything that can be served, as of one revision of the store.
#[derive(Debug, Default)]
pub struct Snapshot {
    pub(crate) campaigns: HashMap<CampaignId, Arc<ServedCampaign>>,
    pub(crate) revision: Revision,
}

impl Snapshot {
    /// Returns a campaign, or `None` if it does not exist.
    pub fn campaign(&self, campaign: CampaignId) -> Option<&Arc<ServedCampaign>> {
        self.campaigns.get(&campaign)
    }

    /// Returns every campaign, in no particular order.
    pub fn campaigns(&self) -> impl Iterator<Item = &Arc<ServedCampaign>> {
        self.campaigns.values()
    }

    /// Returns the revision of the store that this snapshot shows. It grows, unless the database goes back.
    pub fn revision(&self) -> i64 {
        self.revision.number
    }
}

/// One campaign as serving needs it.
#[derive(Debug)]
pub struct ServedCampaign {
    /// Its number.
    pub id: CampaignId,
    /// Its name.
    pub name: String,
    /// Its status.
    pub status: Status,
    /// When it runs.
    pub schedule: Schedule,
    /// The policy that ranks its banners.
    pub policy: Policy,
    /// How many banners a page shows, if the campaign overrides its rule.
    pub page_size: Option<usize>,
    /// Its banners as the policy prepared them, by quarter.
    pub(crate) prepared: [Prepared; 4],
    /// What those banners achieved that have clicks or conversions, by quarter and id.
    pub(crate) earned: [Earned; 4],
    /// Its eligible banners by id. The ids are copied here, so that a search stays in one place of
    /// memory: with millions of banners each step elsewhere would miss the processor's cache.
    pub(crate) banners: Arc<[(BannerId, Arc<ServedBanner>)]>,
}

/// What banners achieved in a quarter, by id, without impressions. Campaigns that follow each other
/// share it.
pub(crate) type Earned = Arc<[(BannerId, Performance)]>;

impl ServedCampaign {
    /// Makes the stand-in of a campaign that does not exist. It shows nothing.
    pub fn unknown(id: CampaignId) -> Self {
        let policy = Policy::default();
        Self {
            id,
            name: String::new(),
            status: Status::Archived,
            schedule: Schedule::default(),
            policy,
            page_size: None,
            prepared: Quarter::ALL.map(|_| policy.prepare([])),
            earned: Quarter::ALL.map(|_| Earned::default()),
            banners: Arc::default(),
        }
    }

    /// Returns the same campaign after some of its banners achieved something else.
    pub(crate) fn after(&self, changed: &[ChangedTotal]) -> Self {
        let after = |quarter: Quarter| {
            let index = quarter.index();
            let changed: Vec<_> = changed.iter().filter(|it| it.quarter == quarter).collect();
            if changed.is_empty() {
                return (self.prepared[index].clone(), Arc::clone(&self.earned[index]));
            }
            let mut earned: BTreeMap<_, _> = self.earned[index].iter().copied().collect();
            for it in changed {
                if self.banner(it.banner).is_some() {
                    earned.insert(it.banner, it.performance);
                }
            }
            let earned: Earned = earned.into_iter().collect();
            (prepare(self.policy, &self.banners, &earned), earned)
        };
        let [first, second, third, fourth] = Quarter::ALL.map(after);
        Self {
            id: self.id,
            name: self.name.clone(),
            status: self.status,
            schedule: self.schedule,
            policy: self.policy,
            page_size: self.page_size,
            prepared: [first.0, second.0, third.0, fourth.0],
            earned: [first.1, second.1, third.1, fourth.1],
            banners: Arc::clone(&self.banners),
        }
    }

    /// Returns its eligible banners in a quarter, as its policy prepared them.
    pub fn prepared(&self, quarter: Quarter) -> &Prepared {
        &self.prepared[quarter.index()]
    }

    /// Returns one of its eligible banners.
    pub fn banner(&self, banner: BannerId) -> Option<&Arc<ServedBanner>> {
        let first = self.banners.first()?.0;
        // Ids mostly run without a gap, and then this is the index.
        let place = banner.0.checked_sub(first.0)? as usize;
        let found = match self.banners.get(place) {
            Some(found) if found.0 == banner => found,
            _ => &self.banners[self.banners.binary_search_by_key(&banner, |it| it.0).ok()?],
        };
        Some(&found.1)
    }

    /// Returns its eligible banners, by id.
    pub fn banners(&self) -> impl Iterator<Item = &Arc<ServedBanner>> {
        self.banners.iter().map(|it| &it.1)
    }

    /// Returns the tags of one of its eligible banners, and none for any other banner.
    pub fn tags(&self, banner: BannerId) -> &[String] {
        self.banner(banner).map_or(&[], |it| &it.tags)
    }

    /// Returns why it shows nothing at a moment (unix seconds), or `None` if it shows something.
    pub fn empty_reason(&self, unix_seconds: i64) -> Option<EmptyReason> {
        let has_eligible_banner = !self.banners.is_empty();
        empty_reason(self.status, self.schedule, has_eligible_banner, unix_seconds)
    }
}

/// Lets a policy prepare banners, sorted by id, with what they achieved.
fn prepare(
    policy: Policy,
    banners: &[(BannerId, Arc<ServedBanner>)],
    earned: &[(BannerId, Performance)],
) -> Prepared {
    let mut earned = earned.iter().peekable();
    policy.prepare(banners.iter().map(|&(banner, _)| {
        let mut performance = Performance::default();
        while let Some((_, sums)) = earned.next_if(|it| it.0 <= banner) {
            performance = *sums;
        }
        BannerPerformance { banner, performance }
    }))
}

/// One banner as serving needs it. Only banners with an image are served.
#[derive(Debug)]
pub struct ServedBanner {
    /// Its number.
    pub id: BannerId,
    /// Its name.
    pub name: String,
    /// The text for screen readers.
    pub alt: String,
    /// The address that a click leads to.
    pub landing_url: Option<Arc<LandingUrl>>,
    /// Its tags, for visitors' preferences.
    pub tags: Box<[String]>,
    /// The width in pixels, if known.
    pub width: Option<u32>,
    /// The height in pixels, if known.
    pub height: Option<u32>,
    /// The object key of its image.
    pub image_key: Arc<str>,
    /// A text that the serving program prepares for it.
    pub prepared: CachedText,
}

impl ServedBanner {
    /// Returns its size, if both sides are known.
    pub fn size(&self) -> Option<Size> {
        Some(Size { width: self.width?, height: self.height? })
    }

    /// Returns true if both are equal but for their prepared texts.
    pub(crate) fn same_as(&self, other: &Self) -> bool {
        let Self { id, name, alt, landing_url, tags, width, height, image_key, prepared: _ } = self;
        *id == other.id
            && *name == other.name
            && *alt == other.alt
            && *landing_url == other.landing_url
            && *tags == other.tags
            && *width == other.width
            && *height == other.height
            && *image_key == other.image_key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn banner(id: u32) -> ServedBanner {
        ServedBanner {
            id: BannerId(id),
            name: String::new(),
            alt: String::new(),
            landing_url: None,
            tags: Box::default(),
            width: None,
            height: None,
            image_key: Arc::from("a.png"),
            prepared: CachedText::default(),
        }
    }

    #[test]
    fn banners_differ_by_what_they_show_and_not_by_what_was_prepared() {
        let known = banner(5);
        known.prepared.read(7, || Ok::<_, ()>("said before".to_owned())).unwrap();
        assert!(known.same_as(&banner(5)));
        let url = "https://example.com/".parse().ok().map(Arc::new);
        for other in [
            banner(6),
            ServedBanner { name: "Other".to_owned(), ..banner(5) },
            ServedBanner { alt: "Other".to_owned(), ..banner(5) },
            ServedBanner { landing_url: url, ..banner(5) },
            ServedBanner { tags: Box::new(["other".to_owned()]), ..banner(5) },
            ServedBanner { width: Some(1), ..banner(5) },
            ServedBanner { height: Some(1), ..banner(5) },
            ServedBanner { image_key: Arc::from("b.png"), ..banner(5) },
        ] {
            assert!(!known.same_as(&other), "{other:?}");
        }
    }

    #[test]
    fn banners_are_found_with_and_without_gaps_between_their_ids() {
        for ids in [&[][..], &[5], &[5, 6, 7], &[5, 7, 8, 4_000_000_000]] {
            let campaign = ServedCampaign {
                id: CampaignId(1),
                name: String::new(),
                status: Status::Active,
                schedule: Schedule::default(),
                policy: Policy::RevenueLadder,
                page_size: None,
                prepared: Quarter::ALL.map(|_| Policy::RevenueLadder.prepare([])),
                earned: Quarter::ALL.map(|_| Earned::default()),
                banners: ids.iter().map(|&id| (BannerId(id), Arc::new(banner(id)))).collect(),
            };
            for id in (0..10).chain([4_000_000_000, u32::MAX]) {
                let found = campaign.banner(BannerId(id)).map(|it| it.id.0);
                assert_eq!(found, ids.contains(&id).then_some(id), "{id} in {ids:?}");
            }
        }
    }
}
