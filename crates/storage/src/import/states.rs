//! The numbers of imports by state.

use sea_orm::{ColumnTrait, EntityTrait, QuerySelect};

use super::report::ImportState;
use crate::database::Database;
use crate::database::values::count;
use crate::entity::import::{Column, Entity};
use crate::error::{Attempt, StorageError};

/// Returns how many imports are in each state, in the order in which an import has them. Includes
/// zeros.
pub async fn import_states(database: &Database) -> Result<Vec<(ImportState, u64)>, StorageError> {
    let rows: Vec<(String, i64)> = Entity::find()
        .select_only()
        .column(Column::State)
        .column_as(Column::Id.count(), "imports")
        .group_by(Column::State)
        .into_tuple()
        .all(database.reading())
        .await
        .attempt("count the imports")?;
    let of = |state: ImportState| rows.iter().find(|it| it.0 == state.name()).map_or(0, |it| it.1);
    let states = ImportState::ALL.into_iter();
    states.map(|state| Ok((state, count("imports", "id", of(state))?))).collect()
}
