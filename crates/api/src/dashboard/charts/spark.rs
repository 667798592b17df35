//! A line without axes, as high as a word.

use super::scale::place;
use crate::dashboard::html::Html;

/// The height of the drawing.
const HEIGHT: f64 = 28.0;

/// The part of it that the highest value takes.
const REACH: f64 = 26.5;

/// Draws values from left to right.
pub(crate) fn spark(values: &[f64]) -> Html {
    let most = values.iter().copied().fold(0.0, f64::max);
    let height = |value: f64| if most > 0.0 { HEIGHT - value / most * REACH } else { HEIGHT };
    if values.is_empty() {
        return Html::default();
    }
    Html(format!(
        r#"<svg class="spark" viewBox="0 0 100 28" preserveAspectRatio="none" aria-hidden="true"><path d="M{}"/></svg>"#,
        points(values.iter().map(|it| height(*it)))
    ))
}

/// Returns points at equal distances from 0 to 100, as a path has them.
pub(super) fn points(heights: impl ExactSizeIterator<Item = f64>) -> String {
    let last = heights.len().saturating_sub(1).max(1);
    #[expect(clippy::cast_precision_loss, reason = "a chart has few points")]
    let across = |index: usize| index as f64 / last as f64 * 100.0;
    let points =
        heights.enumerate().map(|(index, it)| format!("{} {}", place(across(index)), place(it)));
    points.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_value_is_at_the_top_and_nothing_at_the_bottom() {
        assert!(
            spark(&[0.0, 2.0, 1.0]).0.contains("M0 28 50 1.5 100 14.8"),
            "{}",
            spark(&[0.0, 2.0, 1.0])
        );
        assert!(spark(&[0.0]).0.contains("M0 28"));
        assert!(spark(&[]).0.is_empty());
    }
}
