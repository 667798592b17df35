//! `bams verify`.

use bams_storage::{Difference, PerformanceCounts, Place, verify};

use super::{DONE, FAILED, Outcome, print, tell};
use crate::assembly::store;
use crate::config::Settings;

/// Prints each difference as one line. The exit code tells whether there were any.
pub(super) async fn run(settings: &Settings) -> Outcome {
    let database = store::open(settings).await?;
    let mut differences = 0_u64;
    let mut printed = Ok(());
    let agreeing = verify(&database, |difference| {
        differences += 1;
        if printed.is_ok() {
            printed = print(&line(&difference));
        }
    })
    .await?;
    printed?;
    tell(&format!("{agreeing} rows of performance agree, {differences} differ."));
    Ok(if differences == 0 { DONE } else { FAILED })
}

/// Returns a difference as a line of text.
pub(super) fn line(difference: &Difference) -> String {
    let Difference { campaign, banner, place, stored, recomputed } = difference;
    let columns = named(stored).into_iter().zip(named(recomputed));
    let differing = columns.filter(|(stored, recomputed)| stored != recomputed);
    let told = differing.map(|((name, stored), (_, recomputed))| {
        format!("{name} stored {stored} recomputed {recomputed}")
    });
    let texts = told.collect::<Vec<_>>().join(", ");
    let place = match place {
        Place::Slot(slot) => format!("slot {}", slot.number()),
        Place::Quarter(quarter) => format!("quarter {}", quarter.number()),
        Place::RollUp { roll_up, slot, filtered } => {
            let reason =
                filtered.map_or_else(String::new, |it| format!(" filtered {}", it.1.name()));
            format!("slot {} of {}{reason}", slot.number(), roll_up.name())
        }
    };
    format!("campaign {campaign} banner {banner} {place}: {texts}")
}

fn named(counts: &PerformanceCounts) -> [(&'static str, i64); 4] {
    [
        ("impressions", counts.impressions),
        ("clicks", counts.clicks),
        ("conversions", counts.conversions),
        ("revenue_micros", counts.revenue_micros),
    ]
}
