//! Periods of local days that are compared with the period before.

use bams_domain::Slot;
use bams_storage::{Dimension, LocalTime, Period};

/// The slots of an hour and of a day.
const HOUR: i64 = 4;
const DAY: i64 = 96;

/// The length of the steps of a period, by which it is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepLength {
    /// Local hours.
    Hour,
    /// Local days.
    Day,
}

impl StepLength {
    /// Returns its word, such as `day`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }

    pub(super) const fn dimension(self) -> Dimension {
        match self {
            Self::Hour => Dimension::Hour,
            Self::Day => Dimension::Day,
        }
    }
}

/// A period with the local time whose hours and days are meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LocalPeriod {
    /// The slots.
    pub period: Period,
    /// The local time.
    pub local: LocalTime,
}

/// A period of whole local hours or days, and what it is compared with. It may have begun and not ended:
/// then only its complete slots are compared.
///
/// Local times are written as slots, too: as if the clocks there showed UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The local time whose hours and days are meant.
    pub local: LocalTime,
    /// The first slot.
    pub from: Slot,
    /// The first slot after the period.
    pub to: Slot,
    /// The first slot that is not complete, at most `to`.
    pub complete: Slot,
    /// How many slots the clocks go back to where the compared period begins. Whole days, so that midnight
    /// is compared with midnight, even if a day between has 23 or 25 hours.
    pub distance: i64,
    /// The length of its steps.
    pub step: StepLength,
}

impl Span {
    /// Returns the period from one local time to another, of which the slots before `current` are complete.
    pub fn between(
        local: LocalTime,
        [from, to]: [Slot; 2],
        current: Slot,
        step: StepLength,
    ) -> Self {
        let slot = |at: Slot| Slot::from_number(local.slot_of(at.number()));
        let days = (to.number() - from.number() + DAY - 1).div_euclid(DAY);
        let (from, to) = (slot(from), slot(to));
        let complete = to.min(current).max(from);
        Self { from, to, complete, distance: days.max(1) * DAY, step, local }
    }

    /// Returns the whole period.
    pub fn whole(&self) -> LocalPeriod {
        self.part(self.from, self.to)
    }

    /// Returns the part of it that is compared. `None` if no slot of it is complete.
    pub fn compared(&self) -> Option<LocalPeriod> {
        (self.complete > self.from).then(|| self.part(self.from, self.complete))
    }

    /// Returns the part of the period before that is compared with it.
    pub fn before(&self) -> Option<LocalPeriod> {
        self.compared().map(|_| self.part(self.earlier(self.from), self.earlier(self.complete)))
    }

    /// Returns the first local time, and the first one after the period.
    pub fn local_ends(&self) -> [Slot; 2] {
        [self.from, self.to].map(|it| self.local_time_of(it))
    }

    /// Returns how many local days it touches.
    pub fn days(&self) -> i64 {
        let [from, to] = self.local_ends().map(Slot::number);
        (to - 1).div_euclid(DAY) - from.div_euclid(DAY) + 1
    }

    /// Returns the period before as it is drawn: as many whole steps.
    pub(super) fn drawn_before(&self) -> LocalPeriod {
        self.part(self.earlier(self.from), self.earlier(self.to))
    }

    /// Returns the local time of each step, and of the step that it is compared with, as reports name
    /// them: days by their local time, hours by the slot in which they begin.
    pub(super) fn steps(&self) -> Vec<NamedStep> {
        let (mut steps, mut slot) = (Vec::new(), self.from.number());
        while slot < self.to.number() {
            let local = self.local.local(slot);
            let (name, before) = match self.step {
                StepLength::Hour => (slot, self.earlier(Slot::from_number(slot)).number()),
                StepLength::Day => (local, local - self.distance),
            };
            steps.push(NamedStep {
                local: Slot::from_number(local),
                name: Slot::from_number(name),
                before: Slot::from_number(before),
            });
            slot = match self.step {
                StepLength::Hour => slot + HOUR - local.rem_euclid(HOUR),
                StepLength::Day => {
                    self.local.slot_of((local.div_euclid(DAY) + 1) * DAY).max(slot + 1)
                }
            };
        }
        steps
    }

