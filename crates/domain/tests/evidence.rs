//! The evidence calls noise no winner, and finds winners. Seeds are fixed, so that all runs are equal.

use bams_domain::{
    BannerId, BannerPerformance, Evidence, EvidenceLabel, Interval, Ladder, Measure, Performance,
    Revenue,
};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng, rngs::SmallRng};

/// What a conversion earns, around 1.
#[derive(Clone, Copy, Debug)]
enum Price {
    Uniform,
    Exponential,
    /// With σ = 1: the five largest of a hundred sales bring a quarter of the revenue.
    LogNormal,
}

impl Price {
    #[expect(clippy::cast_possible_truncation, reason = "a price fits")]
    fn draw(self, rng: &mut SmallRng) -> i64 {
        let mut unit = || 1.0 - rng.random::<f64>();
        let price = match self {
            Self::Uniform => 2.0 * unit(),
            Self::Exponential => -unit().ln(),
            Self::LogNormal => {
                let normal = (-2.0 * unit().ln()).sqrt() * (std::f64::consts::TAU * unit()).cos();
                (normal - 0.5).exp()
            }
        };
        (price * 1e6) as i64
    }
}

/// A campaign of equal banners, and its counts in one quarter.
#[derive(Clone, Copy)]
struct Campaign {
    banners: usize,
    impressions: u64,
    clicks: u64,
    conversions: u64,
    price: Price,
}

impl Campaign {
    /// Draws clicks that are independent of the impressions, as in clients' files, and conversions of
    /// these clicks, some of which convert more than once.
    fn draw(&self, rng: &mut SmallRng) -> Vec<Performance> {
        let mut banners = vec![Performance::default(); self.banners];
        for _ in 0..self.impressions {
            banners[rng.random_range(0..self.banners)].impressions += 1;
        }
        let mut clicked = Vec::new();
        for _ in 0..self.clicks {
            clicked.push(rng.random_range(0..self.banners));
        }
        for banner in &clicked {
            banners[*banner].clicks += 1;
        }
        for _ in 0..self.conversions {
            let banner = &mut banners[clicked[rng.random_range(0..clicked.len())]];
            banner.conversions += 1;
            banner.revenue = Revenue::from_micros(banner.revenue.micros() + self.price.draw(rng));
        }
        banners
    }
}

fn evidence(banners: &[Performance]) -> Evidence {
    let rows = (0..)
        .zip(banners)
        .map(|(id, &performance)| BannerPerformance { banner: BannerId(id), performance });
    let ladder = Ladder::rank(rows);
    let ranked: Vec<_> = ladder.banners().iter().map(|id| banners[id.0 as usize]).collect();
    Evidence::of(&ranked)
}

/// Returns the share of the rankings of drawn campaigns that have a label.
fn share(
    label: EvidenceLabel,
    rankings: u32,
    mut draw: impl FnMut(&mut SmallRng) -> Vec<Performance>,
) -> f64 {
    let mut rng = SmallRng::seed_from_u64(1927);
    let found = (0..rankings).filter(|_| evidence(&draw(&mut rng)).label == label).count();
    f64::from(u32::try_from(found).unwrap()) / f64::from(rankings)
}

/// A client's hour: 50 campaigns, four quarters, up to 400 banners, few events for each.
#[test]
fn sparse_noise_has_no_winners() {
    for price in [Price::Uniform, Price::Exponential, Price::LogNormal] {
        for banners in [3, 40, 400] {
            let campaign =
                Campaign { banners, impressions: 3000, clicks: 900, conversions: 90, price };
            let wrong = share(EvidenceLabel::Clear, 200, |rng| campaign.draw(rng));
            assert!(wrong <= 0.02, "{banners} banners, {price:?}: {wrong}");
        }
    }
}

#[test]
fn dense_noise_has_no_winners() {
    for price in [Price::Uniform, Price::Exponential, Price::LogNormal] {
        for (banners, conversions) in [(2, 300), (5, 400), (20, 1600), (60, 4000)] {
            let (impressions, clicks) = (12 * conversions, 4 * conversions);
            let campaign = Campaign { banners, impressions, clicks, conversions, price };
            let wrong = share(EvidenceLabel::Clear, 200, |rng| campaign.draw(rng));
            assert!(wrong <= 0.03, "{banners} banners, {price:?}: {wrong}");
        }
    }
}

#[test]
fn noise_without_conversions_has_no_winners() {
    for (banners, impressions, clicks) in [(2, 1000, 20), (10, 5000, 2000), (400, 3000, 900)] {
        let price = Price::Uniform;
        let campaign = Campaign { banners, impressions, clicks, conversions: 0, price };
        let wrong = share(EvidenceLabel::Clear, 400, |rng| campaign.draw(rng));
        assert!(wrong <= 0.02, "{banners} banners: {wrong}");
    }
}

/// Draws banners that are shown 10,000 times each, the first of which differs by these factors.
fn with_winner(rng: &mut SmallRng, [ctr, cvr, price]: [f64; 3]) -> Vec<Performance> {
    let banner = |rng: &mut SmallRng, ctr: f64, cvr: f64, price: f64| {
        let mut drawn = Performance { impressions: 10_000, ..Performance::default() };
        let mut earned = 0;
        for _ in 0..drawn.impressions {
            if rng.random_bool(ctr) {
                drawn.clicks += 1;
                if rng.random_bool(cvr) {
                    drawn.conversions += 1;
                    #[expect(clippy::cast_possible_truncation, reason = "a price fits")]
                    #[expect(clippy::cast_precision_loss, reason = "a price fits")]
                    let paid = (Price::Exponential.draw(rng) as f64 * price) as i64;
                    earned += paid;
                }
            }
        }
        Performance { revenue: Revenue::from_micros(earned), ..drawn }
    };
    let mut banners = vec![banner(rng, 0.04 * ctr, 0.2 * cvr, price)];
    banners.extend((1..15).map(|_| banner(rng, 0.04, 0.2, 1.0)));
    banners
}

