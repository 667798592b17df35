//! JSON objects that are read, and described in the document, by one table of their fields.

use bams_app::Draft;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema};

use super::fields::Form;
use super::shape;

/// A JSON object that a request brings. The type itself is only a name: the component that describes it.
pub(crate) trait Body {
    /// What it says.
    type Said: Default + 'static;

    /// Returns its fields, in the order in which what is wrong with them is said. They are made once.
    fn fields() -> &'static BodyFields<Self::Said>;
}

/// Makes a type of [`Body`], which describes itself.
macro_rules! body {
    (
        $(#[doc = $about:literal])+
        $name:ident: $said:ty = $fields:expr,
        example: $($example:tt)+
    ) => {
        $(#[doc = $about])+
        pub(crate) enum $name {}

        impl $crate::extract::body::Body for $name {
            type Said = $said;

            fn fields() -> &'static $crate::extract::body::BodyFields<$said> {
                static FIELDS: std::sync::LazyLock<$crate::extract::body::BodyFields<$said>> =
                    std::sync::LazyLock::new(|| $fields);
                &FIELDS
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                let fields = <Self as $crate::extract::body::Body>::fields();
                fields.schema(&[$($about),+], serde_json::json!($($example)+))
            }
        }

        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn schemas(
                schemas: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::Schema>)>,
            ) {
                schemas.extend(<Self as $crate::extract::body::Body>::fields().components());
            }
        }
    };
}

pub(crate) use body;

/// The fields of an object that says something about a `T`.
pub(crate) struct BodyFields<T> {
    fields: Vec<Field<T>>,
}

/// Takes a field out of a form.
type ReadField<T> = Box<dyn Fn(&mut Form, &mut T) + Send + Sync>;

struct Field<T> {
    name: &'static str,
    needed: bool,
    schema: RefOr<Schema>,
    /// What the schema refers to.
    component: Option<(String, RefOr<Schema>)>,
    read: ReadField<T>,
}

impl<T> Default for BodyFields<T> {
    fn default() -> Self {
        Self { fields: Vec::new() }
    }
}

impl<T: Default + 'static> BodyFields<T> {
    /// Describes the last field as one that must be there. The use case refuses an object without it.
    pub(crate) fn needed(mut self, needed: bool) -> Self {
        if let Some(last) = self.fields.last_mut() {
            last.needed = needed;
        }
        self
    }

    /// Gives the last field an example.
    pub(crate) fn example(mut self, example: Value) -> Self {
        let last = self.fields.last_mut().map(|it| &mut it.schema);
        if let Some(RefOr::T(Schema::Object(object))) = last {
            object.example = Some(example);
        }
        self
    }

    /// Adds a field of any shape, and how it is read.
    pub(super) fn with(
        mut self,
        name: &'static str,
        shape: impl Into<RefOr<Schema>>,
        about: &str,
        read: impl Fn(&mut Form, &mut T) + Send + Sync + 'static,
    ) -> Self {
        let schema = shape::described(shape.into(), about);
        let (component, read) = (None, Box::new(read));
        self.fields.push(Field { name, needed: false, schema, component, read });
        self
    }

    /// Lets the last field bring the component that it refers to.
    pub(super) fn referring<C: ToSchema>(mut self) -> Self {
        if let Some(last) = self.fields.last_mut() {
            last.component = Some((C::name().into_owned(), C::schema()));
        }
        self
    }

    /// Reads what a form says.
    pub(super) fn read(&self, mut form: Form) -> Draft<T> {
        let mut said = T::default();
        for field in &self.fields {
            (field.read)(&mut form, &mut said);
        }
        form.draft(said)
    }

    /// Describes the object by the lines of a comment.
    pub(crate) fn schema(&self, about: &[&str], example: Value) -> RefOr<Schema> {
        let mut object = ObjectBuilder::new().description(Some(shape::comment(about)));
        for field in &self.fields {
            object = object.property(field.name, field.schema.clone());
            if field.needed {
                object = object.required(field.name);
            }
        }
        let mut described = object.build();
        described.example = Some(example).filter(|it| !it.is_null());
        described.into()
    }

    /// Returns what its fields refer to.
    pub(crate) fn components(&self) -> impl Iterator<Item = (String, RefOr<Schema>)> {
        self.fields.iter().filter_map(|it| it.component.clone())
    }
}
