//! Conversions as advertisers write them.

use std::fmt;

use bams_domain::{InvalidRevenue, Revenue, Slot};
use bams_storage::{Conversion, LONGEST_EVENT_ID, MOST_REVENUE, event_id};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use utoipa::ToSchema;

use crate::problem::{ApiError, FieldError};

/// The most conversions of one request.
const MOST: usize = 1000;

/// How far ahead of ours an advertiser's clock may be, and how old a conversion may be when it is
/// reported, in milliseconds.
const AHEAD: i64 = 5 * 60 * 1000;
const OLDEST: i64 = 30 * 24 * 3600 * 1000;

/// One conversion or a list.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes JSON for the document")]
pub(crate) enum ConversionsRequest {
    One(ConversionReport),
    List(Vec<ConversionReport>),
}

/// A sale, and the click that led to it.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "conversion_id": "order-4711",
    "click_id": "019aba5f2f5e7c409d9c3f1de2a7a6d5-141",
    "revenue": "12.50"
}))]
pub(crate) struct ConversionReport {
    /// Your own id: 1 to 64 visible ASCII characters, or a whole number. It counts once, for ever.
    #[schema(value_type = String, example = "order-4711")]
    conversion_id: Box<RawValue>,
    /// What `{click_id}` in the landing URL became, or the id of an imported click.
    #[schema(value_type = String, example = "019aba5f2f5e7c409d9c3f1de2a7a6d5-141")]
    click_id: Box<RawValue>,
    /// What it earned, at most a million units of the currency, with at most six decimals: text, or
    /// a number, which is taken as it is written.
    #[schema(value_type = String, example = "12.50")]
    revenue: Box<RawValue>,
    /// When it happened, within the last 30 days; its arrival otherwise.
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Box<RawValue>>,
}

/// The conversions of one request.
pub(crate) struct Reports {
    list: bool,
    reports: Vec<ConversionReport>,
}

impl Reports {
    pub(crate) fn is_list(&self) -> bool {
        self.list
    }

    /// Where a field of one of them is (RFC 6901).
    pub(crate) fn pointer(&self, index: usize, field: &str) -> String {
        if self.list { format!("/{index}/{field}") } else { format!("/{field}") }
    }

    /// The conversions, or everything that is wrong with them. A moment is in unix milliseconds.
    pub(crate) fn checked(&self, now: i64) -> Result<Vec<Conversion>, ApiError> {
        if !(1..=MOST).contains(&self.reports.len()) {
            let detail = format!("a list has 1 to {MOST} conversions");
            return Err(ApiError::invalid("", "out_of_range", detail));
        }
        let mut errors = Vec::new();
        let mut conversions = Vec::with_capacity(self.reports.len());
        for (index, report) in self.reports.iter().enumerate() {
            let mut wrong = |field, (code, detail): (&'static str, String)| {
                errors.push(FieldError { pointer: self.pointer(index, field), code, detail });
            };
            let id = id(&report.conversion_id).map_err(|it| wrong("conversion_id", it));
            let click = self::id(&report.click_id).map_err(|it| wrong("click_id", it));
            let revenue = revenue(&report.revenue).map_err(|it| wrong("revenue", it));
            let told = report.occurred_at.as_deref().filter(|it| it.get() != "null");
            let moment = told.map_or(Ok(now), |it| moment(it, now));
            let moment = moment.map_err(|it| wrong("occurred_at", it));
            if let (Ok(id), Ok(click), Ok(revenue), Ok(moment)) = (id, click, revenue, moment) {
                let (slot, told_time) = (Slot::at(moment.div_euclid(1000)), told.is_some());
                conversions.push(Conversion { id, click, revenue, slot, told_time });
            }
        }
        if errors.is_empty() { Ok(conversions) } else { Err(ApiError::Invalid(errors)) }
    }
}

