//! The demo's campaigns, banners and performance, as plain values.
//!
//! Twelve campaigns run; in each quarter of the hour they reach all four rules,
//! and most of them change their rule from quarter to quarter. Four more show
//! nothing: paused, not started, ended, and without banners.

use bams_domain::{BannerId, CampaignId, Schedule, Status};

use super::{
    achievement::{DemoPerformance, performance_of},
    history::ran,
    numbers::Numbers,
    plan::{CampaignPlan, RESTING, RUNNING},
};

const SEED: u64 = 2026;
const DAY: i64 = 86_400;
const FIRST_BANNER: u32 = 101;

/// The place of the campaign that was launched lately.
const LAUNCHED: usize = 9;

/// The campaign whose first banner is clearly its best.
const WON: CampaignId = CampaignId(1);

/// The campaign whose banners somebody paused yesterday.
pub(crate) const BROKEN: CampaignId = CampaignId(3);

/// A campaign with everything that belongs to it.
#[derive(Debug, PartialEq)]
pub(crate) struct DemoCampaign {
    pub(crate) id: CampaignId,
    pub(crate) name: &'static str,
    pub(crate) status: Status,
    pub(crate) schedule: Schedule,
    /// From when until when it was shown, in unix seconds.
    pub(crate) ran: (Option<i64>, Option<i64>),
    pub(crate) tags: Vec<&'static str>,
    pub(crate) banners: Vec<DemoBanner>,
    pub(crate) performance: Vec<DemoPerformance>,
}

/// A banner of one campaign.
#[derive(Debug, PartialEq)]
pub(crate) struct DemoBanner {
    pub(crate) id: BannerId,
    /// The product, which is the text on the image.
    pub(crate) product: &'static str,
    /// The name, unique within the campaign: `Trail runner 300 × 250`.
    pub(crate) name: String,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) alt: String,
    /// The names of campaign and product in its landing URL.
    pub(crate) leads_to: (String, String),
    pub(crate) tags: Vec<&'static str>,
    /// The seed of [`super::banner_image::draw`], so that banners of one product look alike.
    pub(crate) image_seed: u64,
}

/// Returns the demo as of a moment in unix seconds, around which schedules begin and end.
pub(crate) fn world(now: i64) -> Vec<DemoCampaign> {
    let days = |days: i64| Some(now + days * DAY);
    let open = Schedule { starts_at: days(-90), ends_at: None };
    let closed = [
        (Status::Paused, open),
        (Status::Active, Schedule { starts_at: days(7), ends_at: days(37) }),
        (Status::Active, Schedule { starts_at: days(-60), ends_at: days(-3) }),
        (Status::Active, open),
    ];
    let launched = Schedule { starts_at: days(-12), ends_at: None };
    let running = RUNNING.iter().enumerate().map(|(index, plan)| {
        (plan, (Status::Active, if index == LAUNCHED { launched } else { open }))
    });
    let mut next_banner = FIRST_BANNER;
    running
        .chain(RESTING.iter().zip(closed))
        .zip(1..)
        .map(|((plan, (status, schedule)), number)| {
            let banners = banners_of(plan, &mut next_banner);
            let id = CampaignId(number);
            let ids: Vec<BannerId> = banners.iter().map(|it| it.id).collect();
            let mut numbers = Numbers::new(SEED + u64::from(number));
            let performance = performance_of(plan, &ids, id == WON, &mut numbers);
            let tags = vec![plan.tag, "demo"];
            let ran = ran(status, schedule, id == BROKEN, now);
            DemoCampaign { id, name: plan.name, status, schedule, ran, tags, banners, performance }
        })
        .collect()
}

fn banners_of(plan: &CampaignPlan, next_banner: &mut u32) -> Vec<DemoBanner> {
    let mut banners = vec![];
    for product in plan.products.into_iter().filter(|product| !product.is_empty()) {
        let image_seed = Numbers::new(u64::from(*next_banner)).next();
        for (width, height) in plan.sizes {
            banners.push(DemoBanner {
                id: BannerId(*next_banner),
                product,
                name: format!("{product} {width} × {height}"),
                width,
                height,
                alt: format!("{}: {product}", plan.name),
                leads_to: (slug(plan.name), slug(product)),
                tags: vec![plan.tag],
                image_seed,
            });
            *next_banner += 1;
        }
    }
    banners
}

