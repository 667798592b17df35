//! Conversions as advertisers write them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use bams_app::tracking::{
    self, conversion_count, conversion_time, event_id, invalid_id, invalid_revenue,
};
use bams_app::{Violation, missing};
use bams_domain::{InvalidRevenue, Revenue, Slot};
use bams_storage::Conversion;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::extract::fields::{escaped, unknown_field};
use crate::problem::{ApiError, FieldError};
use crate::timestamp;

/// One conversion or a list.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes JSON for the document")]
pub(crate) enum ConversionsRequest {
    One(ConversionReport),
    List(Vec<ConversionReport>),
}

/// A sale, and the click that led to it.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "conversion_id": "order-4711",
    "click_id": "019aba5f2f5e7c409d9c3f1de2a7a6d5-141",
    "revenue": "12.50"
}))]
pub(crate) struct ConversionReport {
    /// Your own id: 1 to 64 visible ASCII characters, or a whole number. It counts once within the
    /// campaign of its click, for ever.
    #[schema(example = "order-4711")]
    conversion_id: String,
    /// What `{click_id}` in the landing URL became, or the id of an imported click.
    #[schema(example = "019aba5f2f5e7c409d9c3f1de2a7a6d5-141")]
    click_id: String,
    /// What it earned, at most a million units of the currency, with at most six decimals: text, or
    /// a number, which is taken as it is written.
    #[schema(example = "12.50")]
    revenue: String,
    /// When it happened, within the last 30 days; its arrival otherwise.
    #[schema(format = DateTime)]
    occurred_at: Option<String>,
}

/// The conversions of one request.
#[derive(Debug)]
pub(crate) struct ReportedConversions {
    /// Whether they came as a list.
    pub(crate) list: bool,
    pub(crate) conversions: Vec<Conversion>,
}

/// Returns the place of a field of a conversion (RFC 6901), alone or in a list.
pub(crate) fn pointer(list: bool, index: usize, field: &str) -> String {
    if list { format!("/{index}/{field}") } else { format!("/{field}") }
}

impl ReportedConversions {
    /// The conversions of a body, or everything that is wrong with them. A moment is in unix
    /// milliseconds.
    pub(crate) fn read(body: &[u8], now: i64) -> Result<Self, ApiError> {
        let malformed = |error: serde_json::Error| ApiError::Malformed(error.to_string());
        let body: &RawValue = serde_json::from_slice(body).map_err(malformed)?;
        let list = body.get().starts_with('[');
        let reports: Vec<&RawValue> =
            if list { serde_json::from_str(body.get()).map_err(malformed)? } else { vec![body] };
        conversion_count(reports.len()).map_err(|violation| vec![violation])?;
        let mut errors = Vec::new();
        let mut conversions = Vec::with_capacity(reports.len());
        for (index, report) in reports.into_iter().enumerate() {
            let Ok(fields) = serde_json::from_str::<ConversionTexts>(report.get()) else {
                let pointer = if list { format!("/{index}") } else { String::new() };
                let detail = "a conversion is an object".to_owned();
                errors.push(FieldError { pointer, code: "not_an_object", detail });
                continue;
            };
            let wrong = |field: &str, violation: Violation| {
                let pointer = pointer(list, index, field);
                errors.push(FieldError { pointer, ..violation.into() });
                Wrong
            };
            conversions.extend(conversion(fields, now, wrong));
        }
        if errors.is_empty() {
            Ok(Self { list, conversions })
        } else {
            Err(ApiError::Invalid(errors))
        }
    }
}

/// What was wrong was said.
struct Wrong;

/// Returns one conversion. Fails if something is `wrong` with it.
fn conversion(
    ConversionTexts { mut fields, repeated }: ConversionTexts,
    now: i64,
    mut wrong: impl FnMut(&str, Violation) -> Wrong,
) -> Result<Conversion, Wrong> {
    let mut fault = None;
    for name in &repeated {
        let detail = format!("`{name}` is there more than once");
        fault = Some(wrong(&escaped(name), violation("duplicate", detail)));
    }
    let mut needed = |name| fields.remove(name).ok_or_else(|| violation("missing", missing(name)));
    let id = needed("conversion_id").and_then(id).map_err(|it| wrong("conversion_id", it));
    let click = needed("click_id").and_then(self::id).map_err(|it| wrong("click_id", it));
    let revenue = needed("revenue").and_then(revenue).map_err(|it| wrong("revenue", it));
    let told = fields.remove("occurred_at").filter(|it| it.get() != "null");
    let moment = told.map_or(Ok(now), |it| moment(it, now)).map_err(|it| wrong("occurred_at", it));
    for name in fields.keys() {
        fault = Some(wrong(&escaped(name), violation("unknown_field", unknown_field(name))));
    }
    if let Some(fault) = fault {
        return Err(fault);
    }
    let (id, click, revenue, slot) = (id?, click?, revenue?, Slot::at(moment?.div_euclid(1000)));
    Ok(Conversion { id, click, revenue, slot, told_time: told.is_some(), only: None })
}

/// The fields of an object as they are written.
#[derive(Default)]
struct ConversionTexts<'a> {
    fields: BTreeMap<String, &'a RawValue>,
    /// Names that came more than once: which of their values is meant nobody can tell.
    repeated: BTreeSet<String>,
}

impl<'de> Deserialize<'de> for ConversionTexts<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = ConversionTexts<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a conversion")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ConversionTexts<'de>, A::Error> {
        let mut read = ConversionTexts::default();
        while let Some((name, value)) = map.next_entry::<String, &RawValue>()? {
            if read.fields.insert(name.clone(), value).is_some() {
                read.repeated.insert(name);
            }
        }
        Ok(read)
    }
}

/// Returns a text, or a number as it was written.
fn text(value: &RawValue) -> Option<String> {
    match value.get().as_bytes().first()? {
        b'"' => serde_json::from_str(value.get()).ok(),
        b'0'..=b'9' | b'-' => Some(value.get().to_owned()),
        _ => None,
    }
}

fn id(value: &RawValue) -> Result<String, Violation> {
    event_id(&text(value).ok_or_else(invalid_id)?)
}

fn revenue(value: &RawValue) -> Result<Revenue, Violation> {
    let not_a_number = || invalid_revenue(InvalidRevenue::NotANumber);
    tracking::revenue(&text(value).ok_or_else(not_a_number)?)
}

fn moment(value: &RawValue, now: i64) -> Result<i64, Violation> {
    let detail = "a moment is written like 2026-01-01T10:20:00Z (RFC 3339)";
    let told = text(value).and_then(|it| timestamp::unix_millis(&it));
    conversion_time(told.ok_or_else(|| violation("invalid_value", detail.to_owned()))?, now)
}

/// Makes a violation whose place its caller knows.
fn violation(code: &'static str, detail: String) -> Violation {
    Violation { pointer: String::new(), code, detail }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_767_262_800_000;

    fn read(json: &str) -> Result<Vec<Conversion>, ApiError> {
        ReportedConversions::read(json.as_bytes(), NOW).map(|it| it.conversions)
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
        let json = r#"[{"conversion_id":1,"colour":"red"},7,["a","b","1"]]"#;
        assert_eq!(pointers(json), ["/0/click_id", "/0/revenue", "/0/colour", "/1", "/2"]);
        let json = r#"{"conversion_id":"a","click_id":"1","revenue":1,"revenue":2}"#;
        assert_eq!(pointers(json), ["/revenue"]);
        for json in ["[]", "7", "null"] {
            assert_eq!(pointers(json), [""], "{json}");
        }
        assert!(matches!(read("[{]"), Err(ApiError::Malformed(_))));
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
