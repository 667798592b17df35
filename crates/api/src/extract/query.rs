//! Reading a query string parameter by parameter, so that the client learns all violations at once.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::ops::RangeInclusive;

use actix_web::dev::Payload;
use actix_web::web::Query;
use actix_web::{FromRequest, HttpRequest};
use bams_app::{characters, hidden, hidden_code};
use bams_domain::{InvalidSize, Size, hidden_characters};

use crate::problem::{ApiError, FieldError};
use crate::words::Words;

/// The parameters of a request, which are taken one by one. Violations are kept until
/// [`finish`](Self::finish). Without a query nothing is allocated.
pub(crate) struct Params {
    values: BTreeMap<String, Vec<String>>,
    errors: Vec<FieldError>,
}

impl FromRequest for Params {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request.query_string())))
    }
}

/// Proof that a request without a key has no parameters. With a key,
/// [`Principal`](super::principal::Principal) refuses them.
pub(crate) struct NoParams;

impl FromRequest for NoParams {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(refuse_all(request).map(|()| Self))
    }
}

/// Refuses every parameter of a request.
pub(crate) fn refuse_all(request: &HttpRequest) -> Result<(), ApiError> {
    match request.query_string() {
        "" => Ok(()),
        query => Params::of(query).finish(),
    }
}

/// A value that is read from parameters before a handler sees them, for routes without a key.
pub(crate) trait Parameters: Sized {
    /// Takes the parameters.
    fn read(params: &mut Params) -> Self;
}

/// The value of a request's parameters, or all their violations.
pub(crate) struct Given<T>(pub(crate) T);

impl<T: Parameters> FromRequest for Given<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let mut params = Params::of(request.query_string());
        let given = T::read(&mut params);
        ready(params.finish().map(|()| Self(given)))
    }
}

impl Params {
    fn of(query: &str) -> Self {
        let mut params = Self { values: BTreeMap::new(), errors: Vec::new() };
        match Query::<Vec<(String, String)>>::from_query(query) {
            Ok(pairs) => {
                for (name, value) in pairs.into_inner() {
                    params.values.entry(name).or_default().push(value);
                }
            }
            Err(error) => params.refuse("", "malformed", error.to_string()),
        }
        params
    }

    /// Adds the violation of a parameter.
    pub(crate) fn refuse(&mut self, name: &str, code: &'static str, detail: impl Into<String>) {
        self.errors.push(FieldError { pointer: name.to_owned(), code, detail: detail.into() });
    }

    /// Requires a parameter.
    pub(crate) fn require(&mut self, name: &str) {
        if !self.values.contains_key(name) {
            self.refuse(name, "missing", format!("`{name}` is needed"));
        }
    }

    /// Takes a parameter that may be there once.
    pub(crate) fn one(&mut self, name: &str) -> Option<String> {
        let values = self.values.remove(name)?;
        if values.len() > 1 {
            self.refuse(name, "duplicate", format!("`{name}` is there twice"));
        }
        values.into_iter().next()
    }

    /// Takes the parts of a list, which has commas or repeats the parameter, without empty ones.
    pub(crate) fn parts(&mut self, name: &str) -> Vec<String> {
        let values = self.values.remove(name).unwrap_or_default();
        let parts = values.iter().flat_map(|value| value.split(',')).map(str::trim);
        parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
    }

    /// Takes a text of a length in characters.
    pub(crate) fn text(&mut self, name: &str, length: RangeInclusive<usize>) -> Option<String> {
        let text = self.one(name)?;
        if !length.contains(&text.chars().count()) {
            let detail = format!("`{name}` {}", characters(&length));
            self.refuse(name, "out_of_range", detail);
            return None;
        }
        if let Some(letter) = hidden_characters(&text).next() {
            self.refuse(name, hidden_code(letter), format!("`{name}` {}", hidden(letter)));
            return None;
        }
        Some(text)
    }

