//! Conditions on versions of resources: `ETag`, `If-Match`, `If-None-Match` (RFC 9110, 8.8.3 and
//! 13.1).

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::dev::Payload;
use actix_web::http::header::{ETAG, HeaderName, IF_MATCH, IF_NONE_MATCH};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use bams_app::managing::{Precondition, Version};
use data_encoding::HEXLOWER;
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::Type;
use utoipa::openapi::{Object, Required};

/// The bytes of a hash that make a tag.
const HASH_BYTES: usize = 16;

/// Returns the tag of a version. `shown` distinguishes representations of one version, such as
/// those with another signed URL. Changes ignore it.
pub(crate) fn etag(version: &Version, shown: Option<i64>) -> String {
    match shown {
        Some(shown) => format!("\"{version}-{shown}\""),
        None => format!("\"{version}\""),
    }
}

/// Returns the version of a tag without its `shown`, or `None` if it is no tag of ours.
fn version_of(tag: &str) -> Option<Version> {
    let tag = tag.strip_prefix('"')?.strip_suffix('"')?;
    Some(Version::named(tag.split('-').next().unwrap_or(tag)))
}

/// The versions of the resource that the client knows, if it names any.
pub(crate) struct Conditions {
    matches: Option<Vec<String>>,
    differs: Option<Vec<String>>,
}

impl FromRequest for Conditions {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self {
            matches: tags(request, &IF_MATCH),
            differs: tags(request, &IF_NONE_MATCH),
        }))
    }
}

fn tags(request: &HttpRequest, name: &HeaderName) -> Option<Vec<String>> {
    let values: Vec<_> = request.headers().get_all(name).collect();
    let tags = values.iter().flat_map(|value| value.to_str().unwrap_or_default().split(','));
    (!values.is_empty()).then(|| tags.map(|it| it.trim().to_owned()).collect())
}

impl Conditions {
    /// Returns what must be there for a change. A client that sent no `If-Match` knows what it does.
    pub(crate) fn precondition(&self) -> Precondition {
        let Some(tags) = &self.matches else { return Precondition::Anything };
        if tags.iter().any(|tag| tag == "*") {
            return Precondition::Something;
        }
        Precondition::Seen(tags.iter().filter_map(|tag| version_of(tag)).collect())
    }

    /// Returns true if the client has the representation of a tag.
    pub(crate) fn has(&self, tag: &str) -> bool {
        self.differs.as_ref().is_some_and(|tags| {
            tags.iter().any(|own| own == "*" || own.strip_prefix("W/").unwrap_or(own) == tag)
        })
    }

    /// Answers a resource with its tag, or 304 if the client has it already.
    pub(crate) fn answer(&self, tag: &str, body: impl Serialize) -> HttpResponse {
        if self.has(tag) {
            return HttpResponse::NotModified().insert_header((ETAG, tag)).finish();
        }
        HttpResponse::Ok().insert_header((ETAG, tag)).json(body)
    }
}

/// Returns the tag of a resource without versions: the hash of its body.
pub(crate) fn content_tag(body: &impl Serialize) -> String {
    let text = serde_json::to_string(body).unwrap_or_default();
    let hash = Sha256::digest(text.as_bytes());
    format!("\"{}\"", HEXLOWER.encode(&hash[..HASH_BYTES]))
}

/// Describes the header `If-Match` of an operation that a word names.
pub(crate) struct IfMatch<V>(PhantomData<V>);

/// What an operation does with the version that it is sent for.
pub(crate) trait Verb {
    const WORD: &'static str;
}

/// Names what operations do with versions.
macro_rules! verbs {
    ($($name:ident: $word:literal)+) => {
        $(
            pub(crate) enum $name {}

            impl Verb for $name {
                const WORD: &'static str = $word;
            }
        )+
    };
}

verbs! {
    ToChange: "change"
    ToArchive: "archive"
    ToDetach: "detach"
    ToRevoke: "revoke"
}

impl<V: Verb> IntoParams for IfMatch<V> {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let about = format!("The `ETag` of the version to {}", V::WORD);
        let header = ParameterBuilder::new()
            .name("If-Match")
            .parameter_in(ParameterIn::Header)
            .description(Some(about))
            .required(Required::False)
            .schema(Some(Object::with_type(Type::String)))
            .example(Some(json!("*")));
        vec![header.build()]
    }
}
