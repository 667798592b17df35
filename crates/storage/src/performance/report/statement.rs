//! The statements of a report. Columns come from enums, everything else is bound.

use sea_orm::{DbBackend, Value};

use super::query::{Dimension, Position, Rank, ReportQuery, SortKey};
use super::sql::Sql;
use crate::database::whole_sum::whole_sum;
use crate::performance::staged_sums::COUNTING;

/// The columns that are summed up, in this period and the one before.
pub(super) const SUMS: [&str; 7] = [
    "impressions",
    "clicks",
    "conversions",
    "revenue_micros",
    "filtered_impressions",
    "filtered_clicks",
    "filtered_conversions",
];

/// Returns the name of a sum of the period before.
pub(super) fn previous(name: &str) -> String {
    format!("previous_{name}")
}

impl Dimension {
    /// Returns the name of the column in the result.
    pub(super) const fn column(self) -> &'static str {
        match self {
            Self::Campaign => "campaign_id",
            Self::Banner => "banner_id",
            Self::Quarter => "of_quarter",
            Self::Hour => "of_hour",
            Self::Day => "of_day",
        }
    }

    /// Returns the value in a counted row. Hours and days are their first slots. They are made by
    /// the remainder, because integer division differs between the databases.
    const fn expression(self) -> &'static str {
        match self {
            Self::Campaign => "campaign_id",
            Self::Banner => "banner_id",
            Self::Quarter => "of_quarter",
            Self::Hour => "slot - slot % 4",
            Self::Day => "slot - slot % 96",
        }
    }
}

impl SortKey {
    /// Returns the value by which rows are sorted. Rates are divided as floats, which both
    /// databases do alike.
    const fn expression(self) -> &'static str {
        match self {
            Self::Dimension(dimension) => dimension.column(),
            Self::Impressions => "impressions",
            Self::Clicks => "clicks",
            Self::Conversions => "conversions",
            Self::Revenue => "revenue_micros",
            Self::Ctr => "clicks * 1e0 / NULLIF(impressions, 0)",
            Self::Cvr => "conversions * 1e0 / NULLIF(clicks, 0)",
            Self::Rpm => "revenue_micros * 1e0 / NULLIF(impressions, 0)",
            Self::Epc => "revenue_micros * 1e0 / NULLIF(clicks, 0)",
        }
    }

    /// Returns true if the value is a rate, which may be missing.
    pub(super) const fn is_rate(self) -> bool {
        matches!(self, Self::Ctr | Self::Cvr | Self::Rpm | Self::Epc)
    }
}

/// The dimensions that have names, each with the column of its name and the join that brings it.
const NAMED: [(Dimension, &str, &str); 2] = [
    (
        Dimension::Campaign,
        ", campaigns.name AS campaign_name",
        " LEFT JOIN campaigns ON campaigns.id = page.campaign_id",
    ),
    (
        Dimension::Banner,
        ", banners.name AS banner_name",
        " LEFT JOIN banners ON banners.id = page.banner_id",
    ),
];

/// Returns the statement that asks whether anything was filtered in the scope of a report.
pub(super) fn any_filtered(query: &ReportQuery) -> Sql {
    let mut sql = Sql::default();
    sql.push("SELECT 1 FROM filtered_events").append(filter(query)).push(" LIMIT 1");
    sql
}

/// Returns the statement for the filtered events of the period, by reason and kind.
pub(super) fn reasons(dialect: DbBackend, query: &ReportQuery) -> Sql {
    let period = ReportQuery { compared: false, ..query.clone() };
    let mut sql = Sql::default();
    sql.push(&format!(
        "SELECT reason, kind, {} FROM filtered_events",
        whole_sum(dialect, "events")
    ));
    sql.append(filter(&period)).push(" GROUP BY reason, kind");
    sql
}

/// The tables that a report reads beside performance, because they have rows.
#[derive(Clone, Copy)]
pub(super) struct MoreTables {
    /// Events that do not count.
    pub(super) filtered: bool,
    /// Sums of imports that are not yet in performance.
    pub(super) staged: bool,
}

/// Returns the statement for at most `limit` rows after a position, with names.
pub(super) fn rows(
    dialect: DbBackend,
    query: &ReportQuery,
    more: MoreTables,
    after: Option<&Position>,
    limit: u64,
) -> Sql {
    let direction = if query.descending { " DESC" } else { "" };
    let mut order = format!(" ORDER BY ranked IS NULL, ranked{direction}");
    for dimension in &query.group_by {
        order.push_str(", ");
        order.push_str(dimension.column());
    }
    let mut sql = Sql::default();
    sql.push("SELECT page.*");
    let named: Vec<_> =
        NAMED.iter().filter(|(dimension, ..)| query.group_by.contains(dimension)).collect();
    for (_, name, _) in &named {
        sql.push(name);
    }
    sql.push(" FROM (SELECT * FROM (SELECT summed.*, ");
    sql.push(query.sort.expression()).push(" AS ranked FROM (");
    sql.append(sums(dialect, query, &query.group_by, more)).push(") AS summed) AS placed");
    if let Some(position) = after {
        sql.push(" WHERE ").append(behind(query, position));
    }
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    sql.push(&order).push(" LIMIT ").bind(limit).push(") AS page");
    for (_, _, join) in named {
        sql.push(join);
    }
    sql.push(&order);
    sql
}

/// Returns the statement for the sums of everything in the scope of a report.
pub(super) fn totals(dialect: DbBackend, query: &ReportQuery, more: MoreTables) -> Sql {
    sums(dialect, query, &[], more)
}

