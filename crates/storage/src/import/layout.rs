//! How a file is laid out: its delimiter, and where its header stands.

use super::column::Column;
use super::kind::ImportKind;

/// What may part the fields of a row. Of several that fit, the first one.
static DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// The most lines that are looked at for the header.
const LOOKED_AT: usize = 30;

const MARK: &[u8] = b"\xEF\xBB\xBF";

/// How a file is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) delimiter: u8,
    /// How many bytes come before the header.
    pub(super) begins: usize,
    /// The line of the header, from 1 on, unless empty lines come first.
    pub(super) line: u64,
    /// The first and the last line that were left out above the header.
    pub(super) titles: Option<(u64, u64)>,
}

/// A line of the opening that is not empty.
#[derive(Clone, Copy)]
struct Line<'a> {
    begins: usize,
    number: u64,
    text: &'a [u8],
}

/// A line as a header, with the delimiter that finds most columns in it.
#[derive(Clone, Copy)]
struct HeaderCandidate {
    delimiter: u8,
    columns: usize,
    /// True if it has all columns of a kind of file.
    is_complete: bool,
}

impl Layout {
    /// Finds the header in the opening of a file: the first line that has all columns of a kind of
    /// file, or else the first one that has most known columns, if these are two or more, or else the
    /// first line. A line `sep=;` says the delimiter and is passed over.
    pub(super) fn of(opening: &[u8]) -> Self {
        let mut lines: Vec<Line<'_>> = lines(opening).take(LOOKED_AT).collect();
        let said = lines.first().and_then(|line| said_delimiters(line.text));
        if said.is_some() {
            lines.remove(0);
        }
        let delimiters = said.unwrap_or(&DELIMITERS);
        let Some(first) = lines.first() else {
            // A file without more than the line is as empty as one without any.
            let begins = if said.is_some() { opening.len() } else { 0 };
            return Self { delimiter: delimiters[0], begins, line: 1, titles: None };
        };
        let (place, candidate) = header(&lines, delimiters);
        let found = lines[place];
        let titles = (place > 0).then(|| (first.number, lines[place - 1].number));
        let begins_late = place > 0 || said.is_some();
        Self {
            delimiter: candidate.delimiter,
            begins: if begins_late { found.begins } else { 0 },
            line: if begins_late { found.number } else { 1 },
            titles,
        }
    }
}

/// Returns the place of the header among lines.
fn header(lines: &[Line<'_>], delimiters: &[u8]) -> (usize, HeaderCandidate) {
    let mut best = (0, HeaderCandidate::of(lines[0].text, delimiters));
    for (place, line) in lines.iter().enumerate() {
        let candidate = HeaderCandidate::of(line.text, delimiters);
        if candidate.is_complete {
            return (place, candidate);
        }
        if candidate.columns > best.1.columns.max(1) {
            best = (place, candidate);
        }
    }
    best
}

impl HeaderCandidate {
    fn of(line: &[u8], delimiters: &[u8]) -> Self {
        let mut best: Option<(Self, usize)> = None;
        for &delimiter in delimiters {
            let (candidate, fields) = Self::with(line, delimiter);
            let rank = |it: &(Self, usize)| (it.0.is_complete, it.0.columns, it.1);
            let this = (candidate, fields);
            if best.as_ref().is_none_or(|best| rank(&this) > rank(best)) {
                best = Some(this);
            }
        }
        let none = Self { delimiter: DELIMITERS[0], columns: 0, is_complete: false };
        best.map_or(none, |it| it.0)
    }

    /// Returns the line under a delimiter, and the number of its fields.
    fn with(line: &[u8], delimiter: u8) -> (Self, usize) {
        let mut known: Vec<Column> = Vec::new();
        let mut fields = 0;
        for field in line.split(|byte| *byte == delimiter) {
            fields += 1;
            let name = String::from_utf8_lossy(field);
            let name = name.trim().trim_matches('"').trim();
            if let Some(column) = Column::named(name)
                && !known.contains(&column)
            {
                known.push(column);
            }
        }
        let of_kind = |kind: &ImportKind| kind.columns().iter().all(|it| known.contains(it));
        let is_complete = ImportKind::ALL.iter().any(of_kind);
        (Self { delimiter, columns: known.len(), is_complete }, fields)
    }
}

/// Returns the delimiters that a line such as `sep=;` leaves, or `None` if the line is no such one: the
/// one that it says, or all if that is not supported.
fn said_delimiters(line: &[u8]) -> Option<&'static [u8]> {
    let line = line.strip_prefix(b"\"").unwrap_or(line);
    let (begin, rest) = line.split_at_checked(4)?;
    if !begin.eq_ignore_ascii_case(b"sep=") || rest.len() > 4 {
        return None;
    }
    let said = DELIMITERS.iter().position(|delimiter| rest.first() == Some(delimiter));
    Some(said.map_or(&DELIMITERS, |place| &DELIMITERS[place..=place]))
}

