//! The columns of a report. They come from enums; everything else in a statement is bound.

use sea_orm::sea_query::{Expr, ExprTrait, SimpleExpr};

use super::query::{Dimension, SortKey};
use super::stretches::Stretch;
use crate::performance::condensed::DAY;

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

/// The kinds of filtered events, by their columns.
const KINDS: [(&str, &str); 3] = [
    ("filtered_impressions", "impression"),
    ("filtered_clicks", "click"),
    ("filtered_conversions", "conversion"),
];

/// Returns the name of a sum of the period before.
pub(super) fn previous(name: &str) -> String {
    format!("previous_{name}")
}

/// Returns the SQL for what a row adds to a column, or `None` if it adds nothing.
pub(super) fn added(name: &'static str, filtered: bool) -> Option<String> {
    let kind = KINDS.iter().find(|(column, _)| *column == name);
    match (kind, filtered) {
        (None, false) => Some(name.to_owned()),
        (Some((_, kind)), true) => {
            Some(format!("CASE WHEN kind = '{kind}' THEN events ELSE 0 END"))
        }
        _ => None,
    }
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

    /// Returns the value in a row of counts. An hour is its first slot. A local day is the first slot
    /// that it would have in UTC. Both are made by the remainder, because integer division differs
    /// between the databases.
    pub(super) fn value(self, stretch: &Stretch) -> SimpleExpr {
        let moved = |by: i64| Expr::col("slot").add(by);
        let (shift, local) = (stretch.shift, stretch.shift + stretch.ahead);
        match self {
            Self::Campaign => Expr::col("campaign_id"),
            Self::Banner => Expr::col("banner_id"),
            Self::Quarter => Expr::col("slot").modulo(4),
            Self::Hour => moved(shift).sub(moved(local).modulo(4)),
            Self::Day => moved(local).sub(moved(local).modulo(DAY)),
        }
    }
}

impl SortKey {
    /// Returns the value by which rows are sorted. Rates are divided as floats, which both
    /// databases do alike.
    pub(super) fn value(self) -> SimpleExpr {
        let rate = |over: &'static str, under: &'static str| {
            Expr::cust(format!("{over} * 1e0 / NULLIF({under}, 0)"))
        };
        match self {
            Self::Dimension(dimension) => Expr::col(dimension.column()),
            Self::Impressions => Expr::col("impressions"),
            Self::Clicks => Expr::col("clicks"),
            Self::Conversions => Expr::col("conversions"),
            Self::Revenue => Expr::col("revenue_micros"),
            Self::Ctr => rate("clicks", "impressions"),
            Self::Cvr => rate("conversions", "clicks"),
            Self::Rpm => rate("revenue_micros", "impressions"),
            Self::Epc => rate("revenue_micros", "clicks"),
        }
    }

    /// Returns true if the value is a rate, which may be missing.
    pub(super) const fn is_rate(self) -> bool {
        matches!(self, Self::Ctr | Self::Cvr | Self::Rpm | Self::Epc)
    }
}
