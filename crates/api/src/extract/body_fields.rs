//! The kinds of fields that a JSON object has: how each is read, and how the document describes it.

use std::ops::RangeInclusive;

use bams_app::{Draft, MOST_TAGS, Said};
use bams_domain::Size;
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;

use super::body::{Body, BodyFields};
use super::fields::Form;
use super::shape::{self, Tag};
use crate::words::Words;

/// What a list of objects says, if it is there.
type Drafts<B> = Said<Vec<Draft<<B as Body>::Said>>>;

impl<T: Default + 'static> BodyFields<T> {
    /// Adds one line of so many characters.
    pub(crate) fn line(
        self,
        name: &'static str,
        length: &RangeInclusive<usize>,
        about: &str,
        at: fn(&mut T) -> &mut Said<String>,
    ) -> Self {
        self.with(name, shape::line(length), about, move |form, said| *at(said) = form.text(name))
    }

    /// Adds a text of another shape.
    pub(crate) fn text(
        self,
        name: &'static str,
        shape: Object,
        about: &str,
        at: fn(&mut T) -> &mut Said<String>,
    ) -> Self {
        self.with(name, shape, about, move |form, said| *at(said) = form.text(name))
    }

    /// Adds a text of another shape, or null for none.
    pub(crate) fn text_or_null(
        self,
        name: &'static str,
        shape: Object,
        about: &str,
        at: fn(&mut T) -> &mut Said<Option<String>>,
    ) -> Self {
        let read = move |form: &mut Form, said: &mut T| *at(said) = form.text_or_null(name);
        self.with(name, shape::nullable(shape), about, read)
    }

    /// Adds one of a few words.
    pub(crate) fn word<W: Words + ToSchema>(
        self,
        name: &'static str,
        about: &str,
        at: fn(&mut T) -> &mut Said<W::Value>,
    ) -> Self
    where
        W::Value: 'static,
    {
        let read = move |form: &mut Form, said: &mut T| *at(said) = form.word::<W>(name);
        self.with(name, shape::named::<W>(), about, read).referring::<W>()
    }

    /// Adds a whole number.
    pub(crate) fn number(
        self,
        name: &'static str,
        range: RangeInclusive<u32>,
        about: &str,
        at: fn(&mut T) -> &mut Said<u32>,
    ) -> Self {
        let shape = shape::number(&range);
        self.with(name, shape, about, move |form, said| *at(said) = form.number(name, &range))
    }

    /// Adds a whole number, or null for none.
    pub(crate) fn number_or_null(
        self,
        name: &'static str,
        range: RangeInclusive<u32>,
        about: &str,
        at: fn(&mut T) -> &mut Said<Option<u32>>,
    ) -> Self {
        let shape = shape::nullable(shape::number(&range));
        let read = move |form: &mut Form, said: &mut T| {
            *at(said) = form.number_or_null(name, &range);
        };
        self.with(name, shape, about, read)
    }

    /// Adds an amount of money: text, or a number.
    pub(crate) fn amount(
        self,
        name: &'static str,
        about: &str,
        at: fn(&mut T) -> &mut Said<String>,
    ) -> Self {
        self.with(name, shape::amount(), about, move |form, said| *at(said) = form.amount(name))
    }

    /// Adds a moment, or null for none.
    pub(crate) fn moment_or_null(
        self,
        name: &'static str,
        about: &str,
        at: fn(&mut T) -> &mut Said<Option<i64>>,
    ) -> Self {
        let read = move |form: &mut Form, said: &mut T| *at(said) = form.moment_or_null(name);
        self.with(name, shape::nullable(shape::moment()), about, read)
    }

    /// Adds tags.
    pub(crate) fn tags(
        self,
        name: &'static str,
        about: &str,
        at: fn(&mut T) -> &mut Said<Vec<String>>,
    ) -> Self {
        let shape = shape::list(shape::named::<Tag>(), &(0..=MOST_TAGS));
        let read = move |form: &mut Form, said: &mut T| *at(said) = form.texts(name);
        self.with(name, shape, about, read).referring::<Tag>()
    }

    /// Adds numbers of things, each at least `least`.
    pub(crate) fn numbers(
        self,
        name: &'static str,
        count: RangeInclusive<usize>,
        least: u32,
        about: &str,
        at: fn(&mut T) -> &mut Said<Vec<u32>>,
    ) -> Self {
        let shape = shape::list(shape::number(&(least..=u32::MAX)), &count);
        let read = move |form: &mut Form, said: &mut T| {
            *at(said) = form.numbers(name, count.clone());
        };
        self.with(name, shape, about, read)
    }

    /// Adds true or false.
    pub(crate) fn flag(
        self,
        name: &'static str,
        about: &str,
        at: fn(&mut T) -> &mut Said<bool>,
    ) -> Self {
        self.with(name, shape::flag(), about, move |form, said| *at(said) = form.flag(name))
    }

    /// Adds sizes.
    pub(crate) fn sizes(
        self,
        name: &'static str,
        count: RangeInclusive<usize>,
        about: &str,
        at: fn(&mut T) -> &mut Said<Vec<Size>>,
    ) -> Self {
        let shape = shape::list(shape::size(), &count);
        let read = move |form: &mut Form, said: &mut T| *at(said) = form.sizes(name, count.clone());
        self.with(name, shape, about, read)
    }

    /// Adds objects that are another component.
    pub(crate) fn objects<B: Body + ToSchema>(
        self,
        name: &'static str,
        count: RangeInclusive<usize>,
        about: &str,
        at: fn(&mut T) -> &mut Drafts<B>,
    ) -> Self {
        let shape = shape::list(shape::named::<B>(), &count);
        let read = move |form: &mut Form, said: &mut T| {
            *at(said) = form.objects::<B>(name, count.clone());
        };
        self.with(name, shape, about, read).referring::<B>()
    }
}