type Flaw = (&'static str, String);

/// Text, or a number as it was written.
fn text(value: &RawValue) -> Option<String> {
    match value.get().as_bytes().first()? {
        b'"' => serde_json::from_str(value.get()).ok(),
        b'0'..=b'9' | b'-' => Some(value.get().to_owned()),
        _ => None,
    }
}

fn id(value: &RawValue) -> Result<String, Flaw> {
    text(value).and_then(|it| event_id(&it)).ok_or_else(|| {
        let detail = format!("an id has 1 to {LONGEST_EVENT_ID} visible ASCII characters");
        ("invalid_id", detail)
    })
}

fn revenue(value: &RawValue) -> Result<Revenue, Flaw> {
    let text = text(value).unwrap_or_default();
    match text.parse::<Revenue>() {
        Ok(revenue) if revenue <= MOST_REVENUE => Ok(revenue),
        Ok(_) | Err(InvalidRevenue::TooLarge) => {
            Err(("out_of_range", format!("revenue must not exceed {MOST_REVENUE}")))
        }
        Err(error) => Err(("invalid_revenue", error.to_string())),
    }
}

fn moment(value: &RawValue, now: i64) -> Result<i64, Flaw> {
    let moment = text(value).and_then(|it| OffsetDateTime::parse(&it, &Rfc3339).ok());
    let detail = || "a moment is written like 2026-01-01T10:20:00Z (RFC 3339)".to_owned();
    let moment = moment.ok_or_else(|| ("invalid_value", detail()))?;
    let millis = moment.unix_timestamp().saturating_mul(1000);
    if millis > now.saturating_add(AHEAD) {
        return Err(("out_of_range", "the conversion is still to come".to_owned()));
    }
    if millis < now.saturating_sub(OLDEST) {
        return Err(("out_of_range", "the conversion is older than 30 days".to_owned()));
    }
    Ok(millis)
}

impl<'de> Deserialize<'de> for Reports {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrMany)
    }
}

/// Tells an object from a list without reading numbers as floats.
struct OneOrMany;

impl<'de> Visitor<'de> for OneOrMany {
    type Value = Reports;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a conversion or a list of conversions")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Reports, A::Error> {
        let report = ConversionReport::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Reports { list: false, reports: vec![report] })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Reports, A::Error> {
        let reports = Vec::deserialize(SeqAccessDeserializer::new(seq))?;
        Ok(Reports { list: true, reports })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_767_262_800_000;

    fn read(json: &str) -> Result<Vec<Conversion>, ApiError> {
        serde_json::from_str::<Reports>(json).unwrap().checked(NOW)
    }

    fn pointers(json: &str) -> Vec<String> {
        match read(json) {
            Err(ApiError::Invalid(errors)) => errors.into_iter().map(|it| it.pointer).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn revenue_is_exact_whether_text_or_number() {
        for (written, micros) in [
            ("12.50", 12_500_000),
            ("0.1", 100_000),
            ("999999.999999", 999_999_999_999),
            ("123456.123457", 123_456_123_457),
            ("1000000", 1_000_000_000_000),
            ("0", 0),
        ] {
            for revenue in [written.to_owned(), format!("\"{written}\"")] {
                let json = format!(r#"{{"conversion_id":1,"click_id":"a","revenue":{revenue}}}"#);
                let conversions = read(&json).unwrap();
                assert_eq!(conversions[0].revenue.micros(), micros, "{revenue}");
            }
        }
    }

    #[test]
    fn everything_that_is_wrong_is_pointed_to_at_once() {
        let json = r#"[{"conversion_id":"a b","click_id":"","revenue":"-1"},
                       {"conversion_id":"a","click_id":7,"revenue":1e3},
                       {"conversion_id":"a","click_id":7,"revenue":1.0000001,"occurred_at":"now"}]"#;
        let expected = [
            "/0/conversion_id",
            "/0/click_id",
            "/0/revenue",
            "/1/revenue",
            "/2/revenue",
            "/2/occurred_at",
        ];
        assert_eq!(pointers(json), expected);
        let json = r#"{"conversion_id":true,"click_id":7,"revenue":1000000.000001}"#;
        assert_eq!(pointers(json), ["/conversion_id", "/revenue"]);
        assert_eq!(pointers("[]"), [""]);
    }

    #[test]
    fn too_much_revenue_is_told_the_same_limit_however_much_it_is() {
        for written in ["1000000.000001", "99999999999999999999999999"] {
            let text = RawValue::from_string(written.to_owned()).unwrap();
            let detail = "revenue must not exceed 1000000".to_owned();
            assert_eq!(revenue(&text), Err(("out_of_range", detail)));
        }
    }

    #[test]
    fn a_conversion_counts_in_the_slot_of_its_time() {
        let at = |occurred_at: &str| {
            let json = format!(
                r#"{{"conversion_id":"a","click_id":"1","revenue":1,"occurred_at":{occurred_at}}}"#
            );
            read(&json).map(|it| (it[0].slot.number() - NOW / 900_000, it[0].told_time))
        };
        assert_eq!(at("null").unwrap(), (0, false));
        assert_eq!(at("\"2026-01-01T09:50:00Z\"").unwrap(), (-2, true));
        assert_eq!(at("\"2026-01-01T11:50:00+02:00\"").unwrap(), (-2, true));
        assert!(at("\"2025-11-01T00:00:00Z\"").is_err());
        assert!(at("\"2026-01-01T10:26:00Z\"").is_err());
    }
}
