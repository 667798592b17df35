//! Queries that are read, and described in the document, by one table of their parameters.

use std::ops::RangeInclusive;

use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn, ParameterStyle};
use utoipa::openapi::{RefOr, Required, Schema};

use super::query::Params;
use super::shape;
use crate::words::Words;

/// What a query may ask for. The type itself is only a name for the document.
pub(crate) trait Filter {
    /// What it asks for; the default is what it asks for without parameters.
    type Said: Default + 'static;

    /// Returns its parameters, in the order of the document.
    fn filters() -> Filters<Self::Said>;
}

/// Makes a type of [`Filter`], which describes itself.
macro_rules! filter {
    ($(#[doc = $about:literal])+ $name:ident: $said:ty = $filters:expr) => {
        $(#[doc = $about])+
        pub(crate) enum $name {}

        impl $crate::extract::filters::Filter for $name {
            type Said = $said;

            fn filters() -> $crate::extract::filters::Filters<$said> {
                $filters
            }
        }

        impl utoipa::IntoParams for $name {
            fn into_params(
                _: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>,
            ) -> Vec<utoipa::openapi::path::Parameter> {
                <Self as $crate::extract::filters::Filter>::filters().parameters().collect()
            }
        }
    };
}

pub(crate) use filter;

/// The parameters of a query that asks for a `T`.
pub(crate) struct Filters<T> {
    filters: Vec<(ParameterBuilder, ReadParameter<T>)>,
}

/// Takes a parameter out of a query.
type ReadParameter<T> = Box<dyn Fn(&mut Params, &mut T)>;

impl<T> Default for Filters<T> {
    fn default() -> Self {
        Self { filters: Vec::new() }
    }
}

impl<T: 'static> Filters<T> {
    /// Adds one of a few words.
    pub(crate) fn word<W: Words + ToSchema>(
        self,
        name: &'static str,
        about: &str,
        example: &str,
        set: fn(&mut T, W::Value),
    ) -> Self
    where
        W::Value: 'static,
    {
        let read = move |params: &mut Params, said: &mut T| {
            params.word::<W>(name).into_iter().for_each(|it| set(said, it));
        };
        self.with(name, shape::named::<W>(), about, example, read)
    }

    /// Adds some of a few words, separated by commas.
    pub(crate) fn words<W: Words + ToSchema>(
        self,
        name: &'static str,
        about: &str,
        example: Value,
        set: fn(&mut T, Vec<W::Value>),
    ) -> Self
    where
        W::Value: 'static,
    {
        let read = move |params: &mut Params, said: &mut T| set(said, params.words::<W>(name));
        let shape = shape::list(shape::named::<W>(), &(1..=usize::MAX));
        self.with(name, shape, about, example, read).with_commas()
    }

    /// Adds a text of so many characters.
    pub(crate) fn text(
        self,
        name: &'static str,
        length: RangeInclusive<usize>,
        about: &str,
        example: &str,
        set: fn(&mut T, String),
    ) -> Self {
        let shape = shape::any_line(&length);
        let read = move |params: &mut Params, said: &mut T| {
            params.text(name, length.clone()).into_iter().for_each(|it| set(said, it));
        };
        self.with(name, shape, about, example, read)
    }

    /// Adds a whole number.
    pub(crate) fn number(
        self,
        name: &'static str,
        range: RangeInclusive<u32>,
        about: &str,
        example: u32,
        set: fn(&mut T, u32),
    ) -> Self {
        let shape = shape::number(&range);
        let read = move |params: &mut Params, said: &mut T| {
            params.number(name, range.clone()).into_iter().for_each(|it| set(said, it));
        };
        self.with(name, shape, about, example, read)
    }

    /// Adds some whole numbers, separated by commas.
    pub(crate) fn numbers(
        self,
        name: &'static str,
        most: usize,
        range: RangeInclusive<u32>,
        about: &str,
        example: Value,
        set: fn(&mut T, Vec<u32>),
    ) -> Self {
        let shape = shape::list(shape::number(&range), &(0..=most));
        let read = move |params: &mut Params, said: &mut T| {
            set(said, params.numbers(name, 0..=most, range.clone()));
        };
        self.with(name, shape, about, example, read).with_commas()
    }

    /// Adds true or false.
    pub(crate) fn flag(
        self,
        name: &'static str,
        about: &str,
        example: bool,
        set: fn(&mut T, bool),
    ) -> Self {
        let read = move |params: &mut Params, said: &mut T| {
            params.flag(name).into_iter().for_each(|it| set(said, it));
        };
        self.with(name, shape::flag(), about, example, read)
    }

    /// Adds a parameter of any shape, and how it is read.
    pub(crate) fn with(
        mut self,
        name: &'static str,
        shape: impl Into<RefOr<Schema>>,
        about: &str,
        example: impl Into<Value>,
        read: impl Fn(&mut Params, &mut T) + 'static,
    ) -> Self {
        let parameter = parameter(name, shape, about, example);
        self.filters.push((parameter, Box::new(read)));
        self
    }

    /// Describes the last parameter as a list that is written with commas.
    pub(crate) fn with_commas(mut self) -> Self {
        if let Some((parameter, read)) = self.filters.pop() {
            let parameter = parameter.style(Some(ParameterStyle::Form)).explode(Some(false));
            self.filters.push((parameter, read));
        }
        self
    }

    /// Returns how the document describes them.
    pub(crate) fn parameters(self) -> impl Iterator<Item = Parameter> {
        self.filters.into_iter().map(|it| it.0.build())
    }
}

/// Returns the description of a parameter that may be missing.
pub(crate) fn parameter(
    name: &str,
    shape: impl Into<RefOr<Schema>>,
    about: &str,
    example: impl Into<Value>,
) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(about))
        .schema(Some(shape.into()))
        .example(Some(example.into()))
}

impl Params {
    /// Takes the parameters of a filter.
    pub(crate) fn filter<F: Filter>(&mut self) -> F::Said {
        let mut said = F::Said::default();
        for (_, read) in F::filters().filters {
            read(self, &mut said);
        }
        said
    }
}
