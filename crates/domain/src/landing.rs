//! Where a click leads.

use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;

use thiserror::Error;

/// The longest landing URL, in bytes.
const LONGEST: usize = 2048;

/// Stands for the id of the click.
const PLACEHOLDER: &str = "{click_id}";

/// The address that a banner's clicks lead to: `http` or `https`, a host, perhaps a port, and what
/// follows in printable ASCII, at most 2048 bytes.
///
/// Quotes, angle brackets, backslashes and spaces are percent-encoded, like letters beyond ASCII; other
/// hosts are written in Punycode. A user and a password are refused: browsers show them as if they were the
/// host.
///
/// `{click_id}` becomes the id of each click, so that the landing page can report what the click
/// earned. Nothing else stands in braces: a placeholder that is spelled wrongly would never be noticed.
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
    /// The address for one click, in ASCII, as it stands in a `Location` header. The id should need no
    /// encoding in a URL.
    pub fn of_click(&self, click_id: &str) -> String {
        self.0.replace(PLACEHOLDER, click_id)
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
        let (scheme, rest) = text.split_once("://").ok_or(InvalidLandingUrl::Scheme)?;
        if !["http", "https"].iter().any(|it| it.eq_ignore_ascii_case(scheme)) {
            return Err(InvalidLandingUrl::Scheme);
        }
        let (authority, tail) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let (host_fits, port) = if let Some(bracketed) = authority.strip_prefix('[') {
            let (address, port) = bracketed.split_once(']').ok_or(InvalidLandingUrl::Host)?;
            (address.parse::<Ipv6Addr>().is_ok(), port)
        } else {
            let host_ends = authority.find(':').unwrap_or(authority.len());
            let (host, port) = authority.split_at(host_ends);
            (host.split('.').all(is_label), port)
        };
        if !host_fits {
            return Err(InvalidLandingUrl::Host);
        }
        if !port.is_empty() && !port.strip_prefix(':').is_some_and(is_port) {
            return Err(InvalidLandingUrl::Port);
        }
        let tail = tail.replace(PLACEHOLDER, "");
        if tail.contains(['{', '}']) {
            return Err(InvalidLandingUrl::Placeholder);
        }
        if !tail.bytes().all(|it| it.is_ascii_graphic() && !b"\"<>\\".contains(&it)) {
            return Err(InvalidLandingUrl::Character);
        }
        Ok(Self(text.to_owned()))
    }
}

/// Whether a part of a host's name may stand between dots.
fn is_label(label: &str) -> bool {
    let inside = |it: u8| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'_');
    let edge = |it: Option<&u8>| it.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = label.as_bytes();
    edge(bytes.first()) && edge(bytes.last()) && bytes.iter().copied().all(inside)
}

fn is_port(port: &str) -> bool {
    let digits = port.bytes().all(|it| it.is_ascii_digit());
    let length = (1..=4).contains(&port.len()) || port.len() == 5 && !port.starts_with('0');
    digits && length && port.parse::<u16>().is_ok()
}

/// Why a text is no landing URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidLandingUrl {
    /// It does not begin with `http://` or `https://`.
    #[error("a landing URL begins with http:// or https://")]
    Scheme,
    /// It names no host, or one that cannot be.
    #[error(
        "a landing URL names a host after its scheme, in ASCII (other hosts are written in Punycode), \
         without user and password"
    )]
    Host,
    /// It names a port that cannot be.
    #[error("the port of a landing URL is a number up to 65535")]
    Port,
    /// Something after the host is not percent-encoded.
    #[error(
        "a landing URL has only printable ASCII: other characters, spaces, quotes, angle brackets and \
         backslashes are percent-encoded"
    )]
    Character,
    /// It has a brace that belongs to no `{click_id}`.
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
    fn browsers_can_be_sent_there() {
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
            assert_eq!(url.parse::<LandingUrl>().map(|it| it.to_string()), Ok(url.to_owned()));
        }
    }

    #[test]
    fn nobody_is_sent_elsewhere() {
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
