//! A SQL statement under construction.

use sea_orm::{DbBackend, Statement, Value};

use crate::database::insert::list;

/// A text with question marks, and the values bound to them, in their order.
#[derive(Debug, Default)]
pub(super) struct Sql {
    text: String,
    values: Vec<Value>,
}

impl Sql {
    /// Appends text that is part of the program.
    pub(super) fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Appends a bound value.
    pub(super) fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.text.push('?');
        self.values.push(value.into());
        self
    }

    /// Appends `(?, ?, …)`.
    pub(super) fn bind_all(&mut self, values: impl IntoIterator<Item = i64>) -> &mut Self {
        let before = self.values.len();
        self.values.extend(values.into_iter().map(Value::from));
        let marks = list("?", self.values.len() - before);
        self.push("(").push(&marks).push(")")
    }

    /// Appends another statement's text and values.
    pub(super) fn append(&mut self, other: Self) -> &mut Self {
        self.text.push_str(&other.text);
        self.values.extend(other.values);
        self
    }

    /// Returns the finished statement.
    pub(super) fn statement(self, dialect: DbBackend) -> Statement {
        Statement::from_sql_and_values(dialect, self.text, self.values)
    }
}
