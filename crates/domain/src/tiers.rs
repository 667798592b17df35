//! The tiers of a ladder: banners that earned, that were clicked, and all others.

use crate::{BannerPerformance, Basis};

/// Where the first two tiers end: the number of banners that converted, and of those and the clicked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tiers {
    pub(crate) converting: u32,
    pub(crate) clicked: u32,
}

impl Tiers {
    /// Why the banner at an index stands there, counted from 0.
    pub(crate) fn basis_at(self, index: usize) -> Basis {
        if index < self.converting as usize {
            Basis::Revenue
        } else if index < self.clicked as usize {
            Basis::Clicks
        } else {
            Basis::Random
        }
    }

    /// Counts one banner of that basis in.
    pub(crate) fn count(&mut self, basis: Basis) {
        match basis {
            Basis::Revenue => {
                self.converting += 1;
                self.clicked += 1;
            }
            Basis::Clicks => self.clicked += 1,
            Basis::Random | Basis::NewCycle => {}
        }
    }
}

/// The tier that a banner belongs to.
pub(crate) fn basis(row: &BannerPerformance) -> Basis {
    if row.performance.conversions > 0 {
        Basis::Revenue
    } else if row.performance.clicks > 0 {
        Basis::Clicks
    } else {
        Basis::Random
    }
}
