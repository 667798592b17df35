//! A list of addresses and networks in settings.

use std::net::IpAddr;

use ipnet::IpNet;
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
    let address = text.parse::<IpAddr>().map(|address| IpNet::from(address.to_canonical()));
    address.or_else(|_| text.parse()).map_err(|_| {
        format!("`{text}` is neither an address such as 10.0.0.1 nor a network such as 10.0.0.0/8")
    })
}
