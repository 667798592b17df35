//! Running a report.

use std::borrow::Cow;
use std::collections::BTreeMap;

use bams_domain::Slot;
use futures_util::TryStreamExt;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QuerySelect, StreamTrait};

use super::plan::{self, ReportPart, StoredRange, has_banners};
use super::query::{Dimension, Position, ReportQuery};
use super::reasons::by_reason;
use super::row::{FilteredCounts, ReportRow, Sums};
use super::statement::Summing;
use super::stretches::{Stretch, stretches};
use crate::database::Database;
use crate::database::values::{campaign_id, row_of};
use crate::entity::campaign;
use crate::error::{Attempt, StorageError};
use crate::performance::FilterReason;
use crate::performance::condensed::condensed_before;
use crate::performance::roll_ups::mark;
use crate::performance::staged_sums;

const ACTION: &str = "make a report";

/// The most pairs of a campaign and a banner that a report asks for one by one.
const PAIRS: usize = 10_000;

/// One page of a report.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// The rows in their order. Empty if nothing is grouped.
    pub rows: Vec<ReportRow>,
    /// The sums of all pages.
    pub totals: Sums,
    /// The filtered events of `totals`, by reason.
    pub reasons: BTreeMap<FilterReason, FilteredCounts>,
    /// The position after which the next page begins, or `None` on the last page.
    pub next: Option<Position>,
    /// The slot before which days are those of UTC, because the hours of banners are no longer known.
    /// `None` if all days are those that were asked for.
    pub utc_before: Option<Slot>,
}

/// Why a report is refused.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The report asks for hours before a slot, but performance before it is kept by day.
    #[error("performance before slot {before} is kept by day")]
    Condensed {
        /// The first slot that is still kept as such, which begins a day.
        before: Slot,
    },
    /// The report has more rows than allowed.
    #[error("the report has more than {most} rows")]
    TooLong {
        /// The most rows.
        most: u64,
    },
    /// The database refused or could not be reached.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Returns at most `limit` rows after a position, with the sums of all rows.
///
/// Everything is read at one moment, so that it contains exactly what was committed before. Pages
/// contain each row once if nothing changes between them.
pub async fn report(
    database: &Database,
    query: &ReportQuery,
    after: Option<&Position>,
    limit: u64,
) -> Result<Report, ReportError> {
    let transaction = database.begin_reading().await?;
    let query = &*with_campaigns(&transaction, query).await?;
    let looked = look(&transaction, query).await?;
    let mut report = Report { utc_before: looked.utc_before, ..Report::default() };
    if !query.group_by.is_empty() {
        let parts = looked.parts(query, &query.group_by)?;
        let summing = looked.summing(database, query, &query.group_by, &parts);
        let rows = summing.rows(after, limit.saturating_add(1));
        let mut found = transaction.query_all(&rows).await.attempt(ACTION)?;
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = found.len() > most;
        found.truncate(most);
        let last = found.last().filter(|_| has_more);
        report.next = last.map(|row| Position::read(query, row)).transpose()?;
        let read = found.iter().map(|row| ReportRow::read(query, row));
        report.rows = read.collect::<Result<_, _>>()?;
    }
    let parts = looked.parts(query, &[])?;
    let summing = looked.summing(database, query, &[], &parts);
    if !query.group_by.is_empty() && after.is_none() && report.next.is_none() {
        report.totals = Sums::of_all(query, &report.rows);
    } else if let Some(row) = transaction.query_one(&summing.sums()).await.attempt(ACTION)? {
        report.totals = Sums::read(query, &row)?;
    }
    if looked.kept.filtered {
        report.reasons = by_reason(&transaction, &summing).await?;
    }
    transaction.rollback().await.attempt(ACTION)?;
    Ok(report)
}

/// A report whose rows were handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Streamed {
    /// How many rows there were.
    pub rows: u64,
    /// As in [`Report`].
    pub utc_before: Option<Slot>,
}

