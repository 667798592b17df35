//! Reading a query string parameter by parameter, so that everything wrong with it is said at
//! once.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::ops::RangeInclusive;

use actix_web::dev::Payload;
use actix_web::web::Query;
use actix_web::{FromRequest, HttpRequest};

use crate::problem::{ApiError, FieldError};

/// The parameters of a request, taken one by one. What is wrong is remembered until
/// [`finish`](Self::finish).
pub(crate) struct Params {
    values: BTreeMap<String, String>,
    errors: Vec<FieldError>,
}

impl FromRequest for Params {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request.query_string())))
    }
}

/// That a request has no parameters, where some might be expected.
pub(crate) struct NoParams;

impl FromRequest for NoParams {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Params::of(request.query_string()).finish().map(|()| Self))
    }
}

impl Params {
    fn of(query: &str) -> Self {
        let mut params = Self { values: BTreeMap::new(), errors: Vec::new() };
        match Query::<Vec<(String, String)>>::from_query(query) {
            Ok(pairs) => {
                for (name, value) in pairs.into_inner() {
                    if params.values.insert(name.clone(), value).is_some() {
                        params.refuse(&name, "duplicate", format!("`{name}` is there twice"));
                    }
                }
            }
            Err(error) => params.refuse("", "malformed", error.to_string()),
        }
        params
    }

    /// Notes what is wrong with a parameter.
    pub(crate) fn refuse(&mut self, name: &str, code: &'static str, detail: impl Into<String>) {
        self.errors.push(FieldError { pointer: name.to_owned(), code, detail: detail.into() });
    }

    /// The parameter must be there.
    pub(crate) fn require(&mut self, name: &str) {
        if !self.values.contains_key(name) {
            self.refuse(name, "missing", format!("`{name}` is needed"));
        }
    }

    /// A text with at most so many characters.
    pub(crate) fn text(&mut self, name: &str, length: RangeInclusive<usize>) -> Option<String> {
        let text = self.values.remove(name)?;
        if !length.contains(&text.chars().count()) {
            let detail = format!("`{name}` has {} to {} characters", length.start(), length.end());
            self.refuse(name, "out_of_range", detail);
            return None;
        }
        if text.contains(char::is_control) {
            self.refuse(
                name,
                "control_character",
                format!("`{name}` contains a control character"),
            );
            return None;
        }
        Some(text)
    }

    /// A whole number.
    pub(crate) fn number(&mut self, name: &str, range: RangeInclusive<u32>) -> Option<u32> {
        let text = self.values.remove(name)?;
        let number = text.parse().ok().filter(|it| range.contains(it));
        if number.is_none() {
            let (least, most) = (range.start(), range.end());
            let detail = format!("`{name}` is a whole number from {least} to {most}");
            self.refuse(name, "out_of_range", detail);
        }
        number
    }

    /// One of a few words.
    pub(crate) fn word<T: Copy>(&mut self, name: &str, words: &[(&str, T)]) -> Option<T> {
        let text = self.values.remove(name)?;
        self.known_word(name, &text, words)
    }

    /// Some of a few words, separated by commas; none when the parameter is missing.
    pub(crate) fn words<T: Copy>(&mut self, name: &str, words: &[(&str, T)]) -> Vec<T> {
        let Some(text) = self.values.remove(name) else { return Vec::new() };
        text.split(',').map_while(|it| self.known_word(name, it, words)).collect()
    }

    /// Numbers of things, separated by commas; none when the parameter is missing.
    pub(crate) fn numbers(&mut self, name: &str, most: usize) -> Vec<u32> {
        let Some(text) = self.values.remove(name) else { return Vec::new() };
        let numbers: Result<Vec<u32>, _> = text.split(',').map(str::parse).collect();
        match numbers {
            Ok(numbers) if numbers.len() <= most && !numbers.contains(&0) => numbers,
            _ => {
                let detail = format!("`{name}` is 1 to {most} numbers, separated by commas");
                self.refuse(name, "out_of_range", detail);
                Vec::new()
            }
        }
    }

    /// Says everything that was wrong, with the parameters that nobody asked for.
    pub(crate) fn finish(mut self) -> Result<(), ApiError> {
        for name in std::mem::take(&mut self.values).keys() {
            self.refuse(name, "unknown_parameter", format!("there is no parameter `{name}` here"));
        }
        if self.errors.is_empty() { Ok(()) } else { Err(ApiError::Invalid(self.errors)) }
    }

    fn known_word<T: Copy>(&mut self, name: &str, text: &str, words: &[(&str, T)]) -> Option<T> {
        let known = words.iter().find(|it| it.0 == text).map(|it| it.1);
        if known.is_none() {
            let words: Vec<&str> = words.iter().map(|it| it.0).collect();
            self.refuse(name, "unknown_value", format!("`{name}` is one of {}", words.join(", ")));
        }
        known
    }
}
