//! Reading what a report is asked for, with everything that is wrong with it.

use std::collections::BTreeMap;
use std::str::FromStr;

use actix_web::http::header::Accept;
use bams_domain::{BannerId, CampaignId, Quarter, Slot};
use bams_storage::{Dimension, Period, Position, ReportQuery, SortKey};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::cursor;
use crate::problem::{ApiError, FieldError};

/// Ids in one parameter: they become part of a statement.
const IDS: usize = 200;

/// Rows of a page.
const LIMIT: std::ops::RangeInclusive<u64> = 1..=200;

const PARAMETERS: [&str; 11] = [
    "group_by",
    "campaign_id",
    "banner_id",
    "quarter",
    "from",
    "to",
    "compare",
    "sort",
    "limit",
    "cursor",
    "format",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Json,
    Csv,
}

/// A report that can be made.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) query: ReportQuery,
    pub(super) limit: Option<u64>,
    pub(super) after: Option<Position>,
    pub(super) format: Format,
}

impl Asked {
    /// Reads the parameters, and refuses with everything that is wrong with them.
    pub(super) fn read(
        pairs: &[(String, String)],
        accept: Option<Accept>,
    ) -> Result<Self, ApiError> {
        let mut reader = Reader::default();
        for (name, value) in pairs {
            match PARAMETERS.into_iter().find(|it| it == name) {
                Some(known) => reader.values.entry(known).or_default().push(value),
                None => reader.wrong(name, "unknown_parameter", "there is no such parameter"),
            }
        }
        let query = reader.query();
        let limit = reader.limit();
        let format = reader.format(accept);
        let after = reader.one("cursor").and_then(|text| {
            let position = cursor::decode(&query, text);
            if position.is_none() {
                let detail = "this is no cursor of this report: take next_cursor as it is, and \
                              change no other parameter but limit";
                reader.wrong("cursor", "invalid_cursor", detail);
            }
            position
        });
        if reader.errors.is_empty() {
            Ok(Self { query, limit, after, format })
        } else {
            Err(ApiError::Invalid(reader.errors))
        }
    }

    /// Whether all rows are wanted at once.
    pub(super) fn is_whole(&self) -> bool {
        self.limit.is_none() && self.after.is_none()
    }
}

/// Parameters by name, and what was found wrong with them.
#[derive(Default)]
struct Reader<'a> {
    values: BTreeMap<&'static str, Vec<&'a str>>,
    errors: Vec<FieldError>,
}

impl<'a> Reader<'a> {
    fn wrong(&mut self, pointer: &str, code: &'static str, detail: impl Into<String>) {
        self.errors.push(FieldError { pointer: pointer.to_owned(), code, detail: detail.into() });
    }

    fn query(&mut self) -> ReportQuery {
        let group_by = self.group_by();
        let period = self.period();
        let compared = self.compared(period);
        let (sort, descending) = self.sort(&group_by);
        ReportQuery {
            campaigns: self.list("campaign_id", "a campaign's number").map(CampaignId).collect(),
            banners: self.list("banner_id", "a banner's number").map(BannerId).collect(),
            quarters: self
                .list("quarter", "1, 2, 3 or 4")
                .filter_map(|it: QuarterNumber| Quarter::try_from(it.0).ok())
                .collect(),
            group_by,
            period,
            compared,
            sort,
            descending,
        }
    }

