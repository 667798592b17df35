//! Bars: of a row in a table, of the quarters of the hour, and from impression to conversion.

use std::fmt::Write;

use bams_domain::{Performance, Quarter};

use super::scale::place;
use crate::dashboard::html::Html;
use crate::dashboard::numbers::{count, share, whole_money, width};

/// Draws the bar of a row. `class` may make it thicker (`l`).
pub(crate) fn bar(part: f64, is_first: bool, class: &str) -> Html {
    let class = if class.is_empty() { "bar".to_owned() } else { format!("bar {class}") };
    let first = if is_first { r#" class="on""# } else { "" };
    // The smallest bar is still wide enough to be seen.
    let part = if part > 0.0 { part.max(0.004) } else { 0.0 };
    Html(format!(
        r#"<svg class="{class}" aria-hidden="true"><rect width="{}" height="100%"{first}/></svg>"#,
        width(part)
    ))
}

/// Draws the revenue of the four quarters of the hour, with the running one in ink.
pub(crate) fn quarter_bars(quarters: &[Performance; 4], running: Quarter) -> Html {
    let micros = quarters.map(|it| it.revenue.micros().max(0));
    let most = micros.into_iter().max().unwrap_or(0);
    let (mut bars, mut texts) = (String::new(), String::new());
    for (quarter, (x, value)) in
        Quarter::ALL.into_iter().zip([4, 29, 54, 79].into_iter().zip(micros))
    {
        let height = share(value, most) * 100.0;
        let is_running = quarter == running;
        let _ = write!(
            bars,
            r#"<rect{} x="{x}%" width="17%" y="{}" height="{}" rx="2"/>"#,
            if is_running { r#" class="on""# } else { "" },
            place(132.0 - height),
            place(height),
        );
        #[expect(clippy::cast_precision_loss, reason = "a label has few digits")]
        let label = whole_money(value as f64);
        let middle = f64::from(x) + 8.5;
        let ink = if is_running { r#" class="e""# } else { "" };
        let _ = write!(
            texts,
            r#"<text x="{middle}%" y="{}" text-anchor="middle"{}>{label}</text><text x="{middle}%" y="150" text-anchor="middle"{}>Q{quarter}{}</text>"#,
            place(126.0 - height),
            ink,
            ink,
            if is_running { " now" } else { "" },
        );
    }
    Html(format!(
        r#"<svg height="168" role="img" aria-labelledby="q-c"><line class="g0" x2="100%" y1="132" y2="132"/><g class="bars">{bars}</g>{texts}</svg>"#
    ))
}

/// Draws the way from impressions to conversions.
pub(crate) fn funnel(performance: &Performance) -> Html {
    let Performance { impressions, clicks, conversions, .. } = *performance;
    let most = impressions.max(clicks).max(conversions);
    let whole = |it: u64| i64::try_from(it).unwrap_or(i64::MAX);
    let mut steps = String::new();
    let all = [("Impressions", impressions), ("Clicks", clicks), ("Conversions", conversions)];
    for ((word, number), y) in all.into_iter().zip([14, 66, 118]) {
        let part = share(whole(number), whole(most));
        let part = if number > 0 { part.max(0.005) } else { 0.0 };
        let _ = write!(
            steps,
            r#"<text y="{y}">{word}</text><text class="e" x="100%" y="{y}" text-anchor="end">{}</text><rect y="{}" height="10" rx="2" width="{}"{}/>"#,
            count(number),
            y + 8,
            width(part),
            if y == 14 { r#" class="on""# } else { "" },
        );
    }
    Html(format!(
        r#"<svg height="146" role="img" aria-labelledby="fun-c"><g class="bars">{steps}</g></svg>"#
    ))
}
