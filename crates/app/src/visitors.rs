//! The use case: what is kept of a visitor: shown, changed, forgotten.

use bams_domain::{Preferences, VisitorId};
use bams_storage::{HistoryUnavailable, KeptPreferences, RecalledHistory, StorageError};

use crate::serving::Serving;

/// Everything that is kept of one visitor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptVisitor {
    /// What the visitor asked for, if anything.
    pub preferences: Option<KeptPreferences>,
    /// What the visitor was shown, by campaign.
    pub history: Vec<RecalledHistory>,
}

/// Why what is kept of a visitor can be neither shown nor changed.
#[derive(Debug, thiserror::Error)]
pub enum VisitorsError {
    /// What the visitor was shown is out of reach.
    #[error(transparent)]
    History(#[from] HistoryUnavailable),
    /// What the visitor asked for is out of reach.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Everything that is kept of a visitor at a moment (unix milliseconds). Asking is no visit: it
/// prolongs nothing.
pub async fn kept(
    serving: &Serving,
    visitor: VisitorId,
    now: i64,
) -> Result<KeptVisitor, VisitorsError> {
    let history = serving.history.recall(visitor, &serving.all_campaigns()).await?;
    Ok(KeptVisitor { preferences: serving.visitors.kept(visitor, now), history })
}

/// Replaces what a visitor asked for, and answers what is kept of it: `None` of empty preferences.
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

/// Forgets what a visitor asked for and was shown, on all nodes within two seconds.
pub async fn forget(serving: &Serving, visitor: VisitorId, now: i64) -> Result<(), VisitorsError> {
    serving.history.forget(visitor, &serving.all_campaigns()).await?;
    serving.visitors.forget(visitor, now).await?;
    Ok(())
}
