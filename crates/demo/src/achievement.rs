//! What the demo's banners achieved in each quarter of the hour.

use bams_domain::{BannerId, Performance, Quarter, Revenue};

use super::numbers::Numbers;
use super::plan::CampaignPlan;

/// The performance of one banner in one quarter.
#[derive(Debug, PartialEq)]
pub(crate) struct DemoPerformance {
    pub(crate) banner: BannerId,
    pub(crate) quarter: Quarter,
    pub(crate) performance: Performance,
}

/// Returns the performance of a campaign's banners. Each quarter has other winners, but a good banner is
/// good in most of them. With `has_winner` the first one is clearly the best in all.
pub(crate) fn performance_of(
    plan: &CampaignPlan,
    banners: &[BannerId],
    has_winner: bool,
    numbers: &mut Numbers,
) -> Vec<DemoPerformance> {
    let known = banners.len().saturating_sub(plan.fresh);
    let mut appeal: Vec<u64> = (0..known).map(|_| numbers.between(0, 100)).collect();
    if let Some(first) = appeal.first_mut().filter(|_| has_winner) {
        *first = 151;
    }
    let mut all = vec![];
    for quarter in Quarter::ALL {
        let mut ranking: Vec<(u64, usize)> = appeal
            .iter()
            .enumerate()
            .map(|(index, it)| (it + numbers.between(0, 50), index))
            .collect();
        ranking.sort_unstable_by(|one, other| other.cmp(one));
        let converting = &ranking[..plan.converting[quarter.index()].min(known)];

        for (index, banner) in banners.iter().enumerate() {
            let performance = if index >= known {
                Performance { impressions: numbers.between(40, 300), ..Performance::default() }
            } else {
                let converts = converting.iter().any(|(_, other)| *other == index);
                if has_winner && index == 0 {
                    winners_performance(plan.price, numbers)
                } else {
                    known_performance(plan.price, appeal[index], converts, numbers)
                }
            };
            all.push(DemoPerformance { banner: *banner, quarter, performance });
        }
    }
    all
}

/// Returns the performance of a banner that has been shown for a while: click rates of 0.3–7.5 %,
/// conversion rates of 2–15 %, prices within a tenth of the plan's. These are a small shop's
/// numbers, few enough to book impressions one by one at every start.
fn known_performance(
    price: u64,
    appeal: u64,
    converts: bool,
    numbers: &mut Numbers,
) -> Performance {
    let impressions = numbers.between(300, 900);
    let (least, most) = if converts { (350, 600) } else { (60, 300) };
    let clicks = impressions * (numbers.between(least, most) + appeal * 3 / 2) / 10_000;
    if !converts {
        return Performance { impressions, clicks, ..Performance::default() };
    }
    let conversions = (clicks * numbers.between(20, 70) / 1_000).max(1);
    Performance { impressions, clicks, conversions, revenue: earned(conversions, price, numbers) }
}

/// Returns the performance of a banner that is better than all others beyond chance.
fn winners_performance(price: u64, numbers: &mut Numbers) -> Performance {
    let impressions = numbers.between(800, 950);
    let clicks = impressions * numbers.between(680, 760) / 10_000;
    let conversions = clicks * numbers.between(110, 140) / 1_000;
    Performance { impressions, clicks, conversions, revenue: earned(conversions, price, numbers) }
}

fn earned(conversions: u64, price: u64, numbers: &mut Numbers) -> Revenue {
    let cents = conversions * price * numbers.between(90, 110) / 100;
    Revenue::from_micros(cents.cast_signed() * 10_000)
}
