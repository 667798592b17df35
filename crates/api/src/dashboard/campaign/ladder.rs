//! The ladder of a quarter, with the line where a page ends.

use bams_app::reporting::JudgedRanking;
use bams_domain::{Basis, Performance, Quarter, Revenue};
use bams_storage::{RankedBanner, ServedCampaign};

use crate::dashboard::charts::{Whiskers, bar, interval_text};
use crate::dashboard::desk::Desk;
use crate::dashboard::fields::Fields;
use crate::dashboard::figures_file;
use crate::dashboard::html::{Html, dial};
use crate::dashboard::numbers::{NONE, count, minutes, money, money_or_none, percent, rate, share};

/// How many rungs a page shows.
const RUNGS: usize = 25;

/// Below so many impressions the counts stand beside the CTR.
const FEW: u64 = 100;

/// The tiers, in their order.
const TIERS: [(Basis, &str); 3] = [
    (Basis::Revenue, "With conversions, by revenue"),
    (Basis::Clicks, "With clicks only, by clicks"),
    (Basis::Random, "All others, in random order, anew for each decision"),
];

/// A part of a ladder.
pub(super) struct LadderView {
    pub(super) caption: String,
    pub(super) revenue: String,
    pub(super) scale: String,
    pub(super) tiers: Vec<Tier>,
    pub(super) is_empty: bool,
    pub(super) file: String,
    pub(super) first: Option<String>,
    pub(super) next: Option<String>,
}

/// Rungs with the same basis.
pub(super) struct Tier {
    pub(super) heading: String,
    pub(super) rungs: Vec<Rung>,
}

/// A banner of the ladder.
pub(super) struct Rung {
    pub(super) rank: String,
    pub(super) id: u32,
    pub(super) name: String,
    pub(super) image: Option<String>,
    pub(super) revenue: String,
    pub(super) bar: Html,
    pub(super) share: String,
    pub(super) has_earned: bool,
    pub(super) rpm: String,
    pub(super) conversions: String,
    pub(super) clicks: String,
    pub(super) impressions: String,
    pub(super) ctr: String,
    pub(super) of: String,
    pub(super) whisker: Html,
    pub(super) interval: String,
    /// What stands below it, if a page ends here.
    pub(super) cut: Option<String>,
}

/// A quarter to choose.
pub(super) struct QuarterLink {
    pub(super) quarter: Quarter,
    pub(super) address: String,
    pub(super) dial: Html,
    pub(super) revenue: String,
    pub(super) minutes: String,
    pub(super) x: String,
    pub(super) bar: Html,
    pub(super) is_current: bool,
}

pub(super) fn quarters(
    desk: &Desk,
    asked: &Fields,
    judged: &JudgedRanking,
    sums: &[Performance; 4],
) -> Vec<QuarterLink> {
    let running = Quarter::at(desk.now.div_euclid(1000));
    let snapshot = desk.parts.serving.snapshots.current();
    let served = snapshot.campaign(judged.ranking.campaign.id);
    let most = sums.iter().map(|it| it.revenue.micros()).max().unwrap_or(0);
    let link = |quarter: Quarter| {
        let revenue = sums[quarter.index()].revenue;
        let is_current = quarter == judged.quarter;
        let x = if is_current {
            Some(judged.ranking.converting_banners)
        } else {
            served.map(|it| it.prepared(quarter).converting_banners())
        };
        QuarterLink {
            quarter,
            address: format!(
                "{}#lad",
                asked.with(&[("quarter", &quarter.to_string()), ("rung", ""), ("undo", "")])
            ),
            dial: dial(quarter),
            revenue: money(revenue),
            minutes: if quarter == running {
                format!("{} · running", minutes(quarter))
            } else {
                minutes(quarter).to_owned()
            },
            x: x.map_or_else(|| NONE.to_owned(), |it| format!("X = {it}")),
            bar: bar(share(revenue.micros(), most), is_current, ""),
            is_current,
        }
    };
    Quarter::ALL.map(link).into()
}

