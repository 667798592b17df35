//! The words among which somebody chooses.

use std::fmt::Write;

/// Returns words as a sentence has them, such as `a, b or c`.
pub fn alternatives(words: impl IntoIterator<Item = &'static str>) -> String {
    let mut text = String::new();
    let mut words = words.into_iter().peekable();
    while let Some(word) = words.next() {
        let joint = match (text.is_empty(), words.peek()) {
            (true, _) => "",
            (false, Some(_)) => ", ",
            (false, None) => " or ",
        };
        let _ = write!(text, "{joint}{word}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_is_another_way() {
        for (words, expected) in
            [(&[][..], ""), (&["a"], "a"), (&["a", "b"], "a or b"), (&["a", "b", "c"], "a, b or c")]
        {
            assert_eq!(alternatives(words.iter().copied()), expected);
        }
    }
}
