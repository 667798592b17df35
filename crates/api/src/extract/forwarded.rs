//! What proxies say for whom they ask, in the headers that they use.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use actix_web::http::header::{HeaderMap, HeaderName};

/// What a proxy says whom it saw; `None` if that is no address.
pub(super) type SeenAddress = Option<IpAddr>;

/// Reads `X-Forwarded-For`, and `X-Real-IP`, which is such a list of one, from the nearest proxy on.
pub(super) fn list(headers: &HeaderMap, name: &HeaderName) -> Vec<SeenAddress> {
    elements(headers, name, address)
}

/// Reads `Forwarded` (RFC 7239) from the nearest proxy on.
pub(super) fn forwarded(headers: &HeaderMap, name: &HeaderName) -> Vec<SeenAddress> {
    elements(headers, name, |element| {
        let pairs = from_the_right(element, ';').into_iter();
        let mut named = pairs.filter_map(|pair| {
            let (name, value) = pair.trim().split_once('=')?;
            name.eq_ignore_ascii_case("for").then_some(value)
        });
        match (named.next(), named.next()) {
            (Some(value), None) => address(value),
            _ => None,
        }
    })
}

/// Reads what stands between commas. Each proxy adds at the end whom it saw.
fn elements(
    headers: &HeaderMap,
    name: &HeaderName,
    read: impl Fn(&str) -> SeenAddress,
) -> Vec<SeenAddress> {
    let values: Vec<_> = headers.get_all(name).collect();
    let texts = values.into_iter().rev().map(|value| value.to_str().unwrap_or_default());
    texts.flat_map(|text| from_the_right(text, ',')).map(read).collect()
}

/// Splits a text outside of quotes, from the right: what is left of that was written by somebody further
/// away, whose open quote must not swallow it.
fn from_the_right(text: &str, separator: char) -> Vec<&str> {
    let (mut pieces, mut end, mut quoted) = (Vec::new(), text.len(), false);
    for (at, sign) in text.char_indices().rev() {
        if sign == '"' && !text[..at].ends_with('\\') {
            quoted = !quoted;
        } else if sign == separator && !quoted {
            pieces.push(&text[at + sign.len_utf8()..end]);
            end = at;
        }
    }
    pieces.push(&text[..end]);
    pieces
}

/// Reads an address as proxies write it: in quotes, with brackets, zone and port, or bare.
fn address(text: &str) -> SeenAddress {
    let written = text.trim();
    let bare = match written.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"')?.trim(),
        None => written,
    };
    let address = match bare.strip_prefix('[') {
        Some(rest) => {
            let (address, port) = rest.split_once(']')?;
            let ported = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
            IpAddr::V6(version_6(address).filter(|_| ported)?)
        }
        None => match bare.split_once(':') {
            Some((address, port)) if !port.contains(':') => {
                IpAddr::V4(address.parse::<Ipv4Addr>().ok().filter(|_| is_port(port))?)
            }
            Some(_) => IpAddr::V6(version_6(bare)?),
            None => IpAddr::V4(bare.parse().ok()?),
        },
    };
    let canonical = address.to_canonical();
    (!canonical.is_unspecified()).then_some(canonical)
}

/// Reads an IPv6 address, with or without the name of the interface that it is valid on.
fn version_6(text: &str) -> Option<Ipv6Addr> {
    let (address, zone) = text.split_once('%').map_or((text, None), |(it, zone)| (it, Some(zone)));
    if zone.is_some_and(str::is_empty) {
        return None;
    }
    address.parse().ok()
}

