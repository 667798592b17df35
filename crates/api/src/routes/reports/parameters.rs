//! The parameters of a report, each by itself: read, and described in the document.

use std::ops::RangeInclusive;

use bams_app::reporting::{self, MOST_IDS};
use bams_domain::{BannerId, CampaignId, Quarter, Slot};
use bams_storage::{Dimension, SortKey};
use serde_json::json;
use utoipa::openapi::schema::{KnownFormat, Object, SchemaFormat, Type};

use super::names::{
    ComparedName, DimensionName, FormatName, MoneyName, ReportFormat, ReportSortName,
};
use crate::answer::list::{LARGEST, LONGEST_CURSOR};
use crate::extract::filters::{Filters, filter};
use crate::extract::query::Params;
use crate::extract::shape;
use crate::timestamp;
use crate::words::Words;

/// Rows of a page.
const ROWS: RangeInclusive<u32> = 1..=LARGEST;

/// The slots of a day without a change of clocks.
pub(super) const SLOTS_OF_DAY: i64 = 96;

/// Rows of a page if `limit` is missing.
pub(super) const PAGE: u64 = 100;

/// What a report is asked for, as far as its parameters can be read.
#[derive(Debug, Default)]
pub(crate) struct AskedReport {
    pub(super) group_by: Vec<Dimension>,
    pub(super) campaigns: Vec<CampaignId>,
    pub(super) banners: Vec<BannerId>,
    pub(super) quarters: Vec<Quarter>,
    pub(super) from: Option<ReportEnd>,
    pub(super) to: Option<ReportEnd>,
    pub(super) time_zone: Option<String>,
    pub(super) compared: bool,
    /// By what, and whether the largest comes first.
    pub(super) sort: Option<(SortKey, bool)>,
    pub(super) limit: Option<u64>,
    pub(super) cursor: Option<String>,
    pub(super) format: Option<ReportFormat>,
    pub(super) decimal_money: Option<bool>,
    pub(super) bom: Option<bool>,
}

/// An end of a period.
#[derive(Clone, Copy, Debug)]
pub(super) enum ReportEnd {
    /// A moment, as the slot that begins there.
    Moment(Slot),
    /// A date, as the first slot that it has in UTC.
    Date(i64),
}

