//! What a report is asked for, with everything that is wrong with it.

use actix_web::http::header::Accept;
use bams_app::{Violation, reporting};
use bams_domain::Slot;
use bams_storage::{LocalTime, Period, Position, ReportQuery};

use super::cursor;
use super::names::ReportFormat;
use super::parameters::{AskedReport, ReportEnd, ReportParameters, SLOTS_OF_DAY};
use crate::extract::query::Params;
use crate::problem::ApiError;

/// A report that can be made.
#[derive(Debug)]
pub(super) struct ReportRequest {
    pub(super) query: ReportQuery,
    pub(super) limit: Option<u64>,
    pub(super) after: Option<Position>,
    pub(super) format: ReportFormat,
    /// The name of the zone of `query.local`.
    pub(super) time_zone: String,
    pub(super) csv: CsvStyle,
}

/// How CSV is written.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct CsvStyle {
    /// Money in the currency instead of micros.
    pub(super) decimal_money: bool,
    /// Begins with a byte order mark.
    pub(super) bom: bool,
}

impl ReportRequest {
    /// Reads the parameters, and refuses with everything that is wrong with them.
    pub(super) fn read(
        mut params: Params,
        accept: Option<Accept>,
        now: i64,
    ) -> Result<Self, ApiError> {
        let mut asked = params.filter::<ReportParameters>();
        let (limit, cursor) = (asked.limit, asked.cursor.take());
        let format = asked.format.unwrap_or_else(|| preferred(accept));
        let csv = csv_style(&mut params, &asked, format);
        let time_zone = asked.time_zone.take().unwrap_or_else(|| "UTC".to_owned());
        let local = local_time(&mut params, &time_zone, now);
        let query = query(&mut params, asked, local);
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
        Ok(Self { query, limit, after, format, time_zone, csv })
    }

    /// Returns true if all rows are wanted at once, as a file.
    pub(super) fn is_file(&self) -> bool {
        let whole = self.limit.is_none() && self.after.is_none();
        self.format == ReportFormat::Csv && whole && !self.query.group_by.is_empty()
    }
}

/// Puts the parameters together, and refuses what does not go together.
fn query(params: &mut Params, asked: AskedReport, local: LocalTime) -> ReportQuery {
    let AskedReport { group_by, campaigns, banners, quarters, from, to, compared, sort, .. } =
        asked;
    let usual = || (reporting::usual_sort(&group_by), false);
    let (sort, descending) = sort.unwrap_or_else(usual);
    // A date that ends a period is in it.
    let period = Period {
        from: from.map(|it| slot(it, 0, &local)),
        to: to.map(|it| slot(it, SLOTS_OF_DAY, &local)),
    };
    let query = ReportQuery {
        campaigns,
        banners,
        quarters,
        group_by,
        period,
        local,
        compared,
        sort,
        descending,
    };
    for Violation { pointer, code, detail } in reporting::violations(&query) {
        params.refuse(&pointer, code, detail);
    }
    query
}

/// Returns the slot of an end of the period; of a date the one after some of its slots.
fn slot(end: ReportEnd, later: i64, local: &LocalTime) -> Slot {
    match end {
        ReportEnd::Moment(slot) => slot,
        ReportEnd::Date(first) => Slot::from_number(local.slot_of(first + later)),
    }
}

fn local_time(params: &mut Params, zone: &str, now: i64) -> LocalTime {
    reporting::local_time(zone, now).unwrap_or_else(|| {
        let detail = format!("`{zone}` is no time zone such as Europe/Amsterdam (IANA)");
        params.refuse("time_zone", "unknown_time_zone", detail);
        LocalTime::utc()
    })
}

fn csv_style(params: &mut Params, asked: &AskedReport, format: ReportFormat) -> CsvStyle {
    let (decimal_money, bom) = (asked.decimal_money.unwrap_or(false), asked.bom.unwrap_or(false));
    for (name, is_asked) in [("money", decimal_money), ("bom", bom)] {
        if is_asked && format != ReportFormat::Csv {
            params.refuse(name, "csv_only", format!("`{name}` is for CSV: add format=csv"));
        }
    }
    CsvStyle { decimal_money, bom }
}

/// Returns the format that a client likes best.
fn preferred(accept: Option<Accept>) -> ReportFormat {
    let ranked = accept.map(|it| it.ranked()).unwrap_or_default();
    let known =
        |it: &&str| matches!(*it, "text/csv" | "application/json" | "application/*" | "*/*");
    let first = ranked.iter().map(actix_web::mime::Mime::essence_str).find(known);
    if first == Some("text/csv") { ReportFormat::Csv } else { ReportFormat::Json }
}
