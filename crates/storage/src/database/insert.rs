//! Statements that insert many rows.
//!
//! They are written as text, because a file has millions of rows and building each statement from
//! parts takes longer than SQLite needs to run it. Values are always bound.

use std::borrow::Cow;

use sea_orm::{
    ActiveModelTrait, ActiveValue, DbBackend, EntityTrait, IdenStatic, Iterable,
    PrimaryKeyToColumn, Statement, Value,
};

/// The rows of one statement, far below the bind limits of both databases.
pub(crate) const ROWS: usize = 500;

/// What an insert does with a row whose key exists.
pub(crate) enum Existing {
    /// Fails.
    Refused,
    /// Keeps the existing row as it is.
    Kept,
    /// Adds the new counts, none of which is negative, to the existing ones, up to the largest
    /// integer.
    Increased { counts: &'static [&'static str] },
    /// These columns take the new values.
    Replaced { columns: &'static [&'static str] },
    /// This column takes the larger of the two values.
    Largest { column: &'static str },
}

/// An insert into some columns of a table.
pub(crate) struct Insert {
    pub(crate) table: &'static str,
    /// The columns whose values are bound for each row.
    pub(crate) columns: Cow<'static, [&'static str]>,
    /// The columns that all have one and the same number, in all rows.
    pub(crate) same: &'static [&'static str],
    /// The columns of the primary key.
    pub(crate) key: Cow<'static, [&'static str]>,
    pub(crate) existing: Existing,
}

impl Insert {
    /// Makes an insert of whole rows of an entity, see [`values_of`].
    pub(crate) fn of<E: EntityTrait>(existing: Existing) -> Self {
        Self {
            table: E::default().table_name(),
            columns: E::Column::iter().map(|it| it.as_str()).collect(),
            same: &[],
            key: E::PrimaryKey::iter().map(|it| it.into_column().as_str()).collect(),
            existing,
        }
    }

    /// Returns a statement for the values of whole rows, in the order of the columns.
    ///
    /// Rows that may exist must be sorted by their key, or else MySQL's writers deadlock.
    pub(crate) fn statement(
        &self,
        dialect: DbBackend,
        same: Option<i64>,
        values: Vec<Value>,
    ) -> Statement {
        let number = same.map_or_else(|| "NULL".to_owned(), |it| it.to_string());
        let row = list("?", self.columns.len()) + &format!(",{number}").repeat(self.same.len());
        let rows = list(&format!("({row})"), values.len() / self.columns.len());
        let (table, columns) = (self.table, [&self.columns, self.same].concat().join(", "));
        let existing = self.existing(dialect == DbBackend::Sqlite);
        let sql = format!("INSERT INTO {table} ({columns}) VALUES {rows}{existing}");
        Statement::from_sql_and_values(dialect, sql, values)
    }

    /// Returns the clause for rows whose keys exist.
    fn existing(&self, sqlite: bool) -> String {
        let conflict = if sqlite {
            format!(" ON CONFLICT ({}) DO UPDATE SET ", self.key.join(", "))
        } else {
            " ON DUPLICATE KEY UPDATE ".to_owned()
        };
        match self.existing {
            Existing::Refused => String::new(),
            Existing::Kept if sqlite => " ON CONFLICT DO NOTHING".to_owned(),
            Existing::Kept => format!("{conflict}{0} = {0}", self.key[0]),
            Existing::Increased { counts } => {
                let sums = counts.iter().map(|count| format!("{count} = {}", sum(count, sqlite)));
                conflict + &sums.collect::<Vec<_>>().join(", ")
            }
            Existing::Replaced { columns } => {
                let new =
                    columns.iter().map(|column| format!("{column} = {}", new(column, sqlite)));
                conflict + &new.collect::<Vec<_>>().join(", ")
            }
            Existing::Largest { column } => {
                let larger = if sqlite { "MAX" } else { "GREATEST" };
                format!("{conflict}{column} = {larger}({column}, {})", new(column, sqlite))
            }
        }
    }
}

/// Returns the values of a row for [`Insert::of`]. A value that is not set is null, which makes an
/// auto-incremented number the next one.
pub(crate) fn values_of<A: ActiveModelTrait>(row: &A) -> Vec<Value> {
    let value = |column: <A::Entity as EntityTrait>::Column| match row.get(column) {
        ActiveValue::Set(value) | ActiveValue::Unchanged(value) => value,
        ActiveValue::NotSet => Value::BigInt(None),
    };
    <A::Entity as EntityTrait>::Column::iter().map(value).collect()
}

/// Returns the sum of the existing and the new count, up to the largest integer. At a larger sum
/// SQLite would make a float, and MySQL would fail.
fn sum(count: &str, sqlite: bool) -> String {
    let new = new(count, sqlite);
    let most = i64::MAX;
    format!("CASE WHEN {count} > {most} - {new} THEN {most} ELSE {count} + {new} END")
}

/// Returns the new value of a column within the clause for existing rows.
fn new(column: &str, sqlite: bool) -> String {
    if sqlite { format!("excluded.{column}") } else { format!("VALUES({column})") }
}

/// Repeats a text, separated by commas.
pub(crate) fn list(text: &str, times: usize) -> String {
    let mut list = format!("{text},").repeat(times);
    list.pop();
    list
}
