//! What campaigns and banners achieved, in any grouping.

mod attention;
mod campaign_list;
mod changes;
mod overview;
mod ranking;
mod series;
mod span;
mod zone;

use bams_domain::Slot;
use bams_storage::{
    Database, Dimension, Period, Position, Report, ReportError, ReportQuery, ReportRow, SortKey,
    Streamed, report, stream_report,
};

pub use self::attention::{Attention, attention, by_reason, closed_since};
pub use self::campaign_list::{
    CampaignOrder, CampaignState, ListedCampaign, RankedCampaigns, WantedCampaigns, campaign_list,
};
pub use self::changes::PerformanceChanges;
pub use self::overview::{
    BestBanner, ComparedCampaign, Overview, compared_campaigns, overview, revenue_by_step,
};
pub use self::ranking::{JudgedRanking, judged_ranking};
pub use self::series::{Series, SeriesStep, Whose, banner_sums, banners_of, quarters, series, sum};
pub use self::span::{LocalPeriod, Span, StepLength};
pub use self::zone::local_time;
use crate::violation::Violation;

/// The most campaigns, banners or quarters that a report is of: they become part of a statement.
pub const MOST_IDS: usize = 200;

/// The most rows of a report that comes at once.
const MOST_ROWS: u64 = 1_000_000;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportingError {
    /// What was asked for makes no report.
    #[error("{} parts of what was asked for make no report", .0.len())]
    Invalid(Vec<Violation>),
    /// What was asked for is not kept, is too long, or cannot be read now.
    #[error(transparent)]
    Report(#[from] ReportError),
}

/// Returns at most `limit` rows of a report behind a position, with the sums of all rows.
pub async fn page(
    database: &Database,
    query: &ReportQuery,
    after: Option<&Position>,
    limit: u64,
) -> Result<Report, ReportingError> {
    checked(query)?;
    Ok(report(database, query, after, limit).await?)
}

/// Hands over all rows of a report, one after the other. Fails when there are more than a million.
pub async fn all_rows<E: From<ReportingError> + From<ReportError>>(
    database: &Database,
    query: &ReportQuery,
    take: impl FnMut(ReportRow) -> Result<(), E>,
) -> Result<Streamed, E> {
    checked(query)?;
    stream_report(database, query, MOST_ROWS, take).await
}

/// Returns the slot that begins at a moment in unix nanoseconds, or `None` if none does.
pub fn slot_beginning_at(unix_nanos: i128) -> Option<Slot> {
    let slot = Slot::at(i64::try_from(unix_nanos.div_euclid(1_000_000_000)).ok()?);
    (i128::from(slot.starts_at()) * 1_000_000_000 == unix_nanos).then_some(slot)
}

/// Returns everything that is wrong with what a report is asked for, by the names that requests have for
/// it.
pub fn violations(query: &ReportQuery) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut refuse = |pointer: &str, code, detail: String| {
        found.push(Violation { pointer: pointer.to_owned(), code, detail });
    };
    for (index, dimension) in query.group_by.iter().enumerate() {
        if query.group_by[..index].contains(dimension) {
            refuse("group_by", "duplicate", format!("`{}` is there twice", dimension.name()));
        }
    }
    let Period { from, to } = query.period;
    if from.zip(to).is_some_and(|(from, to)| from >= to) {
        refuse("to", "out_of_range", "to must be later than from".to_owned());
    }
    if query.compared && from.and(to).is_none() {
        refuse("compare", "period_open", "compare=previous needs from and to".to_owned());
    }
    if let SortKey::Dimension(dimension) = query.sort
        && !query.group_by.contains(&dimension)
    {
        refuse("sort", "not_grouped", format!("`{}` is not one of group_by", dimension.name()));
    }
    for (name, count) in [
        ("campaign_id", query.campaigns.len()),
        ("banner_id", query.banners.len()),
        ("quarter", query.quarters.len()),
    ] {
        if count > MOST_IDS {
            refuse(name, "too_many", format!("`{name}` has 0 to {MOST_IDS} numbers"));
        }
    }
    found
}

/// Returns what a report is sorted by unless somebody says otherwise: by the first of its dimensions.
pub fn usual_sort(group_by: &[Dimension]) -> SortKey {
    group_by.first().copied().map_or(SortKey::Revenue, SortKey::Dimension)
}

fn checked(query: &ReportQuery) -> Result<(), ReportingError> {
    let violations = violations(query);
    if violations.is_empty() { Ok(()) } else { Err(ReportingError::Invalid(violations)) }
}

#[cfg(test)]
mod tests {
    use bams_domain::CampaignId;
    use bams_storage::LocalTime;

    use super::*;

    fn query() -> ReportQuery {
        ReportQuery {
            group_by: vec![Dimension::Campaign, Dimension::Day],
            campaigns: Vec::new(),
            banners: Vec::new(),
            quarters: Vec::new(),
            period: Period { from: Some(Slot::from_number(8)), to: Some(Slot::from_number(9)) },
            local: LocalTime::utc(),
            compared: true,
            sort: SortKey::Dimension(Dimension::Day),
            descending: true,
        }
    }

    #[test]
    fn everything_that_makes_no_report_is_said() {
        let open = Period { from: None, ..query().period };
        let no_time = Period { to: query().period.from, ..query().period };
        let by_quarter = SortKey::Dimension(Dimension::Quarter);
        let campaigns = vec![CampaignId(1); MOST_IDS + 1];
        for (query, expected) in [
            (query(), vec![]),
            (ReportQuery { group_by: vec![Dimension::Day; 2], ..query() }, vec!["duplicate"]),
            (ReportQuery { period: no_time, ..query() }, vec!["out_of_range"]),
            (ReportQuery { period: open, ..query() }, vec!["period_open"]),
            (ReportQuery { period: open, compared: false, ..query() }, vec![]),
            (ReportQuery { sort: by_quarter, ..query() }, vec!["not_grouped"]),
            (ReportQuery { campaigns: campaigns[1..].to_vec(), ..query() }, vec![]),
            (
                ReportQuery { campaigns, period: open, sort: by_quarter, ..query() },
                vec!["period_open", "not_grouped", "too_many"],
            ),
        ] {
            let found: Vec<_> = violations(&query).iter().map(|it| it.code).collect();
            assert_eq!(found, expected, "{query:?}");
        }
    }

    #[test]
    fn a_slot_begins_exactly_at_its_moment() {
        let start = 1_767_262_500_000_000_000;
        let slot = Slot::at(1_767_262_500);
        for (unix_nanos, expected) in [
            (start, Some(slot)),
            (start - 1, None),
            (start + 1, None),
            (start + 60_000_000_000, None),
            (start + 900_000_000_000, Some(Slot::from_number(slot.number() + 1))),
            (i128::MAX, None),
        ] {
            assert_eq!(slot_beginning_at(unix_nanos), expected, "{unix_nanos}");
        }
    }
}
