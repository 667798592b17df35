//! Fields that are lists.

use std::ops::RangeInclusive;

use bams_app::{Draft, Said, entries, whole_number};
use bams_domain::{InvalidSize, Size};
use serde_json::Value;

use super::body::Body;
use super::fields::{Form, whole};

impl Form {
    /// Takes texts as they are. One that is something else is noted with its place and left out.
    pub(crate) fn texts(&mut self, name: &str) -> Said<Vec<String>> {
        let values = self.list(name, 0..=usize::MAX)?;
        let mut texts = Vec::with_capacity(values.len());
        for (index, value) in values.into_iter().enumerate() {
            if let Value::String(text) = value {
                texts.push(text);
            } else {
                let place = format!("{name}/{index}");
                self.refuse_at(&place, "not_a_text", format!("`{name}` is a list of texts"));
            }
        }
        Some(texts)
    }

    /// Takes numbers of things; nothing if one of them cannot be.
    pub(crate) fn numbers(&mut self, name: &str, count: RangeInclusive<usize>) -> Said<Vec<u32>> {
        let values = self.list(name, count)?;
        let range = 1..=u32::MAX;
        let mut numbers = Vec::with_capacity(values.len());
        for (index, value) in values.iter().enumerate() {
            match whole(value, &range) {
                Some(number) => numbers.push(number),
                None => self.refuse_at(
                    &format!("{name}/{index}"),
                    "out_of_range",
                    whole_number(name, &range),
                ),
            }
        }
        (numbers.len() == values.len()).then_some(numbers)
    }

    /// Takes sizes; nothing if one of them is none.
    pub(crate) fn sizes(&mut self, name: &str, count: RangeInclusive<usize>) -> Said<Vec<Size>> {
        let values = self.list(name, count)?;
        let mut sizes = Vec::with_capacity(values.len());
        for (index, value) in values.iter().enumerate() {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            match text.parse() {
                Ok(size) => sizes.push(size),
                Err(error) => self.refuse_at(
                    &format!("{name}/{index}"),
                    "not_a_size",
                    InvalidSize::to_string(&error),
                ),
            }
        }
        (sizes.len() == values.len()).then_some(sizes)
    }

    /// Takes objects, with what is wrong in each. What is no object is noted with its place and left out.
    pub(crate) fn objects<B: Body>(
        &mut self,
        name: &str,
        count: RangeInclusive<usize>,
    ) -> Said<Vec<Draft<B::Said>>> {
        let values = self.list(name, count)?;
        let mut objects = Vec::with_capacity(values.len());
        for (index, value) in values.into_iter().enumerate() {
            if let Value::Object(fields) = value {
                objects.push(B::fields().read(Self::of(fields)));
            } else {
                let place = format!("{name}/{index}");
                self.refuse_at(&place, "not_an_object", format!("`{name}` is a list of objects"));
            }
        }
        Some(objects)
    }

    fn list(&mut self, name: &str, count: RangeInclusive<usize>) -> Said<Vec<Value>> {
        match self.fields.remove(name)? {
            Value::Array(values) if count.contains(&values.len()) => Some(values),
            Value::Array(_) => self.refused(name, "out_of_range", entries(name, &count)),
            _ => self.refused(name, "not_a_list", format!("`{name}` is a list")),
        }
    }
}
