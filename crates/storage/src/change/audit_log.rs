//! The audit log: who changed what, newest first.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryTrait};
use serde_json::Value;

use crate::database::Database;
use crate::database::list_page::{ListPage, PageRequest, SortValue, part};
use crate::database::values::corrupt;
use crate::entity::audit_entry::{Column, Entity, Model};
use crate::error::{Attempt, StorageError};

/// One change.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditEntry {
    /// Its number; later changes have larger ones.
    pub id: i64,
    /// When, in unix milliseconds.
    pub at: i64,
    /// The public half of the key that made it, or `command_line`.
    pub actor_id: String,
    /// The key's name at that time.
    pub actor_name: String,
    /// Such as `create`.
    pub action: String,
    /// The kind of thing that was changed, such as `campaign`.
    pub subject_kind: String,
    /// Which one.
    pub subject_id: String,
    /// What it was; `None` for something new.
    pub before: Option<Value>,
    /// What it is; `None` for something that is gone.
    pub after: Option<Value>,
}

/// Which entries to list; what is missing does not filter.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Changes of this kind of thing.
    pub subject_kind: Option<String>,
    /// Changes of the thing with this number or id.
    pub subject_id: Option<String>,
    /// Changes made with this key.
    pub actor_id: Option<String>,
}

/// A page of the audit log; it is sorted by number.
pub async fn audit_log(
    database: &Database,
    filter: &AuditFilter,
    page: &PageRequest<()>,
) -> Result<ListPage<AuditEntry>, StorageError> {
    let equal = |column: Column, value: &Option<String>| value.clone().map(|it| column.eq(it));
    let query = Entity::find()
        .apply_if(equal(Column::SubjectKind, &filter.subject_kind), QueryFilter::filter)
        .apply_if(equal(Column::SubjectId, &filter.subject_id), QueryFilter::filter)
        .apply_if(equal(Column::ActorId, &filter.actor_id), QueryFilter::filter);
    let rows = part(query, (Column::Id, Column::Id), page).all(database.reading()).await;
    let rows = rows.attempt("read the audit log")?.into_iter().map(AuditEntry::try_from);
    let rows = rows.collect::<Result<Vec<_>, _>>()?;
    Ok(ListPage::of(rows, page.limit, |it| (SortValue::Number(it.id), SortValue::Number(it.id))))
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
