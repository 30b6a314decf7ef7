//! How often somebody may be wrong: by name, and by address.
//!
//! In: an attempt, before its password is looked at, so that many at the same time count too. Out: whether it
//! may go on, or how long to wait. A success takes the name's failures away, and its own from the address.
//! What must never happen: memory grows with attempts, or failures are forgotten because others were many. So
//! there is a fixed number of places; names and addresses go to one by a hash with a secret key. Two may share a
//! place: then one is locked with the other, which is one in 65,536 for each name that is locked.
//!
//! Each collector counts for itself, and from zero when it starts.

use std::{
    hash::{BuildHasher, RandomState},
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::event::Millis;

/// Places for names, and as many for addresses: 1 MiB each.
const PLACES: usize = 1 << 16;

/// Wrong passwords of a name until it is locked.
const NAME_FAILURES: u32 = 10;

/// Failures from an address until it is locked: several people may share one.
const ADDRESS_FAILURES: u32 = 50;

/// Failures are forgotten, and locks end, so long after the last one that was looked at.
const FORGOTTEN_MS: Millis = 15 * 60 * 1000;

/// Failures by name and by address.
pub(super) struct Lockout {
    key: RandomState,
    places: Mutex<Places>,
}

struct Places {
    names: Box<[Place]>,
    addresses: Box<[Place]>,
}

#[derive(Clone, Copy, Default)]
struct Place {
    failures: u32,
    last_ms: Millis,
}

impl Default for Lockout {
    fn default() -> Self {
        let empty = || vec![Place::default(); PLACES].into_boxed_slice();
        Self {
            key: RandomState::new(),
            places: Mutex::new(Places {
                names: empty(),
                addresses: empty(),
            }),
        }
    }
}

impl Lockout {
    /// Counts an attempt as failed until [`Self::forgive`] takes it back. If name or address is locked, it is
    /// not counted, and must not go on: so a lock ends, however often somebody tries.
    pub(super) fn attempt(
        &self,
        name: Option<&str>,
        address: IpAddr,
        now_ms: Millis,
    ) -> Result<(), Duration> {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let by_address = &mut places.addresses[self.place_of_address(address)];
        by_address.check(ADDRESS_FAILURES, now_ms)?;
        if let Some(name) = name {
            let by_name = &mut places.names[self.place_of(name)];
            by_name.check(NAME_FAILURES, now_ms)?;
            by_name.add(now_ms);
        }
        places.addresses[self.place_of_address(address)].add(now_ms);
        Ok(())
    }

    /// Takes a name's failures away, and one of an address.
    pub(super) fn forgive(&self, name: &str, address: Option<IpAddr>) {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        places.names[self.place_of(name)] = Place::default();
        if let Some(address) = address {
            let place = &mut places.addresses[self.place_of_address(address)];
            place.failures = place.failures.saturating_sub(1);
        }
    }

    /// Whether a name is locked.
    pub(super) fn is_locked(&self, name: &str, now_ms: Millis) -> bool {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let place = &mut places.names[self.place_of(name)];
        place.check(NAME_FAILURES, now_ms).is_err()
    }

    fn place_of(&self, name: &str) -> usize {
        self.key.hash_one(name) as usize % PLACES
    }

    /// Whoever has an IPv6 network has all of its addresses.
    fn place_of_address(&self, address: IpAddr) -> usize {
        let address = match address.to_canonical() {
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
            address => address,
        };
        self.key.hash_one(address) as usize % PLACES
    }
}

impl Place {
    fn check(&mut self, most: u32, now_ms: Millis) -> Result<(), Duration> {
        let since_ms = now_ms.saturating_sub(self.last_ms);
        if since_ms >= FORGOTTEN_MS {
            self.failures = 0;
        }
        if self.failures < most {
            return Ok(());
        }
        let wait_ms = (FORGOTTEN_MS - since_ms).clamp(1, FORGOTTEN_MS);
        Err(Duration::from_millis(wait_ms.unsigned_abs()))
    }

    fn add(&mut self, now_ms: Millis) {
        self.failures += 1;
        self.last_ms = now_ms;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_MS: Millis = 1_795_468_800_000;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn of_another(number: u32) -> IpAddr {
        IpAddr::from((0x0a00_0000 + number).to_be_bytes())
    }

    #[test]
    fn a_name_is_locked_after_ten_failures_from_anywhere_and_free_again_later() {
        let lockout = Lockout::default();
        for number in 0..NAME_FAILURES {
            let tried = lockout.attempt(Some("ada"), of_another(number), NOW_MS);
            assert_eq!(tried, Ok(()), "{number}");
        }
        let locked = lockout.attempt(Some("ada"), of_another(100), NOW_MS + 60_000);
        assert_eq!(locked, Err(Duration::from_secs(14 * 60)));
        assert!(lockout.is_locked("ada", NOW_MS));
        assert!(!lockout.is_locked("bo", NOW_MS));
        // What was refused does not make it longer.
        assert!(!lockout.is_locked("ada", NOW_MS + FORGOTTEN_MS));
        let free = lockout.attempt(Some("ada"), of_another(100), NOW_MS + FORGOTTEN_MS);
        assert_eq!(free, Ok(()));
    }

    #[test]
    fn an_address_is_locked_after_fifty_failures_with_any_names() {
        let lockout = Lockout::default();
        for number in 0..ADDRESS_FAILURES {
            // One network of IPv6 is one address.
            let from = address(&format!("2001:db8::{number:x}"));
            let tried = lockout.attempt(Some(&format!("name-{number}")), from, NOW_MS);
            assert_eq!(tried, Ok(()), "{number}");
        }
        let locked = lockout.attempt(None, address("2001:db8::1:1"), NOW_MS);
        assert!(locked.is_err());
        let other = lockout.attempt(None, address("2001:db8:0:1::1"), NOW_MS);
        assert_eq!(other, Ok(()));
    }

    #[test]
    fn a_success_takes_the_names_failures_away_but_not_the_addresses() {
        let lockout = Lockout::default();
        let from = address("192.0.2.1");
        for number in 0..ADDRESS_FAILURES {
            assert_eq!(
                lockout.attempt(Some("ada"), from, NOW_MS),
                Ok(()),
                "{number}"
            );
            // The last of each five is right.
            if number % 5 == 4 {
                lockout.forgive("ada", Some(from));
            }
        }
        // Forty of fifty were wrong: not locked, and ten more lock it.
        for name in 0..10 {
            let tried = lockout.attempt(Some(&format!("name-{name}")), from, NOW_MS);
            assert_eq!(tried, Ok(()), "{name}");
        }
        assert!(lockout.attempt(Some("bo"), from, NOW_MS).is_err());
    }
}
