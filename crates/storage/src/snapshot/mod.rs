//! What serving reads instead of SQL: every campaign's ladders, in memory.
//!
//! A [`Snapshot`] never changes. The refresher builds the next one from the campaigns that
//! changed and swaps it in; readers never wait.

mod load;
mod ranking;
mod refresh;
mod served_banners;

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::Arc;

use arc_swap::{ArcSwapOption, Guard};
use bams_domain::{
    BannerId, CampaignId, EmptyReason, Ladder, LandingUrl, Policy, Quarter, Schedule, Status,
};

pub use self::ranking::{RankedBanner, Ranking, ranking};
pub use self::refresh::Snapshots;

/// Everything that can be served, as of one revision of the store.
#[derive(Debug, Default)]
pub struct Snapshot {
    pub(crate) campaigns: HashMap<CampaignId, Arc<ServedCampaign>>,
    pub(crate) revision: i64,
}

impl Snapshot {
    /// The campaign, or `None` if there is no such campaign.
    pub fn campaign(&self, campaign: CampaignId) -> Option<&Arc<ServedCampaign>> {
        self.campaigns.get(&campaign)
    }

    /// Every campaign, in no given order.
    pub fn campaigns(&self) -> impl Iterator<Item = &Arc<ServedCampaign>> {
        self.campaigns.values()
    }

    /// The revision of the store that this snapshot shows; it only grows.
    pub fn revision(&self) -> i64 {
        self.revision
    }
}

/// One campaign as serving needs it.
#[derive(Debug)]
pub struct ServedCampaign {
    /// Its number.
    pub id: CampaignId,
    /// Its name.
    pub name: String,
    /// Whether it runs, within its schedule.
    pub status: Status,
    /// When it runs.
    pub schedule: Schedule,
    /// Who ranks its banners.
    pub policy: Policy,
    /// How many banners a page shows, where the campaign overrides its rule.
    pub page_size: Option<usize>,
    pub(crate) ladders: [Ladder; 4],
    /// Its eligible banners by id. The ids stand here too, so that a search stays in one place of
    /// memory: with millions of banners each step elsewhere would miss the processor's cache.
    pub(crate) banners: Vec<(BannerId, Arc<ServedBanner>)>,
}

impl ServedCampaign {
    /// Its eligible banners as ranked in a quarter.
    pub fn ladder(&self, quarter: Quarter) -> &Ladder {
        &self.ladders[quarter.index()]
    }

    /// One of its eligible banners.
    pub fn banner(&self, banner: BannerId) -> Option<&Arc<ServedBanner>> {
        let first = self.banners.first()?.0;
        // Mostly ids run without a gap, and then this is the place.
        let place = banner.0.checked_sub(first.0)? as usize;
        let found = match self.banners.get(place) {
            Some(found) if found.0 == banner => found,
            _ => &self.banners[self.banners.binary_search_by_key(&banner, |it| it.0).ok()?],
        };
        Some(&found.1)
    }

    /// The tags of one of its eligible banners; none of any other.
    pub fn tags(&self, banner: BannerId) -> &[String] {
        self.banner(banner).map_or(&[], |it| &it.tags)
    }

    /// Why it shows nothing at a moment (unix seconds), or `None` if it has something to show.
    pub fn empty_reason(&self, unix_seconds: i64) -> Option<EmptyReason> {
        let none = || self.banners.is_empty().then_some(EmptyReason::NoEligibleBanner);
        bams_domain::closed(self.status, self.schedule, unix_seconds).or_else(none)
    }
}

/// One banner as serving needs it. Only banners with an image are served.
#[derive(Debug, PartialEq, Eq)]
pub struct ServedBanner {
    /// Its number.
    pub id: BannerId,
    /// Its name.
    pub name: String,
    /// What a screen reader says instead of the image.
    pub alt: String,
    /// Where a click leads; only ever looked up, here or with [`Snapshots::landing_url`].
    ///
    /// [`Snapshots::landing_url`]: crate::Snapshots::landing_url
    pub landing_url: Option<Arc<LandingUrl>>,
    /// What visitors' preferences may name.
    pub tags: Box<[String]>,
    /// Width in pixels, where known.
    pub width: Option<u32>,
    /// Height in pixels, where known.
    pub height: Option<u32>,
    /// The object key of its image.
    pub image_key: Arc<str>,
    /// What the program that serves it says of it.
    pub presentation: Presentation,
}

