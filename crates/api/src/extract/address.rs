//! The address that a request comes from.

use std::net::{IpAddr, SocketAddr};

use actix_web::HttpRequest;
use actix_web::http::header::{FORWARDED, HeaderName};

use crate::config::Proxies;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Returns the address of the client, or `None` if it cannot be known.
///
/// Only our `proxies` are believed about other addresses; for other peers their own address counts.
/// If that address is private and forwards for somebody, it is a proxy that nobody listed, and the
/// client behind it is unknown. IPv6 addresses are cut to the 64 bits of one subscriber.
pub(crate) fn of(request: &HttpRequest, proxies: &Proxies) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip().to_canonical();
    if !proxies.contain(peer) {
        let forwards = [X_FORWARDED_FOR, FORWARDED];
        let forwards = forwards.iter().any(|name| request.headers().contains_key(name));
        return (is_public(peer) || !forwards).then(|| subscriber(peer));
    }
    let headers: Vec<_> = request.headers().get_all(X_FORWARDED_FOR).collect();
    let texts = headers.iter().rev().map(|it| it.to_str().unwrap_or_default());
    // From the right, because each proxy appends the address that it saw.
    let mut seen = peer;
    for text in texts.flat_map(|text| text.rsplit(',')) {
        // The rest, further left, was written by the client itself.
        let Some(address) = parse(text.trim()) else { break };
        seen = address;
        if !proxies.contain(address) {
            break;
        }
    }
    Some(subscriber(seen))
}

/// Parses an address, to which some proxies add the port.
fn parse(text: &str) -> Option<IpAddr> {
    let bare = text.parse().ok();
    let address = bare.or_else(|| Some(text.parse::<SocketAddr>().ok()?.ip()));
    address.map(|it| it.to_canonical())
}

/// Returns true for an address of the internet, false for one of this machine or a private network.
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(it) => {
            let shared = it.octets()[0] == 100 && it.octets()[1] & 0xC0 == 64;
            let here = it.is_loopback() || it.is_unspecified();
            !(here || it.is_private() || it.is_link_local() || shared)
        }
        IpAddr::V6(it) => {
            let here = it.is_loopback() || it.is_unspecified();
            !(here || it.is_unique_local() || it.is_unicast_link_local())
        }
    }
}

fn subscriber(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(it) if !it.is_loopback() => {
            IpAddr::V6((it.to_bits() & !u128::from(u64::MAX)).into())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn seen(proxies: &str, peer: &str, forwarded: &[&str]) -> Option<String> {
        let peer = format!("{peer}:1234").parse().unwrap();
        let request = TestRequest::default().peer_addr(peer);
        let add =
            |request: TestRequest, value: &&str| request.append_header(("x-forwarded-for", *value));
        let request = forwarded.iter().fold(request, add).to_http_request();
        of(&request, &Proxies::of(proxies).unwrap()).map(|it| it.to_string())
    }

    #[test]
    fn nobody_is_believed_who_is_no_proxy_of_ours() {
        for (peer, forwarded, expected) in [
            ("203.0.113.7", &["198.51.100.1"][..], Some("203.0.113.7")),
            ("203.0.113.7", &[], Some("203.0.113.7")),
            ("[2001:db8::1:2:3:4]", &[], Some("2001:db8::")),
            ("127.0.0.1", &[], Some("127.0.0.1")),
            ("[::1]", &[], Some("::1")),
            ("127.0.0.1", &["198.51.100.1"], None),
            ("[::ffff:10.0.0.2]", &["198.51.100.1"], None),
        ] {
            assert_eq!(seen("", peer, forwarded).as_deref(), expected, "{peer} {forwarded:?}");
        }
    }

    #[test]
    fn the_last_address_that_our_proxies_saw_counts() {
        let proxies = "10.0.0.0/8, 2001:db8:1::/48, 127.0.0.1";
        for (peer, forwarded, expected) in [
            ("127.0.0.1", &["198.51.100.1"][..], "198.51.100.1"),
            ("127.0.0.1", &["192.0.2.9, 198.51.100.1, 10.0.0.3"], "198.51.100.1"),
            ("127.0.0.1", &["192.0.2.9", "198.51.100.1", "10.0.0.3"], "198.51.100.1"),
            ("127.0.0.1", &["192.0.2.9, 198.51.100.1:4711"], "198.51.100.1"),
            ("10.1.2.3", &["192.0.2.9, [2001:db8::1:2:3:4]:80"], "2001:db8::"),
            ("[::ffff:10.0.0.2]", &["::ffff:198.51.100.1"], "198.51.100.1"),
            ("[2001:db8:1::2]", &["198.51.100.1"], "198.51.100.1"),
            ("127.0.0.1", &[], "127.0.0.1"),
            ("127.0.0.1", &["198.51.100.1, nonsense"], "127.0.0.1"),
            ("127.0.0.1", &["198.51.100.1, nonsense, 10.1.1.1"], "10.1.1.1"),
            ("203.0.113.7", &["198.51.100.1"], "203.0.113.7"),
        ] {
            let seen = seen(proxies, peer, forwarded);
            assert_eq!(seen.as_deref(), Some(expected), "{peer} {forwarded:?}");
        }
    }
}
