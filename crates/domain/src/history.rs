//! What one visitor was already shown in one campaign.

use crate::{
    BannerId,
    membership::{contains, merge},
};

/// The banners of the current cycle, those of the previous page, and how many pages there were.
///
/// The default is a visitor who was shown nothing. [`select`](crate::select) and
/// [`fill_pages`](crate::fill_pages) write it; a store keeps its three parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    seen: Vec<BannerId>,
    previous: Vec<BannerId>,
    pages: u32,
}

impl History {
    /// The history with these parts, as a store kept them. The banners may come in any order and more
    /// than once.
    ///
    /// ```
    /// use bams_domain::{BannerId, History};
    ///
    /// let history = History::from_parts([9, 4, 9].map(BannerId).into(), vec![BannerId(4)], 2);
    /// assert_eq!(history.seen(), [4, 9].map(BannerId));
    /// assert_eq!(history.previous(), [BannerId(4)]);
    /// assert_eq!(history.pages(), 2);
    /// ```
    pub fn from_parts(mut seen: Vec<BannerId>, mut previous: Vec<BannerId>, pages: u32) -> Self {
        for banners in [&mut seen, &mut previous] {
            // Reading what `seen` wrote, a store hands in sorted banners nearly always.
            if !banners.is_sorted_by(|one, next| one < next) {
                banners.sort_unstable();
                banners.dedup();
            }
        }
        Self { seen, previous, pages }
    }

    /// The banners shown in the current cycle, by id, each one once.
    ///
    /// ```
    /// assert!(bams_domain::History::default().seen().is_empty());
    /// ```
    pub fn seen(&self) -> &[BannerId] {
        &self.seen
    }

    /// The banners that the visitor's previous request showed, by id, each one once.
    ///
    /// ```
    /// assert!(bams_domain::History::default().previous().is_empty());
    /// ```
    pub fn previous(&self) -> &[BannerId] {
        &self.previous
    }

    /// How many requests showed something so far. Stays at [`u32::MAX`] once it is there.
    ///
    /// ```
    /// assert_eq!(bams_domain::History::default().pages(), 0);
    /// ```
    pub fn pages(&self) -> u32 {
        self.pages
    }

    /// Whether a banner was shown in the current cycle.
    ///
    /// ```
    /// use bams_domain::{BannerId, History};
    ///
    /// let history = History::from_parts(vec![BannerId(4)], vec![], 1);
    /// assert!(history.has_seen(BannerId(4)));
    /// assert!(!history.has_seen(BannerId(5)));
    /// ```
    pub fn has_seen(&self, banner: BannerId) -> bool {
        contains(&self.seen, banner)
    }

    /// Adds banners, sorted and unseen, to the cycle.
    pub(crate) fn remember(&mut self, banners: &[BannerId]) {
        merge(&mut self.seen, banners);
    }

    /// Forgets the cycle that ended. `shown` is sorted.
    pub(crate) fn begin_cycle(&mut self, shown: &[BannerId]) {
        self.seen.clear();
        self.seen.extend_from_slice(shown);
    }

    /// Ends a request that showed these banners, sorted, if any.
    pub(crate) fn turn_page(&mut self, shown: Vec<BannerId>) {
        if !shown.is_empty() {
            self.previous = shown;
            self.pages = self.pages.saturating_add(1);
        }
    }
}
