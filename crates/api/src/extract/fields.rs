//! Reading a JSON object field by field, so that everything wrong with it is said at once.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use crate::problem::{ApiError, FieldError};
use crate::timestamp;

/// The fields of an object, taken one by one. What is missing leaves the value it would set as it
/// is; what is wrong is remembered until [`finish`](Self::finish).
pub(crate) struct Form {
    pub(super) fields: Map<String, Value>,
    errors: Vec<FieldError>,
}

impl Form {
    pub(super) fn of(fields: Map<String, Value>) -> Self {
        Self { fields, errors: Vec::new() }
    }

    /// Notes what is wrong with a field.
    pub(crate) fn refuse(&mut self, name: &str, code: &'static str, detail: impl Into<String>) {
        let pointer = format!("/{}", escaped(name));
        self.errors.push(FieldError { pointer, code, detail: detail.into() });
    }

    /// The field must be there.
    pub(crate) fn require(&mut self, name: &str) {
        if !self.fields.contains_key(name) {
            self.refuse(name, "missing", missing(name));
        }
    }

    /// A text of one line, without the spaces around it.
    pub(crate) fn line(&mut self, name: &str, length: RangeInclusive<usize>, into: &mut String) {
        if let Some(text) = self.some_text(name)
            && let Some(line) = self.checked_line(name, &text, length)
        {
            *into = line;
        }
    }

    /// A text of any number of lines, as it is.
    pub(crate) fn text(&mut self, name: &str, longest: usize, into: &mut String) {
        let Some(text) = self.some_text(name) else { return };
        if text.chars().count() > longest {
            self.refuse(name, "too_long", format!("`{name}` has at most {longest} characters"));
        } else if text.contains(|it: char| it.is_control() && !matches!(it, '\n' | '\r' | '\t')) {
            self.refuse(
                name,
                "control_character",
                format!("`{name}` contains a control character"),
            );
        } else {
            *into = text;
        }
    }

    /// One of a few words.
    pub(crate) fn word<T: Copy>(&mut self, name: &str, words: &[(&str, T)], into: &mut T) {
        let Some(text) = self.some_text(name) else { return };
        if let Some(it) = words.iter().find(|it| it.0 == text) {
            *into = it.1;
        } else {
            let known: Vec<&str> = words.iter().map(|it| it.0).collect();
            self.refuse(name, "unknown_value", format!("`{name}` is one of {}", known.join(", ")));
        }
    }

    /// A text as it is, of so many characters.
    pub(crate) fn exact(&mut self, name: &str, length: RangeInclusive<usize>, into: &mut String) {
        let Some(text) = self.some_text(name) else { return };
        if length.contains(&text.chars().count()) {
            *into = text;
        } else {
            let detail = format!("`{name}` has {} to {} characters", length.start(), length.end());
            self.refuse(name, "out_of_range", detail);
        }
    }

    /// True or false.
    pub(crate) fn flag(&mut self, name: &str, into: &mut bool) {
        match self.fields.remove(name) {
            None => {}
            Some(Value::Bool(flag)) => *into = flag,
            Some(_) => self.refuse(name, "not_a_flag", format!("`{name}` is true or false")),
        }
    }

    /// A whole number.
    pub(crate) fn number(&mut self, name: &str, range: RangeInclusive<u32>, into: &mut u32) {
        let Some(value) = self.fields.remove(name) else { return };
        match whole(&value, &range) {
            Some(number) => *into = number,
            None => self.refuse(name, "out_of_range", numbered(name, &range)),
        }
    }

    /// A whole number; null for none.
    pub(crate) fn optional_number(
        &mut self,
        name: &str,
        range: RangeInclusive<u32>,
        into: &mut Option<u32>,
    ) {
        match self.fields.remove(name) {
            None => {}
            Some(Value::Null) => *into = None,
            Some(value) => match whole(&value, &range) {
                Some(number) => *into = Some(number),
                None => self.refuse(name, "out_of_range", numbered(name, &range)),
            },
        }
    }

    /// A moment in unix milliseconds; null for none.
    pub(crate) fn optional_moment(&mut self, name: &str, into: &mut Option<i64>) {
        match self.fields.remove(name) {
            None => {}
            Some(Value::Null) => *into = None,
            Some(value) => {
                if let Some(millis) = value.as_str().and_then(timestamp::unix_millis) {
                    *into = Some(millis);
                } else {
                    let detail = format!("`{name}` is a moment such as 2026-01-01T10:30:00Z");
                    self.refuse(name, "not_a_moment", detail);
                }
            }
        }
    }

    /// A text or null for none; `check` answers what is wrong with it.
    pub(crate) fn optional_text(
        &mut self,
        name: &str,
        check: impl FnOnce(&str) -> Result<(), &'static str>,
        into: &mut Option<String>,
    ) {
        match self.fields.remove(name) {
            None => {}
            Some(Value::Null) => *into = None,
            Some(Value::String(text)) => match check(&text) {
                Ok(()) => *into = Some(text),
                Err(detail) => self.refuse(name, "invalid_value", detail),
            },
            Some(_) => self.refuse(name, "not_a_text", format!("`{name}` is a text or null")),
        }
    }

    /// Says everything that was wrong, with the fields that nobody asked for.
    pub(crate) fn finish(self) -> Result<(), ApiError> {
        let errors = self.errors();
        if errors.is_empty() { Ok(()) } else { Err(ApiError::Invalid(errors)) }
    }

    pub(super) fn errors(mut self) -> Vec<FieldError> {
        for name in std::mem::take(&mut self.fields).keys() {
            self.refuse(name, "unknown_field", unknown_field(name));
        }
        self.errors
    }

    fn some_text(&mut self, name: &str) -> Option<String> {
        let Value::String(text) = self.fields.remove(name)? else {
            self.refuse(name, "not_a_text", format!("`{name}` is a text"));
            return None;
        };
        Some(text)
    }

    pub(super) fn checked_line(
        &mut self,
        place: &str,
        text: &str,
        length: RangeInclusive<usize>,
    ) -> Option<String> {
        let line = text.trim();
        if line.contains(char::is_control) {
            self.refuse_at(place, "control_character", "contains a control character");
            None
        } else if length.contains(&line.chars().count()) {
            Some(line.to_owned())
        } else {
            let detail = format!("has {} to {} characters", length.start(), length.end());
            self.refuse_at(place, "out_of_range", detail);
            None
        }
    }

    /// Like [`refuse`](Self::refuse), for a place within a field.
    pub(super) fn refuse_at(&mut self, place: &str, code: &'static str, detail: impl Into<String>) {
        self.errors.push(FieldError { pointer: format!("/{place}"), code, detail: detail.into() });
    }
}

/// A field's name as a JSON pointer has it (RFC 6901).
pub(crate) fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

pub(super) fn whole(value: &Value, range: &RangeInclusive<u32>) -> Option<u32> {
    // 3.0 is a whole number too, as JSON Schema has it.
    let number = match value.as_f64() {
        Some(it) if it.fract() == 0.0 => it.to_string().parse::<u32>(),
        _ => return None,
    };
    number.ok().filter(|it| range.contains(it))
}

/// What is wrong with a field that must be there.
pub(crate) fn missing(name: &str) -> String {
    format!("`{name}` is needed")
}

/// What is wrong with a field that nobody asked for.
pub(crate) fn unknown_field(name: &str) -> String {
    format!("there is no field `{name}` here")
}

pub(super) fn numbered(name: &str, range: &RangeInclusive<u32>) -> String {
    format!("`{name}` is a whole number from {} to {}", range.start(), range.end())
}
