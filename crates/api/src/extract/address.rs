//! The address that a request comes from.

use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::http::header::{FORWARDED, HeaderName, VIA};

use super::forwarded::{self, SeenAddress};
use crate::config::{AddressHeader, Proxies};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_REAL_IP: HeaderName = HeaderName::from_static("x-real-ip");

/// Tells the addresses of those who ask, also behind our own proxies.
pub(crate) struct Addresses {
    proxies: Proxies,
    header: AddressHeader,
}

impl Addresses {
    /// Believes these proxies what they say in this header.
    pub(crate) fn new(proxies: Proxies, header: AddressHeader) -> Self {
        Self { proxies, header }
    }

    /// Returns the address of whoever asks; `None` if it cannot be known.
    ///
    /// A peer that is not one of our proxies is believed nothing: its own address counts. If that
    /// address is private and it forwards for somebody, it is a proxy that nobody told us about, and
    /// whoever stands behind it is unknown. Our own proxies are never whoever asks: if they say nothing
    /// that can be read, it is unknown. IPv6 addresses are cut to the 64 bits that one subscriber has.
    pub(crate) fn of(&self, request: &HttpRequest) -> Option<IpAddr> {
        let peer = request.peer_addr()?.ip().to_canonical();
        if self.proxies.contain(peer) {
            return self.forwarded(request).map(subscriber);
        }
        let of_proxies = [X_FORWARDED_FOR, FORWARDED, X_REAL_IP, VIA];
        let is_forwarded = of_proxies.iter().any(|name| request.headers().contains_key(name));
        (is_public(peer) || !is_forwarded).then(|| subscriber(peer))
    }

    /// Returns the address that our proxies name. `None` if they name none, it cannot be read, or two
    /// headers contradict each other.
    fn forwarded(&self, request: &HttpRequest) -> Option<IpAddr> {
        let headers = request.headers();
        let list = |name: &HeaderName| self.farthest(forwarded::list(headers, name));
        match self.header {
            AddressHeader::XForwardedFor => list(&X_FORWARDED_FOR),
            AddressHeader::XRealIp => list(&X_REAL_IP),
            AddressHeader::Forwarded => self.farthest(forwarded::forwarded(headers, &FORWARDED)),
            AddressHeader::Auto => {
                let names = [X_FORWARDED_FOR, FORWARDED, X_REAL_IP].into_iter();
                let mut said = names.filter(|name| headers.contains_key(name)).map(|name| {
                    if name == FORWARDED {
                        self.farthest(forwarded::forwarded(headers, &name))
                    } else {
                        list(&name)
                    }
                });
                let first = said.next()??;
                said.all(|other| other == Some(first)).then_some(first)
            }
        }
    }

    /// Returns the first address that is none of our proxies. What stands beyond comes from whoever
    /// wrote it.
    fn farthest(&self, seen: Vec<SeenAddress>) -> Option<IpAddr> {
        let mut others = seen.into_iter();
        others.find(|seen| seen.is_none_or(|address| !self.proxies.contain(address))).flatten()
    }
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

    const AUTO: AddressHeader = AddressHeader::Auto;

    fn seen(
        proxies: &str,
        header: AddressHeader,
        peer: &str,
        headers: &[(&str, &str)],
    ) -> Option<String> {
        let peer = format!("{peer}:1234").parse().unwrap();
        let request = TestRequest::default().peer_addr(peer);
        let request = headers.iter().fold(request, |it, header| it.append_header(*header));
        let addresses = Addresses::new(Proxies::of(proxies).unwrap(), header);
        addresses.of(&request.to_http_request()).map(|it| it.to_string())
    }

    #[test]
    fn nobody_is_believed_who_is_no_proxy_of_ours() {
        let forwarded = ("x-forwarded-for", "198.51.100.1");
        for (peer, headers, expected) in [
            ("203.0.113.7", &[forwarded][..], Some("203.0.113.7")),
            ("203.0.113.7", &[], Some("203.0.113.7")),
            ("[2001:db8::1:2:3:4]", &[], Some("2001:db8::")),
            ("127.0.0.1", &[], Some("127.0.0.1")),
            ("[::1]", &[], Some("::1")),
            ("127.0.0.1", &[forwarded], None),
            ("127.0.0.1", &[("forwarded", "for=198.51.100.1")], None),
            ("127.0.0.1", &[("x-real-ip", "198.51.100.1")], None),
            ("127.0.0.1", &[("via", "1.1 cache")], None),
            ("[::ffff:10.0.0.2]", &[forwarded], None),
        ] {
            let seen = seen("", AUTO, peer, headers);
            assert_eq!(seen.as_deref(), expected, "{peer} {headers:?}");
        }
    }

