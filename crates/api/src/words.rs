//! The words of enums: requests say them, and the document lists them.

use std::borrow::Cow;

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

/// The words of an enum in requests and in the document. The type itself is only a name: that of
/// the component of the document that lists the words.
pub(crate) trait Words {
    /// The values of the words.
    type Value: Copy;

    /// Returns each word with its value, in the order of the document.
    fn words() -> Vec<(Cow<'static, str>, Self::Value)>;
}

/// Makes a type of [`Words`] from the names that the program itself uses. `as` names the component
/// if it is called differently from the type.
macro_rules! words {
    ($(#[doc = $about:literal])+ $name:ident: $value:ty = $words:expr) => {
        $crate::words::words! { $(#[doc = $about])+ $name as stringify!($name), $value, $words }
    };
    ($(#[doc = $about:literal])+ $name:ident as $component:literal: $value:ty = $words:expr) => {
        $crate::words::words! { $(#[doc = $about])+ $name as $component, $value, $words }
    };
    ($(#[doc = $about:literal])+ $name:ident as $component:expr, $value:ty, $words:expr) => {
        $(#[doc = $about])+
        pub(crate) enum $name {}

        impl $crate::words::Words for $name {
            type Value = $value;

            fn words() -> Vec<(std::borrow::Cow<'static, str>, $value)> {
                $words.into_iter().map(|(word, value)| (word.into(), value)).collect()
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                $crate::words::schema::<Self>(&[$($about),+])
            }
        }

        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                $component.into()
            }
        }
    };
}

pub(crate) use words;

/// Describes words, by the lines of a comment.
pub(crate) fn schema<W: Words>(about: &[&str]) -> RefOr<Schema> {
    let about: Vec<&str> = about.iter().map(|it| it.trim()).collect();
    let words = W::words().into_iter().map(|it| it.0);
    let object = ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(about.join("\n")))
        .enum_values(Some(words));
    object.build().into()
}

/// Returns the words for the orders of a list: each name for the smallest first and, with `-`, for the
/// largest first.
pub(crate) fn orders<S: Copy>(
    names: impl IntoIterator<Item = (&'static str, S)>,
) -> impl Iterator<Item = (Cow<'static, str>, (S, bool))> {
    names.into_iter().flat_map(|(name, sort)| {
        [(name.into(), (sort, false)), (format!("-{name}").into(), (sort, true))]
    })
}
