//! Reading the audit log, newest entries first.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryTrait};
use serde_json::Value;

use crate::database::Database;
use crate::database::list_page::{ListPage, PageRequest, SortValue, part};
use crate::database::values::corrupt;
use crate::entity::audit_entry::{Column, Entity, Model};
use crate::error::{Attempt, StorageError};

/// An entry of the audit log.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditEntry {
    /// Its number. Later entries have larger ones.
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
}

/// The entries to list. `None` does not filter.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Only changes of this kind of subject.
    pub subject_kind: Option<String>,
    /// Only changes of the subject with this number or id.
    pub subject_id: Option<String>,
    /// Only changes made with this key.
    pub actor_id: Option<String>,
}

/// Returns a page of the audit log, sorted by number.
pub async fn audit_log(
    database: &Database,
    filter: &AuditFilter,
    page: &PageRequest<()>,
) -> Result<ListPage<AuditEntry>, StorageError> {
    let equal =
        |column: Column, value: &Option<String>| value.clone().map(|value| column.eq(value));
    let query = Entity::find()
        .apply_if(equal(Column::SubjectKind, &filter.subject_kind), QueryFilter::filter)
        .apply_if(equal(Column::SubjectId, &filter.subject_id), QueryFilter::filter)
        .apply_if(equal(Column::ActorId, &filter.actor_id), QueryFilter::filter);
    let rows = part(query, (Column::Id, Column::Id), page).all(database.reading()).await;
    let models = rows.attempt("read the audit log")?.into_iter();
    let items = models.map(AuditEntry::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(ListPage::of(items, page.limit, |entry| {
        (SortValue::Number(entry.id), SortValue::Number(entry.id))
    }))
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
        })
    }
}
