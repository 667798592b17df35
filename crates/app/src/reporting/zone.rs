//! Local time by the name of its zone.

use bams_domain::Slot;
use bams_storage::LocalTime;
use jiff::Timestamp;
use jiff::tz::{Offset, TimeZoneDatabase};

/// Seconds of a slot.
const SLOT: i64 = 900;

/// How far ahead of `now` changes are known, in seconds: reports are of the past.
const AHEAD: i64 = 2 * 366 * 86_400;

/// Returns the local time of a zone, such as `Europe/Amsterdam`, or `None` for an unknown zone. `now`
/// is in unix milliseconds.
///
/// The rules are part of the program: no file of the machine changes a report.
pub fn local_time(zone: &str, now: i64) -> Option<LocalTime> {
    let zone = TimeZoneDatabase::bundled().get(zone).ok()?;
    let until = Timestamp::from_second(now.div_euclid(1000).saturating_add(AHEAD)).ok()?;
    let begin = Timestamp::UNIX_EPOCH;
    let changes = zone.following(begin).take_while(|it| it.timestamp() < until);
    let changes = changes.map(|it| (Slot::at(it.timestamp().as_second()), slots(it.offset())));
    Some(LocalTime::new(slots(zone.to_offset(begin)), changes))
}

fn slots(offset: Offset) -> i64 {
    i64::from(offset.seconds()).div_euclid(SLOT)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-03-29T01:00:00Z, when summer begins in Europe.
    const SUMMER: i64 = 1_774_746_000;

    #[test]
    fn a_zone_is_ahead_by_what_its_clocks_say() {
        for (zone, before, after) in [
            ("Europe/Amsterdam", 4, 8),
            ("UTC", 0, 0),
            ("Asia/Kathmandu", 23, 23),
            ("Asia/Kolkata", 22, 22),
            ("America/New_York", -16, -16),
            ("America/St_Johns", -10, -10),
        ] {
            let time = local_time(zone, SUMMER * 1000).unwrap();
            let ahead = [SUMMER - 1, SUMMER].map(|it| time.ahead_in(Slot::at(it)));
            assert_eq!(ahead, [before, after], "{zone}");
        }
        assert!(local_time("UTC", SUMMER * 1000).unwrap().is_utc());
        for unknown in ["", "Mars/Base", "../etc/passwd", "+02:00"] {
            assert_eq!(local_time(unknown, SUMMER * 1000), None, "{unknown}");
        }
    }
}