    #[test]
    fn the_last_address_that_our_proxies_saw_counts() {
        let proxies = "10.0.0.0/8, 2001:db8:1::/48, 127.0.0.1";
        for (peer, forwarded, expected) in [
            ("127.0.0.1", &["198.51.100.1"][..], Some("198.51.100.1")),
            ("127.0.0.1", &["192.0.2.9, 198.51.100.1, 10.0.0.3"], Some("198.51.100.1")),
            ("127.0.0.1", &["192.0.2.9", "198.51.100.1", "10.0.0.3"], Some("198.51.100.1")),
            ("127.0.0.1", &["192.0.2.9, 198.51.100.1:4711"], Some("198.51.100.1")),
            ("10.1.2.3", &["192.0.2.9, [2001:db8::1:2:3:4]:80"], Some("2001:db8::")),
            ("10.1.2.3", &["192.0.2.9, \"[2001:db8::1:2:3:4]\""], Some("2001:db8::")),
            ("[::ffff:10.0.0.2]", &["::ffff:198.51.100.1"], Some("198.51.100.1")),
            ("[2001:db8:1::2]", &["198.51.100.1"], Some("198.51.100.1")),
            ("203.0.113.7", &["198.51.100.1"], Some("203.0.113.7")),
            ("127.0.0.1", &["nonsense, 198.51.100.1"], Some("198.51.100.1")),
            // Our proxies say nothing that can be read, or name only themselves.
            ("127.0.0.1", &[], None),
            ("127.0.0.1", &[""], None),
            ("127.0.0.1", &["198.51.100.1, nonsense"], None),
            ("127.0.0.1", &["198.51.100.1, nonsense, 10.1.1.1"], None),
            ("127.0.0.1", &["10.0.0.3"], None),
        ] {
            let headers: Vec<_> = forwarded.iter().map(|it| ("x-forwarded-for", *it)).collect();
            let seen = seen(proxies, AUTO, peer, &headers);
            assert_eq!(seen.as_deref(), expected, "{peer} {forwarded:?}");
        }
    }

    #[test]
    fn only_a_proxy_in_a_private_network_may_be_ours_untold() {
        let forwarded = [("x-forwarded-for", "198.51.100.1")];
        for private in [
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.254",
            "192.168.0.1",
            "169.254.0.1",
            "100.64.0.1",
            "100.127.255.254",
            "127.9.9.9",
            "[::1]",
            "[fd00::1]",
            "[fe80::1]",
            "[::ffff:10.0.0.2]",
        ] {
            assert_eq!(seen("", AUTO, private, &forwarded), None, "{private}");
        }
        for (public, expected) in [
            ("172.32.0.1", "172.32.0.1"),
            ("100.63.255.254", "100.63.255.254"),
            ("100.128.0.1", "100.128.0.1"),
            ("101.64.0.1", "101.64.0.1"),
            ("[2001:db8::1]", "2001:db8::"),
            ("[::ffff:203.0.113.7]", "203.0.113.7"),
        ] {
            assert_eq!(seen("", AUTO, public, &forwarded).as_deref(), Some(expected), "{public}");
        }
    }

    #[test]
    fn the_header_that_is_configured_counts_and_any_that_contradicts_none() {
        let [list, standard, single] = ["198.51.100.1", "for=198.51.100.2", "198.51.100.3"];
        let all = [("x-forwarded-for", list), ("forwarded", standard), ("x-real-ip", single)];
        let same = [("x-forwarded-for", list), ("x-real-ip", list)];
        let unreadable = [("x-forwarded-for", list), ("forwarded", "for=unknown")];
        for (header, headers, expected) in [
            (AddressHeader::XForwardedFor, &all[..], Some("198.51.100.1")),
            (AddressHeader::Forwarded, &all, Some("198.51.100.2")),
            (AddressHeader::XRealIp, &all, Some("198.51.100.3")),
            (AddressHeader::XRealIp, &all[..2], None),
            (AddressHeader::Forwarded, &same, None),
            (AUTO, &all, None),
            (AUTO, &all[..1], Some("198.51.100.1")),
            (AUTO, &all[1..2], Some("198.51.100.2")),
            (AUTO, &all[2..], Some("198.51.100.3")),
            (AUTO, &same, Some("198.51.100.1")),
            (AUTO, &unreadable, None),
        ] {
            let seen = seen("127.0.0.1", header, "127.0.0.1", headers);
            assert_eq!(seen.as_deref(), expected, "{header:?} {headers:?}");
        }
    }
}
