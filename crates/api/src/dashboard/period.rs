//! The period of which a page tells: today, 7 or 30 days, or any days.

use bams_app::reporting::Span;
use bams_domain::Slot;

use super::fields::Fields;
use super::local_clock::LocalClock;
use super::zone::{SLOTS_OF_DAY, Zone, date_input, short_day};

/// A chosen period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    Today,
    Week,
    Month,
    Custom,
}

/// A period of local days, which ends with its last complete day, or for today with its last complete
/// slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ChosenPeriod {
    pub(crate) choice: Choice,
    pub(crate) span: Span,
    /// True if the address says so, and no page may choose another one.
    pub(crate) is_asked: bool,
    /// The zone whose days they are.
    pub(crate) zone: Zone,
}

/// A period as the head of a page tells it.
pub(crate) struct PeriodView {
    pub(crate) choices: Vec<PeriodLink>,
    /// Such as `16 Feb – 17 Mar`.
    pub(crate) days: String,
    /// Such as `30 days before`.
    pub(crate) before: String,
    /// What stands before the time of the figures.
    pub(crate) counted: &'static str,
    /// The days of the form for any period, if that is chosen.
    pub(crate) custom: Option<[String; 2]>,
    /// The zone whose days they are.
    pub(crate) zone: String,
    /// The other fields of the address, which the form keeps.
    pub(crate) kept: Vec<(&'static str, String)>,
}

/// A period to choose.
pub(crate) struct PeriodLink {
    pub(crate) word: &'static str,
    pub(crate) address: String,
    pub(crate) is_current: bool,
}

impl ChosenPeriod {
    /// Returns the period of a zone's days that an address asks for at a moment in unix milliseconds, which
    /// is 30 days if it asks for none.
    pub(crate) fn asked(asked: &Fields, zone: &Zone, now: i64) -> Self {
        let choice = match asked.text("period") {
            "today" => Choice::Today,
            "7d" => Choice::Week,
            "custom" => Choice::Custom,
            _ => Choice::Month,
        };
        let clock = LocalClock::at(zone, now);
        let today = clock.today();
        let span = match choice {
            Choice::Today => clock.today_so_far(),
            Choice::Week => clock.days(today - 7 * SLOTS_OF_DAY, today),
            Choice::Month => clock.days(today - 30 * SLOTS_OF_DAY, today),
            Choice::Custom => clock.custom(asked),
        };
        Self { choice, span, is_asked: asked.has("period"), zone: zone.clone() }
    }

    /// Returns today so far, for a store that has counts of today only.
    pub(crate) fn today(zone: &Zone, now: i64) -> Self {
        let span = LocalClock::at(zone, now).today_so_far();
        Self { choice: Choice::Today, span, is_asked: false, zone: zone.clone() }
    }

    /// Returns the slots `from..to` with the days of a zone.
    pub(crate) fn of(zone: &Zone, [from, to]: [Slot; 2], now: i64) -> Self {
        let span = LocalClock::at(zone, now).between([from, to]);
        Self { choice: Choice::Custom, span, is_asked: true, zone: zone.clone() }
    }

    /// Returns its days, such as `16 Feb – 17 Mar`, each as `name` says it.
    pub(crate) fn days(&self, name: fn(Slot) -> String) -> String {
        let (first, last) = self.ends();
        let (first, last) = (name(first), name(last));
        if first == last { first } else { format!("{first} – {last}") }
    }

    /// Returns the beginning and the last slot, in local time.
    pub(crate) fn ends(&self) -> (Slot, Slot) {
        let [from, to] = self.span.local_ends();
        (from, Slot::from_number(to.number() - 1))
    }

    /// Returns the words for the period itself, such as `in 30 days`.
    pub(crate) fn within(&self) -> String {
        match (self.choice, self.span.days()) {
            (Choice::Today, _) => "today".to_owned(),
            (_, 1) => "in one day".to_owned(),
            (_, days) => format!("in {days} days"),
        }
    }

    /// Returns the words for the period before.
    pub(crate) fn before(&self) -> String {
        match (self.choice, self.span.days()) {
            (Choice::Today, _) => "yesterday".to_owned(),
            (_, 1) => "the day before".to_owned(),
            (_, days) => format!("{days} days before"),
        }
    }

    /// Returns true if it has not ended, so that its last figures still grow.
    fn is_running(&self) -> bool {
        self.span.complete < self.span.to
    }

    /// Returns the words for its last value: `now`, or its last day.
    pub(crate) fn end(&self) -> String {
        if self.is_running() { "now".to_owned() } else { short_day(self.ends().1) }
    }