fn sums(
    dialect: DbBackend,
    query: &ReportQuery,
    dimensions: &[Dimension],
    more: MoreTables,
) -> Sql {
    let mut sql = Sql::default();
    sql.push("SELECT ");
    for dimension in dimensions {
        sql.push(dimension.expression()).push(" AS ").push(dimension.column()).push(", ");
    }
    let columns = SUMS.iter().map(|sum| ((*sum).to_owned(), "NOT past"));
    let before = SUMS.iter().map(|sum| (previous(sum), "past")).filter(|_| query.compared);
    for (index, (name, when)) in columns.chain(before).enumerate() {
        let of = SUMS[index % SUMS.len()];
        let value = if query.compared {
            format!("CASE WHEN {when} THEN {of} ELSE 0 END")
        } else {
            of.to_owned()
        };
        let comma = if index == 0 { "" } else { ", " };
        let sum = whole_sum(dialect, &value);
        sql.push(&format!("{comma}COALESCE({sum}, 0) AS {name}"));
    }
    sql.push(" FROM (").append(counted(query, "performance"));
    if more.staged {
        let staged = format!("(SELECT staged_performance.* FROM {COUNTING}) AS staged");
        sql.push(" UNION ALL ").append(counted(query, &staged));
    }
    if more.filtered {
        sql.push(" UNION ALL ").append(counted(query, FILTERED));
    }
    sql.push(") AS counted");
    for (index, dimension) in dimensions.iter().enumerate() {
        sql.push(if index == 0 { " GROUP BY " } else { ", " }).push(dimension.column());
    }
    sql
}

/// The table of events that do not count.
const FILTERED: &str = "filtered_events";

/// Returns the rows of a table in the scope of a report. Rows of the period before are moved into
/// the period, to the hour and day with which they are compared.
fn counted(query: &ReportQuery, table: &str) -> Sql {
    let mut sql = Sql::default();
    sql.push("SELECT campaign_id, banner_id, slot % 4 AS of_quarter, ");
    match (query.compared, query.period.from, query.period.previous()) {
        (true, Some(from), Some((_, length))) => {
            sql.push("CASE WHEN slot < ").bind(from.number()).push(" THEN slot + ").bind(length);
            sql.push(" ELSE slot END AS slot, slot < ").bind(from.number()).push(" AS past");
        }
        _ => {
            sql.push("slot, 0 AS past");
        }
    }
    let performance = table != FILTERED;
    for name in SUMS {
        let value = match name.strip_prefix("filtered_") {
            Some(_) if performance => "0".to_owned(),
            Some(kind) => {
                let kind = kind.trim_end_matches('s');
                format!("CASE WHEN kind = '{kind}' THEN events ELSE 0 END")
            }
            None if performance => name.to_owned(),
            None => "0".to_owned(),
        };
        sql.push(&format!(", {value} AS {name}"));
    }
    sql.push(" FROM ").push(table).append(filter(query));
    sql
}

fn filter(query: &ReportQuery) -> Sql {
    let mut conditions = Vec::new();
    let mut only = |column: &str, values: Vec<i64>| {
        if !values.is_empty() {
            let mut condition = Sql::default();
            condition.push(column).push(" IN ").bind_all(values);
            conditions.push(condition);
        }
    };
    only("campaign_id", query.campaigns.iter().map(|it| it.0.into()).collect());
    only("banner_id", query.banners.iter().map(|it| it.0.into()).collect());
    only(
        "slot % 4",
        query.quarters.iter().map(|quarter| i64::from(quarter.number()) - 1).collect(),
    );
    let before = query.period.previous().filter(|_| query.compared);
    let from = before.map_or(query.period, |it| it.0).from;
    for (comparison, slot) in [("slot >= ", from), ("slot < ", query.period.to)] {
        if let Some(slot) = slot {
            let mut condition = Sql::default();
            condition.push(comparison).bind(slot.number());
            conditions.push(condition);
        }
    }
    let mut sql = Sql::default();
    for (index, condition) in conditions.into_iter().enumerate() {
        sql.push(if index == 0 { " WHERE " } else { " AND " }).append(condition);
    }
    sql
}

/// Returns the condition that a row comes after a position.
fn behind(query: &ReportQuery, position: &Position) -> Sql {
    let mut sql = Sql::default();
    let further = if query.descending { "ranked < " } else { "ranked > " };
    let value: Value = match position.rank {
        Rank::Whole(whole) => whole.into(),
        Rank::Rate(Some(rate)) => rate.into(),
        Rank::Rate(None) => {
            sql.push("ranked IS NULL AND (").append(dimensions_behind(query, position)).push(")");
            return sql;
        }
    };
    sql.push("(ranked IS NULL OR ").push(further).bind(value.clone());
    sql.push(" OR (ranked = ").bind(value).push(" AND (");
    sql.append(dimensions_behind(query, position)).push(")))");
    sql
}

/// Returns the condition that a row's dimensions come after those of a position. The first
/// dimension is compared first.
fn dimensions_behind(query: &ReportQuery, position: &Position) -> Sql {
    let mut sql = Sql::default();
    let pairs: Vec<_> = query.group_by.iter().zip(&position.dimensions).collect();
    for (index, (dimension, value)) in pairs.iter().enumerate() {
        sql.push(if index == 0 { "(" } else { " OR (" });
        for (earlier, equal) in &pairs[..index] {
            sql.push(earlier.column()).push(" = ").bind(**equal).push(" AND ");
        }
        sql.push(dimension.column()).push(" > ").bind(**value).push(")");
    }
    sql
}
