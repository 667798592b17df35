//! Comparing roll-ups with what they were summed up from.

use bams_domain::Slot;
use futures_util::TryStreamExt;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, QueryResult, Statement, StreamTrait,
};

use super::mark::Mark;
use crate::database::values::{banner_id, campaign_id};
use crate::database::whole_sum::{by_sorting, whole_sum};
use crate::error::{Attempt, StorageError};
use crate::performance::difference::{Difference, PerformanceCounts, Place};
use crate::performance::filtered_events::kind_and_reason;
use crate::performance::roll_up::RollUp;
use crate::performance::{EventKind, FilterReason};

const ACTION: &str = "recompute roll-ups";

/// The roll-ups in an order in which each comes after what it is summed up from.
pub(super) const IN_ORDER: [RollUp; 5] = [
    RollUp::BannerQuarters,
    RollUp::BannerDays,
    RollUp::CampaignDays,
    RollUp::CampaignSlots,
    RollUp::Slots,
];

/// The two kinds of roll-ups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum RollUpCounts {
    Performance,
    Filtered,
}

impl RollUpCounts {
    pub(super) const fn table(self) -> &'static str {
        match self {
            Self::Performance => "performance_roll_ups",
            Self::Filtered => "filtered_roll_ups",
        }
    }

    const fn summed_up(self) -> &'static str {
        match self {
            Self::Performance => "performance",
            Self::Filtered => "filtered_events",
        }
    }

    /// Returns the columns of the key behind campaign, banner and slot, each with a comma before it.
    pub(super) const fn more_keys(self) -> &'static str {
        match self {
            Self::Performance => "",
            Self::Filtered => ", kind, reason",
        }
    }

    pub(super) const fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Performance => &["impressions", "clicks", "conversions", "revenue_micros"],
            Self::Filtered => &["events"],
        }
    }
}

/// The moment at which roll-ups are compared.
pub(in crate::performance) struct Compared {
    pub(in crate::performance) mark: Mark,
    /// The first slot that performance still has as such.
    pub(in crate::performance) condensed: i64,
}

impl Compared {
    /// Returns the query for the rows of which a roll-up is the sums, with its keys.
    pub(super) fn source(&self, counts: RollUpCounts, roll_up: RollUp) -> String {
        let covered = || format!("{} WHERE {}", counts.summed_up(), self.mark.text(false));
        let of = |it: RollUp| format!("{} WHERE level = {}", counts.table(), it.level());
        let from = roll_up.made_of().map_or_else(covered, of);
        let day = "slot - slot % 96";
        let key = match roll_up {
            RollUp::BannerQuarters => format!("campaign_id, banner_id, {day} + slot % 4"),
            RollUp::BannerDays => format!("campaign_id, banner_id, {day}"),
            RollUp::CampaignDays => "campaign_id, 0 AS banner_id, slot".to_owned(),
            RollUp::CampaignSlots => format!("campaign_id, 0 AS banner_id, {}", self.kept()),
            RollUp::Slots => "0 AS campaign_id, 0 AS banner_id, slot".to_owned(),
        };
        let (more, columns) = (counts.more_keys(), counts.columns().join(", "));
        format!("SELECT {key} AS place{more}, {columns} FROM {from}")
    }

    /// Returns the slot at which a row is compared: performance knows only days and quarters of old
    /// slots.
    fn kept(&self) -> String {
        let condensed = self.condensed;
        format!("CASE WHEN slot < {condensed} THEN slot - slot % 96 + slot % 4 ELSE slot END")
    }

