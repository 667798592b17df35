//! A figure step by step, beside the period before.

use std::fmt::Write;

use bams_app::reporting::{Series, SeriesStep, StepLength};
use bams_domain::{Figure, Performance};

use super::scale::{LINES, distance, place};
use super::spark::points;
use crate::dashboard::figures::{value, word};
use crate::dashboard::html::Html;
use crate::dashboard::numbers::{percent, whole, whole_money};
use crate::dashboard::zone::{hour, short_day, weekday};

/// Where the plot begins and how high it is.
const TOP: f64 = 14.0;
const HEIGHT: f64 = 200.0;

/// How much of the width the plot takes, in percent; the values at its end take the rest.
const WIDTH: f64 = 90.5;

/// How far apart the values at the end of the lines are.
const APART: f64 = 30.0;

/// A chart with its sentence and its table.
pub(crate) struct LineChart {
    pub(crate) heading: String,
    pub(crate) caption: String,
    pub(crate) drawing: Html,
    /// The words above the columns of the table.
    pub(crate) columns: [String; 3],
    pub(crate) rows: Vec<LineRow>,
}

/// A row of the table.
pub(crate) struct LineRow {
    pub(crate) label: String,
    pub(crate) now: String,
    pub(crate) before: String,
}

/// Draws a figure of a period. `end` names the last value, such as `now`, and `before` the period before,
/// such as `30 days before`.
pub(crate) fn line_chart(
    series: &Series,
    figure: Figure,
    step: StepLength,
    [end, before]: [&str; 2],
    currency: &str,
) -> LineChart {
    let word = word(figure, currency);
    let unit = match step {
        StepLength::Hour => "Hour",
        StepLength::Day => "Day",
    };
    let row = |it: &SeriesStep| LineRow {
        label: label(it, step),
        now: value(figure, &it.now),
        before: value(figure, &it.before),
    };
    LineChart {
        heading: format!("{word} by {}", step.word()),
        caption: caption(series, figure, step, &word),
        drawing: drawing(series, figure, step, end),
        columns: [unit.to_owned(), word, before.to_owned()],
        rows: series.steps.iter().map(row).collect(),
    }
}

fn label(step: &SeriesStep, unit: StepLength) -> String {
    match unit {
        StepLength::Hour => hour(step.local),
        StepLength::Day => weekday(step.local),
    }
}

/// Says what is to be seen. It is the name of the drawing.
fn caption(series: &Series, figure: Figure, step: StepLength, word: &str) -> String {
    let Series { compared, before, total, .. } = series;
    let (was, is) = (value(figure, before), value(figure, compared));
    let mut text = if *before == Performance::default() {
        format!("{word}: {}. Nothing was counted in the period before.", value(figure, total))
    } else if !figure.differs(before, compared) {
        format!("{word} was {was} and is {is}, which is within chance.")
    } else if figure.of(before) < figure.of(compared) {
        format!("{word} rose from {was} to {is}.")
    } else {
        format!("{word} fell from {was} to {is}.")
    };
    let of = |step: &SeriesStep| figure.of(&step.now).unwrap_or(0.0);
    let highest = series.steps.iter().max_by(|one, other| of(one).total_cmp(&of(other)));
    if let Some(highest) = highest.filter(|it| of(it) > 0.0) {
        let joint = if step == StepLength::Day { "on" } else { "at" };
        let most = value(figure, &highest.now);
        let _ = write!(text, " The highest was {joint} {} with {most}.", label(highest, step));
    }
    if let Some(first) = series.utc_before {
        let _ = write!(text, " Days before {} are UTC.", short_day(first));
    }
    text
}