    /// A parameter that may stand there once.
    fn one(&mut self, name: &'static str) -> Option<&'a str> {
        let values = self.values.get(name)?;
        let (first, more) = (values.first().copied(), values.len() > 1);
        if more {
            self.wrong(name, "repeated", format!("give {name} once"));
        }
        first
    }

    /// The parts of a list; empty ones do not count.
    fn parts(&self, name: &'static str) -> Vec<&'a str> {
        let values = self.values.get(name).into_iter().flatten();
        values.flat_map(|it| it.split(',')).map(str::trim).filter(|it| !it.is_empty()).collect()
    }

    fn list<T: FromStr>(&mut self, name: &'static str, of: &str) -> std::vec::IntoIter<T> {
        let parts = self.parts(name);
        if parts.len() > IDS {
            self.wrong(name, "too_many", format!("{name} takes at most {IDS} values"));
            return Vec::new().into_iter();
        }
        let mut read = Vec::with_capacity(parts.len());
        for part in parts {
            match part.parse() {
                Ok(value) => read.push(value),
                Err(_) => self.wrong(name, "invalid_value", format!("`{part}` is not {of}")),
            }
        }
        read.into_iter()
    }

    fn group_by(&mut self) -> Vec<Dimension> {
        let mut dimensions = Vec::new();
        for part in self.parts("group_by") {
            match Dimension::ALL.into_iter().find(|it| it.name() == part) {
                Some(known) if dimensions.contains(&known) => {
                    self.wrong("group_by", "repeated", format!("`{part}` stands there twice"));
                }
                Some(known) => dimensions.push(known),
                None => {
                    let names = Dimension::ALL.map(Dimension::name).join(", ");
                    let detail = format!("`{part}` is none of {names}");
                    self.wrong("group_by", "invalid_value", detail);
                }
            }
        }
        dimensions
    }

    fn period(&mut self) -> Period {
        let period = Period { from: self.slot("from"), to: self.slot("to") };
        if let (Some(from), Some(to)) = (period.from, period.to)
            && from >= to
        {
            self.wrong("to", "out_of_range", "to must be later than from");
        }
        period
    }

    fn slot(&mut self, name: &'static str) -> Option<Slot> {
        let text = self.one(name)?;
        // A `+` in a query is a space.
        let Ok(moment) = OffsetDateTime::parse(&text.replace(' ', "+"), &Rfc3339) else {
            let detail = format!("`{text}` is no moment such as 2026-01-01T10:15:00Z (RFC 3339)");
            self.wrong(name, "invalid_value", detail);
            return None;
        };
        let slot = Slot::at(moment.unix_timestamp());
        if slot.starts_at() != moment.unix_timestamp() || moment.nanosecond() != 0 {
            let detail = "performance is kept in slots of 15 minutes: give a moment at minute 0, \
                          15, 30 or 45, without seconds";
            self.wrong(name, "not_on_slot", detail);
        }
        Some(slot)
    }

    fn compared(&mut self, period: Period) -> bool {
        match self.one("compare") {
            None => false,
            Some("previous") if period.from.is_none() || period.to.is_none() => {
                self.wrong("compare", "period_open", "compare=previous needs from and to");
                false
            }
            Some("previous") => true,
            Some(other) => {
                self.wrong("compare", "invalid_value", format!("`{other}` is not `previous`"));
                false
            }
        }
    }

    fn sort(&mut self, group_by: &[Dimension]) -> (SortKey, bool) {
        let first = group_by.first().copied().map_or(SortKey::Revenue, SortKey::Dimension);
        let Some(text) = self.one("sort") else { return (first, false) };
        let (name, descending) = match text.strip_prefix('-') {
            Some(name) => (name, true),
            None => (text, false),
        };
        match SortKey::ALL.into_iter().find(|it| it.name() == name) {
            Some(SortKey::Dimension(dimension)) if !group_by.contains(&dimension) => {
                let detail = format!("`{name}` is not one of group_by");
                self.wrong("sort", "not_grouped", detail);
            }
            Some(key) => return (key, descending),
            None => {
                let names = SortKey::ALL.map(SortKey::name).join(", ");
                let detail = format!("`{text}` is none of {names}, perhaps with `-` before it");
                self.wrong("sort", "invalid_value", detail);
            }
        }
        (first, false)
    }

    fn limit(&mut self) -> Option<u64> {
        let text = self.one("limit")?;
        let limit = text.parse().ok().filter(|it| LIMIT.contains(it));
        if limit.is_none() {
            self.wrong("limit", "out_of_range", "limit is between 1 and 200");
        }
        limit
    }

    fn format(&mut self, accept: Option<Accept>) -> Format {
        match self.one("format") {
            Some("json") => Format::Json,
            Some("csv") => Format::Csv,
            Some(other) => {
                self.wrong("format", "invalid_value", format!("`{other}` is not json or csv"));
                Format::Json
            }
            None => {
                let ranked = accept.map(|it| it.ranked()).unwrap_or_default();
                let known = |it: &&str| {
                    matches!(*it, "text/csv" | "application/json" | "application/*" | "*/*")
                };
                let first = ranked.iter().map(actix_web::mime::Mime::essence_str).find(known);
                if first == Some("text/csv") { Format::Csv } else { Format::Json }
            }
        }
    }
}

/// A quarter as text.
struct QuarterNumber(u8);

impl FromStr for QuarterNumber {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let number = text.parse().ok().filter(|it| Quarter::try_from(*it).is_ok());
        number.map(Self).ok_or(())
    }
}
