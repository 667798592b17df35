//! Where a click leads.

use std::{
    fmt::{self, Write},
    str::FromStr,
};

use thiserror::Error;

/// The longest landing URL, in bytes.
const LONGEST: usize = 2048;

/// Stands for the id of the click.
const PLACEHOLDER: &str = "{click_id}";

/// The address that a banner's clicks lead to: `http` or `https`, with a host, without control
/// characters, at most 2048 bytes.
///
/// `{click_id}` in it becomes the id of each click, so that the landing page can report what the
/// click earned. There are no other placeholders.
///
/// ```
/// use bams_domain::{InvalidLandingUrl, LandingUrl};
///
/// let url: LandingUrl = "https://shop.example/shoes?ref={click_id}".parse()?;
/// assert_eq!(url.of_click("0198-7"), "https://shop.example/shoes?ref=0198-7");
/// assert_eq!("javascript:alert(1)".parse::<LandingUrl>(), Err(InvalidLandingUrl::Scheme));
/// # Ok::<(), InvalidLandingUrl>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LandingUrl(String);

impl LandingUrl {
    /// The address for one click, in ASCII, as it stands in a `Location` header.
    ///
    /// Letters beyond ASCII and spaces are percent-encoded. The id should need no encoding in a URL.
    ///
    /// ```
    /// use bams_domain::LandingUrl;
    ///
    /// let url: LandingUrl = "https://shop.example/Schuhe größe".parse().unwrap();
    /// assert_eq!(url.of_click("1"), "https://shop.example/Schuhe%20gr%C3%B6%C3%9Fe");
    /// ```
    pub fn of_click(&self, click_id: &str) -> String {
        let mut address = String::with_capacity(self.0.len() + click_id.len());
        for byte in self.0.replace(PLACEHOLDER, click_id).bytes() {
            if byte.is_ascii_graphic() {
                address.push(char::from(byte));
            } else {
                // Writing to a string cannot fail.
                let _ = write!(address, "%{byte:02X}");
            }
        }
        address
    }

    /// The address as it was written, with its placeholder.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LandingUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for LandingUrl {
    type Err = InvalidLandingUrl;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > LONGEST {
            return Err(InvalidLandingUrl::TooLong);
        }
        if text.chars().any(char::is_control) {
            return Err(InvalidLandingUrl::ControlCharacter);
        }
        let (scheme, rest) = text.split_once("://").ok_or(InvalidLandingUrl::Scheme)?;
        if !["http", "https"].iter().any(|it| it.eq_ignore_ascii_case(scheme)) {
            return Err(InvalidLandingUrl::Scheme);
        }
        let host = rest.split(['/', '\\', '?', '#']).next().unwrap_or_default();
        let unusual = |it: char| it.is_whitespace() || "{}<>\"".contains(it);
        if host.is_empty() || host.contains(unusual) {
            return Err(InvalidLandingUrl::Host);
        }
        Ok(Self(text.to_owned()))
    }
}

/// Why a text is no landing URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidLandingUrl {
    /// It does not begin with `http://` or `https://`.
    #[error("a landing URL begins with http:// or https://")]
    Scheme,
    /// It names no host, or one that cannot be.
    #[error("a landing URL names a host after its scheme")]
    Host,
    /// It contains a line break or another control character.
    #[error("a landing URL has no control characters")]
    ControlCharacter,
    /// It is longer than 2048 bytes.
    #[error("a landing URL has at most 2048 bytes")]
    TooLong,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_are_landing_urls() {
        use InvalidLandingUrl::{ControlCharacter, Host, Scheme, TooLong};
        let long = format!("https://a.example/{}", "x".repeat(2048));
        for (text, expected) in [
            ("http://a.example", None),
            ("HTTPS://user@a.example:8443/x?y={click_id}#z", None),
            ("https://[::1]/", None),
            ("https://bücher.example/", None),
            ("//a.example/", Some(Scheme)),
            ("/relative", Some(Scheme)),
            ("", Some(Scheme)),
            ("javascript://a.example/%0aalert(1)", Some(Scheme)),
            (" https://a.example", Some(Scheme)),
            ("https://", Some(Host)),
            ("https:///path", Some(Host)),
            ("https://{click_id}.example/", Some(Host)),
            ("https://a b.example/", Some(Host)),
            ("https://a.example/\r\nSet-Cookie: a=b", Some(ControlCharacter)),
            (&long, Some(TooLong)),
        ] {
            assert_eq!(text.parse::<LandingUrl>().err(), expected, "{text}");
        }
    }

    #[test]
    fn every_placeholder_of_a_click_is_filled_and_no_other() {
        let url: LandingUrl =
            "https://a.example/{click_id}?c={click_id}&d={other}".parse().unwrap();
        assert_eq!(url.of_click("7"), "https://a.example/7?c=7&d={other}");
    }
}
