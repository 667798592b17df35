//! The rules that fields of several resources share, each with its sentence.

use std::ops::RangeInclusive;

use bams_domain::{InvalidLine, hidden_characters, line};
pub use bams_storage::MOST_TAGS;
use bams_storage::{LONGEST_NAME, LONGEST_TAG};

use crate::draft::Said;
use crate::violation::Violation;

/// Proof that a violation was noted, given instead of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused(());

/// The length of the name of a campaign, a banner or a key, in characters.
pub const NAME_LENGTH: RangeInclusive<usize> = 1..=LONGEST_NAME;

/// The length of a page: how many banners a campaign shows at once, or a request asks for.
pub const PAGE_SIZES: RangeInclusive<u32> = 1..=50;

/// The length of a tag, in characters.
pub const TAG_LENGTH: RangeInclusive<usize> = 1..=LONGEST_TAG;

/// Checks one field after the other, and collects violations in the order of the fields.
///
/// Each check returns the value if it keeps the rule.
#[derive(Debug)]
pub struct Rules {
    /// The violations of fields that could not be read.
    unread: Vec<Violation>,
    found: Vec<Violation>,
}

impl Rules {
    /// Begins with the violations of fields that could not be read.
    pub fn after(unread: Vec<Violation>) -> Self {
        Self { unread, found: Vec::new() }
    }

    /// Adds the violation of a rule.
    pub fn refuse(&mut self, name: &str, code: &'static str, detail: impl Into<String>) -> Refused {
        self.found.push(Violation::of(name, code, detail));
        Refused(())
    }

    /// Adds the violations of an entry of a list, whose place they do not know.
    pub fn refuse_entry(&mut self, name: &str, index: usize, violations: Vec<Violation>) {
        self.found.extend(violations.into_iter().map(|violation| Violation {
            pointer: format!("/{name}/{index}{}", violation.pointer),
            ..violation
        }));
    }

    /// Checks a field of which every value that can be read is valid.
    pub fn any<T>(&mut self, name: &str, said: Said<T>) -> Said<T> {
        let of_field = |violation: &mut Violation| is_within(violation, name);
        self.found.extend(self.unread.extract_if(.., of_field));
        said
    }

    /// Returns the value of a required field. Must be called right after the field's own check.
    pub fn needed<T>(&mut self, name: &str, said: Said<T>) -> Result<T, Refused> {
        said.ok_or_else(|| {
            if self.found.iter().any(|violation| is_within(violation, name)) {
                return Refused(());
            }
            self.refuse(name, "missing", missing(name))
        })
    }

    /// Checks the number of a list's entries.
    pub fn list<T>(
        &mut self,
        name: &str,
        said: Said<Vec<T>>,
        count: &RangeInclusive<usize>,
    ) -> Said<Vec<T>> {
        let list = self.any(name, said)?;
        if count.contains(&list.len()) {
            return Some(list);
        }
        self.refuse(name, "out_of_range", entries(name, count));
        None
    }

    /// Checks the entries of a list that could be read, each with its index among all. The violations
    /// of the others keep their places between them.
    pub fn entries<T>(
        &mut self,
        name: &str,
        list: Vec<T>,
        mut check: impl FnMut(&mut Self, usize, T),
    ) {
        let mut index = 0;
        for entry in list {
            while !self.unread.is_empty() && self.take_unread(&format!("{name}/{index}")) {
                index += 1;
            }
            check(self, index, entry);
            index += 1;
        }
        self.any(name, Some(()));
    }

    /// Checks a text of one line, and removes spaces around it.
    pub fn line(
        &mut self,
        name: &str,
        said: Said<String>,
        length: RangeInclusive<usize>,
    ) -> Said<String> {
        let text = self.any(name, said)?;
        self.checked_line(name, &text, length)
    }

    /// Checks a text of any number of lines.
    pub fn text(&mut self, name: &str, said: Said<String>, longest: usize) -> Said<String> {
        let text = self.any(name, said)?;
        if text.chars().count() > longest {
            self.refuse(name, "too_long", format!("`{name}` has at most {longest} characters"));
            None
        } else if let Some(letter) =
            hidden_characters(&text).find(|letter| !matches!(letter, '\n' | '\r' | '\t'))
        {
            self.refuse(name, hidden_code(letter), format!("`{name}` {}", hidden(letter)));
            None
        } else {
            Some(text)
        }
    }

    /// Checks a whole number, which may be null.
    pub fn number(
        &mut self,
        name: &str,
        said: Said<Option<u32>>,
        range: &RangeInclusive<u32>,
    ) -> Said<Option<u32>> {
        let number = self.any(name, said)?;
        if number.is_some_and(|number| !range.contains(&number)) {
            self.refuse(name, "out_of_range", whole_number(name, range));
            return None;
        }
        Some(number)
    }

