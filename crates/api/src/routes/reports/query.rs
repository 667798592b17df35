//! What a report is asked for, with everything that is wrong with it.

use actix_web::http::header::Accept;
use bams_storage::{Period, Position, ReportQuery, SortKey};

use super::cursor;
use super::names::Format;
use super::parameters::{Asked, ReportParameters};
use crate::extract::query::Params;
use crate::problem::ApiError;

/// A report that can be made.
#[derive(Debug)]
pub(super) struct ReportRequest {
    pub(super) query: ReportQuery,
    pub(super) limit: Option<u64>,
    pub(super) after: Option<Position>,
    pub(super) format: Format,
}

impl ReportRequest {
    /// Reads the parameters, and refuses with everything that is wrong with them.
    pub(super) fn read(mut params: Params, accept: Option<Accept>) -> Result<Self, ApiError> {
        let mut asked = params.filter::<ReportParameters>();
        let (limit, cursor) = (asked.limit, asked.cursor.take());
        let format = asked.format.unwrap_or_else(|| preferred(accept));
        let query = query(&mut params, asked);
        let after = cursor.and_then(|text| {
            let position = cursor::decode(&query, &text);
            if position.is_none() {
                let detail = "this is no cursor of this report: take next_cursor as it is, and \
                              change no other parameter but limit";
                params.refuse("cursor", "invalid_cursor", detail);
            }
            position
        });
        params.finish()?;
        Ok(Self { query, limit, after, format })
    }

    /// Whether all rows are wanted at once, as a file.
    pub(super) fn is_file(&self) -> bool {
        let whole = self.limit.is_none() && self.after.is_none();
        self.format == Format::Csv && whole && !self.query.group_by.is_empty()
    }
}

/// Puts the parameters together, and notes which do not go together.
fn query(params: &mut Params, asked: Asked) -> ReportQuery {
    let Asked { group_by, campaigns, banners, quarters, from, to, compared, sort, .. } = asked;
    if let (Some(from), Some(to)) = (from, to)
        && from >= to
    {
        params.refuse("to", "out_of_range", "to must be later than from");
    }
    if compared && (from.is_none() || to.is_none()) {
        params.refuse("compare", "period_open", "compare=previous needs from and to");
    }
    if let Some((SortKey::Dimension(dimension), _)) = sort
        && !group_by.contains(&dimension)
    {
        let detail = format!("`{}` is not one of group_by", dimension.name());
        params.refuse("sort", "not_grouped", detail);
    }
    let usual = || group_by.first().copied().map_or(SortKey::Revenue, SortKey::Dimension);
    let (sort, descending) = sort.unwrap_or_else(|| (usual(), false));
    let period = Period { from, to };
    ReportQuery { campaigns, banners, quarters, group_by, period, compared, sort, descending }
}

/// The format that a client likes best.
fn preferred(accept: Option<Accept>) -> Format {
    let ranked = accept.map(|it| it.ranked()).unwrap_or_default();
    let known =
        |it: &&str| matches!(*it, "text/csv" | "application/json" | "application/*" | "*/*");
    let first = ranked.iter().map(actix_web::mime::Mime::essence_str).find(known);
    if first == Some("text/csv") { Format::Csv } else { Format::Json }
}