/// Returns words in lower case with hyphens, letters and digits only.
fn slug(text: &str) -> String {
    let letters = text.to_lowercase().replace(['é', 'è'], "e").replace('\'', "");
    letters.replace(|letter: char| !letter.is_ascii_alphanumeric(), "-")
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use bams_domain::{EmptyReason, Quarter, Revenue, Rule, closed};

    use super::*;

    const NOW: i64 = 1_767_261_900;

    fn rule(campaign: &DemoCampaign, quarter: Quarter) -> Rule {
        let earns = |achieved: &&DemoPerformance| {
            achieved.quarter == quarter && achieved.performance.conversions > 0
        };
        Rule::of(campaign.performance.iter().filter(earns).count())
    }

    #[test]
    fn every_rule_is_reached_in_every_quarter() {
        for quarter in Quarter::ALL {
            let rules: HashSet<Rule> =
                world(NOW)[..12].iter().map(|campaign| rule(campaign, quarter)).collect();
            assert_eq!(rules.len(), 4, "in {quarter:?}: {rules:?}");
        }
    }

    #[test]
    fn the_plan_says_how_many_banners_convert() {
        for (campaign, plan) in world(NOW).iter().zip(RUNNING.iter().chain(&RESTING)) {
            for quarter in Quarter::ALL {
                assert_eq!(
                    rule(campaign, quarter),
                    Rule::of(plan.converting[quarter.index()]),
                    "{}",
                    campaign.name
                );
            }
        }
    }

    #[test]
    fn some_campaigns_change_their_rule_and_some_keep_it() {
        let changing = world(NOW)[..12]
            .iter()
            .filter(|campaign| {
                Quarter::ALL
                    .map(|quarter| rule(campaign, quarter))
                    .windows(2)
                    .any(|pair| pair[0] != pair[1])
            })
            .count();
        assert!((4..12).contains(&changing), "{changing} of 12");
    }

    #[test]
    fn the_first_banner_of_the_first_campaign_earns_most_in_every_quarter() {
        let first = &world(NOW)[0];
        for quarter in Quarter::ALL {
            let own = first.performance.iter().filter(|it| it.quarter == quarter);
            let best = own.max_by_key(|it| it.performance.revenue).unwrap();
            assert_eq!(best.banner, first.banners[0].id, "{quarter:?}");
        }
    }

    #[test]
    fn the_numbers_are_plausible() {
        for campaign in world(NOW) {
            for DemoPerformance { performance: it, .. } in campaign.performance {
                assert!(it.impressions > it.clicks, "{it:?}");
                if it.clicks > 0 {
                    let click_rate = it.click_through_rate().unwrap();
                    assert!((0.002..=0.08).contains(&click_rate), "{it:?}");
                }
                if it.conversions > 0 {
                    assert!((0.01..=0.15).contains(&it.conversion_rate().unwrap()), "{it:?}");
                    let each = it.revenue.micros() / it.conversions.cast_signed();
                    assert!((2_000_000..=80_000_000).contains(&each), "{it:?}");
                } else {
                    assert_eq!(it.revenue, Revenue::ZERO);
                }
            }
        }
    }

    #[test]
    fn twelve_campaigns_run_and_each_other_one_has_its_own_reason() {
        let world = world(NOW);
        let why = |campaign: &DemoCampaign| closed(campaign.status, campaign.schedule, NOW);
        assert!(
            world[..12]
                .iter()
                .all(|campaign| why(campaign).is_none() && campaign.banners.len() >= 10)
        );
        assert_eq!(
            [why(&world[12]), why(&world[13]), why(&world[14])],
            [EmptyReason::CampaignPaused, EmptyReason::NotStarted, EmptyReason::Ended].map(Some)
        );
        assert!(why(&world[15]).is_none() && world[15].banners.is_empty());
        assert_eq!(world.len(), 16);
    }

    #[test]
    fn ids_and_names_are_unique_and_every_number_has_its_banner() {
        let world = world(NOW);
        let ids: Vec<BannerId> = world.iter().flat_map(|it| &it.banners).map(|it| it.id).collect();
        assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len());
        let names: HashSet<&str> = world.iter().map(|it| it.name).collect();
        assert_eq!(names.len(), world.len());
        for campaign in &world {
            let names: HashSet<&str> =
                campaign.banners.iter().map(|banner| &*banner.name).collect();
            assert_eq!(names.len(), campaign.banners.len());
            assert_eq!(campaign.performance.len(), campaign.banners.len() * 4);
        }
    }

    #[test]
    fn landing_urls_are_plain_addresses() {
        assert_eq!(slug("Café crème"), "cafe-creme");
        assert_eq!(slug("Beginner's telescope"), "beginners-telescope");
        for banner in world(NOW).iter().flat_map(|it| &it.banners) {
            let (campaign, product) = &banner.leads_to;
            let plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
            assert!(campaign.bytes().chain(product.bytes()).all(plain), "{campaign} {product}");
        }
    }

    #[test]
    fn it_is_the_same_world_at_every_start() {
        assert_eq!(world(NOW), world(NOW));
        assert_eq!(world(NOW)[0].performance, world(NOW + 1000)[0].performance);
    }
}