/// Returns whether a text is a port, or stands for one that the proxy keeps to itself.
fn is_port(text: &str) -> bool {
    match text.strip_prefix('_') {
        Some(name) => {
            let allowed = |it: u8| it.is_ascii_alphanumeric() || b"._-".contains(&it);
            !name.is_empty() && name.bytes().all(allowed)
        }
        None => text.bytes().all(|it| it.is_ascii_digit()) && text.parse::<u16>().is_ok(),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{FORWARDED, HeaderValue};

    use super::*;

    /// Returns what the header says, or `-` where it is no address.
    fn said(name: &HeaderName, texts: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for text in texts {
            headers.append(name.clone(), HeaderValue::from_bytes(text.as_bytes()).unwrap());
        }
        let seen = if *name == FORWARDED { forwarded } else { list }(&headers, name);
        let seen = seen.iter().map(|it| it.map_or("-".to_owned(), |it| it.to_string()));
        seen.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn addresses_are_read_as_proxies_write_them() {
        let name = HeaderName::from_static("x-forwarded-for");
        for (text, expected) in [
            ("198.51.100.1", "198.51.100.1"),
            ("  198.51.100.1\t", "198.51.100.1"),
            ("198.51.100.1:4711", "198.51.100.1"),
            ("\"198.51.100.1\"", "198.51.100.1"),
            ("\"198.51.100.1:80\"", "198.51.100.1"),
            ("2001:db8::1", "2001:db8::1"),
            ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("\"[2001:db8::1]:443\"", "2001:db8::1"),
            ("\"2001:db8::1\"", "2001:db8::1"),
            ("fe80::1%eth0", "fe80::1"),
            ("[fe80::1%25eth0]:80", "fe80::1"),
            ("::ffff:198.51.100.1", "198.51.100.1"),
            ("[::ffff:198.51.100.1]:80", "198.51.100.1"),
            ("198.51.100.1:_hidden", "198.51.100.1"),
            ("", "-"),
            ("unknown", "-"),
            ("_hidden", "-"),
            ("nonsense", "-"),
            ("198.51.100", "-"),
            ("198.51.100.1:", "-"),
            ("198.51.100.1:70000", "-"),
            ("198.51.100.1:+80", "-"),
            ("[198.51.100.1]", "-"),
            ("[2001:db8::1", "-"),
            ("[2001:db8::1]443", "-"),
            ("[2001:db8::1]:", "-"),
            ("fe80::1%", "-"),
            ("\"198.51.100.1", "-"),
            ("0.0.0.0", "-"),
            ("::", "-"),
            ("198.51.100.1 198.51.100.2", "-"),
            ("\u{fc}", "-"),
            ("192.0.2.9, 198.51.100.1", "198.51.100.1 192.0.2.9"),
            ("192.0.2.9,, 198.51.100.1,", "- 198.51.100.1 - 192.0.2.9"),
        ] {
            assert_eq!(said(&name, &[text]), expected, "{text}");
        }
        assert_eq!(said(&name, &["1.1.1.1", "2.2.2.2, 3.3.3.3"]), "3.3.3.3 2.2.2.2 1.1.1.1");
    }

    #[test]
    fn the_standard_header_is_read_as_the_standard_says() {
        for (text, expected) in [
            ("for=192.0.2.60;proto=http;by=203.0.113.43", "192.0.2.60"),
            ("For=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17"),
            ("proto=https; FOR=192.0.2.60", "192.0.2.60"),
            ("for=192.0.2.43, for=\"[2001:db8:cafe::17]\"", "2001:db8:cafe::17 192.0.2.43"),
            ("for=192.0.2.43;host=\"a,b;for=1.2.3.4\"", "192.0.2.43"),
            ("for=192.0.2.43;host=\"a\\\",b\"", "192.0.2.43"),
            ("for=_hidden, for=192.0.2.43", "192.0.2.43 -"),
            ("for=unknown", "-"),
            ("for=\"_gazonk\"", "-"),
            ("proto=https", "-"),
            ("192.0.2.43", "-"),
            ("for=192.0.2.43;for=192.0.2.44", "-"),
            ("for=", "-"),
            ("", "-"),
            // Whoever wrote the left part hides nothing of what a proxy added.
            ("for=\"1.1.1.1, for=192.0.2.43", "192.0.2.43 -"),
        ] {
            assert_eq!(said(&FORWARDED, &[text]), expected, "{text}");
        }
        assert_eq!(said(&FORWARDED, &["for=1.1.1.1", "for=2.2.2.2"]), "2.2.2.2 1.1.1.1");
    }
}
