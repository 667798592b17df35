//! Moments in JSON: RFC 3339, in UTC.

use serde_json::Value;
use time::format_description::well_known::Rfc3339;
use time::macros::{date, format_description};
use time::{Date, OffsetDateTime, UtcOffset};

/// The first day of unix time.
const FIRST_DAY: Date = date!(1970 - 01 - 01);

/// Returns a moment in unix milliseconds as text, such as `2026-01-01T10:30:00Z`.
pub(crate) fn text(unix_millis: i64) -> String {
    let moment = OffsetDateTime::from_unix_timestamp_nanos(i128::from(unix_millis) * 1_000_000);
    moment.ok().and_then(|moment| moment.format(&Rfc3339).ok()).unwrap_or_default()
}

/// Returns a state from the audit log, which has moments as unix milliseconds, with what `text` makes of
/// them. Moments are the fields whose names end in `_at`.
pub(crate) fn in_state(mut state: Value, text: impl Fn(i64) -> String) -> Value {
    for (name, value) in state.as_object_mut().into_iter().flatten() {
        if let Some(moment) = value.as_i64().filter(|_| name.ends_with("_at")) {
            *value = Value::String(text(moment));
        }
    }
    state
}

/// Reads a text with any offset as unix milliseconds, cutting off parts of a millisecond.
///
/// `None` if it is no RFC 3339 moment, or one that in UTC is outside of the years 0 to 9999, which
/// [`text`] could not write.
pub(crate) fn unix_millis(text: &str) -> Option<i64> {
    i64::try_from(read(text)?.unix_timestamp_nanos().div_euclid(1_000_000)).ok()
}

/// Reads a text as a moment in UTC. `None` as for [`unix_millis`].
pub(crate) fn read(text: &str) -> Option<OffsetDateTime> {
    let moment = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    moment.checked_to_offset(UtcOffset::UTC).filter(|moment| moment.year() >= 0)
}

/// Reads a date such as `2026-01-01` as the days since 1970.
pub(crate) fn day(text: &str) -> Option<i64> {
    let date = Date::parse(text, format_description!("[year]-[month]-[day]")).ok()?;
    Some(i64::from(date.to_julian_day() - FIRST_DAY.to_julian_day()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn moments_of_a_state_are_told_and_nothing_else_is() {
        let state = json!({ "name": "at 1", "ends_at": 1_798_761_600_000_i64, "starts_at": null, "page_size": 5 });
        let told = json!({ "name": "at 1", "ends_at": "2027-01-01T00:00:00Z", "starts_at": null, "page_size": 5 });
        assert_eq!(in_state(state, text), told);
        assert_eq!(in_state(json!(null), text), json!(null));
    }

    #[test]
    fn a_date_is_a_number_of_days() {
        for (text, days) in [("1970-01-01", 0), ("1969-12-31", -1), ("2026-01-01", 20_454)] {
            assert_eq!(day(text), Some(days), "{text}");
        }
        for junk in ["", "2026-1-1", "2026-02-30", "2026-01-01T00:00:00Z", "20260101"] {
            assert_eq!(day(junk), None, "{junk}");
        }
    }

    #[test]
    fn what_is_written_is_read() {
        for millis in [0, 1, -1, 1_767_263_400_000, 1_767_263_400_123, 253_402_300_799_999] {
            assert_eq!(unix_millis(&text(millis)), Some(millis), "{}", text(millis));
        }
        assert_eq!(text(1_767_263_400_000), "2026-01-01T10:30:00Z");
        assert_eq!(unix_millis("2026-01-01T12:30:00+02:00"), Some(1_767_263_400_000));
        for junk in ["", "now", "2026-01-01", "2026-01-01 10:30:00", "2026-13-01T10:30:00Z"] {
            assert_eq!(unix_millis(junk), None, "{junk}");
        }
        for far in ["9999-12-31T23:59:59-00:01", "0000-01-01T00:00:00+00:01"] {
            assert_eq!(unix_millis(far), None, "{far}");
        }
        for edge in ["9999-12-31T23:59:59.999Z", "0000-01-01T00:00:00Z"] {
            assert_eq!(unix_millis(edge).map(super::text).as_deref(), Some(edge));
        }
    }
}