    /// Checks tags, and removes spaces around them and repeats. Those that could not be read are not
    /// among them.
    pub fn tags(&mut self, name: &str, said: Said<Vec<String>>) -> Said<Vec<String>> {
        let Some(given) = said else { return self.any(name, said) };
        let unread = self.unread.iter().filter(|violation| is_within(violation, name)).count();
        if given.len() + unread > MOST_TAGS {
            self.refuse(name, "out_of_range", entries(name, &(0..=MOST_TAGS)));
            return None;
        }
        let mut tags: Vec<String> = Vec::with_capacity(given.len());
        self.entries(name, given, |rules, index, text| {
            let place = format!("{name}/{index}");
            if text.contains(',') {
                rules.refuse(&place, "comma", "contains a comma");
            } else if let Some(tag) = rules.checked_line(&place, &text, TAG_LENGTH)
                && !tags.contains(&tag)
            {
                tags.push(tag);
            }
        });
        Some(tags)
    }

    /// Returns the result of the checks. Fails with all violations if there are any, those of
    /// unknown fields last.
    pub fn finish<T>(mut self, checked: Result<T, Refused>) -> Result<T, Vec<Violation>> {
        self.found.append(&mut self.unread);
        match checked {
            Ok(checked) if self.found.is_empty() => Ok(checked),
            _ => Err(self.found),
        }
    }

    fn checked_line(
        &mut self,
        place: &str,
        text: &str,
        length: RangeInclusive<usize>,
    ) -> Said<String> {
        match line(text, &length) {
            Ok(line) => Some(line.to_owned()),
            Err(InvalidLine::Hidden(letter)) => {
                self.refuse(place, hidden_code(letter), hidden(letter));
                None
            }
            Err(InvalidLine::Length) => {
                self.refuse(place, "out_of_range", characters(&length));
                None
            }
        }
    }

    /// Moves the violations that a reader found at a place here, and returns true if there were
    /// any.
    fn take_unread(&mut self, place: &str) -> bool {
        let here = |violation: &mut Violation| violation.pointer.strip_prefix('/') == Some(place);
        let before = self.found.len();
        self.found.extend(self.unread.extract_if(.., here));
        self.found.len() > before
    }
}

/// Returns true if a violation is that of a field, or of an entry of it.
fn is_within(violation: &Violation, name: &str) -> bool {
    let rest = violation.pointer.strip_prefix('/').and_then(|pointer| pointer.strip_prefix(name));
    rest.is_some_and(|entry| entry.is_empty() || entry.starts_with('/'))
}

/// Returns the sentence about a required field that is missing.
pub fn missing(name: &str) -> String {
    format!("`{name}` is needed")
}

/// Returns the sentence about a text of another length, without its subject.
pub fn characters(length: &RangeInclusive<usize>) -> String {
    format!("has {} to {} characters", length.start(), length.end())
}

/// Returns the sentence about a hidden character of a text.
pub fn hidden(letter: char) -> String {
    if letter.is_control() {
        return "contains a control character".to_owned();
    }
    format!("contains a character that nobody sees, U+{:04X}", u32::from(letter))
}

/// Returns the code of the same.
pub fn hidden_code(letter: char) -> &'static str {
    if letter.is_control() { "control_character" } else { "hidden_character" }
}

/// Returns the sentence about a field that must be a whole number.
pub fn whole_number(name: &str, range: &RangeInclusive<u32>) -> String {
    format!("`{name}` is a whole number from {} to {}", range.start(), range.end())
}

/// Returns the sentence about the number of a list's entries.
pub fn entries(name: &str, count: &RangeInclusive<usize>) -> String {
    format!("`{name}` has {} to {} entries", count.start(), count.end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_that_could_not_be_read_keep_their_places_between_the_others() {
        let unread = |place: &str| Violation::of(place, "not_a_text", "not a text");
        let mut rules = Rules::after(vec![unread("tags/0"), unread("tags/2"), unread("tags/5")]);
        let given = ["fine", "a,b", "c,d"].map(str::to_owned).into();
        assert_eq!(rules.tags("tags", Some(given)), Some(vec!["fine".to_owned()]));
        let found = rules.finish(Ok(())).unwrap_err();
        let places: Vec<_> = found.iter().map(|it| it.pointer.as_str()).collect();
        assert_eq!(places, ["/tags/0", "/tags/2", "/tags/3", "/tags/4", "/tags/5"]);
    }

    #[test]
    fn a_required_field_that_was_refused_is_not_missing_too() {
        let mut rules = Rules::after(vec![Violation::of("name", "not_a_text", "not a text")]);
        let name: Said<String> = rules.any("name", None);
        assert!(rules.needed("name", name).is_err());
        assert_eq!(rules.finish::<()>(Ok(())).unwrap_err().len(), 1);
    }
}
