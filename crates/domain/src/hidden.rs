//! Characters that nobody sees, by which two names look alike or one reads in another order.

/// Zero width non-joiner and zero width joiner.
const JOINERS: [char; 2] = ['\u{200c}', '\u{200d}'];

/// Returns the characters of a text that nobody sees and that nothing needs, in their order: control
/// characters, line and paragraph separators, marks that change the direction of writing, spaces and
/// joiners without width, soft hyphens, invisible operators and fillers, and tags.
///
/// Spaces, variation selectors and combining marks are none of them. Zero width joiners and
/// non-joiners are one only where nothing can be joined: at the beginning, after ASCII and after one
/// another. Persian and Indic words and emoji need them elsewhere.
///
/// ```
/// use bams_domain::hidden_characters;
///
/// let first = |text| hidden_characters(text).next();
/// assert_eq!(first("Spring shoes – größer, 猫, שלום"), None);
/// assert_eq!(first("می\u{200c}خواهم 👩\u{200d}💻 ❤\u{fe0f}\u{200d}🔥"), None);
/// assert_eq!(first("gpj.\u{202e}evil"), Some('\u{202e}'));
/// assert_eq!(first("pay\u{200d}pal"), Some('\u{200d}'));
/// ```
pub fn hidden_characters(text: &str) -> impl Iterator<Item = char> {
    let mut before = ' ';
    text.chars().filter(move |&letter| {
        let joins_nothing = before.is_ascii() || JOINERS.contains(&before);
        before = letter;
        if JOINERS.contains(&letter) { joins_nothing } else { is_hidden(letter) }
    })
}

/// Returns true if a character is hidden wherever it stands.
fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{ad}'
                | '\u{61c}'
                | '\u{200b}'
                | '\u{200e}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, hidden: &[char]) {
        assert_eq!(hidden_characters(text).collect::<Vec<_>>(), hidden, "{text:?}");
    }

    #[test]
    fn what_nobody_sees_is_found() {
        check("a\u{0}b\nc\u{85}", &['\u{0}', '\n', '\u{85}']);
        check("\u{2067}שלום\u{2069}", &['\u{2067}', '\u{2069}']);
        check(
            "\u{feff}a\u{200b}b\u{2060}c\u{ad}d",
            &['\u{feff}', '\u{200b}', '\u{2060}', '\u{ad}'],
        );
        check("a\u{2028}b\u{200f}c\u{61c}", &['\u{2028}', '\u{200f}', '\u{61c}']);
        check("\u{3164}\u{ffa0}", &['\u{3164}', '\u{ffa0}']);
        check("🏴\u{e0067}\u{e007f}", &['\u{e0067}', '\u{e007f}']);
    }

    #[test]
    fn what_scripts_and_emoji_need_is_not() {
        check("naïve café, Œuvre, Ελλάδα, Київ, ไทย, 한국어, 日本語, עברית, العربية", &[]);
        check("नेपाली क्\u{200d}ष क्\u{200c}ष ক\u{9cd}\u{200d} ක\u{dca}\u{200d}ර", &[]);
        check("👨\u{200d}👩\u{200d}👧 🏳\u{fe0f}\u{200d}🌈 ☺\u{fe0f} 5\u{fe0f}\u{20e3}", &[]);
        check("a\u{301} \u{3000} \u{a0}", &[]);
    }

    #[test]
    fn a_joiner_that_joins_nothing_is_hidden() {
        check("\u{200d}猫", &['\u{200d}']);
        check("shoes\u{200c}", &['\u{200c}']);
        check("猫\u{200d}\u{200d}猫", &['\u{200d}']);
    }
}
