//! Some lines of a file.

use std::fmt;
use std::str::FromStr;

/// Some lines of a file, in ranges.
///
/// The text is such as `3,17-20`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Lines(Vec<(u64, u64)>);

impl Lines {
    /// Makes lines of sorted numbers.
    pub(super) fn of(numbers: impl IntoIterator<Item = u64>) -> Self {
        let mut ranges: Vec<(u64, u64)> = Vec::new();
        for number in numbers {
            match ranges.last_mut() {
                Some((_, last)) if number <= last.saturating_add(1) => *last = number.max(*last),
                _ => ranges.push((number, number)),
            }
        }
        Self(ranges)
    }

    /// Returns true if a line is one of them.
    pub(super) fn has(&self, line: u64) -> bool {
        let place = self.0.partition_point(|(_, last)| *last < line);
        self.0.get(place).is_some_and(|(first, _)| *first <= line)
    }

    /// Returns how many lines these are.
    pub(super) fn count(&self) -> u64 {
        self.0.iter().map(|(first, last)| last - first + 1).sum()
    }
}

impl fmt::Display for Lines {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (first, last)) in self.0.iter().enumerate() {
            let comma = if place == 0 { "" } else { "," };
            write!(formatter, "{comma}{first}")?;
            if first < last {
                write!(formatter, "-{last}")?;
            }
        }
        Ok(())
    }
}

/// The error of a text that names no lines.
#[derive(Debug)]
pub(super) struct NotLines;

impl FromStr for Lines {
    type Err = NotLines;

    fn from_str(text: &str) -> Result<Self, NotLines> {
        let number = |text: &str| text.parse::<u64>().map_err(|_| NotLines);
        let range = |text: &str| {
            let (first, last) = text.split_once('-').unwrap_or((text, text));
            let (first, last) = (number(first)?, number(last)?);
            if first <= last { Ok((first, last)) } else { Err(NotLines) }
        };
        let ranges = text.split(',').filter(|it| !it.is_empty()).map(range);
        ranges.collect::<Result<_, _>>().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_written_in_ranges_and_read_again() {
        for (numbers, text) in
            [(&[][..], ""), (&[3], "3"), (&[2, 3, 4, 4, 9], "2-4,9"), (&[1, 3, 5], "1,3,5")]
        {
            let lines = Lines::of(numbers.iter().copied());
            assert_eq!(lines.to_string(), text);
            assert_eq!(text.parse::<Lines>().unwrap(), lines);
            for line in 0..12 {
                assert_eq!(lines.has(line), numbers.contains(&line), "{line} in {text}");
            }
        }
        for text in ["a", "3-2", "1--2", "-"] {
            assert!(text.parse::<Lines>().is_err(), "{text}");
        }
        assert_eq!(Lines::of([1, 2, 3, 7]).count(), 4);
    }
}
