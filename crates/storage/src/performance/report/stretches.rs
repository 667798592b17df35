//! The stretches of time that a report is made of: in each, local time is ahead by one offset, and
//! what is compared is moved by one distance.

use std::collections::BTreeSet;

use bams_domain::Slot;

use super::local_time::LocalTime;
use super::query::{Period, ReportQuery};
use crate::performance::condensed::DAY;

/// A stretch of slots. `None` is an open end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) from: Option<i64>,
    pub(super) to: Option<i64>,
    /// True for the period with which another one is compared.
    pub(super) past: bool,
    /// How many slots later it is compared with.
    pub(super) shift: i64,
    /// How many slots local time is ahead there.
    pub(super) ahead: i64,
}

/// Returns the stretches of a report, and the slot before which its days are those of UTC, if that is
/// within it.
///
/// `days_until` is the first slot that is kept as such, as far as the report looks at it. Older
/// performance is kept by day of UTC. `first` is the first slot with counts.
pub(super) fn stretches(
    query: &ReportQuery,
    days_until: Option<i64>,
    first: Option<i64>,
) -> (Vec<Stretch>, Option<i64>) {
    // A period without an end is cut in the time of the store only, and not in all of history.
    let mut time = query.local.since(first.unwrap_or(i64::MAX));
    let ends = |it: Period| [it.from, it.to].map(|slot| slot.map(Slot::number));
    let [mut from, mut to] = ends(query.period);
    let mut utc_before = None;
    if let Some(first) = days_until.filter(|_| !time.is_utc()) {
        let as_date = |slot: i64| {
            let local = query.local.local(slot);
            if slot < first && local.rem_euclid(DAY) == 0 { local } else { slot }
        };
        (from, to) = (from.map(as_date), to.map(as_date));
        let begins = before(query, from, to, &time).map_or(from, |it| Some(it.0));
        if begins.is_none_or(|slot| slot < first) {
            utc_before = Some(first);
        }
        time = time.utc_before(first);
    }
    let past = before(query, from, to, &time);
    let mut found = Vec::new();
    if let (Some((begin, days)), Some(from)) = (past, from) {
        pieces(&time, begin, from, days, &mut found);
    }
    let cuts: BTreeSet<i64> = time.changes().filter(|it| is_within(*it, from, to)).collect();
    let begins = std::iter::once(from).chain(cuts.iter().copied().map(Some));
    let ends = cuts.iter().copied().map(Some).chain([to]);
    found.extend(begins.zip(ends).map(|(from, to)| Stretch {
        from,
        to,
        past: false,
        shift: 0,
        ahead: time.ahead_at(from.unwrap_or(i64::MIN)),
    }));
    (found, utc_before)
}

fn is_within(slot: i64, from: Option<i64>, to: Option<i64>) -> bool {
    from.is_none_or(|from| slot > from) && to.is_none_or(|to| slot < to)
}

/// How a period is compared with the one before.
#[derive(Clone, Copy)]
enum Distance {
    /// By as many local days, given in slots.
    Local(i64),
    /// By its length in slots.
    Exact(i64),
}

/// Returns where the period before begins. Local days are compared with as many local days, which may
/// be an hour longer or shorter.
fn before(
    query: &ReportQuery,
    from: Option<i64>,
    to: Option<i64>,
    time: &LocalTime,
) -> Option<(i64, Distance)> {
    let (from, to) = (from?, to?);
    if !query.compared || to <= from {
        return None;
    }
    let (begins, ends) = (time.local(from), time.local(to));
    if !time.is_utc() && begins.rem_euclid(DAY) == 0 && ends.rem_euclid(DAY) == 0 {
        let length = ends - begins;
        return Some((time.slot_of(begins - length), Distance::Local(length)));
    }
    let length = to - from;
    Some((from.checked_sub(length)?, Distance::Exact(length)))
}

/// Adds the stretches of the period before, `from..to`.
fn pieces(time: &LocalTime, from: i64, to: i64, distance: Distance, found: &mut Vec<Stretch>) {
    let target = |slot: i64| match distance {
        Distance::Local(length) => time.slot_of(time.local(slot) + length),
        Distance::Exact(length) => slot + length,
    };
    let mut cuts: BTreeSet<i64> = BTreeSet::from([from]);
    for change in time.changes() {
        cuts.insert(change);
        match distance {
            Distance::Exact(length) => {
                cuts.insert(change - length);
            }
            Distance::Local(length) => {
                for ahead in [time.ahead_at(change - 1), time.ahead_at(change)] {
                    cuts.insert(time.slot_of(change.saturating_add(ahead) - length));
                }
            }
        }
    }
    let cuts: Vec<i64> = cuts.into_iter().filter(|it| (from..to).contains(it)).collect();
    for (index, begin) in cuts.iter().enumerate() {
        let compared_with = target(*begin);
        found.push(Stretch {
            from: Some(*begin),
            to: Some(cuts.get(index + 1).copied().unwrap_or(to)),
            past: true,
            shift: compared_with - begin,
            ahead: time.ahead_at(compared_with),
        });
    }
}