    fn part(&self, from: Slot, to: Slot) -> LocalPeriod {
        let period = Period { from: Some(from), to: Some(to) };
        LocalPeriod { period, local: self.local.clone() }
    }

    /// Returns the slot at which clocks showed the same time in the period before.
    fn earlier(&self, slot: Slot) -> Slot {
        let local = self.local.local(slot.number()) - self.distance;
        Slot::from_number(self.local.slot_of(local))
    }

    fn local_time_of(&self, slot: Slot) -> Slot {
        Slot::from_number(self.local.local(slot.number()))
    }
}

/// A step of a period, as reports name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NamedStep {
    /// The local time at which it begins.
    pub(super) local: Slot,
    pub(super) name: Slot,
    /// The name of the step before that it is compared with.
    pub(super) before: Slot,
}

#[cfg(test)]
mod tests {
    use super::super::local_time;
    use super::*;

    const fn slot(number: i64) -> Slot {
        Slot::from_number(number)
    }

    /// The slots of some local days of 2026 in Amsterdam, given by the number of the day in the year.
    fn amsterdam(first: i64, days: i64, step: StepLength) -> Span {
        // 2026-01-01T00:00 as UTC would show it.
        let begin = 1_767_225_600 / 900;
        let ends = [slot(begin + (first - 1) * 96), slot(begin + (first - 1 + days) * 96)];
        let local = local_time("Europe/Amsterdam", 1_780_000_000_000).unwrap();
        Span::between(local, ends, slot(i64::MAX), step)
    }

    #[test]
    fn only_complete_slots_are_compared() {
        let part = |from, to| {
            let period = Period { from: Some(slot(from)), to: Some(slot(to)) };
            Some(LocalPeriod { period, local: LocalTime::utc() })
        };
        let today = Span {
            local: LocalTime::utc(),
            from: slot(960),
            to: slot(1000),
            complete: slot(998),
            distance: 96,
            step: StepLength::Hour,
        };
        assert_eq!((today.compared(), today.before()), (part(960, 998), part(864, 902)));
        assert_eq!((today.steps().len(), today.days()), (10, 1));
        assert_eq!(
            today.steps().last().map(|it| (it.name, it.before)),
            Some((slot(996), slot(900)))
        );
        let begun = Span { complete: slot(960), ..today };
        assert_eq!((begun.compared(), begun.before()), (None, None));
    }

    /// Clocks go forward on 29 March (day 88), back on 25 October (day 298).
    #[test]
    fn a_day_has_as_many_hours_as_its_clocks_show() {
        for (day, hours, first, second) in
            [(87, 24, "00:00", "01:00"), (88, 23, "00:00", "01:00"), (298, 25, "00:00", "01:00")]
        {
            let span = amsterdam(day, 1, StepLength::Hour);
            let clock = |it: &NamedStep| {
                let minutes = it.local.number().rem_euclid(96) * 15;
                format!("{:02}:{:02}", minutes / 60, minutes % 60)
            };
            let steps: Vec<String> = span.steps().iter().map(clock).collect();
            assert_eq!((steps.len(), span.days()), (hours, 1), "{day}: {steps:?}");
            assert_eq!((steps[0].as_str(), steps[1].as_str()), (first, second));
            assert_eq!(steps.iter().filter(|it| *it == "02:00").count(), hours - 23, "{day}");
        }
    }

    #[test]
    fn local_days_are_compared_with_as_many_local_days() {
        // The week in which summer begins has an hour less than the one before.
        let week = amsterdam(85, 7, StepLength::Day);
        let length =
            |it: LocalPeriod| it.period.to.unwrap().number() - it.period.from.unwrap().number();
        assert_eq!(length(week.whole()), 7 * 96 - 4);
        assert_eq!(length(week.before().unwrap()), 7 * 96);
        let steps = week.steps();
        assert_eq!((steps.len(), week.days()), (7, 7));
        for step in steps {
            assert_eq!(step.local.number() % 96, 0, "{step:?}");
            assert_eq!(step.local.number() - step.before.number(), 7 * 96);
        }
        let after = amsterdam(92, 7, StepLength::Day);
        assert_eq!(after.before().unwrap(), week.whole(), "no hour is missed or counted twice");
    }
}