    /// Returns it as the head of a page tells it.
    pub(crate) fn view(&self, asked: &Fields) -> PeriodView {
        let link = |word, value: &str, choice| PeriodLink {
            word,
            address: asked.with(&[
                ("period", value),
                ("from", ""),
                ("to", ""),
                ("after", ""),
                ("undo", ""),
            ]),
            is_current: self.choice == choice,
        };
        let (from, last) = self.ends();
        let is_custom = self.choice == Choice::Custom;
        let kept = ["metric", "quarter", "campaign", "name", "status", "tag", "sort"];
        PeriodView {
            choices: vec![
                link("Today", "today", Choice::Today),
                link("7 days", "7d", Choice::Week),
                link("30 days", "30d", Choice::Month),
                link("Custom…", "custom", Choice::Custom),
            ],
            days: self.days(short_day),
            before: if self.choice == Choice::Today {
                "yesterday up to the same time".to_owned()
            } else {
                format!("the {}", self.before().trim_start_matches("the "))
            },
            counted: if self.is_running() { "Counted up to" } else { "Complete days, as of" },
            custom: is_custom.then(|| [date_input(from), date_input(last)]),
            zone: self.zone.name().to_owned(),
            kept: kept
                .into_iter()
                .map(|name| (name, asked.text(name).to_owned()))
                .filter(|it| is_custom && !it.1.is_empty())
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use bams_app::reporting::StepLength;

    use super::*;

    /// 2026-03-18T10:22:04Z.
    const NOW: i64 = 1_773_829_324_000;

    fn asked(pairs: &[(&str, &str)]) -> (ChosenPeriod, PeriodView) {
        asked_in(&Zone::utc(), pairs, NOW)
    }

    fn asked_in(zone: &Zone, pairs: &[(&str, &str)], now: i64) -> (ChosenPeriod, PeriodView) {
        let pairs = pairs.iter().map(|it| (it.0.to_owned(), it.1.to_owned()));
        let fields = Fields::new(pairs.collect());
        let period = ChosenPeriod::asked(&fields, zone, now);
        let view = period.view(&fields);
        (period, view)
    }

    #[test]
    fn periods_end_with_their_last_complete_day() {
        let (month, view) = asked(&[]);
        assert!(!month.is_asked);
        assert_eq!(view.days, "16 Feb – 17 Mar");
        assert_eq!(view.before, "the 30 days before");
        assert_eq!((view.counted, month.end().as_str()), ("Complete days, as of", "17 Mar"));
        assert_eq!(month.span.compared(), Some(month.span.whole()));
        assert_eq!(month.span.days(), 30);
        let (week, view) = asked(&[("period", "7d")]);
        assert_eq!((view.days.as_str(), week.span.days()), ("11 Mar – 17 Mar", 7));
    }

    #[test]
    fn of_today_only_complete_slots_are_compared_with_yesterday() {
        let (today, view) = asked(&[("period", "today")]);
        assert_eq!((view.days.as_str(), today.span.step), ("18 Mar", StepLength::Hour));
        assert_eq!((view.counted, today.end().as_str()), ("Counted up to", "now"));
        assert_eq!(today.span.to.number() - today.span.from.number(), 11 * 4);
        let compared = today.span.compared().and_then(|it| it.period.to).unwrap();
        assert_eq!(compared, Slot::at(1_773_828_900));
        assert_eq!(
            today.span.before().and_then(|it| it.period.to).unwrap().number(),
            compared.number() - 96
        );
    }

    #[test]
    fn days_of_the_form_are_whole_and_not_in_the_future() {
        for (from, to, days) in [
            ("2026-03-01", "2026-03-10", "1 Mar – 10 Mar"),
            ("2026-03-10", "2026-03-10", "10 Mar"),
            ("2026-03-10", "2026-03-01", "10 Mar"),
            ("2026-03-10", "2027-01-01", "10 Mar – 18 Mar"),
            ("2027-01-01", "2027-01-01", "18 Mar"),
            ("junk", "", "11 Mar – 17 Mar"),
        ] {
            let (_, view) = asked(&[("period", "custom"), ("from", from), ("to", to)]);
            assert_eq!(view.days, days, "{from} {to}");
            assert!(view.custom.is_some());
        }
    }

    #[test]
    fn days_are_those_of_the_zone() {
        let tokyo = Zone::named("Asia/Tokyo").unwrap();
        // 2026-03-18T16:00:00Z is 1 o'clock of the next day there.
        let late = 1_773_849_600_000;
        let (today, view) = asked_in(&tokyo, &[("period", "today")], late);
        assert_eq!((view.days.as_str(), view.zone.as_str()), ("19 Mar", "Asia/Tokyo"));
        assert_eq!(today.span.from, Slot::at(1_773_846_000));
        let (week, view) = asked_in(&tokyo, &[("period", "7d")], late);
        assert_eq!((view.days.as_str(), week.span.to), ("12 Mar – 18 Mar", today.span.from));
    }

    #[test]
    fn days_on_which_clocks_change_are_whole() {
        let amsterdam = Zone::named("Europe/Amsterdam").unwrap();
        // 2026-03-30T12:00:00Z, the day after summer began.
        let spring = 1_774_872_000_000;
        let day = |date| {
            asked_in(&amsterdam, &[("period", "custom"), ("from", date), ("to", date)], spring).0
        };
        let length = |it: &ChosenPeriod| it.span.to.number() - it.span.from.number();
        let (before, changed) = (day("2026-03-28"), day("2026-03-29"));
        assert_eq!((length(&before), length(&changed)), (96, 92));
        assert_eq!(changed.span.before(), Some(before.span.whole()));
        let (today, _) = asked_in(&amsterdam, &[("period", "today")], spring);
        assert_eq!((today.span.from, today.within().as_str()), (changed.span.to, "today"));
        assert_eq!(changed.within(), "in one day");
        let again = ChosenPeriod::of(&amsterdam, [changed.span.from, changed.span.to], spring);
        assert_eq!(again.span, changed.span);
    }
}
