//! What campaigns and banners achieved, in any grouping.

mod csv;
mod cursor;
mod names;
mod parameters;
mod query;
mod row;
mod spool;

use std::collections::BTreeMap;

use actix_web::http::header::{Accept, CONTENT_DISPOSITION, Header, LINK, VARY};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use bams_app::reporting;
use bams_domain::Slot;
use bams_storage::{Database, LocalTime, Report, ReportQuery};
use serde::Serialize;
use time::{OffsetDateTime, UtcOffset};
use utoipa::ToSchema;

use names::ReportFormat;
pub(crate) use names::{ComparedName, DimensionName, FormatName, MoneyName, ReportSortName};
use parameters::{PAGE, ReportParameters};
use query::ReportRequest;
use row::{Filtered, Measures, Row};

use crate::answer::page;
use crate::clock;
use crate::extract::principal::Principal;
use crate::extract::query::Params;
use crate::problem::ApiError;
use crate::problem::responses::KeyRefusals;
use crate::timestamp;

/// One page of a report.
#[derive(Serialize, ToSchema)]
pub(crate) struct PerformanceReport {
    /// The rows of this page; none without `group_by`.
    rows: Vec<Row>,
    /// The sums of all pages.
    totals: Measures,
    /// Why the filtered events of `totals` do not count: how many for each reason, which is one of
    /// `duplicate`, `expired`, `bot`, `prefetch`, `head`, `burst` and `no_landing_url`.
    #[schema(example = json!({ "bot": { "impressions": 37, "clicks": 5, "conversions": 0 } }))]
    filtered_by_reason: BTreeMap<&'static str, Filtered>,
    /// Everything that was acknowledged before this moment is counted, whatever it belongs to:
    /// imports and events that came later are not. The slot that runs at this moment is not over,
    /// and conversions of earlier clicks may still come.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime, example = "2026-01-01T10:30:04.219Z")]
    complete_up_to: OffsetDateTime,
    /// The zone whose hours and days these are.
    #[schema(example = "Europe/Amsterdam")]
    time_zone: String,
    /// Days before this moment are those of UTC, because the hours of banners are kept for
    /// `reports.keep_slots` only; null if all days are those of the time zone.
    #[serde(with = "time::serde::rfc3339::option")]
    #[schema(value_type = Option<String>, format = DateTime, example = "2025-12-01T00:00:00Z")]
    days_in_utc_before: Option<OffsetDateTime>,
    /// Where the next page begins; null on the last one.
    #[schema(example = "Hk2u0pYh3QoAAAAAAAAAAAAAAAAAsQCAAAAAAAAAAAw")]
    next_cursor: Option<String>,
}

/// Report performance
///
/// Impressions, clicks, conversions and revenue, summed up by any of `campaign`, `banner`,
/// `quarter`, `hour` and `day`, with the rates that follow from them and their 95 % intervals.
/// Without `group_by` there are only totals. JSON comes in pages; CSV (`Accept: text/csv` or
/// `format=csv`) has all rows at once, at most a million, unless `limit` or `cursor` ask for a page.
///
/// Hours of banners are kept for `reports.keep_slots`; what is older is kept by day and quarter. Asking
/// for hours of that, or for a period that begins or ends within such a day, is refused. Campaigns
/// keep their hours. Where CSV has days of UTC instead of local ones, the header
/// `Bams-Days-In-Utc-Before` says before which moment.
#[utoipa::path(
    tag = "reports",
    operation_id = "read_performance_report",
    params(ReportParameters),
    responses(
        (
            status = OK,
            description = "One page, or all rows as CSV",
            content(
                (PerformanceReport = "application/json"),
                (String = "text/csv", example = "campaign_id,campaign_name,impressions,clicks\r\n12,Spring shoes,5200,162\r\n"),
            ),
        ),
        KeyRefusals,
    ),
    security(("key" = ["viewer"])),
)]
#[get("/reports/performance")]
pub(crate) async fn read_performance_report(
    _principal: Principal,
    request: HttpRequest,
    params: Params,
    database: Data<Database>,
) -> Result<HttpResponse, ApiError> {
    performance_report(&request, params, &database).await
}

