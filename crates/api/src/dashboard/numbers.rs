//! Numbers as people read them: `1,234,567`, money with two decimals, rates in percent, and `–` where
//! there is nothing to tell.

use bams_domain::{Quarter, Revenue};

/// What stands for a number that there is not.
pub(crate) const NONE: &str = "–";

/// A narrow space that keeps a number and its unit together.
const NARROW: char = '\u{202f}';

/// The micros of a hundredth of the currency.
const MICROS_PER_CENT: u64 = 10_000;

/// Returns a count with a comma between thousands.
pub(crate) fn count(count: u64) -> String {
    let digits = count.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Returns the number of things with the word for one or for several of them.
pub(crate) fn counted(number: u64, one: &str, several: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { several })
}

/// Returns money with two decimals, rounded half away from zero, without a sign of a currency.
pub(crate) fn money(revenue: Revenue) -> String {
    let cents =
        revenue.micros().unsigned_abs().saturating_add(MICROS_PER_CENT / 2) / MICROS_PER_CENT;
    let minus = if revenue.micros() < 0 && cents > 0 { "−" } else { "" };
    format!("{minus}{}.{:02}", count(cents / 100), cents % 100)
}

/// Returns money without decimals, for the axis of a chart.
pub(crate) fn whole_money(revenue: f64) -> String {
    whole(revenue / 1e6)
}

/// Returns a number without decimals, or with two if it is small.
pub(crate) fn whole(number: f64) -> String {
    if number.fract() != 0.0 && number.abs() < 10.0 {
        return format!("{number:.2}");
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped before")]
    let rounded = number.round().clamp(0.0, 9e18) as u64;
    count(rounded)
}

/// Returns a share of one as percent with two decimals, or [`NONE`].
pub(crate) fn rate(rate: Option<f64>) -> String {
    rate.map_or_else(|| NONE.to_owned(), |it| percent(it, 2))
}

/// Returns a share of one as percent.
pub(crate) fn percent(share: f64, decimals: usize) -> String {
    format!("{:.decimals$}{NARROW}%", share * 100.0)
}

/// Returns money that may not be known, or [`NONE`].
pub(crate) fn money_or_none(revenue: Option<Revenue>) -> String {
    revenue.map_or_else(|| NONE.to_owned(), money)
}

/// Returns a number of bytes, in megabytes from a million on.
pub(crate) fn bytes(bytes: u64) -> String {
    if bytes < 1_000_000 {
        return format!("{} bytes", count(bytes));
    }
    #[expect(clippy::cast_precision_loss, reason = "one decimal is told")]
    let megabytes = bytes as f64 / 1e6;
    if megabytes < 1_000.0 {
        return format!("{megabytes:.1}{NARROW}MB");
    }
    format!("{:.1}{NARROW}GB", megabytes / 1_000.0)
}

/// Returns a part of a whole between 0 and 1, and 0 of nothing.
#[expect(clippy::cast_precision_loss, reason = "a share is drawn, not counted")]
pub(crate) fn share(part: i64, whole: i64) -> f64 {
    if whole <= 0 { 0.0 } else { (part as f64 / whole as f64).clamp(0.0, 1.0) }
}

/// Returns a width in percent as attributes of SVG have it.
pub(crate) fn width(share: f64) -> String {
    let text = format!("{:.1}", share * 100.0);
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}

/// Returns the minutes of a quarter of the hour, such as `:15–:29`.
pub(crate) const fn minutes(quarter: Quarter) -> &'static str {
    match quarter {
        Quarter::First => ":00–:14",
        Quarter::Second => ":15–:29",
        Quarter::Third => ":30–:44",
        Quarter::Fourth => ":45–:59",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (1_234_567, "1,234,567"),
            (100_000, "100,000"),
        ] {
            assert_eq!(count(number), text);
        }
        assert_eq!(counted(1, "banner", "banners"), "1 banner");
        assert_eq!(counted(1_200, "banner", "banners"), "1,200 banners");
    }

    #[test]
    fn money_has_two_decimals_and_no_sign() {
        for (micros, text) in [
            (0, "0.00"),
            (4_999, "0.00"),
            (5_000, "0.01"),
            (-5_000, "−0.01"),
            (-4_999, "0.00"),
            (1_173_893, "1.17"),
            (29_352_250_000, "29,352.25"),
            (i64::MAX, "9,223,372,036,854.78"),
        ] {
            assert_eq!(money(Revenue::from_micros(micros)), text, "{micros}");
        }
    }

    #[test]
    fn nothing_divided_by_nothing_is_a_dash() {
        assert_eq!(rate(None), "–");
        assert_eq!(rate(Some(0.031)), "3.10\u{202f}%");
        assert_eq!(money_or_none(None), "–");
    }

    #[test]
    fn widths_are_short() {
        assert_eq!([0.0, 0.5, 0.4444, 1.0].map(width), ["0%", "50%", "44.4%", "100%"]);
        assert!((share(1, 4) - 0.25).abs() < 1e-9);
        assert!((share(5, 0), share(9, 3)) == (0.0, 1.0));
    }
}
