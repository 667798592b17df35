//! The upper tails of two distributions: the probability that chance alone goes this far.

/// The most terms of a series that are added. Series end much earlier.
const TERMS: usize = 1_000_000;

/// The largest share of a sum that may be neglected.
const NEGLIGIBLE: f64 = 1e-15;

/// Returns the probability that at least `hits` of `draws` things are marked, if they are drawn without
/// replacement from `marked` marked and `plain` other ones: the one-sided p-value of Fisher's exact
/// test.
///
/// 1 if `hits` is at most the expected number, for which no caller needs the exact value.
pub(crate) fn hypergeometric(hits: f64, draws: f64, marked: f64, plain: f64) -> f64 {
    let all = marked + plain;
    if hits <= draws * marked / all || all <= 0.0 {
        return 1.0;
    }
    let missed = draws - hits;
    if missed < 0.0 || hits > marked {
        return 0.0;
    }
    let ln_first = ln_choose(marked, hits) + ln_choose(plain, missed) - ln_choose(all, draws);
    let (mut term, mut sum, mut k) = (1.0, 1.0, hits);
    // Beyond the expected number each term is smaller than the one before.
    for _ in 0..TERMS {
        term *= (marked - k) * (draws - k) / ((k + 1.0) * (plain - draws + k + 1.0));
        sum += term;
        k += 1.0;
        if term <= sum * NEGLIGIBLE {
            break;
        }
    }
    (ln_first.exp() * sum).min(1.0)
}

/// Returns the probability that a variable with Student's t distribution is at least `t`.
pub(crate) fn student(t: f64, freedom: f64) -> f64 {
    let tail = 0.5 * incomplete_beta(freedom / (freedom + t * t), freedom / 2.0, 0.5);
    if t >= 0.0 { tail } else { 1.0 - tail }
}

/// Returns the logarithm of a binomial coefficient.
fn ln_choose(of: f64, chosen: f64) -> f64 {
    ln_gamma(of + 1.0) - ln_gamma(chosen + 1.0) - ln_gamma(of - chosen + 1.0)
}

/// Returns ln Γ(x) for x > 0 by Stirling's series (Abramowitz and Stegun, 6.1.41), for which the
/// recurrence makes a small x large first.
fn ln_gamma(x: f64) -> f64 {
    let (mut large, mut product) = (x, 1.0);
    while large < 16.0 {
        product *= large;
        large += 1.0;
    }
    let inverse = 1.0 / large;
    let square = inverse * inverse;
    let series = inverse * (1.0 / 12.0 - square * (1.0 / 360.0 - square / 1260.0));
    let half_ln_tau = 0.918_938_533_204_672_8;
    (large - 0.5) * large.ln() - large + half_ln_tau + series - f64::ln(product)
}

/// Returns the regularised incomplete beta function, by its continued fraction (NIST Digital Library of
/// Mathematical Functions, 8.17.22) and Lentz's method.
#[expect(clippy::many_single_char_names, reason = "the names of the literature")]
fn incomplete_beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return x.clamp(0.0, 1.0);
    }
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - incomplete_beta(1.0 - x, b, a);
    }
    let ln_front =
        a * x.ln() + b * (-x).ln_1p() + ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) - a.ln();
    let away_from_zero = |value: f64| if value.abs() < 1e-300 { 1e-300 } else { value };
    let (mut c, mut d) = (1.0, 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0)));
    let (mut fraction, mut m) = (d, 1.0);
    for _ in 0..TERMS {
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let before = fraction;
        for step in [even, odd] {
            d = 1.0 / away_from_zero(1.0 + step * d);
            c = away_from_zero(1.0 + step / c);
            fraction *= c * d;
        }
        if (fraction - before).abs() <= fraction.abs() * NEGLIGIBLE {
            break;
        }
        m += 1.0;
    }
    ln_front.exp() * fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(value: f64, expected: f64, what: &str) {
        assert!((value / expected - 1.0).abs() < 1e-9, "{what}: {value} instead of {expected}");
    }

    /// Returns the same probability from binomial coefficients in integers.
    fn by_counting(hits: u32, draws: u32, marked: u32, plain: u32) -> f64 {
        let choose = |n: u32, k: u32| {
            (0..k).fold(1_u128, |product, i| product * u128::from(n - i) / u128::from(i + 1))
        };
        let possible = (hits..=draws.min(marked)).filter(|count| draws - count <= plain);
        let ways: u128 =
            possible.map(|count| choose(marked, count) * choose(plain, draws - count)).sum();
        #[expect(clippy::cast_precision_loss, reason = "compared to nine digits")]
        let share = ways as f64 / choose(marked + plain, draws) as f64;
        share
    }

    #[test]
    fn the_exact_test_is_what_counting_says() {
        for (marked, plain) in [(1, 9), (5, 5), (12, 40), (30, 3), (20, 50)] {
            for draws in 1..marked + plain {
                for hits in 0..=draws.min(marked) {
                    if f64::from(hits) <= f64::from(draws * marked) / f64::from(marked + plain) {
                        continue;
                    }
                    let [h, d, m, p] = [hits, draws, marked, plain].map(f64::from);
                    let what = format!("{hits} of {draws} from {marked} and {plain}");
                    close(
                        hypergeometric(h, d, m, p),
                        by_counting(hits, draws, marked, plain),
                        &what,
                    );
                }
            }
        }
    }

    #[test]
    fn no_more_than_expected_is_no_surprise() {
        for (hits, draws, marked, plain) in
            [(0.0, 5.0, 5.0, 5.0), (2.0, 4.0, 5.0, 5.0), (0.0, 0.0, 0.0, 0.0), (0.0, 9.0, 0.0, 9.0)]
        {
            close(hypergeometric(hits, draws, marked, plain), 1.0, "p");
        }
    }

    #[test]
    fn large_counts_are_quick_and_small() {
        let p = hypergeometric(2e7, 1e9, 1e8, 1e10);
        assert!((0.0..1e-300).contains(&p), "{p}");
        // Three standard deviations above the mean.
        let p = hypergeometric(1_003_000.0, 1e8, 1e8, 1e10 - 1e8);
        assert!((0.0005..0.0025).contains(&p), "{p}");
    }

    #[test]
    fn students_tails_are_those_of_the_tables() {
        for (t, freedom, expected) in [
            (1.0, 1.0, 0.25),
            (6.313_751_514_675_043, 1.0, 0.05),
            (2.919_985_580_353_727, 2.0, 0.05),
            (4.540_702_858_698_42, 3.0, 0.01),
            (2.763_769_458_113_0, 10.0, 0.01),
            (1.659, 100.0, 0.050_123),
        ] {
            let p = student(t, freedom);
            assert!((p / expected - 1.0).abs() < 2e-3, "t {t}, {freedom}: {p}");
        }
        close(student(-1.0, 1.0), 0.75, "the other side");
        close(student(0.0, 7.0), 0.5, "the middle");
    }
}
