//! The rule of texts of one line: names, tags and texts for screen readers.

use std::ops::RangeInclusive;

use crate::hidden_characters;

/// Why a text is no line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidLine {
    /// It has a character that nobody sees.
    Hidden(char),
    /// It has fewer or more characters than it may.
    Length,
}

/// Returns a text without the spaces around it. Fails if it has a character that nobody sees, or is of
/// another length, in characters.
///
/// ```
/// use bams_domain::{InvalidLine, line};
///
/// assert_eq!(line(" spring ", &(1..=50)), Ok("spring"));
/// assert_eq!(line("two\nlines", &(1..=50)), Err(InvalidLine::Hidden('\n')));
/// assert_eq!(line(" ", &(1..=50)), Err(InvalidLine::Length));
/// ```
pub fn line<'a>(text: &'a str, length: &RangeInclusive<usize>) -> Result<&'a str, InvalidLine> {
    let line = text.trim();
    if let Some(letter) = hidden_characters(line).next() {
        Err(InvalidLine::Hidden(letter))
    } else if length.contains(&line.chars().count()) {
        Ok(line)
    } else {
        Err(InvalidLine::Length)
    }
}
