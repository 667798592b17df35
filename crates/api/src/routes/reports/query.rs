//! What a report is asked for, with everything that is wrong with it.

use actix_web::http::header::Accept;
use bams_app::{Violation, reporting};
use bams_storage::{Period, Position, ReportQuery};

use super::cursor;
use super::names::Format;
use super::parameters::{AskedReport, ReportParameters};
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

    /// Returns true if all rows are wanted at once, as a file.
    pub(super) fn is_file(&self) -> bool {
        let whole = self.limit.is_none() && self.after.is_none();
        self.format == Format::Csv && whole && !self.query.group_by.is_empty()
    }
}

/// Puts the parameters together, and refuses what does not go together.
fn query(params: &mut Params, asked: AskedReport) -> ReportQuery {
    let AskedReport { group_by, campaigns, banners, quarters, from, to, compared, sort, .. } =
        asked;
    let usual = || (reporting::usual_sort(&group_by), false);
    let (sort, descending) = sort.unwrap_or_else(usual);
    let period = Period { from, to };
    let query =
        ReportQuery { campaigns, banners, quarters, group_by, period, compared, sort, descending };
    for Violation { pointer, code, detail } in reporting::violations(&query) {
        params.refuse(&pointer, code, detail);
    }
    query
}

/// Returns the format that a client likes best.
fn preferred(accept: Option<Accept>) -> Format {
    let ranked = accept.map(|it| it.ranked()).unwrap_or_default();
    let known =
        |it: &&str| matches!(*it, "text/csv" | "application/json" | "application/*" | "*/*");
    let first = ranked.iter().map(actix_web::mime::Mime::essence_str).find(known);
    if first == Some("text/csv") { Format::Csv } else { Format::Json }
}
