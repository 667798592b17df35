//! How the demo's performance came about: hour by hour over two months, as in a real shop.

use bams_domain::{Schedule, Status};

use super::numbers::Numbers;

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// For how many days everything is booked twice a day. Before that it is booked once.
const RECENT_DAYS: i64 = 35;

/// How many days the history has.
const DAYS: i64 = 61;

/// The hours of a day in which counts are booked, with their shares.
const HOURS: [(i64, u64); 2] = [(11, 45), (19, 55)];

/// How busy the days from Thursday on are, since 1970 began with one.
const WEEKDAYS: [u64; 7] = [112, 104, 70, 62, 98, 108, 110];

/// An hour in which counts are booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BookedHour {
    /// A moment in it, in unix seconds.
    pub(crate) at: i64,
    /// How much of everything happened in it.
    weight: u64,
}

/// Returns the hours of the history that ends at a moment in unix seconds, in their order. The last one
/// is the hour of that moment.
pub(crate) fn hours(now: i64) -> Vec<BookedHour> {
    let today = now.div_euclid(DAY);
    let mut hours = Vec::new();
    for day in today - DAYS..=today {
        let busy = WEEKDAYS[usize::try_from(day.rem_euclid(7)).unwrap_or(0)];
        // The shop grows by half over the time.
        let grown = 100 + u64::try_from((day - today + DAYS) * 50 / DAYS).unwrap_or(0);
        let weight = busy * grown;
        if day < today - RECENT_DAYS {
            hours.push(BookedHour { at: day * DAY + 15 * HOUR, weight: weight * 100 });
            continue;
        }
        let booked = HOURS.map(|(hour, share)| BookedHour {
            at: day * DAY + hour * HOUR,
            weight: weight * share,
        });
        hours.extend(booked.into_iter().filter(|it| it.at + HOUR <= now));
    }
    hours.push(BookedHour { at: now, weight: 110 * 150 * 12 });
    hours
}

/// Returns the share of each hour of what happened to a campaign that ran from a moment on until another
/// one, in unix seconds, with some luck.
pub(crate) fn shares(
    hours: &[BookedHour],
    from: Option<i64>,
    until: Option<i64>,
    numbers: &mut Numbers,
) -> Vec<u64> {
    let share = |hour: &BookedHour| {
        let luck = numbers.between(82, 118);
        let runs =
            from.is_none_or(|from| from <= hour.at) && until.is_none_or(|until| hour.at < until);
        if runs { hour.weight * luck / 100 } else { 0 }
    };
    hours.iter().map(share).collect()
}

/// Parts a count by shares, so that the parts sum up to it. The place of what is left over is a matter of
/// luck. Without any share all parts are 0.
pub(crate) fn parted(count: u64, shares: &[u64], numbers: &mut Numbers) -> Vec<u64> {
    let whole: u64 = shares.iter().sum();
    let luck = if whole == 0 { 0 } else { numbers.next() % whole };
    let up_to = |shared: u64| {
        let exact = u128::from(count) * u128::from(shared) + u128::from(luck);
        u64::try_from(exact / u128::from(whole.max(1))).unwrap_or(u64::MAX)
    };
    let (mut reached, mut booked) = (0, up_to(0));
    let part = |share: &u64| {
        reached += share;
        let before = std::mem::replace(&mut booked, up_to(reached));
        booked - before
    };
    shares.iter().map(part).collect()
}

/// Returns when the broken campaign broke, in unix seconds: yesterday evening.
pub(crate) fn stopped_at(now: i64) -> i64 {
    now.div_euclid(DAY) * DAY - 5 * HOUR / 2
}

/// Returns from when until when a campaign was shown, in unix seconds.
pub(crate) fn ran(
    status: Status,
    schedule: Schedule,
    is_broken: bool,
    now: i64,
) -> (Option<i64>, Option<i64>) {
    let until = match status {
        Status::Paused => Some(now - 20 * DAY),
        _ if is_broken => Some(stopped_at(now)),
        _ => schedule.ends_at,
    };
    (schedule.starts_at, until)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-01-01T10:05:00Z.
    const NOW: i64 = 1_767_261_900;

    #[test]
    fn the_history_is_in_order_and_ends_now() {
        let hours = hours(NOW);
        assert!(hours.is_sorted_by_key(|it| it.at));
        assert_eq!(hours.last().map(|it| it.at), Some(NOW));
        assert!(hours.iter().all(|it| it.at <= NOW && it.weight > 0));
        assert!((NOW - hours[0].at) / DAY >= 60);
    }

    #[test]
    fn nothing_is_lost_when_a_count_is_parted() {
        let hours = hours(NOW);
        let mut numbers = Numbers::new(7);
        for count in [0, 1, 2, 70, 900, 123_456] {
            let shares = shares(&hours, Some(NOW - 12 * DAY), Some(NOW - DAY), &mut numbers);
            let parts = parted(count, &shares, &mut numbers);
            assert_eq!(parts.iter().sum::<u64>(), count);
            let outside = parts
                .iter()
                .zip(&hours)
                .filter(|it| it.1.at < NOW - 12 * DAY || it.1.at >= NOW - DAY);
            assert!(outside.into_iter().all(|it| *it.0 == 0));
        }
        assert_eq!(parted(9, &[0, 0], &mut numbers), [0, 0]);
    }

    #[test]
    fn single_events_happen_at_any_time() {
        let mut numbers = Numbers::new(1);
        let mut places = [0; 4];
        for _ in 0..100 {
            let parts = parted(1, &[1; 4], &mut numbers);
            places[parts.iter().position(|it| *it == 1).unwrap()] += 1;
        }
        assert!(places.iter().all(|it| *it > 10), "{places:?}");
    }
}
