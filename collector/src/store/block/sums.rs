//! The sums of one lane, each under the number of its key.
//!
//! In: numbers of keys. Out: the sum of each, to be added to, and later all of them in the order of
//! their keys. Numbers are looked up in a list, not in a tree: a fold adds to a sum for each facet of
//! each value. What must never happen: two keys share a sum.

use crate::rollup::Distribution;

/// The place of a key that has no sum.
const NOWHERE: u32 = u32::MAX;

/// Sums by the number of their key.
#[derive(Debug, Default)]
pub(super) struct Sums {
    /// By key, the place of its sum.
    places: Vec<u32>,
    /// In the order in which they came.
    sums: Vec<(u32, Distribution)>,
}

impl Sums {
    /// Makes room for so many sums, if there are none yet.
    pub(super) fn expect(&mut self, sums: usize) {
        if self.sums.is_empty() {
            self.sums.reserve(sums);
        }
    }

    /// The sum of a key; of nothing, if it is new.
    pub(super) fn of(&mut self, key: u32) -> &mut Distribution {
        let number = key as usize;
        if self.places.len() <= number {
            self.places.resize(number + 1, NOWHERE);
        }
        let place = &mut self.places[number];
        if *place == NOWHERE {
            *place = self.sums.len() as u32;
            self.sums.push((key, Distribution::default()));
        }
        &mut self.sums[*place as usize].1
    }

    /// Whether a sum is not of nothing.
    pub(super) fn is_filled(&self) -> bool {
        self.sums.iter().any(|(_, sum)| !sum.is_empty())
    }

    /// The sums that are not of nothing, in the order of their keys.
    pub(super) fn filled(&self) -> Vec<(u32, &Distribution)> {
        let filled = self.sums.iter().filter(|(_, sum)| !sum.is_empty());
        let mut filled: Vec<_> = filled.map(|(key, sum)| (*key, sum)).collect();
        filled.sort_unstable_by_key(|(key, _)| *key);
        filled
    }
}