/// Returns the lines that are not empty, as the parser counts them.
fn lines(opening: &[u8]) -> impl Iterator<Item = Line<'_>> {
    let (mut next, mut number) = (if opening.starts_with(MARK) { MARK.len() } else { 0 }, 1);
    std::iter::from_fn(move || {
        loop {
            let rest = opening.get(next..).filter(|rest| !rest.is_empty())?;
            let length = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let text = &rest[..length.unwrap_or(rest.len())];
            let line = Line { begins: next, number, text };
            let ending = if rest[text.len()..].starts_with(b"\r\n") { 2 } else { 1 };
            next += text.len() + ending;
            number += 1;
            if !text.is_empty() {
                return Some(line);
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(opening: &str, delimiter: char, line: u64, titles: Option<(u64, u64)>) {
        let layout = Layout::of(opening.as_bytes());
        let found = (char::from(layout.delimiter), layout.line, layout.titles);
        assert_eq!(found, (delimiter, line, titles), "{opening:?}");
    }

    #[test]
    fn the_header_line_tells_the_delimiter() {
        check("click_id,banner_id,campaign_id\n1,2,3\n", ',', 1, None);
        check("click_id;banner_id;campaign_id\n1;2;3\n", ';', 1, None);
        check("\u{FEFF}click_id\tbanner_id\tcampaign_id\n", '\t', 1, None);
        check("\"click_id\"|\"banner_id\"|\"campaign_id\"\n", '|', 1, None);
        check("note, with commas;click_id;banner_id;campaign_id\n", ';', 1, None);
        check("click;banner_id\n1;2\n", ';', 1, None);
        check("click;banner\n1;2\n", ';', 1, None);
        check("url\na,b;c\n", ',', 1, None);
        check("", ',', 1, None);
        check("\n\n", ',', 1, None);
    }

    #[test]
    fn a_line_may_say_the_delimiter() {
        check("sep=;\r\nclick_id;banner_id;campaign_id\r\n", ';', 2, None);
        check("\u{FEFF}\"SEP=|\"\n\nnote,a|banner_id|campaign_id\n", '|', 3, None);
        check("sep=\t\nbanner_id\tcampaign_id\n", '\t', 2, None);
        check("sep=^\nbanner_id;campaign_id\n", ';', 2, None);
        check("sep=;", ';', 1, None);
        check("separator,banner_id,campaign_id\n", ',', 1, None);
    }

    #[test]
    fn titles_stand_above_the_header() {
        check("Clicks\n\"June 1, 2026\"\n\nclick_id,banner_id,campaign_id\n", ',', 4, Some((1, 2)));
        check("sep=;\nReport\rbanner_id;campaign_id\n", ';', 3, Some((2, 2)));
        check("Report\nclick,banner_id,note\n1,2,3\n", ',', 1, None);
        check("Report\nclick_id,banner_id,note\n1,2,3\n", ',', 2, Some((1, 1)));
        check("1,2,3\n4,5,6\n", ',', 1, None);
    }
}
