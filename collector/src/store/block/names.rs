//! The words and keys of a block that is being added up: each once, with a number.
//!
//! In: words, or another block's keys. Out: numbers, and bytes of those that are in use. What must
//! never happen: a number stands for two words, or for two keys.

use foldhash::fast::RandomState;
use indexmap::IndexSet;

use super::{Key, Parsed, Projection, Shape};
use crate::{rollup::put_varint, store::engine::storable};

/// The most keys that one key becomes in a projection.
const TARGETS: usize = 4;

/// The numbers of the keys that a key becomes, and how many these are.
pub(super) type Targets = ([u32; TARGETS], usize);

/// The number of what is not in use.
const UNUSED: u32 = u32::MAX;

/// Words and keys, by number. Their hash is quick and has a seed by chance; how many words of a visitor's
/// choice can come is bounded before (`aggregate`).
#[derive(Debug, Default)]
pub(super) struct Names {
    words: IndexSet<Box<str>, RandomState>,
    keys: IndexSet<Key, RandomState>,
}

impl Names {
    /// The number of a key of words. A `name` that is empty is none.
    pub(super) fn key(&mut self, shape: Shape, words: &[&str], name: &str) -> u32 {
        let name = (!name.is_empty()).then_some(name);
        let numbers = words
            .iter()
            .copied()
            .chain(name)
            .map(|word| number_of(&mut self.words, &storable(word)));
        let key = Key::new(shape, name.is_some(), numbers);
        self.keys.insert_full(key).0 as u32
    }

    /// The number of another block's key. `words` has what is known of the other's words.
    pub(super) fn adopt(&mut self, key: Key, other: &Parsed<'_>, words: &mut [Option<u32>]) -> u32 {
        let numbers = key.words().iter().map(|word| {
            let at = *word as usize;
            *words[at].get_or_insert_with(|| number_of(&mut self.words, other.words[at]))
        });
        let key = Key::new(key.shape(), key.is_named(), numbers);
        self.keys.insert_full(key).0 as u32
    }

    /// The numbers of what another block's key becomes in a projection.
    pub(super) fn targets(
        &mut self,
        other: &Parsed<'_>,
        key: usize,
        projection: Projection<'_>,
        words: &mut [Option<u32>],
    ) -> Targets {
        let key = other.keys[key];
        let (mut known, mut count) = ([0; TARGETS], 0);
        match projection {
            Projection::OfSite(site) => {
                if key.shape() == Shape::View {
                    known[0] = self.of_site(site, key, other, words);
                    count = 1;
                }
            }
            Projection::Without(site)
                if key.shape() == Shape::Site && other.words[key.words()[0] as usize] == site => {}
            _ => {
                for key in key.projected(projection) {
                    known[count] = self.adopt(key, other, words);
                    count += 1;
                }
            }
        }
        (known, count)
    }

    /// The number of a site's key that has the device, and the name, of another block's key.
    fn of_site(
        &mut self,
        site: &str,
        key: Key,
        other: &Parsed<'_>,
        words: &mut [Option<u32>],
    ) -> u32 {
        let site = number_of(&mut self.words, &storable(site));
        let others = [Some(key.words()[1]), key.name()].into_iter().flatten();
        let others = others.map(|word| {
            let at = word as usize;
            *words[at].get_or_insert_with(|| number_of(&mut self.words, other.words[at]))
        });
        let numbers = std::iter::once(site).chain(others);
        let key = Key::new(Shape::Site, key.is_named(), numbers);
        self.keys.insert_full(key).0 as u32
    }

    /// Which of the keys are in use, and what becomes of their numbers: they stay in order, so that the
    /// distances within a lane are small and never negative.
    pub(super) fn used(&self, used: impl Iterator<Item = u32>) -> Used {
        let mut numbers = vec![UNUSED; self.keys.len()];
        used.for_each(|key| numbers[key as usize] = 0);
        let mut keys = Vec::new();
        for (key, number) in self.keys.iter().zip(&mut numbers) {
            if *number != UNUSED {
                *number = keys.len() as u32;
                keys.push(*key);
            }
        }
        Used { keys, numbers }
    }

    /// Writes the keys that are in use, and their words.
    pub(super) fn put(&self, used: &Used, bytes: &mut Vec<u8>) {
        let mut numbers = vec![UNUSED; self.words.len()];
        let mut words = Vec::new();
        for word in used.keys.iter().flat_map(Key::words) {
            let number = &mut numbers[*word as usize];
            if *number == UNUSED {
                *number = words.len() as u32;
                words.push(&*self.words[*word as usize]);
            }
        }
        put_varint(bytes, words.len() as u64);
        for word in words {
            put_varint(bytes, word.len() as u64);
            bytes.extend_from_slice(word.as_bytes());
        }
        put_varint(bytes, used.keys.len() as u64);
        for key in &used.keys {
            bytes.push(key.kind());
            for word in key.words() {
                put_varint(bytes, numbers[*word as usize].into());
            }
        }
    }
}

/// Keys that are in use.
pub(super) struct Used {
    keys: Vec<Key>,
    /// By a key's number, its place among them.
    numbers: Vec<u32>,
}

impl Used {
    /// The place of a key that is in use.
    pub(super) fn number(&self, key: u32) -> u32 {
        self.numbers[key as usize]
    }
}

/// The number of a word, which is added if it is new.
fn number_of(words: &mut IndexSet<Box<str>, RandomState>, word: &str) -> u32 {
    let number = words
        .get_index_of(word)
        .unwrap_or_else(|| words.insert_full(word.into()).0);
    number as u32
}
