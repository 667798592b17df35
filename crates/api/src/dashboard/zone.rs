//! The time zone in which moments are shown and read, and moments as people read them.

use bams_app::reporting::local_time;
use bams_domain::Slot;
use bams_storage::LocalTime;
use jiff::civil::{Date, DateTime};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, ZonedDateTime};

/// The slots of a day.
pub(crate) const SLOTS_OF_DAY: i64 = 96;

/// A time zone. Moments are unix milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Zone {
    zone: TimeZone,
    name: String,
}

impl Zone {
    /// Returns coordinated universal time.
    pub(crate) fn utc() -> Self {
        Self { zone: TimeZone::UTC, name: "UTC".to_owned() }
    }

    /// Returns the zone of a name such as `Europe/Amsterdam`, or `None` for a name that is not known.
    pub(crate) fn named(name: &str) -> Option<Self> {
        if name.eq_ignore_ascii_case("utc") {
            return Some(Self::utc());
        }
        let zone = TimeZoneDatabase::bundled().get(name).ok()?;
        let name = zone.iana_name()?.to_owned();
        Some(Self { zone, name })
    }

    /// Returns its name, such as `Europe/Amsterdam`.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Returns its clocks as reports have them.
    pub(crate) fn local_time(&self, now: i64) -> LocalTime {
        local_time(&self.name, now).unwrap_or_default()
    }

    fn at(&self, unix_millis: i64) -> ZonedDateTime {
        let moment = Timestamp::from_millisecond(unix_millis).unwrap_or(Timestamp::UNIX_EPOCH);
        moment.to_zoned_datetime(self.zone.clone())
    }

    fn text(&self, unix_millis: i64, format: &str) -> String {
        self.at(unix_millis).strftime(format).to_string()
    }

    /// Returns the time of a day with its zone, such as `10:22 UTC`.
    pub(crate) fn time(&self, unix_millis: i64) -> String {
        self.text(unix_millis, "%H:%M %Z")
    }

    /// Returns the time of a day with seconds and its zone, such as `10:22:04 UTC`.
    pub(crate) fn clock(&self, unix_millis: i64) -> String {
        self.text(unix_millis, "%H:%M:%S %Z")
    }

    /// Returns a day, such as `16 Feb`, with its year if that is not the one of `now`.
    pub(crate) fn day(&self, unix_millis: i64, now: i64) -> String {
        let same_year = self.at(unix_millis).year() == self.at(now).year();
        self.text(unix_millis, if same_year { "%-d %b" } else { "%-d %b %Y" })
    }

    /// Returns a day and a time, such as `17 Mar 21:30`, or only the time of today.
    pub(crate) fn stamp(&self, unix_millis: i64, now: i64) -> String {
        let time = self.text(unix_millis, "%H:%M");
        if self.at(unix_millis).date() == self.at(now).date() {
            return time;
        }
        format!("{} {time}", self.day(unix_millis, now))
    }

    /// Returns since when, as a sentence goes on: `since 21:30`, `since yesterday 21:30`.
    pub(crate) fn since(&self, unix_millis: i64, now: i64) -> String {
        let days = self.at(now).date().since(self.at(unix_millis).date());
        match days.map(|it| it.get_days()) {
            Ok(1) => format!("since yesterday {}", self.text(unix_millis, "%H:%M")),
            _ => format!("since {}", self.stamp(unix_millis, now)),
        }
    }

    /// Returns a moment as fields of forms have it, such as `2026-03-18T10:22`.
    pub(crate) fn input(&self, unix_millis: i64) -> String {
        self.text(unix_millis, "%Y-%m-%dT%H:%M")
    }

    /// Reads what a field of a form says: a day and a time, or a day, which begins at midnight. An hour
    /// that the clocks skip is the one after, and of one that comes twice it is the first.
    pub(crate) fn read(&self, text: &str) -> Option<i64> {
        let moment = match text.parse::<DateTime>() {
            Ok(moment) => moment,
            Err(_) => text.parse::<Date>().ok()?.at(0, 0, 0, 0),
        };
        Some(moment.to_zoned_datetime(self.zone.clone()).ok()?.timestamp().as_millisecond())
    }
}

/// Returns the day of a local time, such as `Mon 16 Feb`.
///
/// Local times are written as slots here and below: as if the clocks there showed UTC.
pub(crate) fn weekday(local: Slot) -> String {
    Zone::utc().text(local.starts_at().saturating_mul(1000), "%a %-d %b")
}

/// Returns the day of a local time, such as `16 Feb`.
pub(crate) fn short_day(local: Slot) -> String {
    Zone::utc().text(local.starts_at().saturating_mul(1000), "%-d %b")
}

/// Returns the hour of a local time, such as `14:00`.
pub(crate) fn hour(local: Slot) -> String {
    Zone::utc().text(local.starts_at().saturating_mul(1000), "%H:%M")
}

/// Returns the day of a local time as fields of forms have it, such as `2026-03-18`.
pub(crate) fn date_input(local: Slot) -> String {
    Zone::utc().text(local.starts_at().saturating_mul(1000), "%Y-%m-%d")
}

/// Returns the beginning of the day that a field of a form says.
pub(crate) fn read_date(text: &str) -> Option<Slot> {
    let millis = Zone::utc().read(text)?;
    Some(Slot::from_number(
        Slot::at(millis.div_euclid(1000)).number().div_euclid(SLOTS_OF_DAY) * SLOTS_OF_DAY,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-03-18T10:22:04Z.
    const NOW: i64 = 1_773_829_324_000;

    #[test]
    fn moments_are_shown_in_their_zone() {
        let amsterdam = Zone::named("Europe/Amsterdam").unwrap();
        assert_eq!(Zone::utc().clock(NOW), "10:22:04 UTC");
        assert_eq!(amsterdam.time(NOW), "11:22 CET");
        assert_eq!(amsterdam.stamp(NOW - 3_600_000, NOW), "10:22");
        assert_eq!(amsterdam.stamp(NOW - 86_400_000, NOW), "17 Mar 11:22");
        assert_eq!(amsterdam.since(NOW - 86_400_000, NOW), "since yesterday 11:22");
        assert_eq!(amsterdam.day(NOW - 86_400_000 * 100, NOW), "8 Dec 2025");
        assert!(Zone::named("Europe/Nowhere").is_none() && Zone::named("").is_none());
    }

    #[test]
    fn what_a_field_shows_it_reads() {
        let amsterdam = Zone::named("Europe/Amsterdam").unwrap();
        let minute = NOW - 4_000;
        assert_eq!(amsterdam.input(minute), "2026-03-18T11:22");
        assert_eq!(amsterdam.read("2026-03-18T11:22"), Some(minute));
        // In summer the zone is two hours ahead.
        assert_eq!(amsterdam.read("2026-07-01"), Zone::utc().read("2026-06-30T22:00"));
        // The clocks skip this hour.
        assert_eq!(amsterdam.read("2026-03-29T02:30"), Zone::utc().read("2026-03-29T01:30"));
        for junk in ["", "tomorrow", "2026-13-01", "2026-02-30T00:00"] {
            assert_eq!(amsterdam.read(junk), None, "{junk}");
        }
    }

    #[test]
    fn days_are_read_as_their_first_slot() {
        let slot = read_date("2026-03-18").unwrap();
        assert_eq!(slot, Slot::at(1_773_792_000));
        assert_eq!(
            (date_input(slot).as_str(), weekday(slot).as_str()),
            ("2026-03-18", "Wed 18 Mar")
        );
    }
}
