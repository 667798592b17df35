//! Pages of lists: what answers have, and how the document describes them and what asks for them.

use std::borrow::Cow;
use std::marker::PhantomData;

use serde::Serialize;
use serde_json::Value;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{Object, ObjectBuilder, Schema};
use utoipa::openapi::{RefOr, Type};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use crate::extract::filters::parameter;
use crate::extract::shape::{self, described, named};
use crate::words::Words;

/// The most items of a page.
pub(crate) const LARGEST: u32 = 200;

/// The items of a page unless the client says otherwise.
pub(crate) const USUAL: u32 = 50;

/// The longest cursor, in characters.
pub(crate) const LONGEST_CURSOR: usize = 2000;

/// The words for the orders of a list, each with what it sorts by and whether the largest comes first.
pub(crate) trait ListOrder: Words<Value = (<Self as ListOrder>::Sort, bool)> {
    /// What a list is sorted by.
    type Sort: Copy + PartialEq;
}

impl<W: Words<Value = (S, bool)>, S: Copy + PartialEq> ListOrder for W {
    type Sort = S;
}

/// What is listed page by page.
pub(crate) trait Listed: ToSchema {
    /// The words for its orders. The list is sorted by the first one unless the client says otherwise.
    type Order: ListOrder + ToSchema;

    /// What the document says of its pages.
    const PAGES: Pages;

    /// Whether the largest comes first in that usual order.
    const LARGEST_FIRST: bool = false;
}

/// What the document says of the pages of a list.
pub(crate) struct Pages {
    /// The component.
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) items: &'static str,
    pub(crate) sort: &'static str,
    /// One of the words.
    pub(crate) sort_example: &'static str,
    pub(crate) cursor_example: &'static str,
}

/// One page of a list.
#[derive(Serialize)]
pub(crate) struct List<T> {
    pub(super) items: Vec<T>,
    pub(super) next_cursor: Option<String>,
}

impl<T: Listed> PartialSchema for List<T> {
    fn schema() -> RefOr<Schema> {
        let items = shape::list(named::<T>(), &(0..=usize::MAX));
        let mut cursor = shape::nullable(Object::with_type(Type::String));
        cursor.example = Some(T::PAGES.cursor_example.into());
        let cursor = described(cursor.into(), "Asks for the next page; null on the last one.");
        let page = ObjectBuilder::new().description(Some(T::PAGES.about));
        let page = page.property("items", described(items, T::PAGES.items)).required("items");
        page.property("next_cursor", cursor).build().into()
    }
}

impl<T: Listed> ToSchema for List<T> {
    fn name() -> Cow<'static, str> {
        T::PAGES.name.into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(schemas);
    }
}

/// The parameters that ask for one page of a list of `T`.
pub(crate) struct PageQuery<T>(PhantomData<T>);

impl<T: Listed> IntoParams for PageQuery<T> {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let mut limit = shape::number(&(1..=LARGEST));
        limit.default = Some(USUAL.into());
        let mut cursor = Object::with_type(Type::String);
        (cursor.min_length, cursor.max_length) = (Some(1), Some(LONGEST_CURSOR));
        let Pages { sort, sort_example, cursor_example, .. } = T::PAGES;
        let parameters = [
            parameter("sort", named::<T::Order>(), sort, sort_example),
            parameter("limit", limit, "The most items of a page.", Value::from(USUAL)),
            parameter("cursor", cursor, "The `next_cursor` of the page before.", cursor_example),
        ];
        parameters.map(ParameterBuilder::build).into()
    }
}
