//! The address that a click leads to.

use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;

use thiserror::Error;

use crate::placeholder::{NAMES, canonical};
use crate::{BannerId, CampaignId};

/// The address that a banner's clicks lead to: `http` or `https`, a host, perhaps a port, and the rest
/// in printable ASCII, at most 2048 bytes.
///
/// Quotes, angle brackets, backslashes, spaces and letters beyond ASCII must be percent-encoded, and
/// hosts beyond ASCII must be in Punycode. A user and a password are refused, because browsers show
/// them as if they were the host.
///
/// The placeholder `{click_id}` becomes the id of each click, so that the landing page can report what
/// the click earned; `{banner_id}`, `{campaign_id}`, `{decision_id}` and `{timestamp}` say more. They are
/// taken in any case and percent-encoded, as address bars write them, and kept as they stand here. What
/// means one of them in the manner of another program, such as `[click_id]`, and other braces are
/// refused, because nobody would notice a placeholder that is never filled.
///
/// ```
/// use bams_domain::{BannerId, CampaignId, FollowedClick, InvalidLandingUrl, LandingUrl};
///
/// let url: LandingUrl = "https://shop.example/%7Bbanner_id%7D?ref={click_id}".parse()?;
/// let click = FollowedClick {
///     click_id: "0198-7",
///     banner: BannerId(7),
///     campaign: CampaignId(1),
///     decision_id: "0198",
///     unix_seconds: 1_767_261_600,
/// };
/// assert_eq!(url.as_str(), "https://shop.example/{banner_id}?ref={click_id}");
/// assert_eq!(url.of_click(&click), "https://shop.example/7?ref=0198-7");
/// assert_eq!("javascript:alert(1)".parse::<LandingUrl>(), Err(InvalidLandingUrl::Scheme));
/// # Ok::<(), InvalidLandingUrl>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LandingUrl(String);

/// What a landing page can be told of the click that led to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct FollowedClick<'a> {
    /// The id of the click, which needs no encoding in a URL.
    pub click_id: &'a str,
    /// The banner that was clicked.
    pub banner: BannerId,
    /// The campaign that showed it.
    pub campaign: CampaignId,
    /// The id of the decision that showed it, which needs no encoding in a URL.
    pub decision_id: &'a str,
    /// The moment of the click.
    pub unix_seconds: i64,
}

impl FollowedClick<'_> {
    /// Returns what takes the place of each placeholder, in the order of [`NAMES`].
    fn values(&self) -> [String; NAMES.len()] {
        [
            self.click_id.to_owned(),
            self.banner.to_string(),
            self.campaign.to_string(),
            self.decision_id.to_owned(),
            self.unix_seconds.to_string(),
        ]
    }
}

impl LandingUrl {
    /// The longest landing URL, in bytes.
    pub const LONGEST: usize = 2048;

    /// Parses an address that was saved by an earlier version, which took what only looks like a
    /// placeholder. That leads on as it is.
    ///
    /// ```
    /// use bams_domain::LandingUrl;
    ///
    /// let saved = "https://shop.example/?at=[timestamp]";
    /// assert!(saved.parse::<LandingUrl>().is_err());
    /// assert_eq!(LandingUrl::of_saved(saved)?.as_str(), saved);
    /// # Ok::<(), bams_domain::InvalidLandingUrl>(())
    /// ```
    pub fn of_saved(text: &str) -> Result<Self, InvalidLandingUrl> {
        parsed(text, |tail| Ok(canonical(tail).unwrap_or_else(|| tail.to_owned())))
    }

    /// Returns the address for one click, in ASCII, as a `Location` header has it.
    pub fn of_click(&self, click: &FollowedClick<'_>) -> String {
        if !self.0.contains('{') {
            return self.0.clone();
        }
        let values = NAMES.into_iter().zip(click.values());
        values
            .fold(self.0.clone(), |url, (name, value)| url.replace(&format!("{{{name}}}"), &value))
    }

    /// Returns the address with its placeholders.
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
        parsed(text, |tail| canonical(tail).ok_or(InvalidLandingUrl::Placeholder))
    }
}

/// Parses an address, of which `with_placeholders` checks what follows the host.
fn parsed(
    text: &str,
    with_placeholders: impl Fn(&str) -> Result<String, InvalidLandingUrl>,
) -> Result<LandingUrl, InvalidLandingUrl> {
    if text.len() > LandingUrl::LONGEST {
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
    let tail = with_placeholders(tail)?;
    let is_allowed = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\".contains(&byte);
    if !tail.bytes().all(is_allowed) {
        return Err(InvalidLandingUrl::Character);
    }
    Ok(LandingUrl(format!("{scheme}://{authority}{tail}")))
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
    /// It has something that looks like a placeholder, and is none.
    #[error(
        "the placeholders of a landing URL are written {{click_id}}, {{banner_id}}, {{campaign_id}}, \
         {{decision_id}} and {{timestamp}}: nothing else stands in braces, and none of them in other signs"
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
            ("https://example.com/[click_id]", Placeholder),
            (&long, TooLong),
        ] {
            assert_eq!(text.parse::<LandingUrl>(), Err(expected), "{text}");
        }
    }

    #[test]
    fn every_placeholder_of_a_click_is_filled() {
        let url = "https://a.example/{click_id}?c=%7BCLICK_ID%7D&b={banner_id}&d={decision_id}\
                   &t={timestamp}#{campaign_id}";
        let click = FollowedClick {
            click_id: "8-7",
            banner: BannerId(7),
            campaign: CampaignId(12),
            decision_id: "8",
            unix_seconds: 60,
        };
        let url: LandingUrl = url.parse().unwrap();
        assert_eq!(url.of_click(&click), "https://a.example/8-7?c=8-7&b=7&d=8&t=60#12");
    }
}
