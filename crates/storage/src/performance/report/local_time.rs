//! Local time in slots.

use bams_domain::Slot;

/// Local time somewhere: how far it is ahead of UTC, and when that changes.
///
/// Every offset in use since 1970 is a whole number of slots or is taken for the next one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalTime {
    /// The slots by which local time is ahead, each from a slot on. The first one holds before, too.
    ahead: Vec<(i64, i64)>,
}

impl LocalTime {
    /// Returns UTC.
    pub fn utc() -> Self {
        Self { ahead: vec![(i64::MIN, 0)] }
    }

    /// Makes a local time that is `first` slots ahead of UTC until it changes. Changes are sorted.
    pub fn new(first: i64, changes: impl IntoIterator<Item = (Slot, i64)>) -> Self {
        let changes = changes.into_iter().map(|(slot, ahead)| (slot.number(), ahead));
        Self { ahead: std::iter::once((i64::MIN, first)).chain(changes).collect() }
    }

    /// Returns true if local time is UTC.
    pub fn is_utc(&self) -> bool {
        self.ahead.iter().all(|it| it.1 == 0)
    }

    /// Returns the slots by which local time is ahead in a slot.
    pub fn ahead_in(&self, slot: Slot) -> i64 {
        self.ahead_at(slot.number())
    }

    pub(super) fn ahead_at(&self, slot: i64) -> i64 {
        let last = self.ahead.iter().rev().find(|(from, _)| *from <= slot);
        last.or(self.ahead.first()).map_or(0, |it| it.1)
    }

    /// Returns the slots in which the offset changes.
    pub(super) fn changes(&self) -> impl Iterator<Item = i64> {
        self.ahead.iter().skip(1).map(|it| it.0)
    }

    /// Returns a slot as if local time were UTC.
    pub fn local(&self, slot: i64) -> i64 {
        slot.saturating_add(self.ahead_at(slot))
    }

    /// Returns the slot that has a local time: the first of two, or the one as long after a change as
    /// a local time that the change leaves out is after its beginning.
    pub fn slot_of(&self, local: i64) -> i64 {
        let mut ends = self.changes();
        let mut offsets = self.ahead.iter().map(|it| it.1);
        let mut ahead = offsets.next().unwrap_or(0);
        for (end, next) in ends.by_ref().zip(offsets) {
            if local < end.saturating_add(ahead.max(next)) {
                break;
            }
            ahead = next;
        }
        local.saturating_sub(ahead)
    }

    /// Returns the same local time without the changes up to a slot, before which nothing was counted.
    pub(super) fn since(&self, first: i64) -> Self {
        let later = self.ahead.iter().copied().filter(|it| it.0 > first);
        Self { ahead: std::iter::once((i64::MIN, self.ahead_at(first))).chain(later).collect() }
    }

    /// Returns the same local time, but UTC before a slot.
    pub(super) fn utc_before(&self, first: i64) -> Self {
        let at = (first, self.ahead_at(first));
        let later = self.ahead.iter().copied().filter(|it| it.0 > first);
        Self { ahead: [(i64::MIN, 0), at].into_iter().chain(later).collect() }
    }
}

impl Default for LocalTime {
    fn default() -> Self {
        Self::utc()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a time that is one hour ahead of UTC, and two from slot 1000 to 2000.
    fn summer() -> LocalTime {
        LocalTime::new(4, [(Slot::from_number(1000), 8), (Slot::from_number(2000), 4)])
    }

    #[test]
    fn a_slot_has_one_local_time_and_is_found_by_it() {
        let time = summer();
        for (slot, local) in [(0, 4), (999, 1003), (1000, 1008), (1999, 2007), (2004, 2008)] {
            assert_eq!((time.local(slot), time.slot_of(local)), (local, slot), "{slot}");
        }
        // An hour that comes twice is found once; one that is skipped is found an hour later.
        assert_eq!((time.local(2000), time.slot_of(2004)), (2004, 1996));
        assert_eq!(time.slot_of(1005), 1001);
    }

    #[test]
    fn old_days_may_be_utc() {
        let time = summer().utc_before(1500);
        let ahead = [0, 1499, 1500, 2000].map(|slot| time.ahead_at(slot));
        assert_eq!(ahead, [0, 0, 8, 4]);
        assert!(!time.is_utc() && LocalTime::utc().is_utc());
    }
}
