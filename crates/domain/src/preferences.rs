//! What a visitor asks for: tags to prefer, tags and banners to leave out.

use rand::Rng;

use crate::{BannerId, Ladder, Order};

/// What one visitor prefers and refuses. The default is empty.
///
/// Tags are compared exactly. A banner that is hidden or has a blocked tag is not eligible for this
/// visitor, even if it also has a preferred tag.
///
/// ```
/// use bams_domain::{BannerId, Preferences};
///
/// let tags = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
/// let preferences = Preferences::new(tags(&["travel"]), tags(&["gambling"]), vec![BannerId(7)]);
///
/// assert!(preferences.refuse(BannerId(7), &[]));
/// assert!(preferences.refuse(BannerId(8), &tags(&["travel", "gambling"])));
/// assert!(!preferences.refuse(BannerId(8), &tags(&["travel"])));
/// assert!(preferences.prefer(&tags(&["summer", "travel"])));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preferences {
    preferred_tags: Vec<String>,
    blocked_tags: Vec<String>,
    hidden_banners: Vec<BannerId>,
}

impl Preferences {
    /// Makes preferences without repeats. Tags keep their order, banners are sorted by id.
    ///
    /// ```
    /// use bams_domain::{BannerId, Preferences};
    ///
    /// let preferences = Preferences::new(vec![], vec![], [9, 7, 9].map(BannerId).into());
    /// assert_eq!(preferences.hidden_banners(), [7, 9].map(BannerId));
    /// ```
    pub fn new(
        preferred_tags: Vec<String>,
        blocked_tags: Vec<String>,
        mut hidden_banners: Vec<BannerId>,
    ) -> Self {
        hidden_banners.sort_unstable();
        hidden_banners.dedup();
        Self {
            preferred_tags: without_repeats(preferred_tags),
            blocked_tags: without_repeats(blocked_tags),
            hidden_banners,
        }
    }

    /// Returns the tags whose banners come first among equals.
    ///
    /// ```
    /// assert!(bams_domain::Preferences::default().preferred_tags().is_empty());
    /// ```
    pub fn preferred_tags(&self) -> &[String] {
        &self.preferred_tags
    }

    /// Returns the tags whose banners are never shown.
    ///
    /// ```
    /// assert!(bams_domain::Preferences::default().blocked_tags().is_empty());
    /// ```
    pub fn blocked_tags(&self) -> &[String] {
        &self.blocked_tags
    }

    /// Returns the banners that are never shown, in the order of their ids.
    ///
    /// ```
    /// assert!(bams_domain::Preferences::default().hidden_banners().is_empty());
    /// ```
    pub fn hidden_banners(&self) -> &[BannerId] {
        &self.hidden_banners
    }

    /// Returns true if nothing is preferred, blocked or hidden.
    ///
    /// ```
    /// assert!(bams_domain::Preferences::default().is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.preferred_tags.is_empty()
            && self.blocked_tags.is_empty()
            && self.hidden_banners.is_empty()
    }

    /// Returns true if a banner with these tags is not eligible for this visitor, because it is hidden
    /// or has a blocked tag.
    ///
    /// ```
    /// use bams_domain::{BannerId, Preferences};
    ///
    /// assert!(!Preferences::default().refuse(BannerId(7), &["travel".to_owned()]));
    /// ```
    pub fn refuse(&self, banner: BannerId, tags: &[String]) -> bool {
        self.hidden_banners.binary_search(&banner).is_ok()
            || tags.iter().any(|tag| self.blocked_tags.contains(tag))
    }

    /// Returns true if a banner with these tags comes first among its equals.
    ///
    /// ```
    /// use bams_domain::Preferences;
    ///
    /// assert!(!Preferences::default().prefer(&["travel".to_owned()]));
    /// ```
    pub fn prefer(&self, tags: &[String]) -> bool {
        tags.iter().any(|tag| self.preferred_tags.contains(tag))
    }

    /// Returns a campaign's ladder without the banners that this visitor refuses.
    ///
    /// X, the rule and the size of a page follow from the banners that are left.
    ///
    /// ```
    /// use bams_domain::{BannerId, BannerPerformance, Ladder, Performance, Preferences, Rule};
    ///
    /// let performance = Performance { conversions: 1, ..Performance::default() };
    /// let ladder = Ladder::rank(
    ///     (1..=5).map(|banner| BannerPerformance { banner: BannerId(banner), performance }),
    /// );
    /// let preferences = Preferences::new(vec![], vec![], vec![BannerId(4)]);
    ///
    /// assert_eq!(ladder.rule(), Rule::AllByRevenue);
    /// assert_eq!(preferences.ladder(&ladder, |_| &[]).rule(), Rule::RevenueThenClicks);
    /// ```
    pub fn ladder<'a>(&self, ladder: &Ladder, tags: impl Fn(BannerId) -> &'a [String]) -> Ladder {
        ladder.without(|banner| self.refuse(banner, tags(banner)))
    }

    /// Returns the order of a ladder for one decision, with this visitor's preferred banners first among
    /// equals, see [`Ladder::order_preferring`].
    ///
    /// ```
    /// use bams_domain::{BannerId, BannerPerformance, Ladder, Performance, Preferences};
    /// use rand::{SeedableRng, rngs::StdRng};
    ///
    /// let performance = Performance { clicks: 3, ..Performance::default() };
    /// let ladder = Ladder::rank(
    ///     [7, 8].map(|banner| BannerPerformance { banner: BannerId(banner), performance }),
    /// );
    /// let (travel, other) = (["travel".to_owned()], []);
    /// let tags = |banner| if banner == BannerId(8) { &travel[..] } else { &other };
    /// let preferences = Preferences::new(travel.to_vec(), vec![], vec![]);
    ///
    /// let mut order = preferences.order(&ladder, tags, &mut StdRng::seed_from_u64(1));
    /// assert_eq!(order.banners(), [BannerId(8), BannerId(7)]);
    /// ```
    pub fn order<'a, R: Rng + ?Sized>(
        &self,
        ladder: &Ladder,
        tags: impl Fn(BannerId) -> &'a [String],
        rng: &mut R,
    ) -> Order {
        if self.preferred_tags.is_empty() {
            return ladder.order(rng);
        }
        ladder.order_preferring(|banner| self.prefer(tags(banner)), rng)
    }
}

/// Keeps the first of several equal tags.
fn without_repeats(mut tags: Vec<String>) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    tags.retain(|tag| seen.insert(tag.clone()));
    tags
}
