//! Where a request comes from, as the internet sees it.

use std::net::IpAddr;

use actix_web::HttpRequest;

/// The public address of whoever asks; `None` if there is none.
///
/// Where our peer has no public address it is a proxy of ours, and the last public address in
/// `X-Forwarded-For` is what it saw. A peer with a public address is believed nothing. IPv6
/// addresses are cut to the 64 bits that one subscriber has.
pub(super) fn of(request: &HttpRequest) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip();
    if is_public(peer) {
        return Some(subscriber(peer));
    }
    let forwarded = request.headers().get_all("x-forwarded-for");
    let forwarded = forwarded.filter_map(|it| it.to_str().ok()).flat_map(|it| it.split(','));
    let addresses = forwarded.filter_map(|it| it.trim().parse().ok());
    addresses.filter(|it| is_public(*it)).last().map(subscriber)
}

fn is_public(address: IpAddr) -> bool {
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
    match address.to_canonical() {
        IpAddr::V6(it) => IpAddr::V6((it.to_bits() & !u128::from(u64::MAX)).into()),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn seen(peer: &str, forwarded: &str) -> Option<String> {
        let request = TestRequest::default()
            .peer_addr(format!("{peer}:1234").parse().unwrap())
            .insert_header(("x-forwarded-for", forwarded))
            .to_http_request();
        of(&request).map(|it| it.to_string())
    }

    #[test]
    fn only_a_proxy_of_ours_is_believed() {
        for (peer, forwarded, expected) in [
            ("203.0.113.7", "198.51.100.1", Some("203.0.113.7")),
            ("127.0.0.1", "198.51.100.1", Some("198.51.100.1")),
            ("10.0.0.2", "192.0.2.9, 198.51.100.1, 10.0.0.3", Some("198.51.100.1")),
            ("127.0.0.1", "", None),
            ("127.0.0.1", "nonsense, 10.1.1.1", None),
            ("[::ffff:10.0.0.2]", "::ffff:198.51.100.1", Some("198.51.100.1")),
            ("[2001:db8::1:2:3:4]", "", Some("2001:db8::")),
        ] {
            assert_eq!(seen(peer, forwarded).as_deref(), expected, "{peer} {forwarded}");
        }
    }
}