#[test]
fn winners_are_found() {
    for (what, factors) in [
        ("twice the clicks", [2.0, 1.0, 1.0]),
        ("twice the conversions", [1.0, 2.0, 1.0]),
        ("three times the price", [1.0, 1.0, 3.0]),
        ("half more of everything", [1.5, 1.5, 1.5]),
    ] {
        let found = share(EvidenceLabel::Clear, 40, |rng| with_winner(rng, factors));
        assert!(found >= 0.9, "{what}: {found}");
    }
}

fn check(rows: &[(u64, u64, u64, i64)], label: EvidenceLabel, measure: Option<Measure>) {
    let ladder: Vec<_> = rows
        .iter()
        .map(|&(impressions, clicks, conversions, micros)| Performance {
            impressions,
            clicks,
            conversions,
            revenue: Revenue::from_micros(micros),
        })
        .collect();
    let evidence = Evidence::of(&ladder);
    assert_eq!((evidence.label, evidence.measure), (label, measure), "{rows:?} {evidence:?}");
}

#[test]
fn too_little_is_not_distinguishable() {
    use EvidenceLabel::{Clear, NotDistinguishable};
    use Measure::{ClicksPerImpression, ConversionsPerImpression};
    check(&[], NotDistinguishable, None);
    // One banner has nothing to compare it with.
    check(&[(1000, 100, 10, 9)], NotDistinguishable, None);
    check(&[(1000, 100, 10, 9), (0, 0, 0, 0)], NotDistinguishable, None);
    // Nobody clicked.
    check(&[(1000, 0, 0, 0), (1, 0, 0, 0)], NotDistinguishable, None);
    // Clicks without impressions are no rate.
    check(&[(0, 900, 0, 0), (1000, 10, 0, 0)], NotDistinguishable, Some(ClicksPerImpression));
    check(&[(900, 900, 0, 0), (0, 10, 0, 0)], NotDistinguishable, Some(ClicksPerImpression));
    // The first one is first because it was shown most: it earns less per impression.
    check(&[(9000, 99, 60, 500), (10, 1, 1, 400)], NotDistinguishable, None);
    check(&[(5000, 200, 0, 0), (5000, 90, 0, 0)], Clear, Some(ClicksPerImpression));
    check(&[(5000, 200, 150, 90), (5000, 199, 20, 9)], Clear, Some(ConversionsPerImpression));
}

#[test]
fn intervals_are_those_of_the_literature() {
    // Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
    for (hits, trials, low, high) in [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ] {
        let interval = Interval::wilson(hits, trials).unwrap();
        assert!((interval.low - low).abs() < 5e-5, "{hits}/{trials}: {interval:?}");
        assert!((interval.high - high).abs() < 5e-5, "{hits}/{trials}: {interval:?}");
    }
}

proptest! {
    #[test]
    fn an_interval_holds_its_rate(trials in 1..1_000_000_u64, share in 0.0..=1.0_f64) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share")]
        #[expect(clippy::cast_precision_loss, reason = "a share")]
        let hits = (trials as f64 * share) as u64;
        let interval = Interval::wilson(hits, trials).unwrap();
        #[expect(clippy::cast_precision_loss, reason = "a share")]
        let rate = hits as f64 / trials as f64;
        prop_assert!(0.0 <= interval.low && interval.low <= rate);
        prop_assert!(rate <= interval.high && interval.high <= 1.0);
        let wider = Interval::wilson(trials - hits, trials).unwrap();
        prop_assert!((wider.low - (1.0 - interval.high)).abs() < 1e-9, "both sides alike");
        let more = Interval::wilson(4 * hits, 4 * trials).unwrap();
        prop_assert!(more.high - more.low < interval.high - interval.low);
    }

    #[test]
    fn any_numbers_have_some_evidence(rows in proptest::collection::vec(any::<(u64, u64, u64, i64)>(), 0..6)) {
        let ladder: Vec<_> = rows
            .into_iter()
            .map(|(impressions, clicks, conversions, micros)| Performance {
                impressions: impressions >> 20,
                clicks: clicks >> 20,
                conversions: conversions >> 20,
                revenue: Revenue::from_micros(micros),
            })
            .collect();
        let evidence = Evidence::of(&ladder);
        prop_assert!((0.0..=1.0).contains(&evidence.chance), "{evidence:?}");
    }

    /// More clicks for the first banner make the evidence at least as strong.
    #[test]
    fn more_clicks_are_more_evidence(clicks in 1..500_u64, more in 1..100_u64, other in 1..500_u64) {
        let of = |clicks| Performance { impressions: 1000, clicks, ..Performance::default() };
        let before = Evidence::of(&[of(clicks), of(other)]);
        let after = Evidence::of(&[of(clicks + more), of(other)]);
        prop_assert!(after.chance <= before.chance, "{before:?} {after:?}");
    }
}
