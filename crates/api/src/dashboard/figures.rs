//! The six figures of a period: their words, their values, and whether they changed.

use bams_app::reporting::{Series, Whose, series};
use bams_domain::{Figure, Performance, Revenue};

use super::charts::{interval_of_few, spark};
use super::desk::Desk;
use super::fields::Fields;
use super::html::{Html, icon};
use super::numbers::{NONE, count, money, money_or_none, percent, rate};
use super::period::ChosenPeriod;
use crate::problem::ApiError;

/// Above this ratio a change is told as a factor instead of in percent.
const MANY_TIMES: f64 = 4.0;

/// A change of a figure, with an arrow only if it is beyond chance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FigureChange {
    pub(crate) class: &'static str,
    pub(crate) icon: Html,
    pub(crate) text: String,
}

/// A figure that is pressed to see its chart.
#[derive(Clone, Debug)]
pub(crate) struct Card {
    pub(crate) word: String,
    pub(crate) value: String,
    /// The interval of a rate of few.
    pub(crate) interval: String,
    pub(crate) change: FigureChange,
    pub(crate) spark: Option<Html>,
    pub(crate) address: String,
    pub(crate) is_current: bool,
}

impl Desk {
    /// Returns the period that an address asks for with its figures, or today with those of today, if none is
    /// asked for and only today has any.
    pub(super) async fn figures_of(
        &self,
        whose: Whose,
        asked: &Fields,
    ) -> Result<(ChosenPeriod, Series), ApiError> {
        let (database, zone) = (&self.parts.database, &self.browser.zone);
        let period = ChosenPeriod::asked(asked, zone, self.now);
        let told = series(database, whose, &period.span).await?;
        if told.is_empty() && !period.is_asked {
            let today = ChosenPeriod::today(zone, self.now);
            let of_today = series(database, whose, &today.span).await?;
            if !of_today.is_empty() {
                return Ok((today, of_today));
            }
        }
        Ok((period, told))
    }
}

/// Returns the word of a figure, with the currency of money if somebody named one.
pub(crate) fn word(figure: Figure, currency: &str) -> String {
    let word = match figure {
        Figure::Impressions => "Impressions",
        Figure::Clicks => "Clicks",
        Figure::Ctr => "CTR",
        Figure::Conversions => "Conversions",
        Figure::Revenue => "Revenue",
        Figure::Rpm => "RPM",
    };
    let is_money = matches!(figure, Figure::Revenue | Figure::Rpm);
    if is_money && !currency.is_empty() { format!("{word}, {currency}") } else { word.to_owned() }
}

/// Returns the value of a figure.
pub(crate) fn value(figure: Figure, performance: &Performance) -> String {
    match figure {
        Figure::Impressions => count(performance.impressions),
        Figure::Clicks => count(performance.clicks),
        Figure::Conversions => count(performance.conversions),
        Figure::Ctr => rate(performance.click_through_rate()),
        Figure::Revenue => money(performance.revenue),
        Figure::Rpm => money_or_none(performance.revenue_per_mille()),
    }
}

/// Returns the figure that an address asks for, which is revenue if it asks for none.
pub(crate) fn asked(fields: &Fields) -> Figure {
    let name = fields.text("metric");
    Figure::ALL.into_iter().find(|it| it.name() == name).unwrap_or(Figure::Revenue)
}

/// Returns how a figure changed.
pub(crate) fn change(figure: Figure, before: &Performance, now: &Performance) -> FigureChange {
    let flat = |text: String| FigureChange { class: "d", icon: icon("flat"), text };
    let (was, is) = (figure.of(before).unwrap_or(0.0), figure.of(now).unwrap_or(0.0));
    if was <= 0.0 {
        if is > 0.0 {
            return flat("nothing before".to_owned());
        }
        return FigureChange { class: "d", icon: Html::default(), text: NONE.to_owned() };
    }
    let text = ratio(is / was);
    if !figure.differs(before, now) {
        return flat(format!("{text} · within chance"));
    }
    let (class, name) = if is > was { ("d up", "up") } else { ("d down", "down") };
    FigureChange { class, icon: icon(name), text }
}

/// Returns a ratio of now to before as a change in percent.
fn ratio(ratio: f64) -> String {
    if ratio > MANY_TIMES {
        return format!("× {ratio:.1}");
    }
    let sign = if ratio < 1.0 { "−" } else { "+" };
    format!("{sign}{}", percent((ratio - 1.0).abs(), 1))
}

/// Returns a difference of revenue with its sign.
pub(crate) fn signed_money(micros: i64) -> String {
    let sign = if micros < 0 { "" } else { "+" };
    format!("{sign}{}", money(Revenue::from_micros(micros)))
}

/// Returns the six figures of a period.
pub(crate) fn cards(
    series: &Series,
    current: Figure,
    asked: &Fields,
    currency: &str,
    with_sparks: bool,
) -> Vec<Card> {
    let card = |figure: Figure| {
        let values = || -> Vec<f64> {
            series.steps.iter().map(|it| figure.of(&it.now).unwrap_or(0.0)).collect()
        };
        Card {
            word: word(figure, currency),
            value: value(figure, &series.total),
            interval: match figure {
                Figure::Ctr => interval_of_few(&series.total),
                _ => String::new(),
            },
            change: change(figure, &series.before, &series.compared),
            spark: with_sparks.then(|| spark(&values())),
            address: asked.with(&[("metric", figure.name()), ("undo", "")]),
            is_current: figure == current,
        }
    };
    Figure::ALL.map(card).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clicked(clicks: u64) -> Performance {
        Performance { impressions: 1_000_000, clicks, ..Performance::default() }
    }

    #[test]
    fn a_change_has_a_colour_only_beyond_chance() {
        let told = |before, now| {
            let change = change(Figure::Clicks, &clicked(before), &clicked(now));
            (change.class, change.text)
        };
        assert_eq!(told(1_000, 1_500), ("d up", "+50.0\u{202f}%".to_owned()));
        assert_eq!(told(1_500, 1_000), ("d down", "−33.3\u{202f}%".to_owned()));
        assert_eq!(told(1_000, 1_019), ("d", "+1.9\u{202f}% · within chance".to_owned()));
        assert_eq!(told(1_000, 11_800), ("d up", "× 11.8".to_owned()));
        assert_eq!(told(0, 9), ("d", "nothing before".to_owned()));
        assert_eq!(told(0, 0), ("d", "–".to_owned()));
    }
}
