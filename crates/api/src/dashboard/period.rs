//! The period of which a page tells: today, 7 or 30 days, or any days.

use bams_app::reporting::{Span, StepLength};
use bams_domain::Slot;

use super::fields::Fields;
use super::zone::{SLOTS_OF_DAY, date_input, read_date, short_day};

/// Up to so many days are drawn hour by hour.
const FEW_DAYS: i64 = 2;

/// The longest period, in days.
const MOST_DAYS: i64 = 400;

/// A chosen period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    Today,
    Week,
    Month,
    Custom,
}

/// A period of UTC days, which ends with its last complete day, or for today with its last complete
/// slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ChosenPeriod {
    pub(crate) choice: Choice,
    pub(crate) span: Span,
    /// True if the address says so, and no page may choose another one.
    pub(crate) is_asked: bool,
}

/// A period as the head of a page tells it.
pub(crate) struct PeriodView {
    pub(crate) choices: Vec<PeriodLink>,
    /// Such as `16 Feb – 17 Mar`.
    pub(crate) days: String,
    /// Such as `30 days before`.
    pub(crate) before: String,
    /// The days of the form for any period, if that is chosen.
    pub(crate) custom: Option<[String; 2]>,
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
    /// Returns the period that an address asks for at a moment in unix milliseconds, which is 30 days if
    /// it asks for none.
    pub(crate) fn asked(asked: &Fields, now: i64) -> Self {
        let choice = match asked.text("period") {
            "today" => Choice::Today,
            "7d" => Choice::Week,
            "custom" => Choice::Custom,
            _ => Choice::Month,
        };
        let is_asked = asked.has("period");
        let today = first_slot_of_day(now);
        let span = match choice {
            Choice::Today => today_of(now),
            Choice::Week => days(today - 7 * SLOTS_OF_DAY, today, now),
            Choice::Month => days(today - 30 * SLOTS_OF_DAY, today, now),
            Choice::Custom => custom(asked, today, now),
        };
        Self { choice, span, is_asked }
    }

    /// Returns today so far, for a store that has counts of today only.
    pub(crate) fn today(now: i64) -> Self {
        Self { choice: Choice::Today, span: today_of(now), is_asked: false }
    }

    /// Returns how many days it has, at least one.
    fn days(&self) -> i64 {
        let Span { from, to, .. } = self.span;
        ((to.number() - from.number()) / SLOTS_OF_DAY).max(1)
    }

    /// Returns the words for the period itself, such as `in 30 days`.
    pub(crate) fn within(&self) -> String {
        match (self.choice, self.days()) {
            (Choice::Today, _) => "today".to_owned(),
            (_, 1) => "in one day".to_owned(),
            (_, days) => format!("in {days} days"),
        }
    }

    /// Returns the words for the period before.
    pub(crate) fn before(&self) -> String {
        match (self.choice, self.days()) {
            (Choice::Today, _) => "yesterday".to_owned(),
            (_, 1) => "the day before".to_owned(),
            (_, days) => format!("{days} days before"),
        }
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
        let Span { from, to, .. } = self.span;
        let last = Slot::from_number(to.number() - 1);
        let days = if short_day(from) == short_day(last) {
            short_day(from)
        } else {
            format!("{} – {}", short_day(from), short_day(last))
        };
        let is_custom = self.choice == Choice::Custom;
        let kept = ["metric", "quarter", "name", "status", "tag", "sort"];
        PeriodView {
            choices: vec![
                link("Today", "today", Choice::Today),
                link("7 days", "7d", Choice::Week),
                link("30 days", "30d", Choice::Month),
                link("Custom…", "custom", Choice::Custom),
            ],
            days,
            before: if self.choice == Choice::Today {
                "yesterday up to the same time".to_owned()
            } else {
                format!("the {}", self.before().trim_start_matches("the "))
            },
            custom: is_custom.then(|| [date_input(from), date_input(last)]),
            kept: kept
                .into_iter()
                .map(|name| (name, asked.text(name).to_owned()))
                .filter(|it| is_custom && !it.1.is_empty())
                .collect(),
        }
    }
}

fn first_slot_of_day(now: i64) -> i64 {
    Slot::at(now.div_euclid(1000)).number().div_euclid(SLOTS_OF_DAY) * SLOTS_OF_DAY
}

fn today_of(now: i64) -> Span {
    let current = Slot::at(now.div_euclid(1000)).number();
    let hour_ends = current.div_euclid(4) * 4 + 4;
    span(first_slot_of_day(now), hour_ends, current, SLOTS_OF_DAY, StepLength::Hour)
}

/// Returns whole days, which may reach into today.
fn days(from: i64, to: i64, now: i64) -> Span {
    let current = Slot::at(now.div_euclid(1000)).number();
    let step =
        if to - from <= FEW_DAYS * SLOTS_OF_DAY { StepLength::Hour } else { StepLength::Day };
    span(from, to, to.min(current), to - from, step)
}

/// Returns the days of the form: the last week if it says none, and no day after today.
fn custom(asked: &Fields, today: i64, now: i64) -> Span {
    let tomorrow = today + SLOTS_OF_DAY;
    let day = |name| read_date(asked.text(name)).map(Slot::number);
    let from = day("from").unwrap_or(today - 7 * SLOTS_OF_DAY).min(today);
    let last = day("to").unwrap_or(today - SLOTS_OF_DAY).max(from);
    let to = (last + SLOTS_OF_DAY).min(tomorrow).min(from + MOST_DAYS * SLOTS_OF_DAY);
    days(from, to, now)
}

fn span(from: i64, to: i64, complete: i64, distance: i64, step: StepLength) -> Span {
    let slot = Slot::from_number;
    Span { from: slot(from), to: slot(to), complete: slot(complete), distance, step }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-03-18T10:22:04Z.
    const NOW: i64 = 1_773_829_324_000;

    fn asked(pairs: &[(&str, &str)]) -> (ChosenPeriod, PeriodView) {
        let pairs = pairs.iter().map(|it| (it.0.to_owned(), it.1.to_owned()));
        let fields = Fields::new(pairs.collect());
        let period = ChosenPeriod::asked(&fields, NOW);
        (period, period.view(&fields))
    }

    #[test]
    fn periods_end_with_their_last_complete_day() {
        let (month, view) = asked(&[]);
        assert!(!month.is_asked);
        assert_eq!(view.days, "16 Feb – 17 Mar");
        assert_eq!(view.before, "the 30 days before");
        assert_eq!(month.span.compared(), Some(month.span.whole()));
        assert_eq!(month.span.steps().count(), 30);
        let (week, view) = asked(&[("period", "7d")]);
        assert_eq!((view.days.as_str(), week.span.steps().count()), ("11 Mar – 17 Mar", 7));
    }

    #[test]
    fn of_today_only_complete_slots_are_compared_with_yesterday() {
        let (today, view) = asked(&[("period", "today")]);
        assert_eq!((view.days.as_str(), today.span.step), ("18 Mar", StepLength::Hour));
        assert_eq!(today.span.steps().count(), 11);
        let compared = today.span.compared().and_then(|it| it.to).unwrap();
        assert_eq!(compared, Slot::at(1_773_828_900));
        assert_eq!(
            today.span.before().and_then(|it| it.to).unwrap().number(),
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
}
