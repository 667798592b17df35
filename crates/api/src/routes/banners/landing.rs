//! Where a click leads, as the document says it.

use bams_domain::LandingUrl;

/// The longest landing URL, in characters.
pub(super) const LONGEST: usize = LandingUrl::LONGEST;

/// The pattern of [`LandingUrl`]. It takes more than that in brackets, where a
/// pattern cannot tell an IPv6 address.
pub(super) const PATTERN: &str = r"^[Hh][Tt][Tt][Pp][Ss]?://(\[[0-9A-Fa-f:.]+\]|([A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?\.)*[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?)(:([0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?([/?#]([!#-;=?-\[\]-z|~]|\{(click_id|banner_id|campaign_id|decision_id|timestamp)\})*)?$";

#[cfg(test)]
mod tests {
    use std::net::Ipv6Addr;

    use regex::Regex;

    use super::{LandingUrl, PATTERN};

    const SCHEMES: [&str; 7] =
        ["http://", "HTTPS://", "https:/", "ftp://", "//", " http://", "http://https://"];

    const HOSTS: [&str; 22] = [
        "a",
        "a.example",
        "A-1.b_c.example",
        "10.0.0.1",
        "[::1]",
        "[2001:db8::1]",
        "[::ffff:1.2.3.4]",
        "[.]",
        "[::::]",
        "[a.example]",
        "[::1",
        "",
        ".",
        "a.",
        "-a",
        "a-",
        "_a",
        "a..b",
        "ä.example",
        "a b",
        "u@a",
        "u:p@a",
    ];

    const PORTS: [&str; 12] = [
        "", ":", ":0", ":80", ":0080", ":00080", ":65535", ":65536", ":99999", ":123456", ":x",
        ":+1",
    ];

    const TAILS: [&str; 24] = [
        "",
        "/",
        "/a/b",
        "?c={click_id}",
        "#d",
        "?{banner_id}&{campaign_id}&{decision_id}&{timestamp}",
        "?c=%7Bclick_id%7D",
        "/{click_id}{click_id}",
        "/{clickid}",
        "/{click_id",
        "/click_id}",
        "/{click_{click_id}id}",
        "/|~!$&'()*+,;=:@%C3%A4[]`^_",
        "/\"",
        "/<",
        "/>",
        "/\\",
        "/ ",
        "/\t",
        "/\r\n",
        "/\u{7f}",
        "/ä",
        "x",
        "/\n",
    ];

    /// Returns true unless the URL has brackets around something else than an IPv6 address.
    fn address_fits(url: &str) -> bool {
        let rest = url.split_once("://").and_then(|(_, rest)| rest.strip_prefix('['));
        let address = rest.and_then(|it| it.split(']').next());
        address.is_none_or(|it| it.parse::<Ipv6Addr>().is_ok())
    }

    #[test]
    fn the_pattern_takes_what_the_rule_takes() {
        let pattern = Regex::new(PATTERN).unwrap();
        let mut taken = 0;
        for scheme in SCHEMES {
            for host in HOSTS {
                for port in PORTS {
                    for tail in TAILS {
                        let url = format!("{scheme}{host}{port}{tail}");
                        let by_rule = url.parse::<LandingUrl>().is_ok();
                        let by_pattern = pattern.is_match(&url) && address_fits(&url);
                        assert_eq!(by_pattern, by_rule, "{url:?}");
                        taken += u32::from(by_rule);
                    }
                }
            }
        }
        assert!(taken > 500, "{taken}");
    }
}
