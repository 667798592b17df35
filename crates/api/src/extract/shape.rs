//! How the document describes what requests say: texts, numbers, moments and lists of them.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use bams_app::TAG_LENGTH;
use serde_json::json;
use utoipa::openapi::schema::{
    ArrayBuilder, KnownFormat, Object, ObjectBuilder, Schema, SchemaFormat, SchemaType, Type,
};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

/// What nobody sees and nothing needs, as a part of a class of characters. Tags, which are beyond
/// U+FFFF, and joiners, which depend on their neighbours, are left out.
macro_rules! hidden {
    () => {
        r"\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb"
    };
}

/// Control characters and the hidden ones.
macro_rules! refused {
    () => {
        concat!(r"\x00-\x1f\x7f-\x9f", hidden!())
    };
}

/// One line with something on it.
const LINE: &str = concat!("^[^", refused!(), r"]*[^\s", refused!(), "][^", refused!(), "]*$");

/// One line, perhaps an empty one.
const ANY_LINE: &str = concat!("^[^", refused!(), "]*$");

/// Any number of lines.
const LINES: &str = concat!(r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f", hidden!(), "]*$");

/// No spaces.
const WORD: &str = r"^[^\s\x00-\x1f\x7f-\x9f]+$";

/// A decimal number that is not negative.
const AMOUNT: &str = r"^[0-9]{1,7}(\.[0-9]{1,6})?$";

/// A banner's size.
const SIZE: &str = "^[1-9][0-9]{0,4}x[1-9][0-9]{0,4}$";

const TAG: &str = concat!("^[^,", refused!(), r"]*[^,\s", refused!(), "][^,", refused!(), "]*$");

/// Describes one line of so many characters.
pub(crate) fn line(length: &RangeInclusive<usize>) -> Object {
    let least = Some(*length.start()).filter(|it| *it > 0);
    let pattern = if least.is_some() { LINE } else { ANY_LINE };
    string(least, Some(*length.end()), pattern)
}

/// Describes one line of so many characters, which may all be spaces.
pub(crate) fn any_line(length: &RangeInclusive<usize>) -> Object {
    string(Some(*length.start()), Some(*length.end()), ANY_LINE)
}

/// Describes so many characters without spaces.
pub(crate) fn word(length: &RangeInclusive<usize>) -> Object {
    string(Some(*length.start()), Some(*length.end()), WORD)
}

/// Describes lines of at most so many characters.
pub(crate) fn lines(longest: usize) -> Object {
    string(None, Some(longest), LINES)
}

/// Describes a text of at most so many characters that fits a pattern.
pub(crate) fn text(longest: usize, pattern: &str) -> Object {
    string(None, Some(longest), pattern)
}

/// Describes a text that fits a pattern.
pub(crate) fn fitting(pattern: &str) -> Object {
    string(None, None, pattern)
}

fn string(least: Option<usize>, most: Option<usize>, pattern: &str) -> Object {
    let string = ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern));
    string.min_length(least).max_length(most).build()
}

/// Describes any text of so many characters.
pub(crate) fn characters(length: &RangeInclusive<usize>) -> Object {
    let string = ObjectBuilder::new().schema_type(Type::String);
    string.min_length(Some(*length.start())).max_length(Some(*length.end())).build()
}

/// Describes the size of a banner.
pub(crate) fn size() -> Object {
    fitting(SIZE)
}

/// Describes an amount of money, as text or as a number.
pub(crate) fn amount() -> Object {
    let mut amount = fitting(AMOUNT);
    amount.schema_type = SchemaType::from_iter([Type::String, Type::Number]);
    (amount.minimum, amount.maximum) = (Some(0.into()), Some(1_000_000.into()));
    amount
}

/// Describes a moment.
pub(crate) fn moment() -> Object {
    let format = SchemaFormat::KnownFormat(KnownFormat::DateTime);
    ObjectBuilder::new().schema_type(Type::String).format(Some(format)).build()
}

/// Describes true or false.
pub(crate) fn flag() -> Object {
    Object::with_type(Type::Boolean)
}

/// Describes a whole number. An upper bound that is the largest `u32` is left out.
pub(crate) fn number(range: &RangeInclusive<u32>) -> Object {
    let format = SchemaFormat::KnownFormat(KnownFormat::Int32);
    let number = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(format))
        .minimum(Some(*range.start()));
    let most = Some(*range.end()).filter(|it| *it < u32::MAX);
    number.maximum(most).build()
}

/// Describes the same, or null.
pub(crate) fn nullable(mut object: Object) -> Object {
    if let SchemaType::Type(only) = object.schema_type {
        object.schema_type = SchemaType::from_iter([only, Type::Null]);
    }
    object
}

/// Refers to a component of the document.
pub(crate) fn named<T: ToSchema>() -> RefOr<Schema> {
    Ref::from_schema_name(T::name()).into()
}

/// Describes a list of so many entries. Bounds that exclude nothing are left out.
pub(crate) fn list(
    items: impl Into<RefOr<Schema>>,
    count: &RangeInclusive<usize>,
) -> RefOr<Schema> {
    let least = Some(*count.start()).filter(|it| *it > 0);
    let most = Some(*count.end()).filter(|it| *it < usize::MAX);
    let array = ArrayBuilder::new().items(items.into()).min_items(least).max_items(most);
    array.build().into()
}

/// Says what a schema is about.
pub(crate) fn described(schema: RefOr<Schema>, about: &str) -> RefOr<Schema> {
    let about = about.to_owned();
    match schema {
        RefOr::Ref(mut reference) => {
            reference.description = about;
            RefOr::Ref(reference)
        }
        RefOr::T(Schema::Object(mut object)) => {
            object.description = Some(about);
            object.into()
        }
        RefOr::T(Schema::Array(mut array)) => {
            array.description = Some(about);
            RefOr::T(Schema::Array(array))
        }
        other @ RefOr::T(_) => other,
    }
}

/// Joins the lines of a comment.
pub(crate) fn comment(lines: &[&str]) -> String {
    lines.iter().map(|it| it.trim()).collect::<Vec<_>>().join("\n")
}

/// The component that describes a tag.
pub(crate) enum Tag {}

impl PartialSchema for Tag {
    fn schema() -> RefOr<Schema> {
        let (least, most) = (Some(*TAG_LENGTH.start()), Some(*TAG_LENGTH.end()));
        let mut object = string(least, most, TAG);
        object.example = Some(json!("spring"));
        described(object.into(), "A word for people and filters, without commas.")
    }
}

impl ToSchema for Tag {
    fn name() -> Cow<'static, str> {
        "Tag".into()
    }
}
