//! The use cases of what is kept of a visitor: showing, changing and forgetting it.

use std::ops::RangeInclusive;

use bams_domain::{BannerId, Preferences, VisitorId};
use bams_storage::{HistoryUnavailable, KeptPreferences, RecalledHistory, StorageError};

use crate::draft::{Draft, Said};
use crate::rules::Rules;
use crate::serving::Serving;
use crate::violation::Violation;

/// How many banners one visitor can hide.
pub const HIDDEN_COUNT: RangeInclusive<usize> = 0..=200;

/// What a visitor asks for; what is not said is nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PreferenceFields {
    /// Tags whose banners come first among equals.
    pub preferred_tags: Said<Vec<String>>,
    /// Tags whose banners must not be shown.
    pub blocked_tags: Said<Vec<String>>,
    /// Banners that must not be shown.
    pub hidden_banners: Said<Vec<u32>>,
}

/// Everything that is kept of one visitor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptVisitor {
    /// The preferences, if there are any.
    pub preferences: Option<KeptPreferences>,
    /// The histories, by campaign.
    pub history: Vec<RecalledHistory>,
}

/// Why a visitor's data can be neither shown nor changed.
#[derive(Debug, thiserror::Error)]
pub enum VisitorsError {
    /// What is asked for breaks rules: all that it breaks.
    #[error("{} rules are broken", .0.len())]
    Invalid(Vec<Violation>),
    /// The histories cannot be reached.
    #[error(transparent)]
    History(#[from] HistoryUnavailable),
    /// The preferences cannot be reached.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Returns everything that is kept of a visitor at a moment (unix milliseconds). Does not count as
/// a visit, so it prolongs nothing.
pub async fn kept(
    serving: &Serving,
    visitor: VisitorId,
    now: i64,
) -> Result<KeptVisitor, VisitorsError> {
    let history = serving.history.recall(visitor, &serving.all_campaigns()).await?;
    Ok(KeptVisitor { preferences: serving.visitors.kept(visitor, now), history })
}

/// Replaces a visitor's preferences, and returns what is kept of them: `None` if they are empty.
pub async fn prefer(
    serving: &Serving,
    visitor: VisitorId,
    draft: impl Into<Draft<PreferenceFields>>,
    now: i64,
) -> Result<Option<KeptPreferences>, VisitorsError> {
    let preferences = preferences(draft.into()).map_err(VisitorsError::Invalid)?;
    let expires_at = serving.visitors.prefer(visitor, &preferences, now).await?;
    let kept = (!preferences.is_empty())
        .then(|| KeptPreferences { preferences: preferences.into(), expires_at });
    Ok(kept)
}

/// Forgets a visitor's preferences and histories, on all nodes within two seconds.
pub async fn forget(serving: &Serving, visitor: VisitorId, now: i64) -> Result<(), VisitorsError> {
    serving.history.forget(visitor, &serving.all_campaigns()).await?;
    serving.visitors.forget(visitor, now).await?;
    Ok(())
}

fn preferences(draft: Draft<PreferenceFields>) -> Result<Preferences, Vec<Violation>> {
    let (mut rules, said) = (Rules::after(draft.violations), draft.said);
    let preferred = rules.tags("preferred_tags", said.preferred_tags).unwrap_or_default();
    let blocked = rules.tags("blocked_tags", said.blocked_tags).unwrap_or_default();
    let hidden = rules.list("hidden_banners", said.hidden_banners, &HIDDEN_COUNT);
    let hidden = hidden.into_iter().flatten().map(BannerId).collect();
    rules.finish(Ok(Preferences::new(preferred, blocked, hidden)))
}
