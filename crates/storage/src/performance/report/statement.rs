//! The statements of a report.

use sea_orm::DbBackend;
use sea_orm::sea_query::{
    Asterisk, Expr, ExprTrait, Order, Query, SelectStatement, SimpleExpr, UnionType,
};

use super::columns::{SUMS, previous};
use super::part_rows::PartReader;
use super::plan::{ReportPart, Source, StoredRange};
use super::query::{Dimension, Position, Rank, ReportQuery};
use crate::database::whole_sum::whole_sum;

/// The dimensions that have names, each with the column of its name and the table that has it.
const NAMED: [(Dimension, &str, &str); 2] = [
    (Dimension::Campaign, "campaign_name", "campaigns"),
    (Dimension::Banner, "banner_name", "banners"),
];

/// The sums of a report by some dimensions, of some parts.
#[derive(Clone, Copy)]
pub(super) struct Summing<'a> {
    pub(super) dialect: DbBackend,
    pub(super) query: &'a ReportQuery,
    pub(super) kept: &'a StoredRange,
    pub(super) dimensions: &'a [Dimension],
    pub(super) parts: &'a [ReportPart],
}

impl Summing<'_> {
    fn reader(&self) -> PartReader<'_> {
        PartReader { dialect: self.dialect, query: self.query, kept: self.kept }
    }

    /// Returns the query for the sums.
    pub(super) fn sums(&self) -> SelectStatement {
        let mut select = Query::select();
        for dimension in self.dimensions {
            select.column(dimension.column()).group_by_col(dimension.column());
        }
        let before = SUMS.iter().map(|name| previous(name)).filter(|_| self.query.compared);
        for name in SUMS.iter().map(|it| (*it).to_owned()).chain(before) {
            let sum = format!("COALESCE({}, 0)", whole_sum(self.dialect, &name));
            select.expr_as(Expr::cust(sum), name);
        }
        let reader = self.reader();
        let performance = self.parts.iter().map(|it| reader.sums(it, self.dimensions, false));
        let filtered = self.filtered().map(|it| reader.sums(it, self.dimensions, true));
        select.from_subquery(all(performance.chain(filtered)), "counted");
        select
    }

    /// Returns the parts that have filtered events.
    fn filtered(&self) -> impl Iterator<Item = &ReportPart> {
        let with_any = self.parts.iter().filter(|_| self.kept.filtered);
        with_any.filter(|it| it.source != Source::Staged)
    }

    /// Returns the query for the filtered events of the period, by reason and kind.
    pub(super) fn reasons(&self) -> SelectStatement {
        let events = whole_sum(self.dialect, "events");
        let of_period = self.filtered().filter(|it| !it.stretch.past);
        let rows = of_period.map(|part| {
            let mut rows = self.reader().rows(part, true);
            rows.columns(["reason", "kind"]).expr_as(Expr::cust(events.clone()), "events");
            rows.group_by_columns(["reason", "kind"]);
            rows
        });
        let mut select = Query::select();
        select
            .columns(["reason", "kind"])
            .expr_as(Expr::cust(events.clone()), "events")
            .from_subquery(all(rows), "counted")
            .group_by_columns(["reason", "kind"]);
        select
    }

    /// Returns the query for at most `limit` rows after a position, with names.
    pub(super) fn rows(&self, after: Option<&Position>, limit: u64) -> SelectStatement {
        let mut summed = Query::select();
        summed.column(("summed", Asterisk)).expr_as(self.query.sort.value(), "ranked");
        summed.from_subquery(self.sums(), "summed");
        let mut placed = Query::select();
        placed.column(Asterisk).from_subquery(summed, "placed");
        placed.and_where_option(after.map(|it| behind(self.query, it)));
        // SQLite's limit is a signed integer.
        placed.limit(Ord::min(limit, i64::MAX.unsigned_abs()));
        self.order(&mut placed);
        let mut select = Query::select();
        select.column(("page", Asterisk)).from_subquery(placed, "page");
        for (dimension, name, table) in NAMED {
            if self.dimensions.contains(&dimension) {
                let of_row = Expr::col((table, "id")).equals(("page", dimension.column()));
                select.expr_as(Expr::col((table, "name")), name).left_join(table, of_row);
            }
        }
        self.order(&mut select);
        select
    }

    fn order(&self, select: &mut SelectStatement) {
        let direction = if self.query.descending { Order::Desc } else { Order::Asc };
        select.order_by_expr(Expr::col("ranked").is_null(), Order::Asc);
        select.order_by("ranked", direction);
        for dimension in self.dimensions {
            select.order_by(dimension.column(), Order::Asc);
        }
    }
}

/// Returns the rows of all queries. There is at least one.
fn all(queries: impl Iterator<Item = SelectStatement>) -> SelectStatement {
    let union = |mut all: SelectStatement, next| all.union(UnionType::All, next).take();
    queries.reduce(union).unwrap_or_default()
}

/// Returns the condition that a row comes after a position.
fn behind(query: &ReportQuery, position: &Position) -> SimpleExpr {
    let ranked = || Expr::col("ranked");
    let later = dimensions_behind(query, position);
    let (further, equal) = match position.rank {
        Rank::Whole(whole) if query.descending => (ranked().lt(whole), ranked().eq(whole)),
        Rank::Whole(whole) => (ranked().gt(whole), ranked().eq(whole)),
        Rank::Rate(Some(rate)) if query.descending => (ranked().lt(rate), ranked().eq(rate)),
        Rank::Rate(Some(rate)) => (ranked().gt(rate), ranked().eq(rate)),
        Rank::Rate(None) => return ranked().is_null().and(later),
    };
    ranked().is_null().or(further).or(equal.and(later))
}

/// Returns the condition that a row's dimensions come after those of a position. The first
/// dimension is compared first.
fn dimensions_behind(query: &ReportQuery, position: &Position) -> SimpleExpr {
    let pairs: Vec<_> = query.group_by.iter().zip(&position.dimensions).collect();
    let behind = pairs.iter().enumerate().map(|(index, (dimension, value))| {
        let equal = |(earlier, value): &(&Dimension, &i64)| Expr::col(earlier.column()).eq(**value);
        let further = Expr::col(dimension.column()).gt(**value);
        pairs[..index].iter().map(equal).fold(further, ExprTrait::and)
    });
    behind.reduce(ExprTrait::or).unwrap_or_else(|| Expr::val(false))
}