fn drawing(series: &Series, figure: Figure, step: StepLength, last_word: &str) -> Html {
    let values = |of: fn(&SeriesStep) -> &Performance| -> Vec<f64> {
        series.steps.iter().map(|it| figure.of(of(it)).unwrap_or(0.0).max(0.0)).collect()
    };
    let (now, before) = (values(|it| &it.now), values(|it| &it.before));
    let most = now.iter().chain(&before).copied().fold(0.0, f64::max);
    let grid = if most > 0.0 { distance(most) } else { unit(figure) };
    let end = grid * f64::from(LINES);
    let down = |value: f64| (1.0 - value / end) * 100.0;
    let heights = |values: &[f64]| points(values.iter().map(|it| down(*it)));
    let (line, earlier) = (heights(&now), heights(&before));
    let mut svg = String::from(r#"<svg height="236" role="img" aria-labelledby="day-c">"#);
    for index in 0..=LINES {
        let y = place(TOP + HEIGHT - HEIGHT / f64::from(LINES) * f64::from(index));
        let class = if index == 0 { "g0" } else { "g" };
        let _ = write!(svg, r#"<line class="{class}" x2="100%" y1="{y}" y2="{y}"/>"#);
    }
    let _ = write!(
        svg,
        r#"<svg class="plot" y="14" width="{WIDTH}%" height="200" viewBox="0 0 100 100" preserveAspectRatio="none"><path class="a" d="M{line}V100H0Z"/><path class="p" d="M{earlier}"/><path d="M{line}"/></svg>"#
    );
    axis(&mut svg, figure, grid);
    steps(&mut svg, series, step);
    let last = |values: &[f64]| values.last().copied().unwrap_or(0.0);
    let values = [(last_word, last(&now)), ("before", last(&before))];
    ends(&mut svg, figure, values, down);
    svg.push_str("</svg>");
    Html(svg)
}

/// Returns the distance of the lines of a chart without values.
fn unit(figure: Figure) -> f64 {
    match figure {
        Figure::Ctr => 0.01,
        Figure::Revenue | Figure::Rpm => 1e6,
        Figure::Impressions | Figure::Clicks | Figure::Conversions => 1.0,
    }
}

fn short(figure: Figure, value: f64) -> String {
    match figure {
        Figure::Ctr => {
            let hundredths = value * 100.0;
            percent(value, usize::from((hundredths - hundredths.round()).abs() > 1e-6))
        }
        Figure::Revenue | Figure::Rpm => whole_money(value),
        Figure::Impressions | Figure::Clicks | Figure::Conversions => whole(value),
    }
}

fn axis(svg: &mut String, figure: Figure, grid: f64) {
    for index in 0..=LINES {
        let y = place(TOP + HEIGHT + 4.0 - HEIGHT / f64::from(LINES) * f64::from(index));
        let text = if index == 0 { "0".to_owned() } else { short(figure, grid * f64::from(index)) };
        let _ = write!(svg, r#"<text x="-8" y="{y}" text-anchor="end">{text}</text>"#);
    }
}

/// Writes at most five labels below the plot. Two of them leave on a phone.
fn steps(svg: &mut String, series: &Series, step: StepLength) {
    let last = series.steps.len().saturating_sub(1);
    let wanted = [0, last.div_ceil(4), last / 2, last - last.div_ceil(4), last];
    let mut told = None;
    for (place_of, index) in wanted.into_iter().enumerate() {
        let Some(found) = series.steps.get(index).filter(|_| told < Some(index)) else { continue };
        told = Some(index);
        #[expect(clippy::cast_precision_loss, reason = "a chart has few steps")]
        let x = index as f64 / last.max(1) as f64 * WIDTH;
        let class = if place_of % 2 == 1 { "day w" } else { "day" };
        let anchor = match index {
            0 => "",
            _ if index == last => r#" text-anchor="end""#,
            _ => r#" text-anchor="middle""#,
        };
        let text = match step {
            StepLength::Hour => hour(found.local),
            StepLength::Day => short_day(found.local),
        };
        let _ = write!(svg, r#"<text class="{class}" x="{x:.2}%" y="232"{anchor}>{text}</text>"#);
    }
}

/// Names the values at the end of both lines, so that no legend is needed.
fn ends(
    svg: &mut String,
    figure: Figure,
    [(word, now), (word_before, before)]: [(&str, f64); 2],
    down: impl Fn(f64) -> f64,
) {
    let height = |value: f64| TOP + down(value) / 100.0 * HEIGHT;
    let (at, mut now_at, mut before_at) = (height(now), height(now), height(before));
    let gap = (before_at - now_at).abs();
    if gap < APART {
        let shift = (APART - gap) / 2.0;
        let is_below = before_at >= now_at;
        now_at += if is_below { -shift } else { shift };
        before_at += if is_below { shift } else { -shift };
    }
    // The lower word ends above the axis.
    let beyond = (now_at.max(before_at) + 17.0 - (TOP + HEIGHT)).max(0.0);
    let (now_at, before_at) = (now_at - beyond, before_at - beyond);
    let _ = write!(svg, r#"<circle class="pt" cx="{WIDTH}%" cy="{}" r="4"/>"#, place(at));
    for (class, word, value, y) in [("e", word, now, now_at), ("p", word_before, before, before_at)]
    {
        let _ = write!(
            svg,
            r#"<text class="{class}" x="92%" y="{}">{}</text><text class="{class}" x="92%" y="{}">{word}</text>"#,
            place(y - 2.0),
            short(figure, value),
            place(y + 12.0),
        );
    }
}

#[cfg(test)]
mod tests {
    use bams_domain::{Revenue, Slot};

    use super::*;

    fn series(days: &[(u64, u64)]) -> Series {
        let sold = |conversions: u64| Performance {
            impressions: conversions * 1_000,
            clicks: conversions * 10,
            conversions,
            revenue: Revenue::from_micros(conversions.cast_signed() * 20_000_000),
        };
        let mut series = Series::default();
        for (index, (now, before)) in (0..).zip(days) {
            let slot = Slot::from_number(1_970_000 / 96 * 96 + index * 96);
            series.steps.push(SeriesStep { local: slot, now: sold(*now), before: sold(*before) });
            series.total += sold(*now);
            series.before += sold(*before);
        }
        series.compared = series.total;
        series
    }

    #[test]
    fn the_sentence_says_what_is_to_be_seen() {
        let caption = |days: &[(u64, u64)]| {
            let words = ["now", "2 days before"];
            line_chart(&series(days), Figure::Revenue, StepLength::Day, words, "").caption
        };
        assert!(
            caption(&[(900, 100), (950, 100)])
                .starts_with("Revenue rose from 4,000.00 to 37,000.00. The highest was on ")
        );
        assert!(caption(&[(9, 10), (10, 10)]).contains("within chance"));
        assert!(caption(&[(9, 0), (10, 0)]).contains("Nothing was counted in the period before"));
    }

    #[test]
    fn a_chart_of_nothing_is_flat_and_finite() {
        for days in [&[][..], &[(0, 0)], &[(0, 0); 30]] {
            for figure in Figure::ALL {
                let chart =
                    line_chart(&series(days), figure, StepLength::Day, ["17 Mar", "before"], "");
                assert!(!chart.drawing.0.contains("NaN") && !chart.drawing.0.contains("inf"));
                assert_eq!(chart.rows.len(), days.len());
                assert!(chart.drawing.0.contains(">17 Mar</text>"), "the last day is named");
            }
        }
    }
}
