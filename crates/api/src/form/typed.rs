//! JSON bodies of a known shape.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;
use serde_path_to_error::{Path, Segment};

use super::body::is_json;
use super::escaped;
use crate::problem::ApiError;

/// A JSON body of a known shape. What does not fit is refused with its place.
pub(crate) struct Typed<T>(pub(crate) T);

impl<T: DeserializeOwned + 'static> FromRequest for Typed<T> {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_json = is_json(request);
        let bytes = Bytes::from_request(request, payload);
        Box::pin(async move {
            if !is_json {
                return Err(ApiError::not_json());
            }
            let bytes = bytes.await.map_err(|error| ApiError::of_body(&error))?;
            read(&bytes).map(Self)
        })
    }
}

/// Reads fast, and once more with an eye on the place if that fails.
fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let error = match serde_json::from_slice(bytes) {
        Ok(read) => return Ok(read),
        Err(error) if !error.is_data() => return Err(ApiError::Malformed(error.to_string())),
        Err(error) => error,
    };
    let mut again = serde_json::Deserializer::from_slice(bytes);
    let place = serde_path_to_error::deserialize::<_, T>(&mut again).err();
    let place = place.map(|it| pointer(it.path())).unwrap_or_default();
    Err(ApiError::invalid(place, "invalid_value", error.to_string()))
}

/// A path as RFC 6901 has it.
fn pointer(path: &Path) -> String {
    let segments = path.iter().map(|segment| match segment {
        Segment::Map { key } => format!("/{}", escaped(key)),
        Segment::Seq { index } => format!("/{index}"),
        Segment::Enum { .. } | Segment::Unknown => String::new(),
    });
    segments.collect()
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Page {
        #[serde(rename = "a/b")]
        #[expect(dead_code, reason = "only read")]
        spots: Vec<Spot>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Spot {
        #[expect(dead_code, reason = "only read")]
        id: u32,
    }

    #[test]
    fn what_does_not_fit_is_named_by_its_place() {
        for (body, place) in [
            (r#"{"a/b": [{"id": 1}, {"id": "x"}]}"#, "/a~1b/1/id"),
            (r#"{"a/b": [{"id": 1}, {"id": 1, "colour": 2}]}"#, "/a~1b/1/colour"),
            (r#"{"a/b": [{}]}"#, "/a~1b/0"),
            (r#"{"a/b": 7}"#, "/a~1b"),
            (r#"{"a~b": 7}"#, "/a~0b"),
            ("7", ""),
        ] {
            let Err(ApiError::Invalid(errors)) = read::<Page>(body.as_bytes()) else {
                panic!("{body} fits");
            };
            assert_eq!(errors[0].pointer, place, "{body}");
        }
    }

    #[test]
    fn what_is_no_json_is_malformed() {
        for body in ["", "{", "nonsense", r#"{"a/b": []} x"#] {
            let read = read::<Page>(body.as_bytes());
            assert!(matches!(read, Err(ApiError::Malformed(_))), "{body}");
        }
    }
}
