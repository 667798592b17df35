//! The rules that fields of several resources have in common, each with its sentence.

use std::ops::RangeInclusive;

use crate::draft::Said;
use crate::violation::Violation;

/// How many characters the name of a campaign, of a banner or of a key has.
pub const NAME_LENGTH: RangeInclusive<usize> = 1..=200;

/// How many tags a thing has at most.
pub const MOST_TAGS: usize = 20;

/// How many characters a tag has.
pub const TAG_LENGTH: RangeInclusive<usize> = 1..=50;

/// Checks one field after the other, and collects what is wrong in the order of the fields.
///
/// Each check returns what is said if that keeps the rule.
#[derive(Debug)]
pub struct Rules {
    /// What readers found.
    unread: Vec<Violation>,
    found: Vec<Violation>,
}

impl Rules {
    /// Begins with what was wrong with fields that could not be read.
    pub fn after(unread: Vec<Violation>) -> Self {
        Self { unread, found: Vec::new() }
    }

    /// Notes a rule that a field does not keep.
    pub fn refuse(&mut self, name: &str, code: &'static str, detail: impl Into<String>) {
        self.found.push(Violation::of(name, code, detail));
    }

    /// A field of which every value is right that can be read.
    pub fn any<T>(&mut self, name: &str, said: Said<T>) -> Said<T> {
        let of_field = |it: &mut Violation| is_within(it, name);
        self.found.extend(self.unread.extract_if(.., of_field));
        said
    }

    /// The field must be said. Call it right after its own check.
    pub fn needed<T>(&mut self, name: &str, said: Said<T>) -> Said<T> {
        if said.is_none() && !self.found.iter().any(|it| is_within(it, name)) {
            self.refuse(name, "missing", missing(name));
        }
        said
    }

    /// A text of one line, without the spaces around it.
    pub fn line(
        &mut self,
        name: &str,
        said: Said<String>,
        length: RangeInclusive<usize>,
    ) -> Said<String> {
        let text = self.any(name, said)?;
        self.checked_line(name, &text, length)
    }

    /// A text of any number of lines, as it is.
    pub fn text(&mut self, name: &str, said: Said<String>, longest: usize) -> Said<String> {
        let text = self.any(name, said)?;
        if text.chars().count() > longest {
            self.refuse(name, "too_long", format!("`{name}` has at most {longest} characters"));
            None
        } else if text.contains(|it: char| it.is_control() && !matches!(it, '\n' | '\r' | '\t')) {
            let detail = format!("`{name}` contains a control character");
            self.refuse(name, "control_character", detail);
            None
        } else {
            Some(text)
        }
    }

    /// A whole number, or none.
    pub fn number(
        &mut self,
        name: &str,
        said: Said<Option<u32>>,
        range: &RangeInclusive<u32>,
    ) -> Said<Option<u32>> {
        let number = self.any(name, said)?;
        if number.is_some_and(|it| !range.contains(&it)) {
            self.refuse(name, "out_of_range", whole_number(name, range));
            return None;
        }
        Some(number)
    }

    /// Tags without the spaces around them, each once, in the order given. One that could not be read is
    /// passed over.
    pub fn tags(&mut self, name: &str, said: Said<Vec<String>>) -> Said<Vec<String>> {
        let Some(given) = said else { return self.any(name, said) };
        if given.len() > MOST_TAGS {
            self.refuse(name, "out_of_range", entries(name, &(0..=MOST_TAGS)));
            return None;
        }
        let mut tags: Vec<String> = Vec::with_capacity(given.len());
        for (index, text) in given.iter().enumerate() {
            let place = format!("{name}/{index}");
            if self.take_unread(&place) {
                continue;
            }
            if text.contains(',') {
                self.refuse(&place, "comma", "contains a comma");
            } else if let Some(tag) = self.checked_line(&place, text, TAG_LENGTH)
                && !tags.contains(&tag)
            {
                tags.push(tag);
            }
        }
        Some(tags)
    }

    /// Passes on what the checks left, unless something is wrong: then everything that is, with the
    /// fields that nobody asked for last.
    pub fn finish<T>(mut self, checked: Option<T>) -> Result<T, Vec<Violation>> {
        self.found.append(&mut self.unread);
        match checked {
            Some(checked) if self.found.is_empty() => Ok(checked),
            _ => Err(self.found),
        }
    }

    fn checked_line(
        &mut self,
        place: &str,
        text: &str,
        length: RangeInclusive<usize>,
    ) -> Said<String> {
        let line = text.trim();
        if line.contains(char::is_control) {
            self.refuse(place, "control_character", "contains a control character");
            None
        } else if length.contains(&line.chars().count()) {
            Some(line.to_owned())
        } else {
            let detail = format!("has {} to {} characters", length.start(), length.end());
            self.refuse(place, "out_of_range", detail);
            None
        }
    }

    /// Notes here what a reader found at a place, and answers whether it found anything.
    fn take_unread(&mut self, place: &str) -> bool {
        let here = |it: &mut Violation| it.pointer.strip_prefix('/') == Some(place);
        let before = self.found.len();
        self.found.extend(self.unread.extract_if(.., here));
        self.found.len() > before
    }
}

/// Whether a violation is of a field, or of an entry within it.
fn is_within(violation: &Violation, name: &str) -> bool {
    let rest = violation.pointer.strip_prefix('/').and_then(|it| it.strip_prefix(name));
    rest.is_some_and(|it| it.is_empty() || it.starts_with('/'))
}

/// The sentence about a field that must be said.
pub fn missing(name: &str) -> String {
    format!("`{name}` is needed")
}

/// The sentence about a field that is a whole number.
pub fn whole_number(name: &str, range: &RangeInclusive<u32>) -> String {
    format!("`{name}` is a whole number from {} to {}", range.start(), range.end())
}

/// The sentence about how many entries a list has.
pub fn entries(name: &str, count: &RangeInclusive<usize>) -> String {
    format!("`{name}` has {} to {} entries", count.start(), count.end())
}
