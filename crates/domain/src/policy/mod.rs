//! The policies by which campaigns choose. Only this module knows how each [`Policy`] does it.

use std::{fmt, str::FromStr};

use rand::Rng;
use thiserror::Error;

use crate::{BannerId, BannerPerformance, Basis, Ladder, Order, Preferences, Rule};

/// How a campaign chooses its banners. Every campaign names one.
///
/// There is one so far. A new policy becomes a variant here, and the compiler then points at each place
/// that has to choose between them: in this file, and where policies have numbers.
///
/// ```
/// use bams_domain::Policy;
///
/// assert_eq!("revenue_ladder".parse(), Ok(Policy::default()));
/// assert!("coin_toss".parse::<Policy>().is_err());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Policy {
    /// The [`Ladder`](crate::Ladder): revenue, then clicks, then chance.
    #[default]
    RevenueLadder,
}

impl Policy {
    /// Every policy.
    pub const ALL: [Self; 1] = [Self::RevenueLadder];

    /// Returns the policy's public name.
    ///
    /// ```
    /// use bams_domain::Policy;
    ///
    /// assert_eq!(Policy::RevenueLadder.name(), "revenue_ladder");
    /// ```
    pub const fn name(self) -> &'static str {
        match self {
            Self::RevenueLadder => "revenue_ladder",
        }
    }

    /// Prepares what all decisions of one quarter share, from the campaign's eligible banners, given in
    /// any order, and their performance in that quarter.
    ///
    /// A banner that is given several times counts once, by the sum of its performances.
    ///
    /// ```
    /// use bams_domain::{BannerId, BannerPerformance, Performance, Policy};
    ///
    /// let clicked = |banner, clicks| BannerPerformance {
    ///     banner: BannerId(banner),
    ///     performance: Performance { clicks, ..Performance::default() },
    /// };
    /// let prepared = Policy::RevenueLadder.prepare([clicked(7, 3), clicked(8, 5)]);
    /// assert_eq!(prepared.banners(), [8, 7].map(BannerId));
    /// ```
    pub fn prepare(self, performances: impl IntoIterator<Item = BannerPerformance>) -> Prepared {
        Prepared(match self {
            Self::RevenueLadder => PolicyParts::RevenueLadder(Ladder::rank(performances)),
        })
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

impl FromStr for Policy {
    type Err = UnknownPolicy;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|it| it.name() == name).ok_or_else(|| UnknownPolicy(name.into()))
    }
}

/// The error of a name that no [`Policy`] has.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("there is no policy named {0:?}")]
pub struct UnknownPolicy(pub String);

/// A campaign's eligible banners in one quarter, as its [`Policy`] prepared them.
///
/// It is immutable, so that all decisions can share one. The policy sets the order of the banners. The
/// rule of the ladder sets how many fit on a page, with any policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared(PolicyParts);

/// The contents of a [`Prepared`], by policy.
#[derive(Clone, Debug, PartialEq, Eq)]
enum PolicyParts {
    RevenueLadder(Ladder),
}

impl Prepared {
    /// Returns the rule that follows from X.
    ///
    /// ```
    /// use bams_domain::{Policy, Rule};
    ///
    /// assert_eq!(Policy::default().prepare([]).rule(), Rule::ClicksThenRandom);
    /// ```
    pub fn rule(&self) -> Rule {
        self.ladder().rule()
    }

    /// Returns X, the number of banners with at least one conversion.
    ///
    /// ```
    /// assert_eq!(bams_domain::Policy::default().prepare([]).converting_banners(), 0);
    /// ```
    pub fn converting_banners(&self) -> usize {
        self.ladder().converting_banners()
    }

    /// Returns how many banners the rule puts on a page, which may be more than there are.
    ///
    /// ```
    /// assert_eq!(bams_domain::Policy::default().prepare([]).page_size(), 5);
    /// ```
    pub fn page_size(&self) -> usize {
        self.ladder().page_size()
    }

    /// Returns the banners, best first, without repeats. Those that each decision shuffles are last and
    /// in the order of their ids.
    ///
    /// ```
    /// assert!(bams_domain::Policy::default().prepare([]).banners().is_empty());
    /// ```
    pub fn banners(&self) -> &[BannerId] {
        match &self.0 {
            PolicyParts::RevenueLadder(ladder) => ladder.banners(),
        }
    }

