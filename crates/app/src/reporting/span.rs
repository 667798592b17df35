//! Periods that are compared with the period before.

use bams_domain::Slot;
use bams_storage::{Dimension, Period};

/// The length of the steps of a period, by which it is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepLength {
    /// UTC hours.
    Hour,
    /// UTC days.
    Day,
}

impl StepLength {
    /// Returns how many slots a step has.
    pub const fn slots(self) -> i64 {
        match self {
            Self::Hour => 4,
            Self::Day => 96,
        }
    }

    pub(super) const fn dimension(self) -> Dimension {
        match self {
            Self::Hour => Dimension::Hour,
            Self::Day => Dimension::Day,
        }
    }
}

/// A period of whole steps, and what it is compared with. It may have begun and not ended: then only
/// its complete slots are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first slot.
    pub from: Slot,
    /// The first slot after the period.
    pub to: Slot,
    /// The first slot that is not complete, at most `to`.
    pub complete: Slot,
    /// How many slots before the period the compared one begins.
    pub distance: i64,
    /// The length of its steps.
    pub step: StepLength,
}

impl Span {
    /// Returns the whole period.
    pub fn whole(&self) -> Period {
        Period { from: Some(self.from), to: Some(self.to) }
    }

    /// Returns the part of it that is compared. `None` if no slot of it is complete.
    pub fn compared(&self) -> Option<Period> {
        (self.complete > self.from)
            .then_some(Period { from: Some(self.from), to: Some(self.complete) })
    }

    /// Returns the part of the period before that is compared with it.
    pub fn before(&self) -> Option<Period> {
        let earlier = |slot: Slot| Slot::from_number(slot.number() - self.distance);
        self.compared()
            .map(|_| Period { from: Some(earlier(self.from)), to: Some(earlier(self.complete)) })
    }

    /// Returns the period before as it is drawn: as many whole steps.
    pub(super) fn drawn_before(&self) -> Period {
        let earlier = |slot: Slot| Slot::from_number(slot.number() - self.distance);
        Period { from: Some(earlier(self.from)), to: Some(earlier(self.to)) }
    }

    /// Returns the first slot of each step.
    pub fn steps(&self) -> impl Iterator<Item = Slot> + use<> {
        let (from, to, step) = (self.from.number(), self.to.number(), self.step.slots());
        let steps =
            (to - from).max(0).div_euclid(step) + i64::from((to - from).rem_euclid(step) > 0);
        (0..steps).map(move |index| Slot::from_number(from + index * step))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_complete_slots_are_compared() {
        let slot = Slot::from_number;
        let today = Span {
            from: slot(960),
            to: slot(1000),
            complete: slot(998),
            distance: 96,
            step: StepLength::Hour,
        };
        assert_eq!(today.compared(), Some(Period { from: Some(slot(960)), to: Some(slot(998)) }));
        assert_eq!(today.before(), Some(Period { from: Some(slot(864)), to: Some(slot(902)) }));
        assert_eq!(today.steps().count(), 10);
        assert_eq!(today.steps().last(), Some(slot(996)));
        let begun = Span { complete: slot(960), ..today };
        assert_eq!((begun.compared(), begun.before()), (None, None));
    }
}
