//! Money as an integer, from the file to the report.

use std::{fmt, str::FromStr};

use thiserror::Error;

const MICROS_PER_UNIT: i64 = 1_000_000;
const MOST_DECIMALS: usize = 6;

/// What conversions earned, in micros: millionths of the currency.
///
/// Parsing takes ASCII digits, optionally followed by a point and more digits, of which those after
/// the sixth are zeros. It is exact, because it never passes through a float. Signs, exponents, spaces
/// and thousands separators are refused, see [`InvalidRevenue`].
///
/// Display writes the shortest exact decimal: without trailing zeros, and without a point in a whole
/// number. The text parses back to the same revenue unless it is negative.
///
/// ```
/// use bams_domain::{InvalidRevenue, Revenue};
///
/// let revenue: Revenue = "1.173893".parse()?;
/// assert_eq!(revenue.micros(), 1_173_893);
/// assert_eq!("12.50".parse::<Revenue>()?.to_string(), "12.5");
/// assert_eq!("-3".parse::<Revenue>(), Err(InvalidRevenue::Negative));
/// # Ok::<(), InvalidRevenue>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub struct Revenue(i64);

impl Revenue {
    /// No revenue.
    pub const ZERO: Self = Self(0);

    /// Makes a revenue of that many micros, which may be negative for corrections.
    ///
    /// ```
    /// use bams_domain::Revenue;
    ///
    /// assert_eq!(Revenue::from_micros(500_000).to_string(), "0.5");
    /// ```
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Returns the revenue in micros.
    ///
    /// ```
    /// use bams_domain::Revenue;
    ///
    /// assert_eq!(Revenue::ZERO.micros(), 0);
    /// ```
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Returns the sum, or `None` if it is too large (beyond nine million million of the currency).
    ///
    /// ```
    /// use bams_domain::Revenue;
    ///
    /// let one = Revenue::from_micros(1);
    /// assert_eq!(one.checked_add(one), Some(Revenue::from_micros(2)));
    /// assert_eq!(Revenue::from_micros(i64::MAX).checked_add(one), None);
    /// ```
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(micros) => Some(Self(micros)),
            None => None,
        }
    }

    /// Returns the sum, or the largest revenue if the sum is too large.
    ///
    /// ```
    /// use bams_domain::Revenue;
    ///
    /// let most = Revenue::from_micros(i64::MAX);
    /// assert_eq!(most.saturating_add(Revenue::from_micros(1)), most);
    /// ```
    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl fmt::Display for Revenue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = self.0.unsigned_abs();
        let (whole, fraction) =
            (micros / MICROS_PER_UNIT.unsigned_abs(), micros % MICROS_PER_UNIT.unsigned_abs());

        let mut text = whole.to_string();
        if fraction > 0 {
            text.push_str(format!(".{fraction:06}").trim_end_matches('0'));
        }
        formatter.pad_integral(self.0 >= 0, "", &text)
    }
}

impl FromStr for Revenue {
    type Err = InvalidRevenue;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = match unsigned.split_once('.') {
            Some((whole, fraction)) if is_number(fraction) => (whole, fraction),
            Some(_) => return Err(InvalidRevenue::NotANumber),
            None => (unsigned, ""),
        };

        if !is_number(whole) {
            return Err(InvalidRevenue::NotANumber);
        }
        if negative {
            return Err(InvalidRevenue::Negative);
        }
        let (fraction, rest) = fraction.split_at(fraction.len().min(MOST_DECIMALS));
        if rest.bytes().any(|digit| digit != b'0') {
            return Err(InvalidRevenue::TooPrecise);
        }
        let padding = std::iter::repeat_n(b'0', MOST_DECIMALS - fraction.len());
        whole
            .bytes()
            .chain(fraction.bytes())
            .chain(padding)
            .try_fold(0_i64, |micros, digit| {
                micros.checked_mul(10)?.checked_add(i64::from(digit - b'0'))
            })
            .map(Self)
            .ok_or(InvalidRevenue::TooLarge)
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit())
}

/// Why a text is not a revenue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidRevenue {
    /// Characters other than digits, or no digit before or after the point.
    #[error("revenue must be a plain decimal number such as 12 or 1.173893")]
    NotANumber,
    /// A minus sign before a number, even before zero.
    #[error("revenue must not be negative")]
    Negative,
    /// More than six decimals, of which the further ones are not all zeros.
    #[error("revenue must not have more than six decimals")]
    TooPrecise,
    /// More than [`i64::MAX`] micros.
    #[error("revenue must not exceed 9223372036854.775807")]
    TooLarge,
}

#[cfg(test)]
mod tests {
    use super::{InvalidRevenue, InvalidRevenue::*, Revenue};

    fn check(text: &str, expected: Result<i64, InvalidRevenue>) {
        assert_eq!(text.parse().map(Revenue::micros), expected, "{text:?}");
    }

    #[test]
    fn plain_decimals_are_kept_exactly() {
        check("1.173893", Ok(1_173_893));
        check("12", Ok(12_000_000));
        check("0.5", Ok(500_000));
        check("0.000001", Ok(1));
        check("0", Ok(0));
        check("007.10", Ok(7_100_000));
        check("9223372036854.775807", Ok(i64::MAX));
        check("12.50000000", Ok(12_500_000));
        check("0.00000000000000000000", Ok(0));
    }

    #[test]
    fn anything_else_is_refused_with_its_reason() {
        for text in [
            "", " ", ".", ".5", "5.", "1..2", "1.2.3", "+1", "1e3", "1,000", "1_000", " 1", "1 ",
            "-", "-x", "--1", "NaN", "inf", "0x10", "١", "1.٥",
        ] {
            check(text, Err(NotANumber));
        }
        for text in ["-0", "-1", "-0.5", "-1.0000000", "-99999999999999999999"] {
            check(text, Err(Negative));
        }
        for text in ["1.0000001", "0.1234567", "0.00000000000000000001"] {
            check(text, Err(TooPrecise));
        }
        for text in ["9223372036854.775808", "9223372036855", "99999999999999999999999"] {
            check(text, Err(TooLarge));
        }
    }

    #[test]
    fn it_is_written_as_short_as_it_is_exact() {
        for (micros, text) in [
            (0, "0"),
            (1, "0.000001"),
            (500_000, "0.5"),
            (12_000_000, "12"),
            (10_100_000, "10.1"),
            (-1_500_000, "-1.5"),
            (i64::MAX, "9223372036854.775807"),
            (i64::MIN, "-9223372036854.775808"),
        ] {
            assert_eq!(Revenue::from_micros(micros).to_string(), text);
        }
        assert_eq!(format!("{:>6}", Revenue::from_micros(1_500_000)), "   1.5");
    }
}
