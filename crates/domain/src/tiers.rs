//! The three tiers of a ladder: banners that converted, banners that were clicked, and all others.

use crate::{BannerPerformance, Basis};

/// The sizes of a ladder's tiers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tiers {
    /// How many banners converted: the first tier.
    pub(crate) converting: u32,
    /// How many banners converted or were clicked: the first two tiers, which chance leaves alone.
    pub(crate) ranked: u32,
}

impl Tiers {
    /// Returns the basis of the banner at an index of the ladder.
    pub(crate) fn basis_at(self, index: usize) -> Basis {
        if index < self.converting as usize {
            Basis::Revenue
        } else if index < self.ranked as usize {
            Basis::Clicks
        } else {
            Basis::Random
        }
    }

    /// Adds one banner to the tier of a basis.
    pub(crate) fn count(&mut self, basis: Basis) {
        match basis {
            Basis::Revenue => {
                self.converting += 1;
                self.ranked += 1;
            }
            Basis::Clicks => self.ranked += 1,
            Basis::Random | Basis::NewCycle => {}
        }
    }
}

/// Returns the basis of the tier that a banner belongs to.
pub(crate) fn basis(row: &BannerPerformance) -> Basis {
    if row.performance.conversions > 0 {
        Basis::Revenue
    } else if row.performance.clicks > 0 {
        Basis::Clicks
    } else {
        Basis::Random
    }
}
