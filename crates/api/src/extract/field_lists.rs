//! Fields that are lists.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use serde_json::Value;

use super::fields::{Form, numbered, whole};

impl Form {
    /// Tags, each once, in the order given.
    pub(crate) fn tags(
        &mut self,
        name: &str,
        most: usize,
        length: RangeInclusive<usize>,
        into: &mut Vec<String>,
    ) {
        let Some(values) = self.list(name, 0..=most) else { return };
        let mut tags: Vec<String> = Vec::with_capacity(values.len());
        for (index, value) in values.iter().enumerate() {
            let place = format!("{name}/{index}");
            let Some(text) = value.as_str() else {
                self.refuse_at(&place, "not_a_text", format!("`{name}` is a list of texts"));
                continue;
            };
            if text.contains(',') {
                self.refuse_at(&place, "comma", "contains a comma");
            } else if let Some(tag) = self.checked_line(&place, text, length.clone())
                && !tags.contains(&tag)
            {
                tags.push(tag);
            }
        }
        *into = tags;
    }

    /// Numbers of things, each once.
    pub(crate) fn numbers(&mut self, name: &str, count: RangeInclusive<usize>) -> BTreeSet<u32> {
        let values = self.list(name, count).unwrap_or_default();
        let mut numbers = BTreeSet::new();
        for (index, value) in values.iter().enumerate() {
            match whole(value, &(1..=u32::MAX)) {
                Some(number) => drop(numbers.insert(number)),
                None => self.refuse_at(
                    &format!("{name}/{index}"),
                    "out_of_range",
                    numbered(name, &(1..=u32::MAX)),
                ),
            }
        }
        numbers
    }

    /// What `read` makes of each object of a list. What is wrong with one is noted with its place.
    pub(crate) fn objects<T>(
        &mut self,
        name: &str,
        count: RangeInclusive<usize>,
        mut read: impl FnMut(&mut Self) -> T,
    ) -> Vec<T> {
        let mut objects = Vec::new();
        for (index, value) in self.list(name, count).unwrap_or_default().into_iter().enumerate() {
            let place = format!("{name}/{index}");
            let Value::Object(fields) = value else {
                self.refuse_at(&place, "not_an_object", format!("`{name}` is a list of objects"));
                continue;
            };
            let mut form = Self::of(fields);
            objects.push(read(&mut form));
            for error in form.errors() {
                self.refuse_at(&format!("{place}{}", error.pointer), error.code, error.detail);
            }
        }
        objects
    }

    fn list(&mut self, name: &str, count: RangeInclusive<usize>) -> Option<Vec<Value>> {
        match self.fields.remove(name)? {
            Value::Array(values) if count.contains(&values.len()) => Some(values),
            Value::Array(_) => {
                let detail = format!("`{name}` has {} to {} entries", count.start(), count.end());
                self.refuse(name, "out_of_range", detail);
                None
            }
            _ => {
                self.refuse(name, "not_a_list", format!("`{name}` is a list"));
                None
            }
        }
    }
}
