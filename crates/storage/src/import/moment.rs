//! Days and moments in files.

use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

/// When something happened, as a row tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ToldTime {
    /// On a day in UTC, which begins so many seconds after 1970.
    Day(i64),
    /// At a moment, in seconds since 1970.
    Moment(i64),
}

/// Reads a day (`2026-06-01`) or a moment (`2026-06-01T10:07:00Z`).
///
/// A space may stand for the `T`, seconds and their fractions may be missing, and a moment without an
/// offset is in UTC. `None` for anything else.
pub(super) fn told(text: &str) -> Option<ToldTime> {
    let (day, rest) = text.split_at_checked(10)?;
    let date = date(day)?;
    if rest.is_empty() {
        return Some(ToldTime::Day(date.midnight().assume_utc().unix_timestamp()));
    }
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let length = rest.find(['Z', 'z', '+', '-', ' ']).unwrap_or(rest.len());
    let (clock, zone) = rest.split_at(length);
    let moment = PrimitiveDateTime::new(date, time(clock)?).assume_offset(offset(zone.trim())?);
    Some(ToldTime::Moment(moment.unix_timestamp()))
}

/// Returns a moment in seconds since 1970 as [`told`] reads it.
pub(crate) fn written(unix_seconds: i64) -> String {
    let Ok(moment) = OffsetDateTime::from_unix_timestamp(unix_seconds) else {
        return String::new();
    };
    let (date, time) = (moment.date(), moment.time());
    let (year, month, day) = (date.year(), u8::from(date.month()), date.day());
    let (hour, minute, second) = time.as_hms();
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

fn date(text: &str) -> Option<Date> {
    let [year, month, day] = parts::<3>(text, '-')?;
    let lengths = [year, month, day].map(str::len);
    let month = Month::try_from(u8::try_from(number(month)?).ok()?).ok()?;
    let date =
        Date::from_calendar_date(i32::from(number(year)?), month, number(day)?.try_into().ok()?);
    date.ok().filter(|_| lengths == [4, 2, 2])
}

fn time(text: &str) -> Option<Time> {
    let (clock, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let clock = if clock.len() == 5 { format!("{clock}:00") } else { clock.to_owned() };
    let [hour, minute, second] = parts::<3>(&clock, ':')?.map(two_digits);
    let is_fraction = !fraction.is_empty() && fraction.bytes().all(|it| it.is_ascii_digit());
    Time::from_hms(hour?, minute?, second?).ok().filter(|_| is_fraction)
}

fn offset(text: &str) -> Option<UtcOffset> {
    if matches!(text, "" | "Z" | "z" | "UTC") {
        return Some(UtcOffset::UTC);
    }
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let digits = rest.replacen(':', "", 1);
    let (hours, minutes) = digits.split_at_checked(2)?;
    let minutes = if minutes.is_empty() { 0 } else { i8::try_from(two_digits(minutes)?).ok()? };
    let hours = i8::try_from(two_digits(hours)?).ok()?;
    UtcOffset::from_hms(sign * hours, sign * minutes, 0).ok().filter(|_| minutes < 60)
}

fn parts<const N: usize>(text: &str, mark: char) -> Option<[&str; N]> {
    text.split(mark).collect::<Vec<_>>().try_into().ok()
}

fn two_digits(text: &str) -> Option<u8> {
    number(text).filter(|_| text.len() == 2)?.try_into().ok()
}

fn number(text: &str) -> Option<u16> {
    let is_number = !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_moments_are_told_apart() {
        // 2026-06-01T10:07:30Z
        let moment = 1_780_308_450;
        for text in [
            "2026-06-01T10:07:30Z",
            "2026-06-01 10:07:30",
            "2026-06-01t10:07:30.999z",
            "2026-06-01 10:07:30 UTC",
            "2026-06-01T12:07:30+02:00",
            "2026-06-01T12:07:30+0200",
            "2026-06-01T08:37:30-01:30",
        ] {
            assert_eq!(told(text), Some(ToldTime::Moment(moment)), "{text}");
        }
        assert_eq!(told("2026-06-01 10:07"), Some(ToldTime::Moment(moment - 30)));
        assert_eq!(told("2026-06-01"), Some(ToldTime::Day(moment - 36_450)));
        assert_eq!(told("1969-12-31"), Some(ToldTime::Day(-86_400)));
        assert_eq!(told(&written(moment)), Some(ToldTime::Moment(moment)));
        assert_eq!(written(moment), "2026-06-01T10:07:30Z");
    }

    #[test]
    fn anything_else_is_neither() {
        for text in [
            "",
            "now",
            "2026",
            "2026-6-1",
            "2026-02-30",
            "2026-13-01",
            "01.06.2026",
            "06/01/2026",
            "2026-06-01T",
            "2026-06-01T10",
            "2026-06-01T25:00:00Z",
            "2026-06-01T10:60Z",
            "2026-06-01T10:07:30+2",
            "2026-06-01T10:07:30+02:60",
            "2026-06-01X10:07:30",
            "2026-06-01T10:07:30.",
            "+026-06-01",
            "2026-06-01T10:07:30 CET",
            "2026-06-0é",
        ] {
            assert_eq!(told(text), None, "{text}");
        }
    }
}
