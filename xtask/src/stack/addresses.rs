//! Where the parts of the stack listen.
//!
//! In: whether any free ports will do. Out: an address on the loopback interface for each listener. Must never
//! happen: two listeners with one address.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr, TcpListener},
};

use anyhow::{Context, Result};

/// Listeners and their usual ports, those of the compose file.
const LISTENERS: [(&str, u16); 12] = [
    ("alertmanager", 9093),
    ("blackbox", 9115),
    ("caddy", 8080),
    ("caddy_metrics", 2019),
    ("collector", 3333),
    ("collector_metrics", 9464),
    ("node", 9100),
    ("postgres_exporter", 9187),
    ("prometheus", 9090),
    ("redis", 6379),
    ("redis_exporter", 9121),
    ("runbooks", 9099),
];

/// Where each part listens.
pub(super) struct Addresses(BTreeMap<&'static str, SocketAddr>);

impl Addresses {
    /// Chooses addresses on the loopback interface. A usual port that is taken is an error.
    pub(super) fn choose(free: bool) -> Result<Self> {
        // All are held at once, so that no two are the same.
        let mut held = Vec::new();
        let mut addresses = BTreeMap::new();
        for (name, usual) in LISTENERS {
            let port = if free { 0 } else { usual };
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).with_context(|| {
                format!("{name} cannot listen on 127.0.0.1:{port}; use --free-ports")
            })?;
            addresses.insert(name, listener.local_addr()?);
            held.push(listener);
        }
        Ok(Self(addresses))
    }

    /// One of them by its name, which stands in [`LISTENERS`].
    pub(super) fn of(&self, name: &'static str) -> SocketAddr {
        self.0[name]
    }

    /// All of them as URLs, by name.
    pub(super) fn all(&self) -> BTreeMap<&str, String> {
        let url = |(name, address): (&&'static str, &SocketAddr)| {
            let scheme = if *name == "redis" { "redis" } else { "http" };
            (*name, format!("{scheme}://{address}"))
        };
        self.0.iter().map(url).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_addresses_differ_and_are_on_the_loopback_interface() {
        let addresses = Addresses::choose(true).unwrap();
        let all = addresses.all();
        assert_eq!(all.len(), LISTENERS.len());
        let mut urls: Vec<_> = all.values().collect();
        urls.sort();
        urls.dedup();
        assert_eq!(urls.len(), LISTENERS.len());
        assert!(
            addresses
                .0
                .values()
                .all(|address| address.ip().is_loopback())
        );
        assert!(all["redis"].starts_with("redis://127.0.0.1:"));
    }
}
