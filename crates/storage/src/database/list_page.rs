//! Lists that are read page by page, each beginning behind the last row of the one before.

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

/// The row that a page begins behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct After {
    /// What the list is sorted by.
    pub value: SortValue,
    /// Its number, which decides between equal values.
    pub id: SortValue,
}

/// Which part of a list to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRequest<S> {
    /// What to sort by; equal values stand by number.
    pub sort: S,
    /// The largest first.
    pub descending: bool,
    /// The first page begins at the beginning.
    pub after: Option<After>,
    /// The most rows, at least 1.
    pub limit: u64,
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListPage<T> {
    /// At most as many as asked for.
    pub items: Vec<T>,
    /// Where the next page begins, unless this is the last one.
    pub next: Option<After>,
}

impl<T> ListPage<T> {
    /// Makes a page of the rows that [`part`] found.
    pub(crate) fn of(
        mut items: Vec<T>,
        limit: u64,
        position: impl Fn(&T) -> (SortValue, SortValue),
    ) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| more).map(|last| {
            let (value, id) = position(last);
            After { value, id }
        });
        Self { items, next }
    }
}

/// Limits a query to a page, and one row more to know whether another one follows.
pub(crate) fn part<E: EntityTrait, S, C: ColumnTrait>(
    query: Select<E>,
    (sort, id): (C, C),
    page: &PageRequest<S>,
) -> Select<E> {
    let order = if page.descending { Order::Desc } else { Order::Asc };
    let query =
        query.order_by(sort, order.clone()).order_by(id, order).limit(page.limit.saturating_add(1));
    let Some(after) = &page.after else { return query };
    let expression = |it: &SortValue| match it {
        SortValue::Number(number) => Expr::val(*number),
        SortValue::Text(text) => Expr::val(text.as_str()),
    };
    let (value, number) = (expression(&after.value), expression(&after.id));
    let beyond = |column: C, value: Expr| {
        let column = Expr::col(column.as_column_ref());
        if page.descending { column.lt(value) } else { column.gt(value) }
    };
    let equal = Expr::col(sort.as_column_ref()).eq(value.clone());
    query.filter(Condition::any().add(beyond(sort, value)).add(equal.and(beyond(id, number))))
}
