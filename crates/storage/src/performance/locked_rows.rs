//! Rows of counts that a transaction locks by their keys, to write them anew.

use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, QueryResult, Statement, Value,
};

use crate::database::insert::Insert;

/// The key of a row. The third number is the slot, or the quarter, and texts may follow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RowKey {
    pub(super) campaign: i64,
    pub(super) banner: i64,
    pub(super) place: i64,
    pub(super) texts: Vec<String>,
}

impl RowKey {
    pub(super) fn read(row: &QueryResult, table: &Insert) -> Result<Self, DbErr> {
        let texts = (3..table.key.len()).map(|index| row.try_get_by_index(index));
        Ok(Self {
            campaign: row.try_get_by_index(0)?,
            banner: row.try_get_by_index(1)?,
            place: row.try_get_by_index(2)?,
            texts: texts.collect::<Result<_, _>>()?,
        })
    }

    /// Returns the key of another slot or quarter.
    pub(super) fn at(&self, place: i64) -> Self {
        Self { place, ..self.clone() }
    }

    pub(super) fn values(&self) -> impl Iterator<Item = Value> {
        let numbers = [self.campaign, self.banner, self.place].map(Value::from);
        numbers.into_iter().chain(self.texts.iter().map(|it| it.as_str().into()))
    }
}

/// Returns the rows with these keys, some hundred at most, and their counts, and locks them until
/// the end of the transaction.
pub(super) async fn locked(
    transaction: &DatabaseTransaction,
    table: &Insert,
    keys: &[RowKey],
) -> Result<Vec<(RowKey, Vec<i64>)>, DbErr> {
    let dialect = transaction.get_database_backend();
    let sql = format!("SELECT {} FROM {}", table.columns.join(", "), table.table);
    let lock = if dialect == DbBackend::Sqlite { "" } else { " FOR UPDATE" };
    let select = of_keys(dialect, &sql, table, keys, lock);
    let rows = transaction.query_all_raw(select).await?;
    rows.iter()
        .map(|row| {
            let counts =
                (table.key.len()..table.columns.len()).map(|index| row.try_get_by_index(index));
            Ok((RowKey::read(row, table)?, counts.collect::<Result<_, _>>()?))
        })
        .collect()
}

/// Removes the rows with these keys, some hundred at most and at least one.
pub(super) async fn remove(
    transaction: &DatabaseTransaction,
    table: &Insert,
    keys: impl IntoIterator<Item = &RowKey>,
) -> Result<(), DbErr> {
    let sql = format!("DELETE FROM {}", table.table);
    let delete = of_keys(transaction.get_database_backend(), &sql, table, keys, "");
    transaction.execute_raw(delete).await.map(drop)
}

/// Makes a statement for the rows with these keys.
fn of_keys<'a>(
    dialect: DbBackend,
    begin: &str,
    table: &Insert,
    keys: impl IntoIterator<Item = &'a RowKey>,
    end: &str,
) -> Statement {
    let columns: Vec<_> = table.key.iter().map(|column| format!("{column} = ?")).collect();
    let of_key = format!("({})", columns.join(" AND "));
    let (mut values, mut conditions) = (Vec::new(), Vec::new());
    for key in keys {
        values.extend(key.values());
        conditions.push(of_key.as_str());
    }
    let text = format!("{begin} WHERE {}{end}", conditions.join(" OR "));
    Statement::from_sql_and_values(dialect, text, values)
}
