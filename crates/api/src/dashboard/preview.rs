//! What a visitor sees now: type a campaign and look.

use std::collections::BTreeSet;

use askama::Template;
use bams_app::PAGE_SIZES;
use bams_app::serving::{Ask, Decided, DecidedSpot};
use bams_domain::{BannerId, Basis, CampaignId, EmptyReason, Selected};
use bams_storage::ServedBanner;

use super::desk::{Answer, Desk};
use super::fields::{Asked, Fields};
use super::frame::{Frame, Section};
use super::numbers::counted;
use super::rules::words;
use super::sentences::begun;
use crate::problem::ApiError;
use crate::random;
use crate::routes::serve::decision;

/// The numbers of banners to choose from.
const COUNTS: [u32; 4] = [1, 3, 5, 10];

/// How many campaigns are suggested.
const MOST_NAMES: usize = 200;

/// How many banners one visitor can have seen here.
const MOST_SEEN: usize = 500;

#[derive(Template)]
#[template(path = "dashboard/preview.html")]
struct PreviewPage {
    frame: Frame,
    text: String,
    names: Vec<(u32, String)>,
    /// The numbers of banners to choose from, and whether each is chosen.
    counts: Vec<(u32, bool)>,
    unknown: Option<String>,
    choices: Vec<(u32, String)>,
    seen: Option<Seen>,
}

/// What a visitor sees of a campaign.
struct Seen {
    id: CampaignId,
    name: String,
    rule: String,
    of: String,
    shown: Shown,
    sizes: Vec<OfSize>,
    json: String,
    request: String,
    new_visitor: String,
    next: Option<String>,
}

/// The banners of a size.
struct OfSize {
    id: String,
    word: String,
    banners: Vec<ShownBanner>,
}

/// The banners that somebody sees, or why there are none.
#[derive(Clone, Default)]
pub(super) struct Shown {
    pub(super) banners: Vec<ShownBanner>,
    /// Which page shows them, and in which order.
    pub(super) about: String,
    pub(super) title: String,
    pub(super) empty: String,
}

/// A banner that somebody sees.
#[derive(Clone)]
pub(super) struct ShownBanner {
    pub(super) id: u32,
    pub(super) name: String,
    pub(super) image: String,
    pub(super) size: Option<(u32, u32)>,
    /// Its place in the ladder, in words.
    pub(super) place: String,
    pub(super) basis: &'static str,
    pub(super) class: &'static str,
}

/// Shows what a visitor sees of the campaign that was typed.
pub(super) async fn show(desk: Desk, Asked(asked): Asked) -> Answer {
    let text = asked.text("campaign").to_owned();
    let count = asked.read::<u32>("count").filter(|it| PAGE_SIZES.contains(it));
    let found = found(&desk, &text);
    let seen = match found[..] {
        [(id, _)] => Some(seen(&desk, &asked, CampaignId(id), count).await?),
        _ => None,
    };
    let is_unknown = !text.is_empty() && found.is_empty();
    desk.answer(&PreviewPage {
        frame: desk.frame(Section::Preview, "Preview"),
        names: names(&desk),
        counts: COUNTS.map(|it| (it, Some(it) == count)).into(),
        unknown: is_unknown.then(|| format!("There is no campaign “{text}”")),
        choices: if found.len() > 1 && !text.is_empty() { found } else { Vec::new() },
        seen,
        text,
    })
}

/// Returns the campaigns that a text means: the one with this number or name, else those whose names
/// contain it.
fn found(desk: &Desk, text: &str) -> Vec<(u32, String)> {
    if text.is_empty() {
        return Vec::new();
    }
    let all = names(desk);
    let number = text.parse::<u32>().ok();
    if let Some(exact) =
        all.iter().find(|it| Some(it.0) == number || it.1.eq_ignore_ascii_case(text))
    {
        return vec![exact.clone()];
    }
    let snapshot = desk.parts.serving.snapshots.current();
    if let Some(known) = number.and_then(|it| snapshot.campaign(CampaignId(it))) {
        return vec![(known.id.0, known.name.clone())];
    }
    let lower = text.to_lowercase();
    all.into_iter().filter(|it| it.1.to_lowercase().contains(&lower)).collect()
}

fn names(desk: &Desk) -> Vec<(u32, String)> {
    let snapshot = desk.parts.serving.snapshots.current();
    let mut names: Vec<_> = snapshot.campaigns().map(|it| (it.id.0, it.name.clone())).collect();
    names.sort_unstable();
    names.truncate(MOST_NAMES);
    names
}

