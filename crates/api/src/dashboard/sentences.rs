//! Sentences of words that others have said.

/// Returns words as a sentence begins.
pub(crate) fn begun(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|it| it.to_uppercase().to_string()).unwrap_or_default();
    first + letters.as_str()
}

#[cfg(test)]
mod tests {
    use super::begun;

    #[test]
    fn a_sentence_begins_with_a_capital_letter() {
        assert_eq!(begun("this key has expired"), "This key has expired");
        assert_eq!((begun("élan"), begun("")), ("Élan".to_owned(), String::new()));
    }
}
