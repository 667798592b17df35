//! The sizes of banners on a page.

use std::{fmt, str::FromStr};

use thiserror::Error;

/// The most digits of a side.
const MOST_DIGITS: usize = 5;

/// The width and height of a banner in pixels, written like `300x250`.
///
/// Parsing takes sides from 1 to 99999 without leading zeros, with a small `x` between them.
///
/// ```
/// use bams_domain::Size;
///
/// let size: Size = "300x250".parse()?;
/// assert_eq!(size, Size { width: 300, height: 250 });
/// assert_eq!(size.to_string(), "300x250");
/// assert!("300 x 250".parse::<Size>().is_err());
/// # Ok::<(), bams_domain::InvalidSize>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Size {
    /// The width in pixels.
    pub width: u32,
    /// The height in pixels.
    pub height: u32,
}

/// The error of a text that is no size.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{0}` is no size: write width and height in pixels, such as 300x250")]
pub struct InvalidSize(pub String);

impl FromStr for Size {
    type Err = InvalidSize;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let sides = text
            .split_once('x')
            .and_then(|(width, height)| Some(Self { width: side(width)?, height: side(height)? }));
        sides.ok_or_else(|| InvalidSize(text.to_owned()))
    }
}

fn side(text: &str) -> Option<u32> {
    let is_plain = text.len() <= MOST_DIGITS
        && !text.starts_with('0')
        && text.bytes().all(|it| it.is_ascii_digit());
    if is_plain { text.parse().ok() } else { None }
}

impl fmt::Display for Size {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}x{}", self.width, self.height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_sizes_are_taken() {
        for text in ["1x1", "300x250", "99999x10000"] {
            assert_eq!(text.parse::<Size>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "x",
            "300",
            "300x",
            "x250",
            "0x1",
            "1x0",
            "0300x250",
            "+300x250",
            "300x-250",
            "300X250",
            "300x250x1",
            "300.0x250",
            " 300x250",
            "100000x1",
            "３00x250",
        ] {
            assert_eq!(text.parse::<Size>(), Err(InvalidSize(text.to_owned())), "{text}");
        }
    }
}
