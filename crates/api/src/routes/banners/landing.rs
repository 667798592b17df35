//! Where a click leads: which URLs can be saved.

use std::net::Ipv6Addr;
use std::sync::LazyLock;

use regex::Regex;

/// The longest landing URL, in bytes.
const LONGEST: usize = 2048;

/// http or https, a host, perhaps a port, and printable ASCII without quotes, angle brackets,
/// braces, backslashes and spaces. Other characters are percent-encoded, other hosts written in
/// Punycode. `{click_id}` stands for the click's id, and nothing else stands in braces: a placeholder
/// that is spelled wrongly would never be noticed.
pub(crate) const PATTERN: &str = r"^[Hh][Tt][Tt][Pp][Ss]?://(\[[0-9A-Fa-f:.]+\]|([A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?\.)*[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?)(:([0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?([/?#]([!#-;=?-\[\]-z|~]|\{click_id\})*)?$";

#[expect(clippy::unwrap_used, reason = "the pattern is a constant, and a test compiles it")]
static LANDING_URL: LazyLock<Regex> = LazyLock::new(|| Regex::new(PATTERN).unwrap());

/// Whether a click may lead there, else why not.
pub(super) fn check(url: &str) -> Result<(), &'static str> {
    if url.len() > LONGEST {
        return Err("a landing URL has at most 2048 characters");
    }
    if LANDING_URL.is_match(url) && address(url).is_none_or(|it| it.parse::<Ipv6Addr>().is_ok()) {
        return Ok(());
    }
    Err(
        "a landing URL begins with http:// or https:// and a host, without user and password; other \
         characters than printable ASCII are percent-encoded, and {click_id} is the only placeholder",
    )
}

/// What stands in brackets where a URL that fits the pattern has its host.
fn address(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    rest.strip_prefix('[')?.split(']').next()
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
            assert_eq!(check(url), Ok(()), "{url}");
        }
    }

    #[test]
    fn nobody_is_sent_elsewhere() {
        let long = format!("https://example.com/{}", "a".repeat(2048));
        for url in [
            "",
            "example.com",
            "//example.com",
            "javascript:alert(1)",
            "data:text/html,x",
            "ftp://example.com",
            "https://[example.com]/",
            "https://[.]/",
            "https://[::::]/",
            "https://_shop.example/",
            "https://example.com/?c={clickid}",
            "https://example.com/?c={click_id",
            "https://",
            "https:///x",
            "https://-a.com",
            "https://user:password@example.com/",
            "https://example.com:65536/",
            "https://example.com/a b",
            "https://example.com/\r\nSet-Cookie: a=b",
            "https://example.com/\u{0}",
            "https://example.com\\@evil.example",
            "https://example.com/<script>",
            "https://bücher.example/",
            &long,
        ] {
            assert!(check(url).is_err(), "{url}");
        }
    }
}