filter! {
    /// What a report can be asked for. Lists are written with commas or by repeating the parameter.
    ReportParameters: AskedReport = Filters::<AskedReport>::default()
        .with(
            "group_by",
            shape::list(shape::named::<DimensionName>(), &(0..=Dimension::ALL.len())),
            "What rows are grouped by, each once; none for totals only. `quarter` is the quarter of the\n\
             UTC hour in all hours, `hour` and `day` are concrete ones, in `time_zone`.",
            json!(["campaign", "quarter"]),
            |params, it| it.group_by = group_by(params),
        )
        .with_commas()
        .numbers(
            "campaign_id",
            MOST_IDS,
            1..=u32::MAX,
            "Only these campaigns.",
            json!([12, 13]),
            |it, ids| it.campaigns = ids.into_iter().map(CampaignId).collect(),
        )
        .numbers(
            "banner_id",
            MOST_IDS,
            1..=u32::MAX,
            "Only these banners.",
            json!([141]),
            |it, ids| it.banners = ids.into_iter().map(BannerId).collect(),
        )
        .numbers(
            "quarter",
            MOST_IDS,
            1..=4,
            "Only these quarters.",
            json!([1, 2]),
            |it, numbers| it.quarters = numbers.into_iter().filter_map(quarter).collect(),
        )
        .with(
            "from",
            end(),
            "From this date (in `time_zone`) or moment on; a moment is the beginning of a slot (minute 0,\n\
             15, 30 or 45).",
            "2026-01-01T00:00:00Z",
            |params, it| it.from = report_end(params, "from"),
        )
        .with(
            "to",
            end(),
            "Up to this date, which is included, or before this moment, the beginning of a slot.",
            "2026-02-01T00:00:00Z",
            |params, it| it.to = report_end(params, "to"),
        )
        .text(
            "time_zone",
            1..=64,
            "Whose hours and days are meant: a name of the IANA database. Missing: UTC. Hours of banners\n\
             are kept for `reports.keep_slots`; their older days are those of UTC, and the answer says\n\
             before when (`days_in_utc_before`).",
            "Europe/Amsterdam",
            |it, zone| it.time_zone = Some(zone),
        )
        .word::<ComparedName>(
            "compare",
            "Each row and the totals also say what they were in the period directly before, which has as\n\
             many days or, without whole days, the same length. Needs `from` and `to`.",
            "previous",
            |it, compared| it.compared = compared,
        )
        .word::<ReportSortName>(
            "sort",
            "What rows are sorted by; with `-` the largest first. Dimensions must be in `group_by`. Rows\n\
             without a value come last. Missing: by the dimensions as they stand in `group_by`.",
            "-revenue",
            |it, sort| it.sort = Some(sort),
        )
        .with(
            "limit",
            limit(),
            "Rows of a page.",
            PAGE,
            |params, it| it.limit = params.number("limit", ROWS).map(u64::from),
        )
        .with(
            "cursor",
            cursor(),
            "The `next_cursor` of the page before.",
            "Hk2u0pYh3QoAAAAAAAAAAAAAAAAAsQCAAAAAAAAAAAw",
            |params, it| it.cursor = params.text("cursor", 1..=LONGEST_CURSOR),
        )
        .word::<FormatName>(
            "format",
            "Missing: what `Accept` prefers.",
            "json",
            |it, format| it.format = Some(format),
        )
        .word::<MoneyName>(
            "money",
            "How CSV writes money: `decimal` has `revenue`, `rpm` and `epc` in the currency, such as\n\
             `11.6`, instead of micros.",
            "micros",
            |it, decimal| it.decimal_money = Some(decimal),
        )
        .flag(
            "bom",
            "If true, CSV begins with a byte order mark, by which spreadsheets know UTF-8.",
            false,
            |it, bom| it.bom = Some(bom),
        )
}

fn limit() -> Object {
    let mut limit = shape::number(&ROWS);
    limit.format = Some(SchemaFormat::KnownFormat(KnownFormat::Int64));
    limit.default = Some(PAGE.into());
    limit
}

fn cursor() -> Object {
    let mut cursor = Object::with_type(Type::String);
    (cursor.min_length, cursor.max_length) = (Some(1), Some(LONGEST_CURSOR));
    cursor
}

fn group_by(params: &mut Params) -> Vec<Dimension> {
    let known = DimensionName::words();
    let parts = params.parts("group_by");
    parts.iter().filter_map(|part| params.known_word("group_by", part, &known)).collect()
}

fn quarter(number: u32) -> Option<Quarter> {
    Quarter::try_from(u8::try_from(number).ok()?).ok()
}

fn end() -> Object {
    shape::any_line(&(10..=35))
}

fn report_end(params: &mut Params, name: &str) -> Option<ReportEnd> {
    let text = params.one(name)?;
    if let Some(day) = timestamp::day(&text) {
        return Some(ReportEnd::Date(day * SLOTS_OF_DAY));
    }
    // A `+` in a query is a space.
    let Some(moment) = timestamp::read(&text.replace(' ', "+")) else {
        let detail = format!(
            "`{text}` is neither a date such as 2026-01-01 nor a moment such as 2026-01-01T10:15:00Z \
             (RFC 3339)"
        );
        params.refuse(name, "invalid_value", detail);
        return None;
    };
    let slot = Slot::at(moment.unix_timestamp());
    if reporting::slot_beginning_at(moment.unix_timestamp_nanos()) != Some(slot) {
        let detail = "performance is kept in slots of 15 minutes: give a moment at minute 0, 15, \
                      30 or 45, without seconds";
        params.refuse(name, "not_on_slot", detail);
    }
    Some(ReportEnd::Moment(slot))
}
