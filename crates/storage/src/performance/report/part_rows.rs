//! The rows of one part of a report.

use sea_orm::DbBackend;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement, SimpleExpr};

use super::columns::{SUMS, added};
use super::plan::{ReportPart, Source, StoredRange};
use super::query::{Dimension, ReportQuery};
use crate::database::whole_sum::whole_sum;

/// What reads a part.
#[derive(Clone, Copy)]
pub(super) struct PartReader<'a> {
    pub(super) dialect: DbBackend,
    pub(super) query: &'a ReportQuery,
    pub(super) kept: &'a StoredRange,
}

impl PartReader<'_> {
    /// Returns the query for the sums of a part by some dimensions, either of performance or of
    /// filtered events. The part adds nothing to the other columns.
    pub(super) fn sums(
        self,
        part: &ReportPart,
        dimensions: &[Dimension],
        filtered: bool,
    ) -> SelectStatement {
        let mut select = self.rows(part, filtered);
        for dimension in dimensions {
            select.expr_as(dimension.value(&part.stretch), dimension.column());
            select.group_by_col(dimension.column());
        }
        let periods: &[bool] = if self.query.compared { &[false, true] } else { &[false] };
        for past in periods {
            for name in SUMS {
                let value = added(name, filtered).filter(|_| part.stretch.past == *past);
                let sum = value.map_or_else(|| "0".to_owned(), |it| whole_sum(self.dialect, &it));
                let name = if *past { super::columns::previous(name) } else { name.to_owned() };
                select.expr_as(Expr::cust(sum), name);
            }
        }
        select
    }

    /// Returns the query for the rows of a part, without columns.
    pub(super) fn rows(self, part: &ReportPart, filtered: bool) -> SelectStatement {
        let mut select = Query::select();
        let slots = if filtered { "filtered_events" } else { "performance" };
        match part.source {
            Source::RollUp(roll_up) => {
                select.from(if filtered { "filtered_roll_ups" } else { "performance_roll_ups" });
                select.and_where(Expr::col("level").eq(roll_up.level()));
                if !roll_up.has_campaigns() {
                    select.and_where(Expr::col("campaign_id").eq(0));
                }
                if !roll_up.has_banners() {
                    select.and_where(Expr::col("banner_id").eq(0));
                }
            }
            Source::Slots => {
                select.from(slots);
            }
            Source::Open => {
                select.from(slots).and_where_option(self.kept.mark.beyond());
            }
            Source::Staged => {
                select.from("staged_imports").cross_join("staged_performance");
                let of_import = ("staged_performance", "import_id");
                select.and_where(Expr::col(("staged_imports", "import_id")).equals(of_import));
                select.and_where(Expr::col("turn").is_null());
            }
        }
        self.limit(&mut select, part);
        select
    }

    /// Limits rows to the scope of the report.
    fn limit(self, select: &mut SelectStatement, part: &ReportPart) {
        // The few open slots are found by the index that has them, and not by their campaigns.
        let is_open = part.source == Source::Open && self.kept.mark.is_begun();
        let campaign = column("campaign_id", !is_open);
        if !is_open
            && has_banners(part)
            && self.query.campaigns.is_empty()
            && !self.query.banners.is_empty()
        {
            // Keys begin with the campaign: a look for each costs less than all rows of all banners.
            let mut every = Query::select();
            every.column("id").from("campaigns");
            select.and_where(Expr::col("campaign_id").in_subquery(every));
        }
        among(select, campaign, self.query.campaigns.iter().map(|it| it.0.into()));
        let banner = Expr::col("banner_id");
        among(select, banner, self.query.banners.iter().map(|it| it.0.into()));
        let quarters = self.query.quarters.iter().map(|it| i64::from(it.number()) - 1);
        among(select, Expr::col("slot").modulo(4), quarters);
        let in_order = self.is_read_by_keys(part);
        let slot = || column("slot", !in_order);
        let (from, to) = (part.stretch.from, part.stretch.to);
        select.and_where_option(from.map(|from| slot().gte(from)));
        select.and_where_option(to.map(|to| slot().lt(to)));
    }

    /// Returns true if rows are read in the order of their keys, which begin with the campaign and end with
    /// the slot, rather than by the index that begins with the slot and has all campaigns.
    fn is_read_by_keys(self, part: &ReportPart) -> bool {
        let Source::RollUp(roll_up) = part.source else { return false };
        if self.query.campaigns.is_empty() {
            roll_up.has_campaigns() && part.is_wide(self.kept)
        } else {
            // With a banner, or without any, keys lead to the slots.
            roll_up.has_banners() && self.query.banners.is_empty()
        }
    }
}

/// Returns true if the rows of a part tell banners apart.
fn has_banners(part: &ReportPart) -> bool {
    match part.source {
        Source::RollUp(roll_up) => roll_up.has_banners(),
        Source::Slots | Source::Open => true,
        Source::Staged => false,
    }
}

/// Returns a column, so that an index is looked at for it or not.
fn column(name: &'static str, indexed: bool) -> SimpleExpr {
    if indexed { Expr::col(name) } else { Expr::col(name).add(0) }
}

fn among(
    select: &mut SelectStatement,
    value: SimpleExpr,
    numbers: impl ExactSizeIterator<Item = i64>,
) {
    if numbers.len() > 0 {
        select.and_where(value.is_in(numbers));
    }
}
