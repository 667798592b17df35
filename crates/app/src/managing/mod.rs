//! The use cases of changing campaigns, banners, attachments, keys and stored conversions: each change
//! is checked, made once, as a whole, and audited.
//!
//! Fields are checked before a transaction begins, because SQLite has one writer. A change goes on
//! when its sender no longer waits for the answer.

mod attachments;
mod audit;
mod banner_images;
mod banners;
mod campaigns;
mod closed;
mod conversions;
mod copying;
mod error;
mod keys;
mod reverting;
mod sharing;
mod version;

use std::future::Future;
use std::ops::RangeInclusive;
use std::pin::Pin;
use std::sync::Arc;

use bams_storage::{
    Actor, Begun, Change, Database, LONGEST_IDEMPOTENCY_KEY, Once, Repetition, Snapshots,
    StoredAnswer,
};

pub use self::attachments::{
    ATTACHMENT_COUNT, ATTACHMENT_STATUSES, Attached, AttachmentFields, attachment_version,
};
pub use self::audit::readable_changes;
pub use self::banner_images::{AnnouncedFields, BannerImages, UPLOAD_KEY_LENGTH, UploadedFields};
pub use self::banners::{ALT_LENGTH, BannerFields, NewBannerImage, SIDE_RANGE};
pub use self::campaigns::{CampaignFields, NOTES_LENGTH};
pub use self::closed::Closed;
pub use self::conversions::RestatementFields;
pub use self::copying::CopyFields;
pub use self::error::ManagingError;
pub use self::keys::{KeyFields, key_version};
pub use self::sharing::{SHARED_DAYS, SharedFields};
pub use self::version::{Precondition, Version};
use crate::violation::Violation;

/// The length of the name of a request that may be sent again, in bytes.
pub const IDEMPOTENCY_KEY_LENGTH: RangeInclusive<usize> = 1..=LONGEST_IDEMPOTENCY_KEY;

/// Fails unless a text can be the name of a request that may be sent again.
pub fn idempotency_key(text: &str) -> Result<(), Violation> {
    if IDEMPOTENCY_KEY_LENGTH.contains(&text.len()) {
        return Ok(());
    }
    let (least, most) = (IDEMPOTENCY_KEY_LENGTH.start(), IDEMPOTENCY_KEY_LENGTH.end());
    let detail = format!("an idempotency key has {least} to {most} printable ASCII characters");
    Err(Violation { pointer: "Idempotency-Key".to_owned(), code: "out_of_range", detail })
}

/// Makes changes on behalf of people and programs.
#[derive(Clone)]
pub struct Managing {
    database: Database,
    snapshots: Option<Arc<Snapshots>>,
}

/// The result of a request for a change that may be sent again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Made<T> {
    /// The change was made.
    Now(T),
    /// The same request had been answered before; nothing was changed.
    Before(StoredAnswer),
}

/// A change that is being made.
type Making<'c, T> = Pin<Box<dyn Future<Output = Result<T, ManagingError>> + Send + 'c>>;

impl Managing {
    /// Manages what is stored in a database.
    pub fn new(database: Database) -> Self {
        Self { database, snapshots: None }
    }

    /// Manages what is stored in a database, and makes this process serve each change at once.
    pub fn serving(database: Database, snapshots: Arc<Snapshots>) -> Self {
        Self { database, snapshots: Some(snapshots) }
    }

    /// Makes a change in one transaction, unless its request was answered before. The change is made
    /// again while other writers are in its way.
    async fn run_once<T: Send + Sync + 'static>(
        &self,
        by: Actor,
        once: Option<Once<T>>,
        now: i64,
        action: impl for<'c> FnOnce(&'c mut Change) -> Making<'c, T> + Clone + Send + 'static,
    ) -> Result<Made<T>, ManagingError> {
        if let Some(Once { claim, .. }) = &once {
            idempotency_key(&claim.idempotency_key).map_err(|violation| vec![violation])?;
        }
        let managing = self.clone();
        whole(async move {
            let mut repetition = Repetition::new();
            loop {
                let attempt = managing.attempt(by.clone(), once.as_ref(), now, action.clone());
                match attempt.await {
                    Err(ManagingError::Storage(error)) => {
                        repetition.after(&managing.database, error).await?;
                    }
                    made => return made,
                }
            }
        })
        .await
    }

    /// Makes a change that is checked against what is stored before its transaction begins. It is checked
    /// and made again while other writers are in its way, or were quicker: then `attempt` returns `None`.
    async fn change_checked<T, F>(
        &self,
        attempt: impl Fn(Self) -> F + Send + 'static,
    ) -> Result<T, ManagingError>
    where
        T: Send + 'static,
        F: Future<Output = Result<Option<T>, ManagingError>> + Send,
    {
        let managing = self.clone();
        whole(async move {
            let mut repetition = Repetition::new();
            loop {
                match attempt(managing.clone()).await {
                    Ok(Some(changed)) => return Ok(changed),
                    Ok(None) => {}
                    Err(ManagingError::Storage(error)) => {
                        repetition.after(&managing.database, error).await?;
                    }
                    Err(error) => return Err(error),
                }
            }
        })
        .await
    }

    async fn attempt<T>(
        &self,
        by: Actor,
        once: Option<&Once<T>>,
        now: i64,
        action: impl for<'c> FnOnce(&'c mut Change) -> Making<'c, T>,
    ) -> Result<Made<T>, ManagingError> {
        let mut change = match once {
            None => Change::begin(&self.database, by, now).await?,
            Some(Once { claim, .. }) => {
                match Change::begin_once(&self.database, by, now, claim.clone()).await? {
                    Begun::Fresh(change) => change,
                    Begun::Answered(answer) => return Ok(Made::Before(answer)),
                    Begun::Reused => return Err(ManagingError::ClaimedByAnother),
                }
            }
        };
        let made = action(&mut change).await?;
        let answer = once.map(|once| (once.answer)(&made));
        change.commit_answered(answer.unwrap_or_default()).await?;
        self.serve_it();
        Ok(Made::Now(made))
    }

    /// Makes a change in one transaction that may be made again anyway.
    async fn run<T: Send + Sync + 'static>(
        &self,
        by: Actor,
        now: i64,
        action: impl for<'c> FnOnce(&'c mut Change) -> Making<'c, T> + Clone + Send + 'static,
    ) -> Result<T, ManagingError> {
        match self.run_once(by, None, now, action).await? {
            Made::Now(made) => Ok(made),
            // Without a claim nothing was answered before.
            Made::Before(_) => Err(ManagingError::ClaimedByAnother),
        }
    }

    fn serve_it(&self) {
        if let Some(snapshots) = &self.snapshots {
            snapshots.hurry();
        }
    }
}

/// Lets a change go on when its sender no longer waits. Dropping it would leave its transaction
/// open.
async fn whole<T: Send + 'static>(
    making: impl Future<Output = Result<T, ManagingError>> + Send + 'static,
) -> Result<T, ManagingError> {
    tokio::spawn(making).await?
}
