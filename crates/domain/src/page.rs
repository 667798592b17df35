//! The banners of one placement.

/// The banners for one placement, as positions in its [`Order`](crate::Order).
///
/// The picks are plain numbers, so that a store can choose them where the history is (such as a script
/// in Redis), in one atomic step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Page {
    /// Positions in [`Order::banners`](crate::Order::banners), from 0 on, without repeats. May be empty.
    pub picks: Vec<usize>,
    /// The index in `picks` of the first banner of a new cycle, or the length of `picks` if no new
    /// cycle began.
    pub new_cycle_from: usize,
}

impl Page {
    /// Returns true if a new cycle began on this page, because the visitor had seen all other banners.
    ///
    /// ```
    /// use bams_domain::Page;
    ///
    /// assert!(Page { picks: vec![3, 0], new_cycle_from: 1 }.begins_cycle());
    /// assert!(!Page { picks: vec![3, 0], new_cycle_from: 2 }.begins_cycle());
    /// ```
    pub fn begins_cycle(&self) -> bool {
        self.new_cycle_from < self.picks.len()
    }
}
