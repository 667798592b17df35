//! Lists that are read page by page. Each page begins after the last row of the one before.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, Select,
};

/// A value that a list is sorted by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SortValue {
    /// A number, or a moment in unix milliseconds.
    Number(i64),
    /// A text.
    Text(String),
}

/// The row after which a page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct After {
    /// Its value in the column that the list is sorted by.
    pub value: SortValue,
    /// Its number, which orders rows with equal values.
    pub id: SortValue,
}

/// The part of a list to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRequest<S> {
    /// The column to sort by. Rows with equal values are sorted by number.
    pub sort: S,
    /// Sorts the largest value first.
    pub descending: bool,
    /// The row after which the page begins. `None` is the first page.
    pub after: Option<After>,
    /// The most rows, at least 1.
    pub limit: u64,
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListPage<T> {
    /// The rows, at most as many as asked for.
    pub items: Vec<T>,
    /// The row after which the next page begins, or `None` on the last page.
    pub next: Option<After>,
}

impl<T> ListPage<T> {
    /// Makes a page from the rows that [`part`] selects.
    pub(crate) fn of(
        mut items: Vec<T>,
        limit: u64,
        position: impl Fn(&T) -> (SortValue, SortValue),
    ) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| has_more).map(|last| {
            let (value, id) = position(last);
            After { value, id }
        });
        Self { items, next }
    }
}

/// Limits a query to a page and one more row, which tells whether another page follows.
pub(crate) fn part<E: EntityTrait, S, C: ColumnTrait>(
    query: Select<E>,
    (sort, id): (C, C),
    page: &PageRequest<S>,
) -> Select<E> {
    let order = if page.descending { Order::Desc } else { Order::Asc };
    let sorted =
        query.order_by(sort, order.clone()).order_by(id, order).limit(page.limit.saturating_add(1));
    let Some(after) = &page.after else { return sorted };
    let expression = |value: &SortValue| match value {
        SortValue::Number(number) => Expr::val(*number),
        SortValue::Text(text) => Expr::val(text.as_str()),
    };
    let (value, number) = (expression(&after.value), expression(&after.id));
    let beyond = |column: C, value: Expr| {
        let column = Expr::col(column.as_column_ref());
        if page.descending { column.lt(value) } else { column.gt(value) }
    };
    let equal = Expr::col(sort.as_column_ref()).eq(value.clone());
    sorted.filter(Condition::any().add(beyond(sort, value)).add(equal.and(beyond(id, number))))
}