    /// Returns the basis of the banner at an index of [`Prepared::banners`].
    ///
    /// It is never [`Basis::NewCycle`], and [`Basis::Random`] for an index beyond the end.
    ///
    /// ```
    /// use bams_domain::{Basis, Policy};
    ///
    /// assert_eq!(Policy::default().prepare([]).basis_at(0), Basis::Random);
    /// ```
    pub fn basis_at(&self, index: usize) -> Basis {
        match &self.0 {
            PolicyParts::RevenueLadder(ladder) => ladder.basis_at(index),
        }
    }

    /// Returns the same without the banners that a visitor refuses, see [`Preferences::ladder`].
    ///
    /// ```
    /// use bams_domain::{BannerId, BannerPerformance, Performance, Policy, Preferences};
    ///
    /// let performance = Performance::default();
    /// let prepared = Policy::default().prepare(
    ///     (1..=3).map(|banner| BannerPerformance { banner: BannerId(banner), performance }),
    /// );
    /// let preferences = Preferences::new(vec![], vec![], vec![BannerId(2)]);
    /// assert_eq!(prepared.for_visitor(&preferences, |_| &[]).banners(), [1, 3].map(BannerId));
    /// ```
    #[must_use]
    pub fn for_visitor<'a>(
        &self,
        preferences: &Preferences,
        tags: impl Fn(BannerId) -> &'a [String],
    ) -> Self {
        Self(match &self.0 {
            PolicyParts::RevenueLadder(ladder) => {
                PolicyParts::RevenueLadder(preferences.ladder(ladder, tags))
            }
        })
    }

    /// Returns the same without the banners for which `dropped` returns true, see [`Ladder::without`].
    ///
    /// ```
    /// use bams_domain::{BannerId, BannerPerformance, Performance, Policy};
    ///
    /// let performance = Performance::default();
    /// let prepared = Policy::default().prepare(
    ///     (1..=3).map(|banner| BannerPerformance { banner: BannerId(banner), performance }),
    /// );
    /// assert_eq!(prepared.without(|it| it == BannerId(2)).banners(), [1, 3].map(BannerId));
    /// ```
    #[must_use]
    pub fn without(&self, dropped: impl FnMut(BannerId) -> bool) -> Self {
        Self(match &self.0 {
            PolicyParts::RevenueLadder(ladder) => {
                PolicyParts::RevenueLadder(ladder.without(dropped))
            }
        })
    }

    /// Returns the order of the banners for one decision, for a visitor with `preferences` like
    /// [`Preferences::order`].
    ///
    /// The same random numbers give the same order.
    ///
    /// ```
    /// use bams_domain::{BannerId, BannerPerformance, Performance, Policy};
    /// use rand::{SeedableRng, rngs::StdRng};
    ///
    /// let performance = Performance::default();
    /// let prepared = Policy::default().prepare(
    ///     (1..=100).map(|banner| BannerPerformance { banner: BannerId(banner), performance }),
    /// );
    /// let order = |seed| {
    ///     let mut order = prepared.order(None, |_| &[], &mut StdRng::seed_from_u64(seed));
    ///     order.banners().to_vec()
    /// };
    /// assert_eq!(order(1), order(1));
    /// assert_ne!(order(1), order(2));
    /// ```
    pub fn order<'a, R: Rng + ?Sized>(
        &self,
        preferences: Option<&Preferences>,
        tags: impl Fn(BannerId) -> &'a [String],
        rng: &mut R,
    ) -> Order {
        match (&self.0, preferences) {
            (PolicyParts::RevenueLadder(ladder), None) => ladder.order(rng),
            (PolicyParts::RevenueLadder(ladder), Some(preferences)) => {
                preferences.order(ladder, tags, rng)
            }
        }
    }

    /// Returns the ladder whose rule sets how many banners fit on a page.
    pub(crate) fn ladder(&self) -> &Ladder {
        match &self.0 {
            PolicyParts::RevenueLadder(ladder) => ladder,
        }
    }
}
