//! Reading what a report is asked for, with everything that is wrong with it.

use actix_web::http::header::Accept;
use bams_domain::{BannerId, CampaignId, Quarter, Slot};
use bams_storage::{Dimension, Period, Position, ReportQuery, SortKey};

use super::cursor;
use super::names::{ComparedName, DimensionName, Format, FormatName};
use crate::extract::query::Params;
use crate::problem::ApiError;
use crate::timestamp;
use crate::words::Words;

/// Ids in one parameter: they become part of a statement.
const IDS: usize = 200;

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
    let period = period(params);
    let compared = compared(params, period);
    let (sort, descending) = sort(params, &group_by);
    let mut ids = |name| params.numbers(name, 0..=IDS, 1..=u32::MAX).into_iter();
    let campaigns = ids("campaign_id").map(CampaignId).collect();
    let banners = ids("banner_id").map(BannerId).collect();
    let quarters = params.numbers("quarter", 0..=IDS, 1..=4).into_iter();
    let quarters = quarters.filter_map(|it| Quarter::try_from(u8::try_from(it).ok()?).ok());
    ReportQuery {
        campaigns,
        banners,
        quarters: quarters.collect(),
        group_by,
        period,
        compared,
        sort,
        descending,
    }
}

fn group_by(params: &mut Params) -> Vec<Dimension> {
    let known = DimensionName::words();
    let mut dimensions = Vec::new();
    for part in params.parts("group_by") {
        match params.known_word("group_by", &part, &known) {
            Some(dimension) if dimensions.contains(&dimension) => {
                params.refuse("group_by", "duplicate", format!("`{part}` is there twice"));
            }
            dimension => dimensions.extend(dimension),
        }
    }
    dimensions
}

fn period(params: &mut Params) -> Period {
    let period = Period { from: slot(params, "from"), to: slot(params, "to") };
    if let (Some(from), Some(to)) = (period.from, period.to)
        && from >= to
    {
        params.refuse("to", "out_of_range", "to must be later than from");
    }
    period
}

fn slot(params: &mut Params, name: &str) -> Option<Slot> {
    let text = params.one(name)?;
    // A `+` in a query is a space.
    let Some(moment) = timestamp::read(&text.replace(' ', "+")) else {
        let detail = format!("`{text}` is no moment such as 2026-01-01T10:15:00Z (RFC 3339)");
        params.refuse(name, "invalid_value", detail);
        return None;
    };
    let slot = Slot::at(moment.unix_timestamp());
    if slot.starts_at() != moment.unix_timestamp() || moment.nanosecond() != 0 {
        let detail = "performance is kept in slots of 15 minutes: give a moment at minute 0, 15, \
                      30 or 45, without seconds";
        params.refuse(name, "not_on_slot", detail);
    }
    Some(slot)
}

fn compared(params: &mut Params, period: Period) -> bool {
    let compared = params.word::<ComparedName>("compare").unwrap_or(false);
    let open = period.from.is_none() || period.to.is_none();
    if compared && open {
        params.refuse("compare", "period_open", "compare=previous needs from and to");
    }
    compared && !open
}

fn sort(params: &mut Params, group_by: &[Dimension]) -> (SortKey, bool) {
    let first = group_by.first().copied().map_or(SortKey::Revenue, SortKey::Dimension);
    let Some(text) = params.one("sort") else { return (first, false) };
    let (name, descending) = match text.strip_prefix('-') {
        Some(name) => (name, true),
        None => (text.as_str(), false),
    };
    let known = SortKey::ALL.map(|it| (it.name(), it));
    match params.known_word("sort", name, &known) {
        Some(SortKey::Dimension(dimension)) if !group_by.contains(&dimension) => {
            params.refuse("sort", "not_grouped", format!("`{name}` is not one of group_by"));
            (first, false)
        }
        Some(key) => (key, descending),
        None => (first, false),
    }
}

/// The format that a client likes best.
fn preferred(accept: Option<Accept>) -> Format {
    let ranked = accept.map(|it| it.ranked()).unwrap_or_default();
    let known =
        |it: &&str| matches!(*it, "text/csv" | "application/json" | "application/*" | "*/*");
    let first = ranked.iter().map(actix_web::mime::Mime::essence_str).find(known);
    if first == Some("text/csv") { Format::Csv } else { Format::Json }
}