/// A text that presents a banner for a while, beside the banner, so that a decision finds both in one
/// place of memory.
///
/// This crate neither writes nor reads it. It is gone when the banner changes.
#[derive(Debug, Default)]
pub struct Presentation(ArcSwapOption<Prepared>);

#[derive(Debug)]
struct Prepared {
    until: i64,
    text: Box<str>,
}

/// The text of a [`Presentation`], which it reads as.
#[derive(Debug)]
pub struct Presented(Guard<Option<Arc<Prepared>>>);

impl Presentation {
    /// The text that holds `until` some moment; `prepare` makes it when there is none.
    ///
    /// Nothing is kept when `prepare` fails. Never waits: two who find no text both make one.
    pub fn read<E>(
        &self,
        until: i64,
        prepare: impl FnOnce() -> Result<String, E>,
    ) -> Result<Presented, E> {
        let prepared = self.0.load();
        if prepared.as_ref().is_some_and(|it| it.until == until) {
            return Ok(Presented(prepared));
        }
        let prepared = Some(Arc::new(Prepared { until, text: prepare()?.into() }));
        self.0.store(prepared.clone());
        Ok(Presented(Guard::from_inner(prepared)))
    }
}

impl Deref for Presented {
    type Target = str;

    fn deref(&self) -> &str {
        self.0.as_ref().map_or("", |it| &it.text)
    }
}

/// What is said of banners does not make them differ.
impl PartialEq for Presentation {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Presentation {}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    #[test]
    fn a_text_is_prepared_once_for_each_moment() {
        let presentation = Presentation::default();
        let mut prepared = 0;
        let mut read = |until| {
            let prepare = || {
                prepared += 1;
                Ok::<_, Infallible>(format!("{prepared}. until {until}"))
            };
            presentation.read(until, prepare).unwrap().to_owned()
        };
        assert_eq!([read(7), read(7), read(8)], ["1. until 7", "1. until 7", "2. until 8"]);
    }

    #[test]
    fn what_cannot_be_prepared_is_tried_again() {
        let presentation = Presentation::default();
        assert_eq!(presentation.read(7, || Err("no key")).unwrap_err(), "no key");
        let prepare = || Ok::<_, &str>("found".to_owned());
        assert_eq!(&*presentation.read(7, prepare).unwrap(), "found");
    }

    #[test]
    fn banners_are_found_with_and_without_gaps_between_their_ids() {
        let banner = |id| {
            let (name, alt, landing_url) = (String::new(), String::new(), None);
            let (width, height, image_key) = (None, None, Arc::from("a.png"));
            let (presentation, tags) = (Presentation::default(), Box::default());
            let id = BannerId(id);
            Arc::new(ServedBanner {
                id,
                name,
                alt,
                landing_url,
                tags,
                width,
                height,
                image_key,
                presentation,
            })
        };
        for ids in [&[][..], &[5], &[5, 6, 7], &[5, 7, 8, 4_000_000_000]] {
            let campaign = ServedCampaign {
                id: CampaignId(1),
                name: String::new(),
                status: Status::Active,
                schedule: Schedule::default(),
                policy: Policy::RevenueLadder,
                page_size: None,
                ladders: Default::default(),
                banners: ids.iter().map(|&it| (BannerId(it), banner(it))).collect(),
            };
            for id in (0..10).chain([4_000_000_000, u32::MAX]) {
                let found = campaign.banner(BannerId(id)).map(|it| it.id.0);
                assert_eq!(found, ids.contains(&id).then_some(id), "{id} in {ids:?}");
            }
        }
    }
}
