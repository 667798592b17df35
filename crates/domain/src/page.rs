//! What fills one placement.

/// The banners for one placement, as positions in its [`Order`](crate::Order).
///
/// Plain numbers, so that a store may choose them elsewhere, next to the history, in one atomic step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Positions in [`Order::banners`](crate::Order::banners), counted from 0, each one once; may be empty.
    pub picks: Vec<usize>,
    /// The index in `picks` from which on banners opened a new cycle: the length of `picks` when no
    /// new cycle began.
    pub new_cycle_from: usize,
}

impl Page {
    /// Whether the visitor had seen everything else, so that a new cycle began on this page.
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
