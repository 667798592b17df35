//! The CTR of a banner with its 95 % interval, on one scale for all of a table.

use std::fmt::Write;

use bams_domain::Performance;

use super::scale::place;
use crate::dashboard::html::Html;
use crate::dashboard::numbers::{NONE, percent};

/// The width of the drawing.
const WIDTH: f64 = 144.0;

/// Below so many impressions the point is hollow.
const FEW: u64 = 100;

/// From so many impressions on, lists tell a rate without its interval.
const MANY: u64 = 1_000;

/// The ends that a scale may have, in percent.
const ENDS: [u32; 14] = [1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 40, 60, 100];

/// The scale of a table, and the CTR of all its banners.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Whiskers {
    /// The end of the scale, in percent.
    pub(crate) end: u32,
    all: Option<f64>,
}

impl Whiskers {
    /// Makes the scale of some banners. Those with few impressions may leave it, unless all have few.
    pub(crate) fn of<'a>(performances: impl Iterator<Item = &'a Performance>) -> Self {
        let (mut all, mut most, mut most_of_few) = (Performance::default(), 0.0_f64, 0.0_f64);
        for performance in performances {
            all += *performance;
            if let Some(interval) = performance.click_through_interval() {
                let of_its_kind =
                    if performance.impressions >= FEW { &mut most } else { &mut most_of_few };
                *of_its_kind = of_its_kind.max(interval.high);
            }
        }
        if most <= 0.0 {
            most = most_of_few;
        }
        let end = ENDS.into_iter().find(|end| f64::from(*end) / 100.0 >= most * 1.1).unwrap_or(100);
        let all = all.click_through_rate().filter(|_| all.clicks <= all.impressions);
        Self { end, all }
    }

    /// Returns the same scale with the CTR of others as the line.
    pub(crate) fn with_all(self, all: &Performance) -> Self {
        let rate = all.click_through_rate().filter(|_| all.clicks <= all.impressions);
        Self { all: rate, ..self }
    }

    /// Returns the CTR of all banners.
    pub(crate) fn all(&self) -> Option<f64> {
        self.all
    }

    /// Draws the interval of a banner, or a word where there is none.
    pub(crate) fn draw(&self, performance: &Performance) -> Html {
        let (Some(interval), Some(rate)) =
            (performance.click_through_interval(), performance.click_through_rate())
        else {
            return Html(format!(r#"<span class="m">{NONE}</span>"#));
        };
        let across = |rate: f64| rate * 100.0 / f64::from(self.end) * WIDTH;
        let (low, high) = (across(interval.low), across(interval.high));
        let mut drawing = String::new();
        if let Some(all) = self.all {
            let _ = write!(
                drawing,
                r#"<path class="all" d="M{} 0v16"/>"#,
                place(across(all).min(WIDTH))
            );
        }
        if low >= WIDTH {
            drawing.push_str(r#"<path d="M126 8H143M138 3.5l5 4.5-5 4.5"/>"#);
        } else if high > WIDTH {
            let low = place(low);
            let _ = write!(drawing, r#"<path d="M{low} 5v6M{low} 8H143M138 3.5l5 4.5-5 4.5"/>"#);
        } else {
            let (low, high) = (place(low), place(high));
            let _ = write!(drawing, r#"<path d="M{low} 8H{high}M{low} 5v6M{high} 5v6"/>"#);
        }
        if across(rate) <= WIDTH {
            let class = if performance.impressions < FEW { r#" class="o""# } else { "" };
            let _ =
                write!(drawing, r#"<circle{class} cx="{}" cy="8" r="3.5"/>"#, place(across(rate)));
        }
        Html(format!(
            r##"<svg class="wh" viewBox="0 0 144 16" aria-hidden="true"><use href="#i-axis"/>{drawing}</svg>"##
        ))
    }
}

/// Returns an interval in words.
pub(crate) fn interval_text(performance: &Performance) -> String {
    match performance.click_through_interval() {
        Some(it) => format!("{} to {}", percent(it.low, 1), percent(it.high, 1)),
        None if performance.clicks > performance.impressions => {
            "more clicks than impressions, no interval".to_owned()
        }
        None => String::new(),
    }
}

/// Returns the interval of a rate that lists tell with it, because it rests on few impressions; empty if
/// there are many, or none.
pub(crate) fn interval_of_few(performance: &Performance) -> String {
    if performance.impressions < MANY { interval_text(performance) } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(impressions: u64, clicks: u64) -> Performance {
        Performance { impressions, clicks, ..Performance::default() }
    }

    #[test]
    fn little_is_hollow_too_much_is_an_arrow_and_nonsense_is_a_word() {
        let banners = [shown(4_510, 211), shown(3, 1), shown(0, 0), shown(5, 7)];
        let whiskers = Whiskers::of(banners.iter());
        assert_eq!(whiskers.end, 6);
        let drawings = banners.map(|it| whiskers.draw(&it).0);
        assert!(drawings[0].contains("<circle cx") && !drawings[0].contains("l5 4.5"));
        assert!(drawings[1].contains("l5 4.5") && !drawings[1].contains("<circle"));
        assert!(drawings[2].contains(NONE) && drawings[3].contains(NONE));
        assert!(whiskers.draw(&shown(50, 2)).0.contains(r#"<circle class="o""#));
        assert_eq!(Whiskers::of([shown(7, 3), shown(9, 2)].iter()).end, 100);
        assert_eq!(interval_text(&banners[3]), "more clicks than impressions, no interval");
    }
}
