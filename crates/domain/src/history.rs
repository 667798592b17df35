//! What one visitor has been shown in one campaign.

use crate::BannerId;

/// The banners of the current cycle, those of the previous page, and how many pages there were.
///
/// The default is the history of a visitor who was shown nothing. [`select`](crate::select) and
/// [`fill_pages`](crate::fill_pages) write histories; a store keeps their three parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    seen: Vec<BannerId>,
    previous: usize,
    pages: u32,
}

impl History {
    /// Makes a history from the parts that a store kept: the banners seen, how many of them the previous
    /// request showed, and the number of pages.
    ///
    /// The banners of the previous request are the last ones of `seen`. A `previous` beyond the length
    /// of `seen` means all of them.
    ///
    /// ```
    /// use bams_domain::{BannerId, History};
    ///
    /// let history = History::from_parts([9, 7, 4].map(BannerId).into(), 1, 2);
    /// assert_eq!(history.seen(), [9, 7, 4].map(BannerId));
    /// assert_eq!(history.previous(), [BannerId(4)]);
    /// assert_eq!(history.pages(), 2);
    /// ```
    pub fn from_parts(seen: Vec<BannerId>, previous: usize, pages: u32) -> Self {
        Self { previous: previous.min(seen.len()), seen, pages }
    }

    /// Returns the banners shown in the current cycle, in the order in which they were chosen.
    ///
    /// ```
    /// assert!(bams_domain::History::default().seen().is_empty());
    /// ```
    pub fn seen(&self) -> &[BannerId] {
        &self.seen
    }

    /// Returns the banners that the visitor's previous request showed: the last ones of
    /// [`History::seen`].
    ///
    /// ```
    /// assert!(bams_domain::History::default().previous().is_empty());
    /// ```
    pub fn previous(&self) -> &[BannerId] {
        &self.seen[self.seen.len() - self.previous..]
    }

    /// Returns how many requests showed at least one banner so far. Saturates at [`u32::MAX`].
    ///
    /// ```
    /// assert_eq!(bams_domain::History::default().pages(), 0);
    /// ```
    pub fn pages(&self) -> u32 {
        self.pages
    }

    /// Returns true if a banner was shown in the current cycle.
    ///
    /// ```
    /// use bams_domain::{BannerId, History};
    ///
    /// let history = History::from_parts(vec![BannerId(4)], 0, 1);
    /// assert!(history.has_seen(BannerId(4)));
    /// assert!(!history.has_seen(BannerId(5)));
    /// ```
    pub fn has_seen(&self, banner: BannerId) -> bool {
        self.seen.contains(&banner)
    }

    /// Returns this history without some of its banners.
    pub(crate) fn without(&self, forgotten: impl Fn(BannerId) -> bool) -> Self {
        let kept = |banners: &[BannerId]| -> Vec<BannerId> {
            banners.iter().copied().filter(|&banner| !forgotten(banner)).collect()
        };
        let previous = kept(self.previous()).len();
        Self { seen: kept(&self.seen), previous, pages: self.pages }
    }

    /// Records a request that showed these banners, which are new to the cycle or begin a new one.
    /// `kept` is what is left of the history if a cycle began. A request that showed none changes
    /// nothing.
    pub(crate) fn turn_page(&mut self, shown: &[BannerId], kept: Option<Self>) {
        if shown.is_empty() {
            return;
        }
        if let Some(kept) = kept {
            self.seen = kept.seen;
        }
        // Stores keep histories by the million, so none takes more room than it needs.
        self.seen.reserve_exact(shown.len());
        self.seen.extend_from_slice(shown);
        self.previous = shown.len();
        self.pages = self.pages.saturating_add(1);
    }
}
