//! The address that a click leads to.

use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;

use thiserror::Error;

/// The placeholder for the id of the click.
const PLACEHOLDER: &str = "{click_id}";

/// The address that a banner's clicks lead to: `http` or `https`, a host, perhaps a port, and the rest
/// in printable ASCII, at most 2048 bytes.
///
/// Quotes, angle brackets, backslashes, spaces and letters beyond ASCII must be percent-encoded, and
/// hosts beyond ASCII must be in Punycode. A user and a password are refused, because browsers show
/// them as if they were the host.
///
/// The placeholder `{click_id}` becomes the id of each click, so that the landing page can report what
/// the click earned. Other braces are refused, because nobody would notice a misspelled placeholder.
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
    /// The longest landing URL, in bytes.
    pub const LONGEST: usize = 2048;

    /// Returns the address for one click, in ASCII, as a `Location` header has it. The id is inserted as
    /// it is, so it should need no encoding in a URL.
    pub fn of_click(&self, click_id: &str) -> String {
        self.0.replace(PLACEHOLDER, click_id)
    }

    /// Returns the address as it was written, with its placeholder.
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
        if text.len() > Self::LONGEST {
            return Err(InvalidLandingUrl::TooLong);
        }
        let (scheme, rest) = text.split_once("://").ok_or(InvalidLandingUrl::Scheme)?;
        if !["http", "https"].iter().any(|it| it.eq_ignore_ascii_case(scheme)) {
            return Err(InvalidLandingUrl::Scheme);
        }
        let (authority, tail) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let (is_host, port) = if let Some(bracketed) = authority.strip_prefix('[') {
            let (address, port) = bracketed.split_once(']').ok_or(InvalidLandingUrl::Host)?;
            (address.parse::<Ipv6Addr>().is_ok(), port)
        } else {
            let host_ends = authority.find(':').unwrap_or(authority.len());
            let (host, port) = authority.split_at(host_ends);
            (host.split('.').all(is_label), port)
        };
        if !is_host {
            return Err(InvalidLandingUrl::Host);
        }
        if !port.is_empty() && !port.strip_prefix(':').is_some_and(is_port) {
            return Err(InvalidLandingUrl::Port);
        }
        let unfilled = tail.replace(PLACEHOLDER, "");
        if unfilled.contains(['{', '}']) {
            return Err(InvalidLandingUrl::Placeholder);
        }
        let is_allowed = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\".contains(&byte);
        if !unfilled.bytes().all(is_allowed) {
            return Err(InvalidLandingUrl::Character);
        }
        Ok(Self(text.to_owned()))
    }
}

/// Returns true if a text can be a part of a host's name between dots.
fn is_label(label: &str) -> bool {
    let fits_inside = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let fits_edge = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = label.as_bytes();
    fits_edge(bytes.first()) && fits_edge(bytes.last()) && bytes.iter().copied().all(fits_inside)
}

/// Returns true if a text can be a port.
fn is_port(port: &str) -> bool {
    let has_digits_only = port.bytes().all(|byte| byte.is_ascii_digit());
    let is_short = (1..=4).contains(&port.len()) || port.len() == 5 && !port.starts_with('0');
    has_digits_only && is_short && port.parse::<u16>().is_ok()
}

/// Why a text is not a landing URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidLandingUrl {
    /// It does not begin with `http://` or `https://`.
    #[error("a landing URL begins with http:// or https://")]
    Scheme,
    /// It has no host, or a malformed one.
    #[error(
        "a landing URL names a host after its scheme, in ASCII (other hosts are written in Punycode), \
         without user and password"
    )]
    Host,
    /// Its port is malformed.
    #[error("the port of a landing URL is a number up to 65535")]
    Port,
    /// A character after the host should be percent-encoded.
    #[error(
        "a landing URL has only printable ASCII: other characters, spaces, quotes, angle brackets and \
         backslashes are percent-encoded"
    )]
    Character,
    /// It has a brace outside of `{click_id}`.
    #[error(
        "{{click_id}} is the only placeholder of a landing URL, and nothing else stands in braces"
    )]
    Placeholder,
    /// It is longer than 2048 bytes.
    #[error("a landing URL has at most 2048 characters")]
    TooLong,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn web_addresses_are_landing_urls() {
        for url in [
            "http://localhost",
            "https://example.com/",
            "https://shop.example.com:8443/a/b?c={click_id}&d=%C3%A4#top",
            "https://xn--bcher-kva.example?x",
            "http://10.0.0.1:65535/",
            "Https://Shop.example/",
            "http://[2001:db8::1]:8080/?{click_id}",
            "https://my_shop.example/{click_id}/{click_id}#|~",
        ] {
            assert_eq!(
                url.parse::<LandingUrl>().map(|parsed| parsed.to_string()),
                Ok(url.to_owned())
            );
        }
    }

    #[test]
    fn other_texts_are_refused_with_their_reason() {
        use InvalidLandingUrl::{Character, Host, Placeholder, Port, Scheme, TooLong};
        let long = format!("https://example.com/{}", "a".repeat(2048));
        for (text, expected) in [
            ("", Scheme),
            ("example.com", Scheme),
            ("//example.com", Scheme),
            (" https://example.com", Scheme),
            ("javascript:alert(1)", Scheme),
            ("javascript://example.com/%0aalert(1)", Scheme),
            ("data:text/html,x", Scheme),
            ("ftp://example.com", Scheme),
            ("https://", Host),
            ("https:///x", Host),
            ("https://-a.com", Host),
            ("https://_shop.example/", Host),
            ("https://a..example/", Host),
            ("https://a b.example/", Host),
            ("https://bücher.example/", Host),
            ("https://{click_id}.example/", Host),
            ("https://[example.com]/", Host),
            ("https://[.]/", Host),
            ("https://[::::]/", Host),
            ("https://[::1", Host),
            ("https://user@example.com/", Host),
            ("https://example.com\\@evil.example", Host),
            ("https://example.com\r\nSet-Cookie: a=b", Host),
            ("https://user:password@example.com/", Port),
            ("https://[::1]x/", Port),
            ("https://example.com:/", Port),
            ("https://example.com:65536/", Port),
            ("https://example.com:00080/", Port),
            ("https://example.com/?c={clickid}", Placeholder),
            ("https://example.com/?c={click_id", Placeholder),
            ("https://example.com/?c={click_{click_id}id}", Placeholder),
            ("https://example.com/a b", Character),
            ("https://example.com/größe", Character),
            ("https://example.com/\r\nSet-Cookie: a=b", Character),
            ("https://example.com/\u{0}", Character),
            ("https://example.com/<script>", Character),
            (&long, TooLong),
        ] {
            assert_eq!(text.parse::<LandingUrl>(), Err(expected), "{text}");
        }
    }

    #[test]
    fn every_placeholder_of_a_click_is_filled() {
        let url: LandingUrl = "https://a.example/{click_id}?c={click_id}".parse().unwrap();
        assert_eq!(url.of_click("7"), "https://a.example/7?c=7");
    }
}