/// Hands over every row of a report, one after the other.
///
/// All rows are read at one moment, with one statement, and without collecting them. Fails after
/// `most` rows if there are more.
pub async fn stream_report<E: From<ReportError>>(
    database: &Database,
    query: &ReportQuery,
    most: u64,
    mut take: impl FnMut(ReportRow) -> Result<(), E>,
) -> Result<Streamed, E> {
    let storage = |error: StorageError| E::from(ReportError::Storage(error));
    let transaction = database.begin_reading().await.map_err(storage)?;
    let query = &*with_campaigns(&transaction, query).await.map_err(storage)?;
    let looked = look(&transaction, query).await.map_err(storage)?;
    let parts = looked.parts(query, &query.group_by)?;
    let summing = looked.summing(database, query, &query.group_by, &parts);
    let statement = database.dialect().build(&summing.rows(None, most.saturating_add(1)));
    let mut count = 0;
    {
        let found = transaction.stream_raw(statement).await.attempt(ACTION).map_err(storage)?;
        let mut found = std::pin::pin!(found);
        while let Some(row) = found.try_next().await.attempt(ACTION).map_err(storage)? {
            count += 1;
            if count > most {
                return Err(ReportError::TooLong { most }.into());
            }
            take(ReportRow::read(query, &row).map_err(storage)?)?;
        }
    }
    transaction.rollback().await.attempt(ACTION).map_err(storage)?;
    Ok(Streamed { rows: count, utc_before: looked.utc_before })
}

/// Names all campaigns in a report of some banners, if they are few. Keys begin with the campaign, and
/// MariaDB looks for pairs only if both are told.
async fn with_campaigns<'a>(
    transaction: &DatabaseTransaction,
    query: &'a ReportQuery,
) -> Result<Cow<'a, ReportQuery>, StorageError> {
    if query.banners.is_empty() || !query.campaigns.is_empty() {
        return Ok(Cow::Borrowed(query));
    }
    let most = PAIRS / query.banners.len();
    let ids = campaign::Entity::find().select_only().column(campaign::Column::Id);
    let ids: Vec<i64> = ids
        .limit(u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1))
        .into_tuple()
        .all(transaction)
        .await
        .attempt(ACTION)?;
    let is_few = ids.len() <= most;
    let campaigns = ids.into_iter().map(|id| campaign_id("campaigns", id));
    Ok(match campaigns.collect::<Result<_, _>>() {
        Ok(campaigns) if is_few => Cow::Owned(ReportQuery { campaigns, ..query.clone() }),
        _ => Cow::Borrowed(query),
    })
}

/// What a report is made of.
pub(super) struct Looked {
    pub(super) kept: StoredRange,
    pub(super) stretches: Vec<Stretch>,
    utc_before: Option<Slot>,
}

impl Looked {
    fn parts(
        &self,
        query: &ReportQuery,
        dimensions: &[Dimension],
    ) -> Result<Vec<ReportPart>, ReportError> {
        let parts = plan::parts(query, dimensions, &self.stretches, &self.kept);
        parts.map_err(|before| ReportError::Condensed { before })
    }

    fn summing<'a>(
        &'a self,
        database: &Database,
        query: &'a ReportQuery,
        dimensions: &'a [Dimension],
        parts: &'a [ReportPart],
    ) -> Summing<'a> {
        Summing { dialect: database.dialect(), query, kept: &self.kept, dimensions, parts }
    }
}

