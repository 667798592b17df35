//! One step of the schema, as data.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// What one step does.
pub(crate) enum Change {
    /// Creates a table, unless it exists.
    Table(fn() -> TableCreateStatement),
    /// Creates a table, unless it exists, whose rows lie in the order of its primary key. MySQL's
    /// always do; SQLite's would lie in the order of a hidden number, the key beside them.
    KeyedTable(fn() -> TableCreateStatement),
    /// Creates an index over columns of a table, unless it exists.
    Index { table: &'static str, columns: &'static [&'static str] },
    /// Fills a table with what others say. Repeated, it says the same.
    Fill(fn(DbBackend) -> &'static str),
}

/// A named step; the name is recorded in the database once it was taken.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) change: Change,
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
            Change::Table(table) => create(manager, table()).await,
            Change::KeyedTable(table) => {
                let mut table = table();
                if manager.get_database_backend() == DbBackend::Sqlite {
                    table.extra("WITHOUT ROWID");
                }
                create(manager, table).await
            }
            Change::Index { table, columns } => {
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
            Change::Fill(statement) => {
                let connection = manager.get_connection();
                let statement = statement(manager.get_database_backend());
                connection.execute_unprepared(statement).await.map(drop)
            }
        }
    }
}

async fn create(manager: &SchemaManager<'_>, mut table: TableCreateStatement) -> Result<(), DbErr> {
    table.if_not_exists();
    if manager.get_database_backend() == DbBackend::MySql {
        // The server's default may be latin1, and a collation that ignores case.
        table.character_set("utf8mb4").collate("utf8mb4_bin");
    }
    manager.create_table(table).await
}
