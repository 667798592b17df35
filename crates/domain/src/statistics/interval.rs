//! The confidence interval of a rate.

/// The 97.5 % quantile of the standard normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// The range in which the true rate lies with a confidence of 95 %. Both ends are between 0 and 1.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Interval {
    /// Returns Wilson's score interval for `hits` out of `trials`, without continuity correction.
    ///
    /// Unlike "rate ± 2 standard errors" it stays close to its confidence for few trials and for rates
    /// near 0 and 1, and stays within 0 to 1 (E. B. Wilson, "Probable inference, the law of
    /// succession, and statistical inference", JASA 22, 1927; recommended by L. D. Brown
    /// and others, Statistical Science 16, 2001).
    ///
    /// `None` without trials, and for more hits than trials, which are no share.
    ///
    /// ```
    /// use bams_domain::Interval;
    ///
    /// // One click in three impressions is not "33 %".
    /// let few = Interval::wilson(1, 3).unwrap();
    /// assert!((few.low - 0.061).abs() < 0.001 && (few.high - 0.792).abs() < 0.001);
    ///
    /// let many = Interval::wilson(1_000, 3_000).unwrap();
    /// assert!(many.low > 0.316 && many.high < 0.351);
    /// assert_eq!(Interval::wilson(0, 0), None);
    /// assert_eq!(Interval::wilson(4, 3), None);
    /// ```
    #[expect(clippy::cast_precision_loss, reason = "a rate needs no more than 53 bits")]
    pub fn wilson(hits: u64, trials: u64) -> Option<Self> {
        if trials == 0 || hits > trials {
            return None;
        }
        let (trials_real, rate) = (trials as f64, hits as f64 / trials as f64);
        let shrink = 1.0 + Z * Z / trials_real;
        let middle = (rate + Z * Z / (2.0 * trials_real)) / shrink;
        let variance = rate * (1.0 - rate) / trials_real + (Z / (2.0 * trials_real)).powi(2);
        let reach = Z * variance.sqrt() / shrink;
        // The formula gives exactly 0 and 1 at the ends; rounding must not pass them.
        let low = if hits == 0 { 0.0 } else { (middle - reach).max(0.0) };
        let high = if hits == trials { 1.0 } else { (middle + reach).min(1.0) };
        Some(Self { low, high })
    }
}
