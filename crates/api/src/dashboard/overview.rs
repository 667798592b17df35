//! The overview: which campaign earns most, which banner earns it, and what is wrong.

use std::collections::HashMap;

use askama::Template;
use bams_app::reporting::{
    Attention, ComparedCampaign, Overview, attention, overview, revenue_by_step,
};
use bams_domain::{CampaignId, EvidenceLabel, Figure, Performance, Quarter, Revenue};

use super::attention::{Broken, Item, broken, calm, items};
use super::charts::{LineChart, bar, line_chart, quarter_bars, spark};
use super::desk::{Answer, Desk};
use super::fields::{Asked, Fields};
use super::figures::{self, Card, FigureChange, cards, change, signed_money};
use super::figures_file;
use super::frame::{Frame, Section};
use super::html::Html;
use super::numbers::{minutes, money, money_or_none, percent, share};
use super::period::{ChosenPeriod, PeriodView};
use crate::problem::ApiError;

/// How many campaigns are ranked here; the list of campaigns has all.
const RANKED: usize = 10;

/// How many campaigns that changed are told.
const CHANGED: usize = 4;

#[derive(Template)]
#[template(path = "dashboard/overview.html")]
struct OverviewPage {
    frame: Frame,
    period: PeriodView,
    clock: String,
    lead: Option<Lead>,
    broken: Vec<Broken>,
    cards: Vec<Card>,
    chart: LineChart,
    chart_file: String,
    quarters_file: String,
    attention: Vec<Item>,
    /// What is said if nothing needs attention.
    calm: &'static str,
    revenue: String,
    ranked: Vec<Ranked>,
    within: String,
    changed: Vec<Changed>,
    unchanged: String,
    quarters: Quarters,
}

/// The sentence about the best campaign.
struct Lead {
    id: CampaignId,
    name: String,
    /// What it earned, within which period, and which share that is.
    earned: String,
    banner: Option<(u32, String)>,
    evidence: &'static str,
}

/// A campaign of the leaderboard.
struct Ranked {
    rank: usize,
    id: CampaignId,
    name: String,
    bar: Html,
    revenue: String,
    share: String,
    rpm: String,
}

/// A campaign whose revenue changed beyond chance.
struct Changed {
    id: CampaignId,
    name: String,
    spark: Html,
    difference: String,
    change: FigureChange,
}

