//! What the banners of a campaign achieved in a quarter.

use std::collections::BTreeMap;
use std::sync::Arc;

use bams_domain::{BannerId, Performance, Revenue};

/// What banners achieved in a quarter, by id, without impressions. Copies share it.
#[derive(Clone, Debug)]
pub(super) enum Earned {
    Narrow(Arc<[NarrowRow]>),
    /// If one of the counts does not fit into the others' rows.
    Wide(Arc<[(BannerId, Performance)]>),
}

/// A row with small counts, as nearly all are, in twenty bytes.
#[derive(Clone, Copy, Debug)]
#[repr(Rust, packed(4))]
pub(super) struct NarrowRow {
    banner: BannerId,
    clicks: u32,
    conversions: u32,
    revenue_micros: i64,
}

impl Default for Earned {
    fn default() -> Self {
        Self::Narrow(Arc::default())
    }
}

impl NarrowRow {
    fn of((banner, performance): (BannerId, Performance)) -> Option<Self> {
        Some(Self {
            banner,
            clicks: performance.clicks.try_into().ok()?,
            conversions: performance.conversions.try_into().ok()?,
            revenue_micros: performance.revenue.micros(),
        })
    }

    fn performance(self) -> Performance {
        Performance {
            impressions: 0,
            clicks: self.clicks.into(),
            conversions: self.conversions.into(),
            revenue: Revenue::from_micros(self.revenue_micros),
        }
    }
}

impl Earned {
    /// Takes over what each banner achieved.
    pub(super) fn of(rows: &BTreeMap<BannerId, Performance>) -> Self {
        let rows = rows.iter().map(|(id, it)| (*id, Performance { impressions: 0, ..*it }));
        match rows.clone().map(NarrowRow::of).collect() {
            Some(narrow) => Self::Narrow(narrow),
            None => Self::Wide(rows.collect()),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn len(&self) -> usize {
        match self {
            Self::Narrow(rows) => rows.len(),
            Self::Wide(rows) => rows.len(),
        }
    }

    /// Returns what each banner achieved, by id.
    pub(super) fn rows(&self) -> impl Iterator<Item = (BannerId, Performance)> {
        (0..self.len()).map(move |index| match self {
            Self::Narrow(rows) => (rows[index].banner, rows[index].performance()),
            Self::Wide(rows) => rows[index],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_of_any_size_are_kept_as_they_are() {
        let row = |id, clicks, conversions, micros| {
            let revenue = Revenue::from_micros(micros);
            (BannerId(id), Performance { impressions: 0, clicks, conversions, revenue })
        };
        let (most, beyond) = (u64::from(u32::MAX), u64::from(u32::MAX) + 1);
        for (last, is_narrow) in [
            (row(9, most, most, i64::MAX), true),
            (row(9, beyond, 0, 0), false),
            (row(9, 0, beyond, -1), false),
        ] {
            let rows = [row(2, 5, 1, 70), row(7, 0, 0, i64::MIN), last];
            let earned = Earned::of(&rows.into());
            assert_eq!(matches!(earned, Earned::Narrow(_)), is_narrow);
            assert_eq!(earned.rows().collect::<Vec<_>>(), rows);
        }
        assert!(Earned::default().is_empty());
    }

    #[test]
    fn a_row_takes_twenty_bytes() {
        assert_eq!(size_of::<NarrowRow>(), 20);
    }
}
