//! CSV for programs and spreadsheets (RFC 4180).

use std::io::Write;

use csv::{Terminator, Writer, WriterBuilder};

/// Returns a writer of records that end as RFC 4180 demands.
pub(crate) fn writer<W: Write>(out: W) -> Writer<W> {
    WriterBuilder::new().terminator(Terminator::CRLF).from_writer(out)
}

/// Returns a text that no spreadsheet takes for a formula, with an apostrophe before those that it
/// would.
pub(crate) fn safe(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    if formula { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_is_a_text() {
        for text in ["=1+1", "+1", "-1", "@a", "\t=1", "\r=1", "\n=1"] {
            assert_eq!(safe(text), format!("'{text}"));
        }
        for text in ["", "1-1", "a=b", " =1"] {
            assert_eq!(safe(text), text);
        }
    }
}
