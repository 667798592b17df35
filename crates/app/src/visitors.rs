//! The use cases of what is kept of a visitor: showing, changing and forgetting it.

use bams_domain::{Preferences, VisitorId};
use bams_storage::{HistoryUnavailable, KeptPreferences, RecalledHistory, StorageError};

use crate::serving::Serving;

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
    preferences: Preferences,
    now: i64,
) -> Result<Option<KeptPreferences>, VisitorsError> {
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
