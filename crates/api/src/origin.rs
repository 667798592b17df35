//! Web origins, and patterns of them.

/// The pages of the machine on which somebody tries something out.
pub(crate) const LOOPBACK: [&str; 3] =
    ["http://localhost:*", "http://127.0.0.1:*", "http://[::1]:*"];

/// Returns true if a text is scheme, host and perhaps port, as browsers write origins.
pub(crate) fn is_origin(text: &str) -> bool {
    let allowed = |byte: u8| is_of_host(byte) || b":[]".contains(&byte);
    let host = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    host.is_some_and(|host| !host.is_empty() && host.bytes().all(allowed))
}

/// Returns true if a byte can be part of a host's name.
fn is_of_host(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_".contains(&byte)
}

/// Splits an address into its origin and its path, which begins with a slash or is empty.
pub(crate) fn split(address: &str) -> (&str, &str) {
    let host = address.find("://").map_or(0, |scheme| scheme + 3);
    let path = address[host..].find('/').map_or(address.len(), |length| host + length);
    address.split_at(path)
}

/// A pattern of origins: an origin, of which the host may begin with `*.` and the port may be `*`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OriginPattern<'a> {
    scheme: &'a str,
    /// True if any name below the host fits, instead of the host itself.
    below: bool,
    host: &'a str,
    /// With its colon, or empty. `None` fits any port.
    port: Option<&'a str>,
}

impl<'a> OriginPattern<'a> {
    /// Reads a pattern. `None` for what is none, or fits the names of strangers, such as `https://*.com`.
    pub(crate) fn of(text: &'a str) -> Option<Self> {
        let (whole, port) = match text.strip_suffix(":*") {
            Some(whole) => (whole, None),
            None => (text, Some("")),
        };
        let (scheme, host) = whole.split_once("://")?;
        let (below, host) = host.strip_prefix("*.").map_or((false, host), |host| (true, host));
        let is_ours = !below || (host.contains('.') && !host.contains('['));
        let (host, own_port) = split_port(host);
        let port = port.map(|_| own_port);
        let is_valid = is_origin(&format!("{scheme}://{host}{own_port}"));
        (is_valid && is_ours && (port.is_some() || own_port.is_empty())).then_some(Self {
            scheme,
            below,
            host,
            port,
        })
    }

    /// Returns true if an origin, as a browser sends it, fits.
    pub(crate) fn fits(&self, origin: &str) -> bool {
        let Some((scheme, rest)) = origin.split_once("://") else { return false };
        let (host, port) = split_port(rest);
        let fits_host = if self.below {
            let name = host.strip_suffix(self.host).and_then(|it| it.strip_suffix('.'));
            name.is_some_and(|name| !name.is_empty() && name.bytes().all(is_of_host))
        } else {
            host == self.host
        };
        scheme == self.scheme && fits_host && self.port.is_none_or(|it| it == port)
    }

    /// Returns true if its pages may be of another site than an address, so that a browser sends them no
    /// cookie that is `SameSite=Lax`.
    ///
    /// Sites are told by the last two names of a host, or the last three where the second is short, as in
    /// `co.uk`: no list of all such endings is needed for advice.
    pub(crate) fn is_elsewhere(&self, address: &str) -> bool {
        let (origin, _) = split(address);
        let Some((scheme, host)) = origin.split_once("://") else { return false };
        let (host, _) = split_port(host);
        scheme != self.scheme || site(host) != site(self.host)
    }
}

/// Splits a host from its port, which begins with a colon or is empty.
fn split_port(host: &str) -> (&str, &str) {
    let name_ends = host.rfind(']').unwrap_or(0);
    let port = host[name_ends..].find(':').map_or(host.len(), |place| name_ends + place);
    host.split_at(port)
}

/// Returns the part of a host by which browsers tell sites. An address in numbers is one as a whole.
fn site(host: &str) -> &str {
    let names: Vec<usize> = host.rmatch_indices('.').map(|it| it.0).collect();
    let is_number = host.ends_with(']') || host.bytes().all(|it| it.is_ascii_digit() || it == b'.');
    let second = names.first().zip(names.get(1)).map_or(0, |(last, second)| last - second - 1);
    let whole = if (1..=3).contains(&second) { 2 } else { 1 };
    match names.get(whole) {
        Some(dot) if !is_number => &host[dot + 1..],
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_fits_its_own_origins_only() {
        for (pattern, fitting, others) in [
            (
                "https://shop.example.com",
                &["https://shop.example.com"][..],
                &["http://shop.example.com", "https://shop.example.com:8443", "null", ""][..],
            ),
            (
                "https://*.example.com",
                &["https://shop.example.com", "https://a.b.example.com"],
                &[
                    "https://example.com",
                    "https://.example.com",
                    "https://badexample.com",
                    "https://example.com.evil.example",
                    "https://evil.example/.example.com",
                    "http://shop.example.com",
                    "https://shop.example.com:444",
                ],
            ),
            (
                "https://*.example.com:8443",
                &["https://a.example.com:8443"],
                &["https://a.example.com"],
            ),
            (
                "http://localhost:*",
                &["http://localhost", "http://localhost:3000"],
                &["https://localhost:3000", "http://localhost.example:3000"],
            ),
            ("http://[::1]:*", &["http://[::1]:5173"], &["http://[::2]:5173"]),
        ] {
            let parsed = OriginPattern::of(pattern).unwrap();
            for origin in fitting {
                assert!(parsed.fits(origin), "{pattern} {origin}");
            }
            for origin in others {
                assert!(!parsed.fits(origin), "{pattern} {origin}");
            }
        }
    }

    #[test]
    fn a_pattern_of_strangers_is_none() {
        for text in [
            "*",
            "https://*",
            "https://*.com",
            "https://a.*.com",
            "https://a.example/x",
            "a.example",
            "https://a:1:*",
        ] {
            assert!(OriginPattern::of(text).is_none(), "{text}");
        }
    }

    #[test]
    fn other_sites_are_told_from_parts_of_the_same() {
        for (pattern, elsewhere) in [
            ("https://example.com", false),
            ("https://shop.example.com:8443", false),
            ("https://*.example.com", false),
            ("https://shop.example", true),
            ("http://example.com", true),
        ] {
            let parsed = OriginPattern::of(pattern).unwrap();
            assert_eq!(
                parsed.is_elsewhere("https://pictures.example.com/x"),
                elsewhere,
                "{pattern}"
            );
        }
        let differ = |pattern, address| OriginPattern::of(pattern).unwrap().is_elsewhere(address);
        assert!(differ("https://b.co.uk", "https://a.co.uk"));
        assert!(!differ("https://shop.a.co.uk", "https://a.co.uk"));
        assert!(differ("http://localhost:3000", "http://127.0.0.1:8000"));
        assert!(differ("http://127.0.0.1", "http://10.0.0.1"));
        assert!(!differ("http://127.0.0.1:3000", "http://127.0.0.1:8000"));
    }
}
