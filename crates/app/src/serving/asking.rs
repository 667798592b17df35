//! The spots that one request fills, and the limits of a request.

use std::collections::{BTreeSet, HashSet};
use std::ops::RangeInclusive;

use bams_domain::{BannerId, CampaignId, Size};

use super::spot::Ask;
use crate::draft::{Draft, Said};
use crate::rules::{PAGE_SIZES, Refused, Rules, characters, entries, whole_number};
use crate::violation::Violation;

/// How many placements one request fills.
pub const PLACEMENT_COUNT: RangeInclusive<usize> = 1..=50;

/// The length of a placement's id, in characters.
pub const PLACEMENT_ID_LENGTH: RangeInclusive<usize> = 1..=64;

/// How many banners one request excludes.
pub const EXCLUDED_COUNT: RangeInclusive<usize> = 0..=1000;

/// How many sizes one placement asks for.
pub const SIZE_COUNT: RangeInclusive<usize> = 0..=20;

/// What a request says about the spots that it fills together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlacementsFields {
    /// The placements, without those that could not be read.
    pub placements: Said<Vec<Draft<PlacementFields>>>,
    /// The banners that no placement may show.
    pub exclude: Said<Vec<u32>>,
    /// True if nothing may be remembered.
    pub notrack: Said<bool>,
}

/// What a request says about one spot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlacementFields {
    /// The spot's name, which is its own within the request.
    pub id: Said<String>,
    /// The campaign that fills it.
    pub campaign_id: Said<u32>,
    /// How many banners it wants, or null for as many as the campaign's rule says.
    pub count: Said<Option<u32>>,
    /// The sizes that fit. Empty takes banners of any size.
    pub size: Said<Vec<Size>>,
}

/// The spots that one request fills together.
#[derive(Clone, Debug)]
pub struct AskedPlacements {
    /// The names of the spots.
    pub ids: Vec<String>,
    /// What each spot asks for, in the order of `ids`.
    pub asks: Vec<Ask>,
    /// The banners that no spot may show.
    pub excluded: BTreeSet<BannerId>,
    /// True if nothing may be remembered.
    pub is_untracked: bool,
}

impl AskedPlacements {
    /// Returns what a request asks for. Fails with everything that is wrong with it.
    pub fn of(draft: Draft<PlacementsFields>) -> Result<Self, Vec<Violation>> {
        let Draft { said, violations } = draft;
        let mut rules = Rules::after(violations);
        let placements = placements(said.placements, &mut rules);
        let listed = rules.list("exclude", said.exclude, &EXCLUDED_COUNT);
        let is_untracked = rules.any("notrack", said.notrack).unwrap_or(false);
        let excluded = listed.into_iter().flatten().map(BannerId).collect();
        let asked = placements.map(|(ids, asks)| Self { ids, asks, excluded, is_untracked });
        rules.finish(asked)
    }
}

type Placements = (Vec<String>, Vec<Ask>);

fn placements(
    said: Said<Vec<Draft<PlacementFields>>>,
    rules: &mut Rules,
) -> Result<Placements, Refused> {
    let Some(drafts) = said else {
        let unread = rules.any("placements", None);
        return rules.needed("placements", unread);
    };
    let (mut ids, mut asks, mut known) = (Vec::new(), Vec::new(), HashSet::new());
    rules.entries("placements", drafts, |rules, index, draft| match placement(draft, &mut known) {
        Ok((id, ask)) => {
            ids.push(id);
            asks.push(ask);
        }
        Err(violations) => rules.refuse_entry("placements", index, violations),
    });
    Ok((ids, asks))
}

/// Returns the name of one placement and what it asks for. `known` are the names of earlier ones.
fn placement(
    draft: Draft<PlacementFields>,
    known: &mut HashSet<String>,
) -> Result<(String, Ask), Vec<Violation>> {
    let Draft { said, violations } = draft;
    let mut rules = Rules::after(violations);
    let id = rules.any("id", said.id);
    let id = rules.needed("id", id).and_then(|id| {
        if PLACEMENT_ID_LENGTH.contains(&id.chars().count()) {
            return Ok(id);
        }
        let detail = format!("`id` {}", characters(&PLACEMENT_ID_LENGTH));
        Err(rules.refuse("id", "out_of_range", detail))
    });
    let campaign = rules.any("campaign_id", said.campaign_id);
    let campaign = rules.needed("campaign_id", campaign);
    let count = rules.number("count", said.count, &PAGE_SIZES).flatten();
    let sizes = rules.list("size", said.size, &SIZE_COUNT).unwrap_or_default();
    if id.as_ref().is_ok_and(|id| !known.insert(id.clone())) {
        rules.refuse("id", "duplicate", "an earlier placement has this id");
    }
    let placement = id.and_then(|id| {
        let campaign = CampaignId(campaign?);
        Ok((id, Ask { count, sizes, may_be_unknown: true, ..Ask::of(campaign) }))
    });
    rules.finish(placement)
}

/// Fails with the limits of a request that it breaks.
pub(super) fn check(asks: &[Ask], excluded: &BTreeSet<BannerId>) -> Result<(), Vec<Violation>> {
    let is_within = |ask: &Ask| {
        SIZE_COUNT.contains(&ask.sizes.len()) && ask.count.is_none_or(|it| PAGE_SIZES.contains(&it))
    };
    if PLACEMENT_COUNT.contains(&asks.len())
        && EXCLUDED_COUNT.contains(&excluded.len())
        && asks.iter().all(is_within)
    {
        return Ok(());
    }
    Err(broken_limits(asks, excluded))
}

#[cold]
fn broken_limits(asks: &[Ask], excluded: &BTreeSet<BannerId>) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut refuse = |is_within: bool, name: &str, detail: String| {
        if !is_within {
            found.push(Violation::of(name, "out_of_range", detail));
        }
    };
    let detail = entries("placements", &PLACEMENT_COUNT);
    refuse(PLACEMENT_COUNT.contains(&asks.len()), "placements", detail);
    for (index, ask) in asks.iter().enumerate() {
        let place = |name: &str| format!("placements/{index}/{name}");
        let is_within = ask.count.is_none_or(|count| PAGE_SIZES.contains(&count));
        refuse(is_within, &place("count"), whole_number("count", &PAGE_SIZES));
        let is_within = SIZE_COUNT.contains(&ask.sizes.len());
        refuse(is_within, &place("size"), entries("size", &SIZE_COUNT));
    }
    let detail = entries("exclude", &EXCLUDED_COUNT);
    refuse(EXCLUDED_COUNT.contains(&excluded.len()), "exclude", detail);
    found
}