pub(super) fn of(desk: &Desk, asked: &Fields, judged: &JudgedRanking) -> LadderView {
    let ranking = &judged.ranking;
    let banners = &ranking.banners;
    let asked_size = ranking.campaign.settings.page_size.and_then(|it| usize::try_from(it).ok());
    let page = asked_size.unwrap_or_else(|| ranking.rule.page_size(ranking.converting_banners));
    let from = asked.read::<usize>("rung").unwrap_or(1).clamp(1, banners.len().max(1)) - 1;
    let shown = from..banners.len().min(from + RUNGS.max(if from == 0 { page } else { 0 }));
    let whiskers = Whiskers::of(banners.iter().map(|it| &it.performance));
    let snapshot = desk.parts.serving.snapshots.current();
    let served = snapshot.campaign(ranking.campaign.id).map(|it| &**it);
    let sum: i64 =
        banners.iter().map(|it| it.performance.revenue.micros()).fold(0, i64::saturating_add);
    let most = banners.iter().map(|it| it.performance.revenue.micros()).max().unwrap_or(0);
    let tier = |(basis, words): (Basis, &str)| {
        let all = banners.iter().filter(|it| it.basis == basis).count();
        let own = shown.clone().filter(|index| banners[*index].basis == basis);
        let rung = |index: usize| Rung {
            cut: (index + 1 == page && banners.len() > page).then(|| cut(page)),
            ..rung(desk, served, &banners[index], index, &whiskers, (sum, most))
        };
        Tier { heading: format!("{words} · {all}"), rungs: own.map(rung).collect() }
    };
    let link =
        |rung: usize| format!("{}#lad", asked.with(&[("rung", &rung.to_string()), ("undo", "")]));
    let all = whiskers
        .all()
        .map(|it| format!("; the line in each interval is the CTR of all, {}", percent(it, 2)));
    LadderView {
        caption: format!(
            "The ladder of quarter {}, best first. What each banner achieved in minutes {} of all hours so far. Under each revenue its share{}.",
            judged.quarter,
            minutes(judged.quarter),
            all.unwrap_or_default()
        ),
        revenue: super::revenue_word(desk),
        scale: format!("95 % interval, 0 to {} %", whiskers.end),
        tiers: TIERS.map(tier).into_iter().filter(|it| !it.rungs.is_empty()).collect(),
        is_empty: banners.is_empty(),
        file: figures_file::address(
            "banner",
            &[
                ("campaign_id", &ranking.campaign.id.to_string()),
                ("quarter", &judged.quarter.to_string()),
                ("sort", "-revenue"),
            ],
        ),
        first: (from > 0).then(|| link(1)),
        next: (shown.end < banners.len()).then(|| link(shown.end + 1)),
    }
}

fn cut(page: usize) -> String {
    let banners = if page == 1 { "one banner".to_owned() } else { format!("{page} banners") };
    format!("A page ends here: {banners}. A visitor who has seen some of them gets the next ones.")
}

fn rung(
    desk: &Desk,
    served: Option<&ServedCampaign>,
    ranked: &RankedBanner,
    index: usize,
    whiskers: &Whiskers,
    (sum, most): (i64, i64),
) -> Rung {
    let it = &ranked.performance;
    let revenue = it.revenue.micros();
    let image = served.and_then(|campaign| campaign.banner(ranked.banner));
    Rung {
        rank: if ranked.basis == Basis::Random { NONE.to_owned() } else { (index + 1).to_string() },
        id: ranked.banner.0,
        name: ranked.name.clone(),
        image: image.and_then(|it| desk.image_url(it.image_key())),
        revenue: money(it.revenue),
        bar: bar(share(revenue, most), index == 0, ""),
        share: percent(share(revenue, sum), 0),
        has_earned: it.revenue > Revenue::ZERO,
        rpm: money_or_none(it.revenue_per_mille()),
        conversions: count(it.conversions),
        clicks: count(it.clicks),
        impressions: count(it.impressions),
        ctr: rate(it.click_through_rate()),
        of: if it.impressions > 0 && it.impressions < FEW {
            format!("{} of {}", count(it.clicks), count(it.impressions))
        } else {
            String::new()
        },
        whisker: whiskers.draw(it),
        interval: interval_text(it),
        cut: None,
    }
}