async fn seen(
    desk: &Desk,
    asked: &Fields,
    id: CampaignId,
    count: Option<u32>,
) -> Result<Seen, ApiError> {
    let before: Vec<u32> =
        asked.text("seen").split('.').filter_map(|it| it.parse().ok()).take(MOST_SEEN).collect();
    let excluded: BTreeSet<BannerId> = before.iter().copied().map(BannerId).collect();
    let ask = Ask { count, ..Ask::of(id) };
    let mut rng = random::quick_rng();
    let decided = desk.parts.serving.preview(ask, &excluded, desk.now, &mut rng).await?;
    let spot = decided.spots.first().ok_or(ApiError::UnknownCampaign(id))?;
    let mut json = Vec::new();
    decision::write(&mut json, &decided, spot, &desk.parts.prepared)?;
    let shown = shown(desk, &decided, spot);
    let eligible = spot.campaign.prepared(decided.quarter).banners().len();
    let seen_now = shown.banners.iter().map(|it| it.id);
    let all: Vec<String> =
        before.iter().copied().chain(seen_now).map(|it| it.to_string()).collect();
    let has_more = !shown.banners.is_empty() && all.len() < eligible;
    let exclude = if before.is_empty() {
        String::new()
    } else {
        format!("&exclude={}", before.iter().map(ToString::to_string).collect::<Vec<_>>().join(","))
    };
    Ok(Seen {
        id,
        name: spot.campaign.name.clone(),
        rule: format!("{}, because X = {}", begun(words(spot.rule)), spot.converting_banners),
        of: format!(
            "{} of {}",
            shown.banners.len(),
            counted(eligible as u64, "eligible banner", "eligible banners")
        ),
        sizes: sizes(&shown.banners),
        json: pretty(&json),
        request: format!("/api/v1/serve/{id}?notrack=true{exclude}"),
        new_visitor: asked.with(&[("seen", "")]),
        next: has_more.then(|| asked.with(&[("seen", &all.join("."))])),
        shown,
    })
}

/// Returns what a new visitor sees of a campaign now.
pub(super) async fn shown_now(desk: &Desk, campaign: CampaignId) -> Shown {
    let mut rng = random::quick_rng();
    match desk.parts.serving.preview(Ask::of(campaign), &BTreeSet::new(), desk.now, &mut rng).await
    {
        Ok(decided) => {
            decided.spots.first().map(|it| shown(desk, &decided, it)).unwrap_or_default()
        }
        Err(error) => {
            Shown { empty: format!("Nothing can be shown now: {error}."), ..Shown::default() }
        }
    }
}

fn shown(desk: &Desk, decided: &Decided, spot: &DecidedSpot) -> Shown {
    let banner = |(selected, banner): (&Selected, ServedBanner<'_>)| {
        let image = desk.parts.images.url(banner.image_key(), decided.unix_seconds).ok()?;
        Some(ShownBanner {
            id: banner.id().0,
            name: banner.name().to_owned(),
            image: image.url.clone(),
            size: banner.width().zip(banner.height()),
            // Who has neither conversions nor clicks has no place of its own.
            place: match selected.basis {
                Basis::Random => "No rank yet".to_owned(),
                _ => format!("Rank {}", selected.rank),
            },
            basis: basis(selected.basis),
            class: match selected.basis {
                Basis::Revenue => "a",
                Basis::Clicks => "o",
                Basis::Random | Basis::NewCycle => "",
            },
        })
    };
    let (title, empty) = spot.reason.map_or(("", ""), reason);
    let banners: Vec<ShownBanner> = spot.shown().filter_map(banner).collect();
    Shown {
        about: about(banners.len()),
        banners,
        title: if title.is_empty() {
            String::new()
        } else {
            format!("{} {title}", spot.campaign.name)
        },
        empty: empty.to_owned(),
    }
}

/// Says which page shows so many banners.
fn about(banners: usize) -> String {
    if banners == 1 {
        return "It stands on a page that asks for one banner.".to_owned();
    }
    format!(
        "A page that asks for {banners} shows these, in random order. One that asks for one, as the snippet does, shows the best that its visitor has not seen."
    )
}

const fn basis(basis: Basis) -> &'static str {
    match basis {
        Basis::Revenue => "revenue",
        Basis::Clicks => "clicks",
        Basis::Random => "random",
        Basis::NewCycle => "new cycle",
    }
}

const fn reason(reason: EmptyReason) -> (&'static str, &'static str) {
    match reason {
        EmptyReason::CampaignPaused => ("is paused", "Resume it to show its banners."),
        EmptyReason::NotStarted => {
            ("has not started", "It is a draft, or its schedule begins later.")
        }
        EmptyReason::Ended => ("has ended", "It is archived, or its schedule is over."),
        EmptyReason::NoEligibleBanner => ("shows nothing", "No banner is eligible."),
        EmptyReason::UnknownCampaign => ("is unknown", "There is no such campaign."),
        EmptyReason::NoBannerOfThisSize => ("has no banner of this size", "Ask for another size."),
    }
}

fn sizes(banners: &[ShownBanner]) -> Vec<OfSize> {
    let mut sizes: Vec<Option<(u32, u32)>> = banners.iter().map(|it| it.size).collect();
    sizes.sort_unstable();
    sizes.dedup();
    let of = |size: Option<(u32, u32)>| OfSize {
        id: size.map_or_else(|| "g".to_owned(), |(width, height)| format!("g{width}-{height}")),
        word: size.map_or_else(
            || "Unknown size".to_owned(),
            |(width, height)| format!("{width} × {height}"),
        ),
        banners: banners.iter().filter(|it| it.size == size).cloned().collect(),
    };
    sizes.into_iter().map(of).collect()
}

fn pretty(json: &[u8]) -> String {
    let value: Option<serde_json::Value> = serde_json::from_slice(json).ok();
    value.and_then(|it| serde_json::to_string_pretty(&it).ok()).unwrap_or_default()
}
