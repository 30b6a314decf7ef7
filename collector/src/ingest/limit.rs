//! Rate limits per site and per client address, as token buckets of the crate `governor`.
//!
//! In: a site's host or an address. Out: whether it may send now, or how long to wait. What must
//! never happen: memory grows with the number of addresses that somebody sends from. Sites have
//! tokens of ours, so their number is bounded; beyond [`ADDRESSES`] addresses share buckets.

use std::{
    hash::{BuildHasher, RandomState},
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::Arc,
};

use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};

use super::refusal::Refusal;
use crate::metrics::Metrics;

/// Addresses with a bucket of their own; each takes about 50 bytes.
const ADDRESSES: usize = 500_000;

/// Buckets that the addresses beyond share. Many, so that one flooding address is in the way of few
/// others.
const SHARED_BUCKETS: u64 = 1 << 14;

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
    addresses: usize,
    /// By a hash with a key that nobody knows: nobody can choose with whom to share.
    shared: DefaultKeyedRateLimiter<u64>,
    hasher: RandomState,
    metrics: Arc<Metrics>,
    clock: DefaultClock,
}

impl Limits {
    /// Full buckets for everybody.
    #[must_use]
    pub fn new(site: Rate, client: Rate, metrics: Arc<Metrics>) -> Self {
        Self {
            sites: RateLimiter::keyed(site.quota()),
            clients: RateLimiter::keyed(client.quota()),
            addresses: ADDRESSES,
            shared: RateLimiter::keyed(client.quota()),
            hasher: RandomState::new(),
            metrics,
            clock: DefaultClock::default(),
        }
    }

    /// Takes one batch from a client address's bucket, or from a shared one while there are too many.
    pub(super) fn check_client(&self, address: IpAddr) -> Result<(), Refusal> {
        let network = network_of(address);
        let checked = if self.clients.len() < self.addresses {
            self.clients.check_key(&network)
        } else {
            self.metrics.limited_together.inc();
            let bucket = self.hasher.hash_one(network) % SHARED_BUCKETS;
            self.shared.check_key(&bucket)
        };
        checked.map_err(|until| Refusal::ClientLimited(until.wait_time_from(self.clock.now())))
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
        self.shared.retain_recent();
        self.sites.shrink_to_fit();
        self.clients.shrink_to_fit();
        self.shared.shrink_to_fit();
        self.metrics
            .limited_addresses
            .set(self.clients.len() as f64);
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

    fn limits(client: Rate) -> Limits {
        Limits::new(rate(9), client, Arc::new(Metrics::new(1, []).unwrap()))
    }

    fn address(number: u32) -> IpAddr {
        IpAddr::from(number.to_be_bytes())
    }

    #[test]
    fn a_flood_of_addresses_does_not_fill_the_memory() {
        let mut limits = limits(rate(2));
        limits.addresses = 1000;
        for number in 0..50_000 {
            // Whether it may send is not the question here.
            let _ = limits.check_client(address(number));
        }
        assert_eq!(limits.clients.len(), 1000);
        assert!(limits.shared.len() <= SHARED_BUCKETS as usize);
        assert_eq!(limits.metrics.limited_together.get(), 49_000);
        // One address is limited as before, in a bucket that it shares.
        let newcomer = address(1 << 30);
        let tries = (0..4).map(|_| limits.check_client(newcomer).is_ok());
        assert!(tries.filter(|through| *through).count() <= 2);
        limits.forget_idle();
        let told = limits.metrics.limited_addresses.get();
        assert_eq!(told, limits.clients.len() as f64);
    }

    #[test]
    fn idle_addresses_are_forgotten_and_have_buckets_of_their_own_again() {
        // A bucket that is full again after a microsecond.
        let mut limits = limits(Rate {
            per_second: NonZeroU32::new(1_000_000).unwrap(),
            burst: NonZeroU32::MIN,
        });
        limits.addresses = 10;
        for number in 0..100 {
            let _ = limits.check_client(address(number));
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
        limits.forget_idle();
        assert_eq!((limits.clients.len(), limits.shared.len()), (0, 0));
        let shared = limits.metrics.limited_together.get();
        assert!(limits.check_client(address(7)).is_ok());
        assert_eq!(limits.clients.len(), 1);
        assert_eq!(limits.metrics.limited_together.get(), shared);
    }

    #[test]
    fn a_client_is_limited_alone_and_told_how_long_to_wait() {
        let limits = limits(rate(2));
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
