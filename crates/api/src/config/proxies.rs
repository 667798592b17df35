//! A list of addresses and networks in settings.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};
use serde::{Deserialize, Serialize};

use super::lists::Written;

/// Addresses such as `10.0.0.1` and networks such as `10.0.0.0/8`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(try_from = "Written")]
pub(crate) struct Proxies(Vec<IpNet>);

impl Proxies {
    /// Reads a text with commas.
    #[cfg(test)]
    pub(crate) fn of(text: &str) -> Result<Self, String> {
        Self::try_from(Written::Text(text.to_owned()))
    }

    /// Returns true if an address is one of them.
    pub(crate) fn contain(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

impl TryFrom<Written> for Proxies {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let networks = written.entries();
        networks.iter().map(|text| network(text)).collect::<Result<_, _>>().map(Self)
    }
}

fn network(text: &str) -> Result<IpNet, String> {
    let address = text.parse::<IpAddr>().map(IpNet::from);
    let network = address.or_else(|_| text.parse()).map_err(|_| {
        format!("`{text}` is neither an address such as 10.0.0.1 nor a network such as 10.0.0.0/8")
    })?;
    Ok(canonical(network))
}

/// Peers are known by their IPv4 address also where the system writes it as one of IPv6.
fn canonical(network: IpNet) -> IpNet {
    match (network.addr().to_canonical(), network.prefix_len().checked_sub(96)) {
        (IpAddr::V4(address), Some(prefix)) if network.addr().is_ipv6() => {
            Ipv4Net::new(address, prefix).map_or(network, IpNet::V4)
        }
        _ => network,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_of_both_kinds_contain_their_addresses() {
        let proxies = Proxies::of("::ffff:10.0.0.0/104, ::ffff:192.0.2.1, 2001:db8::/32").unwrap();
        for (address, expected) in [
            ("10.200.0.1", true),
            ("11.0.0.1", false),
            ("192.0.2.1", true),
            ("192.0.2.2", false),
            ("2001:db8::1", true),
        ] {
            assert_eq!(proxies.contain(address.parse().unwrap()), expected, "{address}");
        }
    }
}
