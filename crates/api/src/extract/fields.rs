//! Reading a JSON object field by field, so that the client learns all violations at once.

use std::ops::RangeInclusive;

use bams_app::{Draft, Said, Violation, whole_number};
use serde_json::{Map, Value};

use crate::timestamp;
use crate::words::Words;

/// The fields of an object, which are taken one by one. A field that is missing or cannot be read
/// is `None`. Violations are kept until [`draft`](Self::draft).
pub(crate) struct Form {
    pub(super) fields: Map<String, Value>,
    violations: Vec<Violation>,
}

impl Form {
    pub(super) fn of(fields: Map<String, Value>) -> Self {
        Self { fields, violations: Vec::new() }
    }

    /// Adds the violation of a field.
    pub(crate) fn refuse(&mut self, name: &str, code: &'static str, detail: impl Into<String>) {
        self.refuse_at(&escaped(name), code, detail);
    }

    /// Takes a text as it is.
    pub(crate) fn text(&mut self, name: &str) -> Said<String> {
        match self.fields.remove(name)? {
            Value::String(text) => Some(text),
            _ => self.refused(name, "not_a_text", format!("`{name}` is a text")),
        }
    }

    /// Takes a text as it is, or null for none.
    pub(crate) fn text_or_null(&mut self, name: &str) -> Said<Option<String>> {
        match self.fields.remove(name)? {
            Value::Null => Some(None),
            Value::String(text) => Some(Some(text)),
            _ => self.refused(name, "not_a_text", format!("`{name}` is a text or null")),
        }
    }

    /// Takes one of a few words.
    pub(crate) fn word<W: Words>(&mut self, name: &str) -> Said<W::Value> {
        let (text, words) = (self.text(name)?, W::words());
        if let Some(it) = words.iter().find(|(word, _)| *word == text) {
            return Some(it.1);
        }
        let known: Vec<&str> = words.iter().map(|it| it.0.as_ref()).collect();
        self.refused(name, "unknown_value", format!("`{name}` is one of {}", known.join(", ")))
    }

    /// Takes true or false.
    pub(crate) fn flag(&mut self, name: &str) -> Said<bool> {
        match self.fields.remove(name)? {
            Value::Bool(flag) => Some(flag),
            _ => self.refused(name, "not_a_flag", format!("`{name}` is true or false")),
        }
    }

    /// Takes a whole number.
    pub(crate) fn number(&mut self, name: &str, range: &RangeInclusive<u32>) -> Said<u32> {
        let number = whole(&self.fields.remove(name)?, range);
        number.or_else(|| self.refused(name, "out_of_range", whole_number(name, range)))
    }

    /// Takes a whole number, or null for none.
    pub(crate) fn number_or_null(
        &mut self,
        name: &str,
        range: &RangeInclusive<u32>,
    ) -> Said<Option<u32>> {
        if self.fields.get(name)?.is_null() {
            self.fields.remove(name);
            return Some(None);
        }
        self.number(name, range).map(Some)
    }

    /// Takes an amount of money, as text or as a number, without a rule. A number of up to 15 digits is
    /// the decimal that was written.
    pub(crate) fn amount(&mut self, name: &str) -> Said<String> {
        match self.fields.remove(name)? {
            Value::String(text) => Some(text),
            Value::Number(number) => Some(number.as_f64().unwrap_or(f64::NAN).to_string()),
            _ => self.refused(name, "not_a_number", format!("`{name}` is a decimal number")),
        }
    }

    /// Takes a moment, as unix milliseconds, or null for none.
    pub(crate) fn moment_or_null(&mut self, name: &str) -> Said<Option<i64>> {
        let value = self.fields.remove(name)?;
        if value.is_null() {
            return Some(None);
        }
        let moment = value.as_str().and_then(timestamp::unix_millis).map(Some);
        let detail = || format!("`{name}` is a moment such as 2026-01-01T10:30:00Z");
        moment.or_else(|| self.refused(name, "not_a_moment", detail()))
    }

    /// Returns what was read, with everything that was wrong and the fields that nobody asked for.
    pub(crate) fn draft<T>(self, said: T) -> Draft<T> {
        Draft { said, violations: self.violations() }
    }

    fn violations(mut self) -> Vec<Violation> {
        for name in std::mem::take(&mut self.fields).keys() {
            self.refuse(name, "unknown_field", unknown_field(name));
        }
        self.violations
    }

    /// Adds a violation of a field and returns `None`.
    pub(super) fn refused<T>(
        &mut self,
        name: &str,
        code: &'static str,
        detail: impl Into<String>,
    ) -> Said<T> {
        self.refuse(name, code, detail);
        None
    }

    /// Adds a violation at a place within a field.
    pub(super) fn refuse_at(&mut self, place: &str, code: &'static str, detail: impl Into<String>) {
        self.violations.push(Violation::of(place, code, detail));
    }
}

/// Returns a field's name as a JSON pointer has it (RFC 6901).
pub(crate) fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

pub(super) fn whole(value: &Value, range: &RangeInclusive<u32>) -> Option<u32> {
    // 3.0 is a whole number, too, by JSON Schema.
    let number = match value.as_f64() {
        Some(it) if it.fract() == 0.0 => it.to_string().parse::<u32>(),
        _ => return None,
    };
    number.ok().filter(|number| range.contains(number))
}

/// Returns the sentence about an unknown field.
pub(crate) fn unknown_field(name: &str) -> String {
    format!("there is no field `{name}` here")
}