    /// Takes a whole number.
    pub(crate) fn number(&mut self, name: &str, range: RangeInclusive<u32>) -> Option<u32> {
        let text = self.one(name)?;
        self.number_in(name, &text, &range)
    }

    fn number_in(&mut self, name: &str, text: &str, range: &RangeInclusive<u32>) -> Option<u32> {
        let (least, most) = (range.start(), range.end());
        if let Ok(number) = text.parse()
            && range.contains(&number)
        {
            return Some(number);
        }
        let code = if is_whole(text) { "out_of_range" } else { "not_a_number" };
        let detail = format!("`{name}` is a whole number from {least} to {most}");
        self.refuse(name, code, detail);
        None
    }

    /// Takes true or false.
    pub(crate) fn flag(&mut self, name: &str) -> Option<bool> {
        let text = self.one(name)?;
        self.known_word(name, &text, &[("true", true), ("false", false)])
    }

    /// Takes one of a few words.
    pub(crate) fn word<W: Words>(&mut self, name: &str) -> Option<W::Value> {
        let text = self.one(name)?;
        self.known_word(name, &text, &W::words())
    }

    /// Takes some of a few words, separated by commas. Empty if the parameter is missing.
    pub(crate) fn words<W: Words>(&mut self, name: &str) -> Vec<W::Value> {
        let Some(text) = self.one(name) else { return Vec::new() };
        let words = W::words();
        text.split(',').map_while(|word| self.known_word(name, word, &words)).collect()
    }

    /// Takes some whole numbers. Empty if the parameter is missing.
    pub(crate) fn numbers(
        &mut self,
        name: &str,
        count: RangeInclusive<usize>,
        range: RangeInclusive<u32>,
    ) -> Vec<u32> {
        if !self.values.contains_key(name) {
            return Vec::new();
        }
        let parts = self.parts(name);
        if !count.contains(&parts.len()) {
            let code = if parts.len() > *count.end() { "too_many" } else { "out_of_range" };
            let detail = format!("`{name}` has {} to {} numbers", count.start(), count.end());
            self.refuse(name, code, detail);
            return Vec::new();
        }
        parts.iter().map_while(|part| self.number_in(name, part, &range)).collect()
    }

    /// Takes at most so many sizes. Empty if the parameter is missing.
    pub(crate) fn sizes(&mut self, name: &str, count: &RangeInclusive<usize>) -> Vec<Size> {
        let (parts, most) = (self.parts(name), count.end());
        if !count.contains(&parts.len()) {
            self.refuse(name, "too_many", format!("`{name}` has at most {most} sizes"));
            return Vec::new();
        }
        let read = |part: &String| match part.parse() {
            Ok(size) => Some(size),
            Err(error) => {
                self.refuse(name, "not_a_size", InvalidSize::to_string(&error));
                None
            }
        };
        parts.iter().map_while(read).collect()
    }

    /// Fails with all violations, unknown parameters included.
    pub(crate) fn finish(mut self) -> Result<(), ApiError> {
        for name in std::mem::take(&mut self.values).keys() {
            self.refuse(name, "unknown_parameter", format!("there is no parameter `{name}` here"));
        }
        if self.errors.is_empty() { Ok(()) } else { Err(ApiError::Invalid(self.errors)) }
    }

    pub(crate) fn known_word<T: Copy>(
        &mut self,
        name: &str,
        text: &str,
        words: &[(impl AsRef<str>, T)],
    ) -> Option<T> {
        let known = words.iter().find(|it| it.0.as_ref() == text).map(|it| it.1);
        if known.is_none() {
            let words: Vec<&str> = words.iter().map(|it| it.0.as_ref()).collect();
            self.refuse(name, "unknown_value", format!("`{name}` is one of {}", words.join(", ")));
        }
        known
    }
}

/// Returns true if a text is a whole number of any size.
fn is_whole(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_digit())
}
