//! The audit entries of a change, written with it.

use bams_domain::{BannerId, CampaignId};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{DatabaseTransaction, EntityTrait};
use serde_json::Value;

use super::Change;
use crate::database::insert::ROWS;
use crate::entity::audit_entry;
use crate::error::{Attempt, StorageError};

/// The author of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The public half of the key, or a stand-in for a program without one.
    pub id: String,
    /// The key's name at that time.
    pub name: String,
}

impl Actor {
    /// Returns the author for somebody at this machine, who needs no key.
    pub fn command_line() -> Self {
        Self { id: "command_line".to_owned(), name: "command line".to_owned() }
    }
}

/// The subject of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// One of [`Subject::KINDS`].
    pub kind: &'static str,
    /// The number or id, or `<campaign>/<banner>` for a banner in a campaign. Performance has the
    /// number of its campaign.
    pub id: String,
}

impl Subject {
    /// The kind of campaigns.
    pub const CAMPAIGN: &'static str = "campaign";
    /// The kind of banners, with their images.
    pub const BANNER: &'static str = "banner";
    /// The kind of banners in campaigns.
    pub const ATTACHMENT: &'static str = "campaign_banner";
    /// The kind of keys.
    pub const KEY: &'static str = "key";
    /// The kind of imports.
    pub const IMPORT: &'static str = "import";
    /// The kind of performance.
    pub const PERFORMANCE: &'static str = "performance";
    /// The kind of conversions that were restated or retracted.
    pub const CONVERSION: &'static str = "conversion";

    /// The kind of reports that are read by a link.
    pub const SHARED_REPORT: &'static str = "shared_report";

    /// Every kind of thing that changes.
    pub const KINDS: [&'static str; 8] = [
        Self::CAMPAIGN,
        Self::BANNER,
        Self::ATTACHMENT,
        Self::KEY,
        Self::IMPORT,
        Self::PERFORMANCE,
        Self::CONVERSION,
        Self::SHARED_REPORT,
    ];

    pub(crate) fn campaign(id: CampaignId) -> Self {
        Self { kind: Self::CAMPAIGN, id: id.to_string() }
    }

    pub(crate) fn banner(id: BannerId) -> Self {
        Self { kind: Self::BANNER, id: id.to_string() }
    }

    pub(crate) fn attachment(campaign: CampaignId, banner: BannerId) -> Self {
        Self { kind: Self::ATTACHMENT, id: format!("{campaign}/{banner}") }
    }

    pub(crate) fn import(id: i64) -> Self {
        Self { kind: Self::IMPORT, id: id.to_string() }
    }

    pub(crate) fn performance(id: CampaignId) -> Self {
        Self { kind: Self::PERFORMANCE, id: id.to_string() }
    }

    pub(crate) fn conversion(id: &str) -> Self {
        Self { kind: Self::CONVERSION, id: id.to_owned() }
    }

    pub(crate) fn shared_report(id: &str) -> Self {
        Self { kind: Self::SHARED_REPORT, id: id.to_owned() }
    }

    pub(crate) fn key(id: &str) -> Self {
        Self { kind: Self::KEY, id: id.to_owned() }
    }
}

impl Change {
    /// Records what this change does to a subject, with its states before and after.
    pub(crate) async fn record(
        &self,
        action: &'static str,
        subject: Subject,
        before: Option<Value>,
        after: Option<Value>,
    ) -> Result<(), StorageError> {
        self.record_all(vec![AuditRecord { action, subject, before, after }]).await
    }

    /// Records several changes, see [`record`](Self::record).
    pub(crate) async fn record_all(&self, records: Vec<AuditRecord>) -> Result<(), StorageError> {
        write(&self.transaction, &self.actor, self.now, self.reverts, records).await
    }
}

/// A change of a subject, with its states before and after.
pub(crate) struct AuditRecord {
    pub(crate) action: &'static str,
    pub(crate) subject: Subject,
    pub(crate) before: Option<Value>,
    pub(crate) after: Option<Value>,
}

/// Records what a transaction does as a part of it: that it reverts an earlier entry, if it does.
pub(crate) async fn write(
    transaction: &DatabaseTransaction,
    actor: &Actor,
    now: i64,
    reverts: Option<i64>,
    records: Vec<AuditRecord>,
) -> Result<(), StorageError> {
    let rows = records.into_iter().map(|record| audit_entry::ActiveModel {
        id: NotSet,
        at: Set(now),
        actor_id: Set(actor.id.clone()),
        actor_name: Set(actor.name.clone()),
        action: Set(if reverts.is_some() { "revert" } else { record.action }.to_owned()),
        subject_kind: Set(record.subject.kind.to_owned()),
        subject_id: Set(record.subject.id),
        before: Set(record.before.map(|value| value.to_string())),
        after: Set(record.after.map(|value| value.to_string())),
        reverts: Set(reverts),
    });
    let rows: Vec<_> = rows.collect();
    for chunk in rows.chunks(ROWS) {
        let insert = audit_entry::Entity::insert_many(chunk.iter().cloned());
        insert.exec_without_returning(transaction).await.attempt("write the audit log")?;
    }
    Ok(())
}
