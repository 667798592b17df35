//! Pieces of pages that are HTML already: icons, dials and statuses.

use std::fmt;

use askama::filters::HtmlSafe;
use bams_domain::Quarter;

/// Text that is HTML already. Only this crate's own words and numbers become such, never the text of a
/// person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Html(pub(crate) String);

impl fmt::Display for Html {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl HtmlSafe for Html {}

/// Returns an icon of the sprite, which stands beside a word.
pub(crate) fn icon(name: &str) -> Html {
    icon_of(name, "")
}

/// Returns an icon of the sprite with one more class, such as `bad`.
pub(crate) fn icon_of(name: &str, class: &str) -> Html {
    let class = if class.is_empty() { "i".to_owned() } else { format!("i {class}") };
    Html(format!(r##"<svg class="{class}" aria-hidden="true"><use href="#i-{name}"/></svg>"##))
}

/// Returns the clock with a quarter of the hour filled.
pub(crate) fn dial(quarter: Quarter) -> Html {
    let turn = match quarter {
        Quarter::First => "",
        Quarter::Second => r#" transform="rotate(90 14 14)""#,
        Quarter::Third => r#" transform="rotate(180 14 14)""#,
        Quarter::Fourth => r#" transform="rotate(270 14 14)""#,
    };
    Html(format!(
        r#"<svg class="dial" viewBox="0 0 28 28" aria-hidden="true"><circle cx="14" cy="14" r="12.5"/><path fill="currentColor" d="M14 14V4a10 10 0 0 1 10 10Z"{turn}/></svg>"#
    ))
}

/// The shape of a status, which stands before its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Good,
    Paused,
    Draft,
    Archived,
    NotStarted,
    Ended,
    Warn,
    Bad,
}

impl Shape {
    /// Returns the class and the drawing.
    const fn drawing(self) -> (&'static str, &'static str) {
        match self {
            Self::Good => ("good", r#"<circle cx="5" cy="5" r="4" fill="currentColor"/>"#),
            Self::Paused => ("", r#"<path fill="currentColor" d="M1 1h3v8H1zM6 1h3v8H6z"/>"#),
            Self::Draft => (
                "",
                r#"<circle cx="5" cy="5" r="3.5" fill="none" stroke="currentColor" stroke-width="1.5" stroke-dasharray="2 1.5"/>"#,
            ),
            Self::Archived => {
                ("", r#"<path fill="none" stroke="currentColor" stroke-width="1.5" d="M1 5h8"/>"#)
            }
            Self::NotStarted => (
                "",
                r#"<circle cx="5" cy="5" r="3.5" fill="none" stroke="currentColor" stroke-width="1.5"/>"#,
            ),
            Self::Ended => ("", r#"<path fill="currentColor" d="M1 1h8v8H1z"/>"#),
            Self::Warn => ("warn", r#"<path fill="currentColor" d="M5 0 10 9H0z"/>"#),
            Self::Bad => ("bad", r#"<path fill="currentColor" d="M3 0h4l3 3v4L7 10H3L0 7V3z"/>"#),
        }
    }

    /// Returns a status: the shape and its word, which is one of this crate's own.
    pub(crate) fn status(self, word: &str) -> Html {
        let (class, drawing) = self.drawing();
        let class = if class.is_empty() { "st".to_owned() } else { format!("st {class}") };
        Html(format!(
            r#"<span class="{class}"><svg viewBox="0 0 10 10" aria-hidden="true">{drawing}</svg>{word}</span>"#
        ))
    }
}
