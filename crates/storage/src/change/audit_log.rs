//! Reading the audit log, newest entries first.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QueryTrait};
use serde_json::Value;

use super::Change;
use crate::database::Database;
use crate::database::list_page::{ListPage, PageRequest, SortValue, part};
use crate::database::values::corrupt;
use crate::entity::audit_entry::{Column, Entity, Model};
use crate::error::{Attempt, StorageError};

/// An entry of the audit log.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditEntry {
    /// Its number. Nodes draw them at once, so that a later entry may have a smaller one.
    pub id: i64,
    /// The moment, in unix milliseconds.
    pub at: i64,
    /// The public half of the key that made it, or `command_line`.
    pub actor_id: String,
    /// The key's name at that time.
    pub actor_name: String,
    /// The action, such as `create`.
    pub action: String,
    /// The kind of subject, such as `campaign`.
    pub subject_kind: String,
    /// The number or id of the subject.
    pub subject_id: String,
    /// The state before. `None` for something new.
    pub before: Option<Value>,
    /// The state after. `None` for something that is gone.
    pub after: Option<Value>,
    /// The number of the entry that this one reverts, if it does.
    pub reverts: Option<i64>,
}

/// The entries to list. `None` does not filter.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Only changes of this kind of subject.
    pub subject_kind: Option<String>,
    /// Only changes of one of these kinds of subjects.
    pub kinds: Option<&'static [&'static str]>,
    /// Only changes of the subject with this number or id.
    pub subject_id: Option<String>,
    /// Only changes of subjects with one of these numbers or ids, if it names any.
    pub subject_ids: Vec<String>,
    /// Only changes made with this key.
    pub actor_id: Option<String>,
}

/// Returns a page of the audit log, sorted by moment, and within a moment by number.
pub async fn audit_log(
    database: &Database,
    filter: &AuditFilter,
    page: &PageRequest<()>,
) -> Result<ListPage<AuditEntry>, StorageError> {
    let equal =
        |column: Column, value: &Option<String>| value.clone().map(|value| column.eq(value));
    let query = Entity::find()
        .apply_if(equal(Column::SubjectKind, &filter.subject_kind), QueryFilter::filter)
        .apply_if(filter.kinds, |query, kinds| {
            query.filter(Column::SubjectKind.is_in(kinds.iter().copied()))
        })
        .apply_if(equal(Column::SubjectId, &filter.subject_id), QueryFilter::filter)
        .apply_if((!filter.subject_ids.is_empty()).then_some(&filter.subject_ids), |query, ids| {
            query.filter(Column::SubjectId.is_in(ids.iter().map(String::as_str)))
        })
        .apply_if(equal(Column::ActorId, &filter.actor_id), QueryFilter::filter);
    let rows = part(query, (Column::At, Column::Id), page).all(database.reading()).await;
    let models = rows.attempt("read the audit log")?.into_iter();
    let items = models.map(AuditEntry::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(ListPage::of(items, page.limit, |entry| {
        (SortValue::Number(entry.at), SortValue::Number(entry.id))
    }))
}

/// Returns an entry of the audit log, or `None` if there is none with this number.
pub async fn audit_entry(database: &Database, id: i64) -> Result<Option<AuditEntry>, StorageError> {
    let row = Entity::find_by_id(id).one(database.reading()).await;
    row.attempt("read the audit log")?.map(AuditEntry::try_from).transpose()
}

impl Change {
    /// Makes this change the revert of an entry of the audit log, which its own entries name.
    pub fn revert(&mut self, entry: i64) {
        self.reverts = Some(entry);
    }

    /// Returns the newest entry that reverts the one this change reverts: its own, once it has
    /// written one.
    pub async fn reverting_entry(&self) -> Result<Option<AuditEntry>, StorageError> {
        let Some(reverted) = self.reverts else { return Ok(None) };
        let entries = Entity::find().filter(Column::Reverts.eq(reverted));
        let row = entries.order_by_desc(Column::Id).one(&self.transaction).await;
        row.attempt("read the audit log")?.map(AuditEntry::try_from).transpose()
    }
}

impl TryFrom<Model> for AuditEntry {
    type Error = StorageError;

    fn try_from(row: Model) -> Result<Self, StorageError> {
        let state = |column, text: Option<String>| {
            let read = |it: String| {
                serde_json::from_str(&it).map_err(|_| corrupt("audit_log", column, &it))
            };
            text.map(read).transpose()
        };
        Ok(Self {
            id: row.id,
            at: row.at,
            actor_id: row.actor_id,
            actor_name: row.actor_name,
            action: row.action,
            subject_kind: row.subject_kind,
            subject_id: row.subject_id,
            before: state("before", row.before)?,
            after: state("after", row.after)?,
            reverts: row.reverts,
        })
    }
}
