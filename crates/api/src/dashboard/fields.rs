//! The fields of forms and of addresses, as browsers send them: texts, some of them repeated.

use std::future::Future;
use std::pin::Pin;
use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::web::{Form, Query};
use actix_web::{Error, FromRequest, HttpRequest};

use crate::extract::deadline::{Deadline, SMALL_BODY};
use crate::problem::ApiError;

/// Names and values, in the order in which they were sent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Makes fields of names and values.
    pub(crate) fn new(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// Returns the first value of a name, without spaces around it; empty if there is none.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.0.iter().find(|it| it.0 == name).map_or("", |it| it.1.trim())
    }

    /// Returns true if the name is there, with any value.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|it| it.0 == name)
    }

    /// Returns every value of a name that can be read.
    pub(crate) fn all<T: FromStr>(&self, name: &str) -> Vec<T> {
        self.0.iter().filter(|it| it.0 == name).filter_map(|it| it.1.parse().ok()).collect()
    }

    /// Returns the first value of a name if it can be read.
    pub(crate) fn read<T: FromStr>(&self, name: &str) -> Option<T> {
        self.text(name).parse().ok()
    }

    /// Returns the address of the same view with other values; an empty one leaves its name out.
    pub(crate) fn with(&self, changes: &[(&str, &str)]) -> String {
        let kept = self.0.iter().filter(|it| changes.iter().all(|change| change.0 != it.0));
        let kept = kept.map(|(name, value)| (name.as_str(), value.as_str()));
        let all = kept.chain(changes.iter().copied()).filter(|it| !it.1.is_empty());
        let pairs: Vec<String> =
            all.map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        if pairs.is_empty() { "?".to_owned() } else { format!("?{}", pairs.join("&")) }
    }
}

/// Returns a text as a part of an address.
pub(crate) fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// The fields of an address.
pub(crate) struct Asked(pub(crate) Fields);

impl FromRequest for Asked {
    type Error = ApiError;
    type Future = std::future::Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let read = Query::<Vec<(String, String)>>::from_query(request.query_string());
        let read = read.map(|it| Self(Fields(it.into_inner())));
        std::future::ready(read.map_err(|error| ApiError::Malformed(error.to_string())))
    }
}

/// The fields of a form without files.
pub(crate) struct Sent(pub(crate) Fields);

impl FromRequest for Sent {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let reading =
            Deadline::<Form<Vec<(String, String)>>, SMALL_BODY>::from_request(request, payload);
        Box::pin(async move {
            let Deadline(form) = reading.await?;
            Ok(Self(Fields(form.into_inner())))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_what_does_not_change() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let fields =
            Fields::new(vec![pair("period", "7d"), pair("name", "a&b"), pair("after", "9")]);
        assert_eq!(
            fields.with(&[("after", ""), ("sort", "-ctr")]),
            "?period=7d&name=a%26b&sort=%2Dctr"
        );
        assert_eq!(Fields::default().with(&[("after", "")]), "?");
        assert_eq!((fields.text("period"), fields.text("none")), ("7d", ""));
        assert_eq!((fields.read::<u32>("after"), fields.read::<u32>("name")), (Some(9), None));
    }
}
