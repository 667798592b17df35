//! `bams verify`.

use bams_storage::{Difference, PerformanceCounts, Place, RollUp, verify};

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

/// Returns a difference as a line of text, which says what was compared with what.
pub(super) fn line(difference: &Difference) -> String {
    let Difference { stored, recomputed, .. } = difference;
    let (there, source) = match difference.place {
        Place::Slot(_) => ("performance", "events and imports say".to_owned()),
        Place::Quarter(_) => ("quarter_performance", "performance says".to_owned()),
        Place::RollUp { roll_up, filtered, .. } => {
            let rows = if filtered.is_some() { "filtered_events say" } else { "performance says" };
            let source = |it: RollUp| format!("the roll-up of {} says", it.name());
            ("the roll-up", roll_up.made_of().map_or_else(|| rows.to_owned(), source))
        }
    };
    let (stored, recomputed) = (differing(stored, recomputed), differing(recomputed, stored));
    format!("{}: {there} says{stored}, {source}{recomputed}", subject(difference))
}

/// Returns what differs: a roll-up may not tell banners or campaigns apart.
fn subject(Difference { campaign, banner, place, .. }: &Difference) -> String {
    let pair = format!("campaign {campaign} banner {banner}");
    match place {
        Place::Slot(slot) => format!("{pair} slot {}", slot.number()),
        Place::Quarter(quarter) => format!("{pair} quarter {}", quarter.number()),
        Place::RollUp { roll_up, slot, filtered } => {
            let told_apart = match (roll_up.has_campaigns(), roll_up.has_banners()) {
                (true, true) => pair,
                (true, false) => format!("campaign {campaign}"),
                _ => "all campaigns".to_owned(),
            };
            let reason =
                filtered.map_or_else(String::new, |it| format!(" filtered {}", it.1.name()));
            format!("{told_apart} slot {} of {}{reason}", slot.number(), roll_up.name())
        }
    }
}

/// Returns those counts that differ from others, each with a space before it.
fn differing(counts: &PerformanceCounts, others: &PerformanceCounts) -> String {
    let both = named(counts).into_iter().zip(named(others));
    let differing = both.filter(|(count, other)| count != other);
    differing.map(|((name, count), _)| format!(" {name} {count}")).collect::<Vec<_>>().concat()
}

fn named(counts: &PerformanceCounts) -> [(&'static str, i64); 4] {
    [
        ("impressions", counts.impressions),
        ("clicks", counts.clicks),
        ("conversions", counts.conversions),
        ("revenue_micros", counts.revenue_micros),
    ]
}
