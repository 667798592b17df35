//! Texts that spreadsheets would take for formulas.

/// The characters with which a formula begins.
const BEGINNINGS: [char; 7] = ['=', '+', '-', '@', '\t', '\r', '\n'];

/// Returns a text that no spreadsheet takes for a formula, with an apostrophe before those that it
/// would. An import reads it as it was.
pub fn harmless(text: &str) -> String {
    if text.starts_with(BEGINNINGS) { format!("'{text}") } else { text.to_owned() }
}

/// Returns a text without the apostrophe by which [`harmless`] and spreadsheets say that what follows
/// is no formula.
pub(super) fn original(text: &str) -> &str {
    text.strip_prefix('\'').filter(|rest| rest.starts_with(BEGINNINGS)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_is_a_text_and_becomes_one_again() {
        for text in ["=1+1", "+1", "-1", "@a", "\t=1", "\r=1", "\n=1"] {
            assert_eq!(harmless(text), format!("'{text}"));
            assert_eq!(original(&harmless(text)), text);
        }
        for text in ["", "1-1", "a=b", " =1", "'tis", "'"] {
            assert_eq!(harmless(text), text);
            assert_eq!(original(text), text);
        }
    }
}
