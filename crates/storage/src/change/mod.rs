//! Changes by people: one transaction with its audit entries, its revisions and, for a request that
//! may be sent again, its answer.

pub(crate) mod announcement;
pub(crate) mod audit_entries;
mod audit_log;
mod idempotency;
pub(crate) mod revision;

use std::collections::BTreeSet;

use bams_domain::{BannerId, CampaignId};
use sea_orm::DatabaseTransaction;

pub use self::audit_entries::{Actor, Subject};
pub use self::audit_log::{AuditEntry, AuditFilter, audit_entry, audit_log};
pub use self::idempotency::{
    Begun, Claim, EarlierUse, LONGEST_IDEMPOTENCY_KEY, Once, StoredAnswer, earlier_use,
};
use self::revision::{touch, touch_banners};
use crate::database::Database;
use crate::error::{Attempt, StorageError};

/// A change in the making. Nothing of it is stored or visible before [`commit`](Self::commit).
///
/// Campaigns, banners, attachments and keys have their own methods, each beside its table, and each
/// writes an entry of the audit log.
#[derive(Debug)]
pub struct Change {
    pub(crate) transaction: DatabaseTransaction,
    pub(crate) actor: Actor,
    /// Unix milliseconds.
    pub(crate) now: i64,
    touched: BTreeSet<CampaignId>,
    touched_banners: BTreeSet<BannerId>,
    claim: Option<Claim>,
    /// The entry of the audit log that this change reverts.
    pub(crate) reverts: Option<i64>,
}

impl Change {
    /// Begins a change by `actor` at a moment in unix milliseconds.
    pub async fn begin(database: &Database, actor: Actor, now: i64) -> Result<Self, StorageError> {
        let transaction = database.begin_writing().await?;
        let (touched, touched_banners) = (BTreeSet::new(), BTreeSet::new());
        Ok(Self { transaction, actor, now, touched, touched_banners, claim: None, reverts: None })
    }

    /// Commits the change as a whole.
    pub async fn commit(mut self) -> Result<(), StorageError> {
        touch(&self.transaction, std::mem::take(&mut self.touched)).await?;
        touch_banners(&self.transaction, std::mem::take(&mut self.touched_banners)).await?;
        self.transaction.commit().await.attempt("keep a change")
    }

    /// Marks a campaign, which every node then loads again.
    pub(crate) fn serves_differently(&mut self, campaign: CampaignId) {
        self.touched.insert(campaign);
    }

    /// Marks a banner, which every node then loads again. Campaigns that have it need no mark.
    pub(crate) fn shows_differently(&mut self, banner: BannerId) {
        self.touched_banners.insert(banner);
    }
}
