//! The demo's performance as the files that would have led to it.

use std::fmt::Write;

use bams_domain::{Performance, Revenue};

use super::history::{BookedHour, parted, shares};
use super::numbers::Numbers;
use super::world::DemoCampaign;

/// The files of one hour.
#[derive(Clone)]
pub(crate) struct HourFiles {
    pub(crate) impressions: String,
    pub(crate) clicks: String,
    pub(crate) conversions: String,
}

impl Default for HourFiles {
    fn default() -> Self {
        Self {
            impressions: "quarter_hour,banner_id,campaign_id\n".to_owned(),
            clicks: "quarter_hour,click_id,banner_id,campaign_id\n".to_owned(),
            conversions: "quarter_hour,conversion_id,click_id,revenue\n".to_owned(),
        }
    }
}

/// Returns the demo's performance as the files of each hour that would have led to it, so that `bams
/// verify` finds no differences.
pub(crate) fn hour_files(campaigns: &[DemoCampaign], hours: &[BookedHour]) -> Vec<HourFiles> {
    let mut files = vec![HourFiles::default(); hours.len()];
    let mut next_id = 10_000_000;
    for campaign in campaigns {
        let mut numbers = Numbers::new(u64::from(campaign.id.0));
        let shares = shares(hours, campaign.ran.0, campaign.ran.1, &mut numbers);
        for achieved in &campaign.performance {
            let performance = achieved.performance;
            let shown = parted(performance.impressions, &shares, &mut numbers);
            let clicked = parted(performance.clicks, &shares, &mut numbers);
            // Every so many clicks one converts, whenever it happened.
            let mut sold = parted(
                performance.conversions,
                &vec![1; usize::try_from(performance.clicks).unwrap_or(0)],
                &mut numbers,
            )
            .into_iter();
            let mut conversion = 0;
            for (file, (shown, clicked)) in files.iter_mut().zip(shown.into_iter().zip(clicked)) {
                let (quarter, banner) = (achieved.quarter, achieved.banner);
                for _ in 0..shown {
                    let _ = writeln!(file.impressions, "{quarter},{banner},{}", campaign.id);
                }
                for _ in 0..clicked {
                    next_id += 1;
                    let _ = writeln!(file.clicks, "{quarter},{next_id},{banner},{}", campaign.id);
                    if sold.next() == Some(1) {
                        let revenue = share(&performance, conversion);
                        conversion += 1;
                        let _ =
                            writeln!(file.conversions, "{quarter},{next_id},{next_id},{revenue}");
                    }
                }
            }
        }
    }
    files
}

/// Returns the revenue of one of the conversions: an equal share, and the remainder for the first
/// one.
fn share(performance: &Performance, number: u64) -> Revenue {
    let (micros, conversions) =
        (performance.revenue.micros(), performance.conversions.cast_signed());
    let rest = if number == 0 { micros % conversions } else { 0 };
    Revenue::from_micros(micros / conversions + rest)
}
