//! A step of the schema as data.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// What a step does.
pub(crate) enum StepAction {
    /// Creates a table, unless it exists.
    Table(fn() -> TableCreateStatement),
    /// Creates a table, unless it exists, with its rows in the order of its primary key. MySQL always
    /// stores them so; SQLite would order them by a hidden number and keep the key in an index.
    KeyedTable(fn() -> TableCreateStatement),
    /// Adds a column at the end of a table, unless it exists.
    Column { table: &'static str, column: fn() -> ColumnDef },
    /// Creates an index over columns of a table, unless it exists.
    Index { table: &'static str, columns: &'static [&'static str] },
    /// Fills a table from others. Repeating it changes nothing.
    Fill(fn(DbBackend) -> &'static str),
    /// Fills a table from one that a later step removes, unless that is gone.
    Move { from: &'static str, statement: fn(DbBackend) -> &'static str },
    /// Removes a table, unless it is gone.
    Removal(&'static str),
}

/// A named step. The database records the names of the steps that were taken.
///
/// A step that only adds, so that programs of the version before go on beside newer ones, says so in its
/// name: `m20270101_01_labels+m20261128_07_sessions` still serves every program that knows
/// `m20261128_07_sessions`.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) change: StepAction,
}

/// Returns the newest step of the oldest program that a step still serves, or `None` if it serves only
/// programs that know it.
pub(crate) fn oldest_served(step: &str) -> Option<&str> {
    step.split_once('+').map(|(_, oldest)| oldest)
}

impl MigrationName for Step {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        match self.change {
            StepAction::Table(table) => create(manager, table()).await,
            StepAction::KeyedTable(table) => {
                let mut definition = table();
                if manager.get_database_backend() == DbBackend::Sqlite {
                    definition.extra("WITHOUT ROWID");
                }
                create(manager, definition).await
            }
            StepAction::Column { table, column } => {
                let column = column();
                if manager.has_column(table, column.get_column_name()).await? {
                    return Ok(());
                }
                manager.alter_table(Table::alter().table(table).add_column(column).take()).await
            }
            StepAction::Index { table, columns } => {
                let name = format!("{table}_by_{}", columns.join("_"));
                if manager.has_index(table, &name).await? {
                    return Ok(());
                }
                let mut index = Index::create();
                index.name(name).table(table);
                for column in columns {
                    index.col(*column);
                }
                manager.create_index(index).await
            }
            StepAction::Fill(statement) => fill(manager, statement).await,
            StepAction::Move { from, statement } => {
                if manager.has_table(from).await? {
                    fill(manager, statement).await?;
                }
                Ok(())
            }
            StepAction::Removal(table) => {
                manager.drop_table(Table::drop().table(table).if_exists().take()).await
            }
        }
    }
}

async fn fill(
    manager: &SchemaManager<'_>,
    statement: fn(DbBackend) -> &'static str,
) -> Result<(), DbErr> {
    let sql = statement(manager.get_database_backend());
    manager.get_connection().execute_unprepared(sql).await.map(drop)
}

/// Creates a table unless it exists.
async fn create(manager: &SchemaManager<'_>, mut table: TableCreateStatement) -> Result<(), DbErr> {
    table.if_not_exists();
    if manager.get_database_backend() == DbBackend::MySql {
        // The server's default may be latin1, or a collation that ignores case.
        table.character_set("utf8mb4").collate("utf8mb4_bin");
    }
    manager.create_table(table).await
}
