//! Rate limits per site and per client address, as token buckets of the crate `governor`.

use std::{
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
};

use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};

use super::refusal::Refusal;

/// Batches per second for long, and at once.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// Batches per second that may go on for long.
    pub per_second: NonZeroU32,
    /// Batches at once.
    pub burst: NonZeroU32,
}

impl Rate {
    fn quota(self) -> Quota {
        Quota::per_second(self.per_second).allow_burst(self.burst)
    }
}

/// The two limits.
pub struct Limits {
    sites: DefaultKeyedRateLimiter<String>,
    clients: DefaultKeyedRateLimiter<IpAddr>,
    clock: DefaultClock,
}

impl Limits {
    /// Full buckets for everybody.
    #[must_use]
    pub fn new(site: Rate, client: Rate) -> Self {
        Self {
            sites: RateLimiter::keyed(site.quota()),
            clients: RateLimiter::keyed(client.quota()),
            clock: DefaultClock::default(),
        }
    }

    /// Takes one batch from a client address's bucket.
    pub(super) fn check_client(&self, address: IpAddr) -> Result<(), Refusal> {
        self.clients
            .check_key(&network_of(address))
            .map_err(|until| Refusal::ClientLimited(until.wait_time_from(self.clock.now())))
    }

    /// Takes one batch from a site's bucket.
    pub(super) fn check_site(&self, site: &str) -> Result<(), Refusal> {
        // One allocation per batch: governor looks keys up by reference to the owned type only.
        self.sites
            .check_key(&site.to_owned())
            .map_err(|until| Refusal::SiteLimited(until.wait_time_from(self.clock.now())))
    }

    /// Forgets the buckets that are full again. Called now and then, so that memory is bounded by
    /// the addresses of the last moments.
    pub fn forget_idle(&self) {
        self.sites.retain_recent();
        self.clients.retain_recent();
        self.sites.shrink_to_fit();
        self.clients.shrink_to_fit();
    }
}

/// An IPv6 customer holds a /64 at least and could change addresses at will: the network counts.
fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let network = u128::from(v6) & !u128::from(u64::MAX);
            IpAddr::V6(Ipv6Addr::from(network))
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(burst: u32) -> Rate {
        Rate {
            per_second: NonZeroU32::MIN,
            burst: NonZeroU32::new(burst).unwrap(),
        }
    }

    #[test]
    fn a_client_is_limited_alone_and_told_how_long_to_wait() {
        let limits = Limits::new(rate(9), rate(2));
        let (a, b) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        assert!(limits.check_client(a).is_ok());
        assert!(limits.check_client(a).is_ok());
        let Err(Refusal::ClientLimited(wait)) = limits.check_client(a) else {
            panic!("the third batch was let through");
        };
        assert!(wait.as_millis() > 0 && wait.as_millis() <= 1000, "{wait:?}");
        assert!(limits.check_client(b).is_ok());
        limits.forget_idle();
        assert!(limits.check_client(a).is_err());
    }

    #[test]
    fn addresses_of_one_ipv6_network_share_a_bucket() {
        let network = |text: &str| network_of(text.parse().unwrap()).to_string();
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(network("::ffff:192.0.2.1"), "192.0.2.1");
    }
}
