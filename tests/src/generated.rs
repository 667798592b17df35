//! Generated data of a client's hour, and what should follow from it.
//!
//! The expected ranking is worked out here in the simplest way from the rows, on
//! purpose without any code of the product.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The id of the first banner; campaigns count from 1.
const FIRST_BANNER: u32 = 101;
/// How many banners of a campaign may earn: by turns enough for each of the four rules.
const EARNING: [u32; 4] = [u32::MAX, 7, 3, 0];

/// Four quarters of impressions, clicks and conversions, the same at each call.
#[derive(Debug, Clone)]
pub struct Generated {
    quarters: Vec<Quarter>,
}

/// The rows of one quarter.
#[derive(Debug, Clone, Default)]
struct Quarter {
    impressions: Vec<(u32, u32)>,
    clicks: Vec<(u64, u32, u32)>,
    conversions: Vec<(u64, u64, u64)>,
}

impl Generated {
    /// Makes data with `rows` impressions, a third as many clicks and some conversions in
    /// each quarter.
    ///
    /// Each of the `campaigns` shows each of the `banners`. By turns campaigns have
    /// many, at most seven, at most three and no banners that earn.
    pub fn new(campaigns: u32, banners: u32, rows: u32) -> Self {
        let mut dice = Dice(0x2545_F491_4F6C_DD1D);
        let pairs = campaigns * banners;
        let pair = |it: u32| (FIRST_BANNER + it / campaigns % banners, 1 + it % campaigns);
        let quarters = (0..4).map(|number| {
            let mut quarter = Quarter::default();
            // First every pair once, then by chance.
            let drawn = (0..rows).map(|row| if row < pairs { row } else { dice.below(pairs) });
            quarter.impressions = drawn.map(pair).collect();
            for row in 0..rows / 3 {
                let click = u64::from(number * (rows / 3) + row) + 100_000;
                let (banner, campaign) = pair(dice.below(pairs));
                // A quarter of the banners is never clicked.
                if (banner - FIRST_BANNER) % 4 == 3 {
                    continue;
                }
                quarter.clicks.push((click, banner, campaign));
                let earning = EARNING[(campaign as usize - 1) % EARNING.len()];
                if banner - FIRST_BANNER < earning && dice.below(4) == 0 {
                    let revenue = u64::from(dice.below(2_000_000)) + 1;
                    quarter.conversions.push((click + 1_000_000, click, revenue));
                }
            }
            quarter
        });
        Self { quarters: quarters.collect() }
    }

    /// Writes `<folder>/<q>/{impressions,clicks,conversions}_<q>.csv` for q = 1…4.
    pub fn write(&self, folder: &Path) {
        for quarter in 1..=4 {
            let inner = folder.join(quarter.to_string());
            std::fs::create_dir_all(&inner).expect("a folder for the quarter");
            for kind in ["impressions", "clicks", "conversions"] {
                self.write_file(&inner, kind, quarter);
            }
        }
    }

    /// Writes one file, `<folder>/<kind>_<quarter>.csv`, and returns its path.
    pub fn write_file(&self, folder: &Path, kind: &str, quarter: u8) -> PathBuf {
        let path = folder.join(format!("{kind}_{quarter}.csv"));
        std::fs::write(&path, self.csv(kind, quarter)).expect("a file for the rows");
        path
    }

    /// Returns the text of one file.
    pub fn csv(&self, kind: &str, quarter: u8) -> String {
        let rows = &self.quarters[usize::from(quarter) - 1];
        let mut text = String::new();
        let line = |text: &mut String, it: std::fmt::Arguments| {
            text.write_fmt(it).and_then(|()| text.write_char('\n')).expect("memory");
        };
        match kind {
            "impressions" => {
                line(&mut text, format_args!("banner_id,campaign_id"));
                for (banner, campaign) in &rows.impressions {
                    line(&mut text, format_args!("{banner},{campaign}"));
                }
            }
            "clicks" => {
                line(&mut text, format_args!("click_id,banner_id,campaign_id"));
                for (click, banner, campaign) in &rows.clicks {
                    line(&mut text, format_args!("{click},{banner},{campaign}"));
                }
            }
            "conversions" => {
                line(&mut text, format_args!("conversion_id,click_id,revenue"));
                for (id, click, micros) in &rows.conversions {
                    let (whole, part) = (micros / 1_000_000, micros % 1_000_000);
                    line(&mut text, format_args!("{id},{click},{whole}.{part:06}"));
                }
            }
            other => panic!("no such kind of file: {other}"),
        }
        text
    }