/// The quarters of the hour.
struct Quarters {
    caption: String,
    drawing: Html,
    rows: Vec<(Quarter, &'static str, String)>,
}

/// Shows the overview, or the first steps until a page has shown a banner.
pub(super) async fn show(desk: Desk, Asked(asked): Asked) -> Answer {
    let found = attention(&desk.parts.database, &desk.parts.importing, desk.now).await?;
    let mut period = ChosenPeriod::asked(&asked, &desk.browser.zone, desk.now);
    let mut told = overview(&desk.parts.database, &period.span).await?;
    if told.series.is_empty() && !period.is_asked {
        let today = ChosenPeriod::today(&desk.browser.zone, desk.now);
        let of_today = overview(&desk.parts.database, &today.span).await?;
        if of_today.series.is_empty()
            && let Some(steps) = desk.steps().await?
        {
            return desk.first_steps(steps, found);
        }
        (period, told) =
            if of_today.series.is_empty() { (period, told) } else { (today, of_today) };
    }
    let changed = desk.changed(&told, &period).await?;
    desk.answer(&page(&desk, &asked, &period, &told, found, changed))
}

fn page(
    desk: &Desk,
    asked: &Fields,
    period: &ChosenPeriod,
    told: &Overview,
    found: Vec<Attention>,
    (changed, unchanged): (Vec<Changed>, usize),
) -> OverviewPage {
    let currency = desk.parts.dashboard.currency.as_str();
    let figure = figures::asked(asked);
    let total = told.series.total;
    let best = told.campaigns.first().map_or(0, |it| it.total.revenue.micros());
    let ranked = told.campaigns.iter().take(RANKED).enumerate();
    OverviewPage {
        frame: desk.frame(Section::Overview, "Overview"),
        period: period.view(asked),
        clock: desk.browser.zone.clock(desk.now),
        lead: lead(told, period, currency),
        broken: broken(desk, &found),
        cards: cards(&told.series, figure, asked, currency, true),
        chart: line_chart(
            &told.series,
            figure,
            period.span.step,
            [&period.end(), &period.before()],
            currency,
        ),
        chart_file: figures_file::of_period(period.span.step.word(), period, &[]),
        quarters_file: figures_file::of_period("quarter", period, &[]),
        attention: items(desk, found),
        calm: calm(!told.campaigns.is_empty()),
        revenue: figures::word(Figure::Revenue, currency),
        ranked: ranked.map(|(index, it)| leader(index, it, &total, best)).collect(),
        within: period.within(),
        changed,
        unchanged: match unchanged {
            0 => String::new(),
            1 => "The other campaign changed within chance.".to_owned(),
            more => format!("The other {more} campaigns changed within chance."),
        },
        quarters: quarters(&told.quarters, Quarter::at(desk.now.div_euclid(1000))),
    }
}

fn lead(told: &Overview, period: &ChosenPeriod, currency: &str) -> Option<Lead> {
    let first = told.campaigns.first().filter(|it| it.total.revenue > Revenue::ZERO)?;
    let part = share(first.total.revenue.micros(), told.series.total.revenue.micros());
    let evidence = told.best.as_ref().map_or("", |best| match best.evidence.label {
        EvidenceLabel::Clear => ", and the evidence for that is clear",
        EvidenceLabel::Probable => ": it may be the best",
        EvidenceLabel::NotDistinguishable => ", but no banner stands out beyond chance",
    });
    Some(Lead {
        id: first.campaign,
        name: first.name.clone(),
        earned: format!(
            "{}{} {}, {} of all revenue",
            money(first.total.revenue),
            if currency.is_empty() { String::new() } else { format!(" {currency}") },
            period.within(),
            percent(part, 0)
        ),
        banner: told.best.as_ref().map(|it| (it.banner.0, it.name.clone())),
        evidence,
    })
}

fn leader(index: usize, it: &ComparedCampaign, total: &Performance, best: i64) -> Ranked {
    let revenue = it.total.revenue.micros();
    Ranked {
        rank: index + 1,
        id: it.campaign,
        name: it.name.clone(),
        bar: bar(share(revenue, best), index == 0, "l"),
        revenue: money(it.total.revenue),
        share: percent(share(revenue, total.revenue.micros()), 0),
        rpm: money_or_none(it.total.revenue_per_mille()),
    }
}

impl Desk {
    /// Returns the campaigns whose revenue changed most beyond chance, and how many changed within it.
    async fn changed(
        &self,
        told: &Overview,
        period: &ChosenPeriod,
    ) -> Result<(Vec<Changed>, usize), ApiError> {
        let moved =
            |it: &ComparedCampaign| it.compared.revenue.micros() - it.before.revenue.micros();
        let mut beyond: Vec<&ComparedCampaign> = told
            .campaigns
            .iter()
            .filter(|it| Figure::Revenue.differs(&it.before, &it.compared))
            .collect();
        let unchanged = told.campaigns.len() - beyond.len();
        beyond.sort_by_key(|it| std::cmp::Reverse(moved(it).abs()));
        beyond.truncate(CHANGED);
        let ids = beyond.iter().map(|it| it.campaign).collect();
        let series = revenue_by_step(&self.parts.database, ids, &period.span).await?;
        let changed = beyond.into_iter().map(|it| Changed {
            id: it.campaign,
            name: it.name.clone(),
            spark: sparkline(&series, it.campaign),
            difference: signed_money(moved(it)),
            change: change(Figure::Revenue, &it.before, &it.compared),
        });
        Ok((changed.collect(), unchanged))
    }
}

/// Draws the revenue of a campaign step by step.
pub(super) fn sparkline(series: &HashMap<CampaignId, Vec<Revenue>>, campaign: CampaignId) -> Html {
    let Some(steps) = series.get(&campaign) else { return Html::default() };
    #[expect(clippy::cast_precision_loss, reason = "it is drawn, not counted")]
    let values: Vec<f64> = steps.iter().map(|it| it.micros().max(0) as f64).collect();
    spark(&values)
}

fn quarters(quarters: &[Performance; 4], running: Quarter) -> Quarters {
    let by_revenue = |quarter: &Quarter| quarters[quarter.index()].revenue;
    let most = Quarter::ALL.into_iter().max_by_key(by_revenue).unwrap_or(running);
    let least = Quarter::ALL.into_iter().min_by_key(by_revenue).unwrap_or(running);
    let differs = Figure::Revenue.differs(&quarters[least.index()], &quarters[most.index()]);
    let caption = if by_revenue(&most) == Revenue::ZERO {
        "No quarter has earned anything yet.".to_owned()
    } else {
        format!(
            "Quarter {most} earns most, quarter {least} least; the difference is {} chance. The dark bar is quarter {running}, which runs now.",
            if differs { "beyond" } else { "within" }
        )
    };
    let rows = Quarter::ALL.map(|it| (it, minutes(it), money(by_revenue(&it))));
    Quarters { caption, drawing: quarter_bars(quarters, running), rows: rows.into() }
}