    /// Returns the statement for the rows of a roll-up that differ from what they are the sums of.
    fn statement(&self, dialect: DbBackend, counts: RollUpCounts, roll_up: RollUp) -> String {
        let place = if roll_up == RollUp::CampaignSlots { self.kept() } else { "slot".to_owned() };
        let more = counts.more_keys();
        let columns = counts.columns();
        let each = |text: &dyn Fn(&str) -> String| {
            columns.iter().map(|it| text(it)).collect::<Vec<_>>().join(", ")
        };
        let stored = each(&|it| format!("{it} AS stored_{it}, 0 AS counted_{it}"));
        let counted = each(&|it| format!("0, {it}"));
        let sums = each(&|it| {
            let sum = |side: &str| whole_sum(dialect, &format!("{side}_{it}"));
            format!("{} AS stored_{it}, {} AS counted_{it}", sum("stored"), sum("counted"))
        });
        let differ = columns.iter().map(|it| format!("stored_{it} <> counted_{it}"));
        let differ = differ.collect::<Vec<_>>().join(" OR ");
        format!(
            "SELECT * FROM (SELECT {sorting}campaign_id, banner_id, place{more}, {sums} FROM \
             (SELECT campaign_id, banner_id, {place} AS place{more}, {stored} FROM {table} \
             WHERE level = {level} UNION ALL \
             SELECT campaign_id, banner_id, place{more}, {counted} FROM ({source}) AS source) AS sides \
             GROUP BY campaign_id, banner_id, place{more}) AS compared WHERE {differ} \
             ORDER BY campaign_id, banner_id, place{more}",
            sorting = by_sorting(dialect),
            table = counts.table(),
            level = roll_up.level(),
            source = self.source(counts, roll_up),
        )
    }
}

/// Calls `found` with each row of a roll-up that is not the sums of what it was made from.
pub(in crate::performance) async fn compare(
    transaction: &DatabaseTransaction,
    compared: &Compared,
    mut found: impl FnMut(Difference),
) -> Result<(), StorageError> {
    let dialect = ConnectionTrait::get_database_backend(transaction);
    for roll_up in IN_ORDER {
        for counts in [RollUpCounts::Performance, RollUpCounts::Filtered] {
            let sql = compared.statement(dialect, counts, roll_up);
            let statement = Statement::from_string(dialect, sql);
            let rows = transaction.stream_raw(statement).await.attempt(ACTION)?;
            let mut rows = std::pin::pin!(rows);
            while let Some(row) = rows.try_next().await.attempt(ACTION)? {
                found(difference(&row, counts, roll_up)?);
            }
        }
    }
    Ok(())
}

fn difference(
    row: &QueryResult,
    counts: RollUpCounts,
    roll_up: RollUp,
) -> Result<Difference, StorageError> {
    let number = |name: &str| row.try_get::<i64>("", name).attempt(ACTION);
    let (slot, table) = (Slot::from_number(number("place")?), counts.table());
    let filtered = match counts {
        RollUpCounts::Performance => None,
        RollUpCounts::Filtered => {
            let text = |name| row.try_get::<String>("", name).attempt(ACTION);
            Some(kind_and_reason(table, &text("kind")?, &text("reason")?)?)
        }
    };
    Ok(Difference {
        campaign: campaign_id(table, number("campaign_id")?)?,
        banner: banner_id(table, number("banner_id")?)?,
        place: Place::RollUp { roll_up, slot, filtered },
        stored: sums(row, "stored", filtered)?,
        recomputed: sums(row, "counted", filtered)?,
    })
}

/// Reads the counts of a side. Filtered events are the count of their kind.
fn sums(
    row: &QueryResult,
    side: &str,
    filtered: Option<(EventKind, FilterReason)>,
) -> Result<PerformanceCounts, StorageError> {
    let number = |name: &str| row.try_get::<i64>("", &format!("{side}_{name}")).attempt(ACTION);
    let nothing = PerformanceCounts::default();
    Ok(match filtered.map(|it| it.0) {
        None => PerformanceCounts {
            impressions: number("impressions")?,
            clicks: number("clicks")?,
            conversions: number("conversions")?,
            revenue_micros: number("revenue_micros")?,
        },
        Some(EventKind::Impression) => {
            PerformanceCounts { impressions: number("events")?, ..nothing }
        }
        Some(EventKind::Click) => PerformanceCounts { clicks: number("events")?, ..nothing },
        Some(EventKind::Conversion) => {
            PerformanceCounts { conversions: number("events")?, ..nothing }
        }
    })
}
