//! Recognizing files that are no CSV, to say what they are and what to do.

/// What a format begins with, and what its sender is told.
struct ForeignFormat {
    beginning: &'static [u8],
    what: &'static str,
}

const fn format(beginning: &'static [u8], what: &'static str) -> ForeignFormat {
    ForeignFormat { beginning, what }
}

const IMAGE: &str =
    "the file is an image; upload it to its banner, or import a CSV file that names it";

const ARCHIVE: &str = "the file is an archive; unpack it and import the CSV files in it, \
                       plain or packed with gzip";

const SPREADSHEET: &str = "the file is a spreadsheet; save its sheet as CSV and import that";

/// Formats by their first bytes.
const FORMATS: [ForeignFormat; 18] = [
    format(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", SPREADSHEET),
    format(b"%PDF-", "the file is a PDF; export its table as CSV where it came from"),
    format(b"{\\rtf", "the file is a text document; save its table as CSV and import that"),
    format(b"\x89PNG", IMAGE),
    format(b"\xFF\xD8\xFF", IMAGE),
    format(b"GIF8", IMAGE),
    format(b"RIFF", IMAGE),
    format(b"BM\x00", IMAGE),
    format(b"7z\xBC\xAF\x27\x1C", ARCHIVE),
    format(b"Rar!\x1A\x07", ARCHIVE),
    format(b"BZh9", ARCHIVE),
    format(b"\xFD7zXZ\x00", ARCHIVE),
    format(b"\x28\xB5\x2F\xFD", ARCHIVE),
    format(b"\x1F\x8B\x08", "the file is packed with gzip twice; unpack it once"),
    format(b"PAR1", "the file is in the format Parquet; export it as CSV"),
    format(b"SQLite format 3\x00", "the file is a database; export its table as CSV"),
    format(b"PK\x05\x06", ARCHIVE),
    format(b"PK\x07\x08", ARCHIVE),
];

/// Where the name of the format stands in a tar archive.
const TAR: std::ops::Range<usize> = 257..262;

/// Returns what a sender is told about a file that is no CSV, by its beginning. `None` if it may be
/// CSV.
pub(super) fn named(opening: &[u8]) -> Option<&'static str> {
    if opening.starts_with(b"PK\x03\x04") {
        return Some(of_zip(opening));
    }
    if opening.get(TAR).is_some_and(|it| it == b"ustar") {
        return Some(ARCHIVE);
    }
    let known = FORMATS.iter().find(|it| opening.starts_with(it.beginning));
    known.map(|it| it.what).or_else(|| of_text(opening))
}

/// Returns the same for a zip archive, which is what workbooks are, too.
fn of_zip(opening: &[u8]) -> &'static str {
    let has = |name: &[u8]| opening.windows(name.len()).any(|it| it == name);
    let is_workbook = has(b"xl/") || has(b"opendocument.spreadsheet") || has(b"Index/Tables");
    let is_document = has(b"[Content_Types].xml") || has(b"application/vnd.");
    if is_workbook || is_document { SPREADSHEET } else { ARCHIVE }
}

fn of_text(opening: &[u8]) -> Option<&'static str> {
    let text = opening.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(opening).trim_ascii_start();
    let lower_case = text[..text.len().min(256)].to_ascii_lowercase();
    match lower_case.first()? {
        b'{' | b'[' => Some("the file is JSON; export it as CSV with a line of column names"),
        b'<' if lower_case.starts_with(b"<?xml") && !has_page(&lower_case) => {
            Some("the file is XML; export it as CSV with a line of column names")
        }
        b'<' => Some(
            "the file is a web page, perhaps one that asked to sign in; download the CSV file again",
        ),
        _ => None,
    }
}

fn has_page(text: &[u8]) -> bool {
    text.windows(5).any(|it| it == b"<html")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_are_no_csv_are_called_by_their_names() {
        for (bytes, word) in [
            (&b"PK\x03\x04....xl/workbook.xml"[..], "spreadsheet"),
            (b"PK\x03\x04..mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "spreadsheet"),
            (b"PK\x03\x04.... clicks_1.csv", "archive"),
            (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "spreadsheet"),
            (b"%PDF-1.7", "PDF"),
            (b"\x89PNG\r\n", "image"),
            (b"GIF89a", "image"),
            (b"  <!DOCTYPE html><html>", "web page"),
            (b"\xEF\xBB\xBF<html>", "web page"),
            (b"<?xml version=\"1.0\"?><rows>", "XML"),
            (b"\n[{\"click_id\": 1}]", "JSON"),
            (b"\x1F\x8B\x08", "twice"),
            (b"Rar!\x1A\x07", "archive"),
        ] {
            let said = named(bytes).unwrap_or_else(|| panic!("{bytes:?} may be CSV"));
            assert!(said.contains(word), "{word}: {said}");
        }
        for bytes in [&b""[..], b"click_id,banner_id", b"\"a\"", b"P", b"1;2", b"BM;campaign"] {
            assert_eq!(named(bytes), None, "{bytes:?}");
        }
    }
}