    /// Returns how many rows a file has.
    pub fn rows(&self, kind: &str, quarter: u8) -> usize {
        self.csv(kind, quarter).lines().count() - 1
    }

    /// Returns what each banner of a campaign did in a quarter: clicks, conversions, micros.
    fn performance(&self, campaign: u32, quarter: u8) -> BTreeMap<u32, (u64, u64, u64)> {
        let rows = &self.quarters[usize::from(quarter) - 1];
        let mut performance = BTreeMap::<u32, (u64, u64, u64)>::new();
        let mut banner_of = BTreeMap::new();
        for (click, banner, _) in rows.clicks.iter().filter(|it| it.2 == campaign) {
            banner_of.insert(click, *banner);
            performance.entry(*banner).or_default().0 += 1;
        }
        for (_, click, micros) in &rows.conversions {
            let Some(banner) = banner_of.get(click) else { continue };
            let (_, conversions, revenue) = performance.entry(*banner).or_default();
            *conversions += 1;
            *revenue += micros;
        }
        performance
    }

    /// Returns the banners of a campaign that earned or were clicked, best first.
    ///
    /// First those with conversions, by revenue, clicks and id; then those with clicks
    /// only, by clicks and id. Banners without clicks follow in any order: not listed.
    pub fn ranking(&self, campaign: u32, quarter: u8) -> Vec<u32> {
        let mut banners: Vec<_> = self.performance(campaign, quarter).into_iter().collect();
        banners.sort_by(|(first, a), (second, b)| {
            let earns = |it: &(u64, u64, u64)| it.1 > 0;
            let money = if earns(a) && earns(b) { b.2.cmp(&a.2) } else { earns(b).cmp(&earns(a)) };
            money.then(b.0.cmp(&a.0)).then(first.cmp(second))
        });
        banners.into_iter().map(|(banner, _)| banner).collect()
    }

    /// Returns how many banners of a campaign have a conversion in a quarter.
    pub fn converting(&self, campaign: u32, quarter: u8) -> usize {
        self.performance(campaign, quarter).values().filter(|it| it.1 > 0).count()
    }
}

/// A source of numbers that look random and are always the same (xorshift64).
#[derive(Debug)]
struct Dice(u64);

impl Dice {
    /// Returns a number less than `limit`.
    fn below(&mut self, limit: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        u32::try_from((self.0 >> 32) % u64::from(limit)).expect("less than a u32")
    }
}

#[cfg(test)]
mod tests {
    use super::Generated;

    #[test]
    fn campaigns_reach_every_rule_in_every_quarter() {
        let data = Generated::new(4, 24, 3000);
        for quarter in 1..=4 {
            assert!(data.converting(1, quarter) >= 10);
            assert!((5..10).contains(&data.converting(2, quarter)));
            assert!((1..5).contains(&data.converting(3, quarter)));
            assert_eq!(data.converting(4, quarter), 0);
            assert!((5..24).contains(&data.ranking(4, quarter).len()));
        }
    }

    #[test]
    fn the_data_is_the_same_at_each_call_and_differs_by_quarter() {
        let (one, other) = (Generated::new(2, 24, 600), Generated::new(2, 24, 600));
        for kind in ["impressions", "clicks", "conversions"] {
            assert_eq!(one.csv(kind, 1), other.csv(kind, 1));
            assert_ne!(one.csv(kind, 1), one.csv(kind, 2));
        }
        assert_eq!(one.rows("impressions", 3), 600);
    }
}
