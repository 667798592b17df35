//! The clocks of a zone at a moment, and the periods of whole local days that they tell.

use bams_app::reporting::{Span, StepLength};
use bams_domain::Slot;
use bams_storage::LocalTime;

use super::fields::Fields;
use super::zone::{SLOTS_OF_DAY, Zone, read_date};

/// Up to so many days are drawn hour by hour.
const FEW_DAYS: i64 = 2;

/// The longest period, in days.
const MOST_DAYS: i64 = 400;

/// The clocks of a zone at a moment.
pub(super) struct LocalClock {
    local: LocalTime,
    current: Slot,
}

impl LocalClock {
    /// Returns the clocks of a zone at a moment in unix milliseconds.
    pub(super) fn at(zone: &Zone, now: i64) -> Self {
        Self { local: zone.local_time(now), current: Slot::at(now.div_euclid(1000)) }
    }

    /// Returns the local time at which today began.
    pub(super) fn today(&self) -> i64 {
        self.local.local(self.current.number()).div_euclid(SLOTS_OF_DAY) * SLOTS_OF_DAY
    }

    /// Returns today up to the end of the running hour.
    pub(super) fn today_so_far(self) -> Span {
        let (today, time) = (self.today(), self.local.local(self.current.number()));
        let ends = [today, time.div_euclid(4) * 4 + 4].map(Slot::from_number);
        Span::between(self.local, ends, self.current, StepLength::Hour)
    }

    /// Returns whole local days, which may reach into today.
    pub(super) fn days(self, from: i64, to: i64) -> Span {
        let few = to - from <= FEW_DAYS * SLOTS_OF_DAY;
        let step = if few { StepLength::Hour } else { StepLength::Day };
        Span::between(self.local, [from, to].map(Slot::from_number), self.current, step)
    }

    /// Returns the days of these slots.
    pub(super) fn between(self, ends: [Slot; 2]) -> Span {
        let [from, to] = ends.map(|it| self.local.local(it.number()));
        self.days(from, to)
    }

    /// Returns the days of the form: the last week if it says none, and no day after today.
    pub(super) fn custom(self, asked: &Fields) -> Span {
        let today = self.today();
        let day = |name| read_date(asked.text(name)).map(Slot::number);
        let from = day("from").unwrap_or(today - 7 * SLOTS_OF_DAY).min(today);
        let last = day("to").unwrap_or(today - SLOTS_OF_DAY).max(from);
        let to = (last.min(today) + SLOTS_OF_DAY).min(from + MOST_DAYS * SLOTS_OF_DAY);
        self.days(from, to)
    }
}
