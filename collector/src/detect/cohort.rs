//! Cohorts by number: which there are, and which a page view belongs to.
//!
//! Words of many sites (template, build, device, country, browser) are combined, at most three at a time;
//! a site, a page of a site and a script are combined with a device only. What must never happen: a view
//! is in a cohort one of whose words it has not.

use foldhash::fast::RandomState;
use indexmap::IndexSet;

use super::names::{Leaf, Names};

/// The most words of many sites in a cohort.
const WORDS: u32 = 3;

/// The words of a cohort, by number; 0: any.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) template: u16,
    pub(super) build: u16,
    pub(super) country: u16,
    pub(super) browser: u16,
    pub(super) script: u16,
    pub(super) device: u8,
    pub(super) site: u32,
    pub(super) page: u32,
}

impl Key {
    /// Which words it has, as bits.
    pub(super) fn kind(&self) -> u8 {
        self.numbers()
            .iter()
            .enumerate()
            .map(|(at, number)| u8::from(*number > 0) << at)
            .sum()
    }

    /// How many words it has; a page says its site too.
    pub(super) fn words(&self) -> f64 {
        f64::from(self.kind().count_ones() + u32::from(self.page > 0))
    }

    fn numbers(&self) -> [u32; 8] {
        [
            self.template.into(),
            self.build.into(),
            self.device.into(),
            self.country.into(),
            self.browser.into(),
            self.script.into(),
            self.site,
            self.page,
        ]
    }

    /// Whether it is about one site or one page.
    pub(super) const fn is_of_one_site(&self) -> bool {
        self.site > 0 || self.page > 0
    }

    /// Whether every word of the other is one of its own too, and there is one.
    pub(super) fn is_within(&self, outer: &Self) -> bool {
        let mut pairs = self.numbers().into_iter().zip(outer.numbers());
        outer.kind() > 0 && pairs.all(|(inner, outer)| outer == 0 || inner == outer)
    }

    /// Whether a leaf has its words, the build aside.
    pub(super) fn has(&self, names: &Names, leaf: &Leaf) -> bool {
        let is = |wanted: u32, has: u32| wanted == 0 || wanted == has;
        is(self.device.into(), leaf.device.into())
            && is(self.country.into(), leaf.country.into())
            && is(self.browser.into(), leaf.browser.into())
            && is(self.site, leaf.site)
            && is(self.page, leaf.page)
            && (self.template == 0 || self.template == names.template(leaf.site))
            && (self.script == 0 || names.scripts(leaf.site).contains(&self.script))
    }
}

/// Every cohort of a view on a site with a new build, or none.
pub(super) fn keys_of(names: &Names, leaf: &Leaf, build: u16) -> impl Iterator<Item = Key> {
    let shared = Key {
        template: names.template(leaf.site),
        build,
        country: leaf.country,
        browser: leaf.browser,
        device: leaf.device,
        ..Key::default()
    };
    shared_keys(shared).chain(own_keys(names, leaf))
}

/// Every cohort of words that many sites share, the one without any first.
fn shared_keys(words: Key) -> impl Iterator<Item = Key> {
    let has = u32::from(words.kind());
    let sets = (0..32_u32).filter(move |set| set.count_ones() <= WORDS && set & has == *set);
    sets.map(move |set| {
        let small = |bit: u32, number: u16| if set & bit > 0 { number } else { 0 };
        Key {
            template: small(1, words.template),
            build: small(2, words.build),
            device: if set & 4 > 0 { words.device } else { 0 },
            country: small(8, words.country),
            browser: small(16, words.browser),
            ..Key::default()
        }
    })
}

/// The cohorts of a view that one site, page or script make.
fn own_keys(names: &Names, leaf: &Leaf) -> impl Iterator<Item = Key> {
    let of_site = Key {
        site: leaf.site,
        ..Key::default()
    };
    let of_page = (leaf.page > 0).then(|| Key {
        page: leaf.page,
        ..Key::default()
    });
    let scripts = names.scripts(leaf.site).iter();
    let of_scripts = scripts.map(|script| Key {
        script: *script,
        ..Key::default()
    });
    let device = leaf.device;
    let all = [of_site].into_iter().chain(of_page).chain(of_scripts);
    all.flat_map(move |key| {
        let with_device = (device > 0).then_some(Key { device, ..key });
        [key].into_iter().chain(with_device)
    })
}

/// The cohorts that were met, each with a number.
#[derive(Debug, Default)]
pub(super) struct Index {
    keys: IndexSet<Key, RandomState>,
    /// By kind, how many there are.
    kinds: Vec<u32>,
}

impl Index {
    pub(super) fn number(&mut self, key: Key) -> u32 {
        let (number, is_new) = self.keys.insert_full(key);
        if is_new {
            self.kinds.resize(256, 0);
            self.kinds[key.kind() as usize] += 1;
        }
        number as u32
    }

    pub(super) fn key(&self, number: u32) -> Key {
        self.keys[number as usize]
    }

    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// How many cohorts have the same words given.
    pub(super) fn alike(&self, key: &Key) -> f64 {
        let count = self.kinds.get(key.kind() as usize);
        f64::from(count.copied().unwrap_or(0).max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_combined_three_at_a_time() {
        let words = Key {
            template: 1,
            build: 2,
            country: 3,
            browser: 4,
            device: 1,
            ..Key::default()
        };
        let keys: Vec<_> = shared_keys(words).collect();
        assert_eq!(keys.len(), 1 + 5 + 10 + 10);
        assert_eq!(keys[0], Key::default());
        assert!(keys.iter().all(|key| key.kind().count_ones() <= 3));
        // What is not known is no word.
        let unknown = Key { device: 0, ..words };
        assert_eq!(shared_keys(unknown).count(), 1 + 4 + 6 + 4);
    }

    #[test]
    fn a_cohort_is_within_one_of_fewer_words_and_not_within_the_fleet() {
        let phones = Key {
            device: 1,
            ..Key::default()
        };
        let both = Key {
            country: 7,
            ..phones
        };
        let other = Key {
            country: 7,
            ..Key::default()
        };
        assert!(both.is_within(&phones) && both.is_within(&other));
        assert!(!phones.is_within(&both) && !phones.is_within(&other));
        assert!(!both.is_within(&Key::default()));
    }
}