/// Answers a report to somebody who may read it.
pub(crate) async fn performance_report(
    request: &HttpRequest,
    params: Params,
    database: &Database,
) -> Result<HttpResponse, ApiError> {
    let now = clock::unix_millis();
    let asked = ReportRequest::read(params, Accept::parse(request).ok(), now)?;
    let complete_up_to = moment(now);
    if asked.is_file() {
        let file = spool::write(database, &asked.query, asked.csv).await?;
        let response = csv_response(&asked.query, complete_up_to, file.utc_before);
        return file.respond(response);
    }
    let limit = asked.limit.unwrap_or(PAGE);
    let report = reporting::page(database, &asked.query, asked.after.as_ref(), limit).await?;
    let next_cursor = report.next.as_ref().map(|it| cursor::encode(&asked.query, it));
    let mut response = match asked.format {
        ReportFormat::Csv => csv_response(&asked.query, complete_up_to, report.utc_before),
        ReportFormat::Json => HttpResponse::Ok(),
    };
    response.insert_header((VARY, "Accept"));
    if let Some(next) = &next_cursor {
        response.insert_header((LINK, page::next_link(request, next)));
    }
    Ok(match asked.format {
        ReportFormat::Csv => response.body(csv::page(&asked.query, asked.csv, report)?),
        ReportFormat::Json => {
            response.json(PerformanceReport::of(report, asked, complete_up_to, next_cursor))
        }
    })
}

impl PerformanceReport {
    fn of(
        report: Report,
        asked: ReportRequest,
        complete_up_to: OffsetDateTime,
        next_cursor: Option<String>,
    ) -> Self {
        let (reasons, local) = (report.reasons.into_iter(), asked.query.local);
        Self {
            rows: report.rows.into_iter().map(|it| Row::of(it, &local)).collect(),
            totals: report.totals.into(),
            filtered_by_reason: reasons.map(|(it, counts)| (it.name(), counts.into())).collect(),
            complete_up_to,
            time_zone: asked.time_zone,
            days_in_utc_before: report.utc_before.map(start_of),
            next_cursor,
        }
    }
}

fn csv_response(
    query: &ReportQuery,
    now: OffsetDateTime,
    utc_before: Option<Slot>,
) -> actix_web::HttpResponseBuilder {
    let name = format!("attachment; filename=\"{}\"", csv::file_name(query.period, now));
    let mut response = HttpResponse::Ok();
    response
        .content_type("text/csv; charset=utf-8; header=present")
        .insert_header((CONTENT_DISPOSITION, name))
        .insert_header((VARY, "Accept"));
    if let Some(slot) = utc_before {
        response
            .insert_header(("bams-days-in-utc-before", timestamp::text(slot.starts_at() * 1000)));
    }
    response
}

fn moment(unix_millis: i64) -> OffsetDateTime {
    let nanos = i128::from(unix_millis) * 1_000_000;
    OffsetDateTime::from_unix_timestamp_nanos(nanos).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// Returns the first moment of a slot.
fn start_of(slot: Slot) -> OffsetDateTime {
    let start = OffsetDateTime::from_unix_timestamp(slot.starts_at());
    start.unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// Returns the first moment of a slot, with the offset of a local time.
fn local_start_of(slot: Slot, local: &LocalTime) -> OffsetDateTime {
    let seconds = i32::try_from(local.ahead_in(slot) * 900).unwrap_or(0);
    let offset = UtcOffset::from_whole_seconds(seconds).unwrap_or(UtcOffset::UTC);
    start_of(slot).checked_to_offset(offset).unwrap_or(start_of(slot))
}