/// Looks for what the store has.
pub(super) async fn look(
    transaction: &DatabaseTransaction,
    query: &ReportQuery,
) -> Result<Looked, StorageError> {
    let condensed = condensed_before(transaction).await?;
    let mark = mark(transaction).await.attempt(ACTION)?;
    let by_days = condensed.filter(|_| has_banners(query, &query.group_by));
    let sql = "SELECT MIN(slot) FROM performance_roll_ups WHERE level = 1 AND campaign_id = 0 \
                 AND banner_id = 0";
    let row = row_of(transaction, sql, Vec::new()).await.attempt(ACTION)?;
    let first: Option<Option<i64>> =
        row.map(|row| row.try_get_by_index(0)).transpose().attempt(ACTION)?;
    let counted = first_counted(transaction).await.attempt(ACTION)?;
    let (stretches, utc_before) = stretches(query, by_days.map(Slot::number), counted);
    let any = "SELECT 1 FROM filtered_events LIMIT 1";
    let filtered = row_of(transaction, any, Vec::new()).await.attempt(ACTION)?.is_some();
    let staged = staged_sums::any(transaction).await?;
    let kept = StoredRange { condensed, mark, first: first.flatten(), filtered, staged };
    Ok(Looked { kept, stretches, utc_before: utc_before.map(Slot::from_number) })
}

/// Returns the first slot with counts or filtered events.
async fn first_counted(transaction: &DatabaseTransaction) -> Result<Option<i64>, DbErr> {
    let mut first: Option<i64> = None;
    for table in ["performance", "filtered_events", "performance_roll_ups", "filtered_roll_ups"] {
        let level = if table.ends_with("roll_ups") { " WHERE level = 1" } else { "" };
        let sql = format!("SELECT MIN(slot) FROM {table}{level}");
        if let Some(row) = row_of(transaction, &sql, Vec::new()).await? {
            let slot: Option<i64> = row.try_get_by_index(0)?;
            first = first.into_iter().chain(slot).min();
        }
    }
    Ok(first)
}

#[cfg(test)]
mod tests {
    use bams_domain::{BannerId, CampaignId, Quarter};
    use sea_orm::DbBackend;

    use super::super::local_time::LocalTime;
    use super::super::query::{Period, SortKey};
    use super::*;

    /// Returns how SQLite finds the rows of roll-ups for the sums of a report.
    async fn plan_of(
        transaction: &DatabaseTransaction,
        query: &ReportQuery,
        dimensions: &[Dimension],
    ) -> Vec<String> {
        let looked = look(transaction, query).await.unwrap();
        let (dialect, kept) = (DbBackend::Sqlite, &looked.kept);
        let parts = plan::parts(query, dimensions, &looked.stretches, kept).unwrap();
        let summing = Summing { dialect, query, kept, dimensions, parts: &parts };
        let mut statement = dialect.build(&summing.sums());
        statement.sql.insert_str(0, "EXPLAIN QUERY PLAN ");
        let steps = transaction.query_all_raw(statement).await.unwrap();
        let steps = steps.iter().map(|it| it.try_get::<String>("", "detail").unwrap());
        steps.filter(|it| it.contains("roll_ups")).collect()
    }

    #[tokio::test]
    async fn sqlite_looks_at_no_other_campaigns_than_those_asked_for() {
        let database = Database::connect("sqlite::memory:", 1).await.unwrap();
        database.migrate().await.unwrap();
        let transaction = database.begin_reading().await.unwrap();
        let [from, to] = [960, 9_600].map(|slot| Some(Slot::from_number(slot)));
        let mut query = ReportQuery {
            group_by: vec![Dimension::Banner],
            campaigns: vec![CampaignId(7), CampaignId(8)],
            banners: Vec::new(),
            quarters: Vec::new(),
            period: Period { from, to },
            local: LocalTime::utc(),
            compared: true,
            sort: SortKey::Revenue,
            descending: true,
        };
        for quarters in [Vec::new(), vec![Quarter::Second]] {
            query.quarters = quarters;
            for banners in [Vec::new(), vec![BannerId(9)]] {
                query.banners = banners;
                for by in [vec![], vec![Dimension::Banner], vec![Dimension::Day, Dimension::Banner]]
                {
                    let steps = plan_of(&transaction, &query, &by).await;
                    let by_campaign = steps.iter().filter(|it| it.contains("campaign_id=?"));
                    assert!(!steps.is_empty() && by_campaign.count() == steps.len(), "{steps:?}");
                }
            }
        }
    }
}
