//! Reading what a report is asked for, with everything that is wrong with it.

use actix_web::http::header::Accept;
use bams_app::reporting::{self, MOST_IDS};
use bams_domain::{BannerId, CampaignId, Quarter, Slot};
use bams_storage::{Dimension, Period, Position, ReportQuery, SortKey};

use super::cursor;
use super::names::{ComparedName, DimensionName, Format, FormatName};
use crate::extract::query::Params;
use crate::problem::ApiError;
use crate::timestamp;
use crate::words::Words;

/// Rows of a page.
const LIMIT: std::ops::RangeInclusive<u32> = 1..=200;

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
        let query = query(&mut params);
        let limit = params.number("limit", LIMIT).map(u64::from);
        let format = params.word::<FormatName>("format").unwrap_or_else(|| preferred(accept));
        let cursor = params.text("cursor", 1..=2000);
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

fn query(params: &mut Params) -> ReportQuery {
    let group_by = group_by(params);
    let period = Period { from: slot(params, "from"), to: slot(params, "to") };
    let compared = params.word::<ComparedName>("compare").unwrap_or(false);
    let (sort, descending) = sort(params, &group_by);
    let mut ids = |name| params.numbers(name, 0..=MOST_IDS, 1..=u32::MAX).into_iter();
    let campaigns = ids("campaign_id").map(CampaignId).collect();
    let banners = ids("banner_id").map(BannerId).collect();
    let quarters = params.numbers("quarter", 0..=MOST_IDS, 1..=4).into_iter();
    let quarters = quarters.filter_map(|it| Quarter::try_from(u8::try_from(it).ok()?).ok());
    let query = ReportQuery {
        campaigns,
        banners,
        quarters: quarters.collect(),
        group_by,
        period,
        compared,
        sort,
        descending,
    };
    for violation in reporting::violations(&query) {
        params.refuse(&violation.pointer, violation.code, violation.detail);
    }
    query
}

fn group_by(params: &mut Params) -> Vec<Dimension> {
    let (known, parts) = (DimensionName::words(), params.parts("group_by"));
    parts.iter().filter_map(|part| params.known_word("group_by", part, &known)).collect()
}

fn slot(params: &mut Params, name: &str) -> Option<Slot> {
    let text = params.one(name)?;
    // A `+` in a query is a space.
    let Some(moment) = timestamp::read(&text.replace(' ', "+")) else {
        let detail = format!("`{text}` is no moment such as 2026-01-01T10:15:00Z (RFC 3339)");
        params.refuse(name, "invalid_value", detail);
        return None;
    };
    let slot = reporting::slot_beginning_at(moment.unix_timestamp_nanos());
    if slot.is_none() {
        let detail = "performance is kept in slots of 15 minutes: give a moment at minute 0, 15, \
                      30 or 45, without seconds";
        params.refuse(name, "not_on_slot", detail);
    }
    Some(slot.unwrap_or_else(|| Slot::at(moment.unix_timestamp())))
}

fn sort(params: &mut Params, group_by: &[Dimension]) -> (SortKey, bool) {
    let usual = reporting::usual_sort(group_by);
    let Some(text) = params.one("sort") else { return (usual, false) };
    let (name, descending) = match text.strip_prefix('-') {
        Some(name) => (name, true),
        None => (text.as_str(), false),
    };
    let known = SortKey::ALL.map(|it| (it.name(), it));
    params.known_word("sort", name, &known).map_or((usual, false), |key| (key, descending))
}

/// The format that a client likes best.
fn preferred(accept: Option<Accept>) -> Format {
    let ranked = accept.map(|it| it.ranked()).unwrap_or_default();
    let known =
        |it: &&str| matches!(*it, "text/csv" | "application/json" | "application/*" | "*/*");
    let first = ranked.iter().map(actix_web::mime::Mime::essence_str).find(known);
    if first == Some("text/csv") { Format::Csv } else { Format::Json }
}
