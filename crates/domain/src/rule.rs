//! The vocabulary of a selection: its rules, and the reason for each banner.

use std::fmt;

const FEWEST_BANNERS: usize = 5;
const MOST_BANNERS: usize = 10;

/// How many banners a page shows and by what they are chosen, which follows from X: the number of
/// banners that converted.
///
/// | converting banners | rule | banners on a page |
/// |---|---|---|
/// | 10 or more | `top_ten_by_revenue` | 10 |
/// | 5 to 9 | `all_by_revenue` | all that converted |
/// | 1 to 4 | `revenue_then_clicks` | 5 |
/// | none | `clicks_then_random` | 5 |
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Rule {
    /// Ten or more banners converted: the ten that earned most.
    TopTenByRevenue,
    /// Five to nine banners converted: all of them.
    AllByRevenue,
    /// One to four banners converted: those, then the most clicked.
    RevenueThenClicks,
    /// No banner converted: the most clicked, then any.
    ClicksThenRandom,
}

impl Rule {
    /// Every rule.
    pub const ALL: [Self; 4] = [
        Self::TopTenByRevenue,
        Self::AllByRevenue,
        Self::RevenueThenClicks,
        Self::ClicksThenRandom,
    ];

    /// Returns the rule for a number of banners with at least one conversion.
    ///
    /// ```
    /// use bams_domain::Rule;
    ///
    /// assert_eq!(Rule::of(47), Rule::TopTenByRevenue);
    /// assert_eq!(Rule::of(9), Rule::AllByRevenue);
    /// assert_eq!(Rule::of(4), Rule::RevenueThenClicks);
    /// assert_eq!(Rule::of(0), Rule::ClicksThenRandom);
    /// ```
    pub const fn of(converting_banners: usize) -> Self {
        match converting_banners {
            0 => Self::ClicksThenRandom,
            1..FEWEST_BANNERS => Self::RevenueThenClicks,
            FEWEST_BANNERS..MOST_BANNERS => Self::AllByRevenue,
            MOST_BANNERS.. => Self::TopTenByRevenue,
        }
    }

    /// Returns how many banners a page shows unless the request asks for another number or fewer exist.
    ///
    /// For [`Rule::AllByRevenue`] that is the number of converting banners; the other rules ignore it.
    ///
    /// ```
    /// use bams_domain::Rule;
    ///
    /// assert_eq!(Rule::TopTenByRevenue.page_size(47), 10);
    /// assert_eq!(Rule::AllByRevenue.page_size(7), 7);
    /// assert_eq!(Rule::RevenueThenClicks.page_size(2), 5);
    /// assert_eq!(Rule::ClicksThenRandom.page_size(0), 5);
    /// ```
    pub const fn page_size(self, converting_banners: usize) -> usize {
        match self {
            Self::TopTenByRevenue => MOST_BANNERS,
            Self::AllByRevenue => converting_banners,
            Self::RevenueThenClicks | Self::ClicksThenRandom => FEWEST_BANNERS,
        }
    }

    /// Returns the rule's public name.
    ///
    /// ```
    /// use bams_domain::Rule;
    ///
    /// assert_eq!(Rule::TopTenByRevenue.name(), "top_ten_by_revenue");
    /// ```
    pub const fn name(self) -> &'static str {
        match self {
            Self::TopTenByRevenue => "top_ten_by_revenue",
            Self::AllByRevenue => "all_by_revenue",
            Self::RevenueThenClicks => "revenue_then_clicks",
            Self::ClicksThenRandom => "clicks_then_random",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// Why a banner has its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Basis {
    /// It converted: what it earned decided.
    Revenue,
    /// It was clicked but did not convert: its clicks decided.
    Clicks,
    /// It was not clicked: chance decided.
    Random,
    /// The visitor had seen it and all others before: it belongs to a new cycle.
    NewCycle,
}

impl Basis {
    /// Every basis.
    pub const ALL: [Self; 4] = [Self::Revenue, Self::Clicks, Self::Random, Self::NewCycle];

    /// Returns the basis's public name.
    ///
    /// ```
    /// use bams_domain::Basis;
    ///
    /// assert_eq!(Basis::NewCycle.name(), "new_cycle");
    /// ```
    pub const fn name(self) -> &'static str {
        match self {
            Self::Revenue => "revenue",
            Self::Clicks => "clicks",
            Self::Random => "random",
            Self::NewCycle => "new_cycle",
        }
    }
}

impl fmt::Display for Basis {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}
