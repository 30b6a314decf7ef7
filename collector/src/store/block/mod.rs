//! Blocks: all sums of one site and period in one row, or those of one lane.
//!
//! In: sums with the words that describe them, and bytes of other blocks. Out: bytes. A block keeps
//! each word and each combination of words once, however many sums have it: that is what makes a
//! year small. What must never happen: a sum is added under other words than its own.

mod shape;
mod parsed;
mod names;
mod sums;

use std::collections::BTreeMap;

pub(super) use parsed::Parsed;
pub(super) use shape::{Key, Lane, Shape};

use self::{
    names::{Names, Targets, Used},
    sums::Sums,
};
use super::error::StoreError;
use crate::rollup::{Distribution, put_signed, put_varint};

/// The format of a block, its first byte: then the words (each with its length), the keys (a shape
/// and the numbers of its words), and for each lane its number, how many sums it has, the length of
/// their bytes, and for each sum the distance of its key to the one before, and its value. Counts
/// are one number, distributions are what [`Distribution::put`] writes after their length. All
/// numbers are varints, distances and lengths without sign.
const VERSION: u8 = 1;

/// What a block becomes when it is added to another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Projection<'a> {
    /// The same, as a sum of hours is of its flushes.
    Same,
    /// Views by one word at a time: what is kept of a site's day.
    Facets,
    /// The same without what belongs to one site: its pages, elements and names.
    Fleet,
    /// What a site's hour adds to the fleet's sums by site: views by site and device.
    OfSite(&'a str),
    /// The fleet's sums by site, without a site's.
    Without(&'a str),
}

/// Sums, each under a lane and a key.
#[derive(Debug, Default)]
pub(super) struct Block {
    names: Names,
    lanes: BTreeMap<Lane, Sums>,
}

impl Block {
    /// The number of a key of words. A `name` that is empty is none.
    pub(super) fn key(&mut self, shape: Shape, words: &[&str], name: &str) -> u32 {
        self.names.key(shape, words, name)
    }

    /// The sum of a lane and a key, to be added to.
    pub(super) fn sum(&mut self, lane: Lane, key: u32) -> &mut Distribution {
        self.lanes.entry(lane).or_default().of(key)
    }

    /// Adds a projection of another block so many times: once, or -1 times to take it out.
    pub(super) fn add(
        &mut self,
        other: &Parsed<'_>,
        projection: Projection<'_>,
        times: i64,
    ) -> Result<(), StoreError> {
        let mut words: Vec<Option<u32>> = vec![None; other.words.len()];
        let mut targets: Vec<Option<Targets>> = vec![None; other.keys.len()];
        for section in &other.sections {
            let lane = section.lane;
            let is_out = match projection {
                Projection::Fleet => !lane.is_of_the_fleet(),
                Projection::OfSite(_) => !lane.is_of_each_site(),
                _ => false,
            };
            if is_out {
                continue;
            }
            let sums = self.lanes.entry(lane).or_default();
            if projection == Projection::Same {
                sums.expect(section.sums());
            }
            for entry in section.entries() {
                let (key, value) = entry?;
                let (known, count) = targets[key]
                    .get_or_insert_with(|| self.names.targets(other, key, projection, &mut words));
                for at in &known[..*count] {
                    lane.add(sums.of(*at), value, times)?;
                }
            }
        }
        Ok(())
    }

    /// The lanes that have sums.
    pub(super) fn lanes(&self) -> impl Iterator<Item = Lane> {
        let lanes = self.lanes.iter().filter(|(_, sums)| sums.is_filled());
        lanes.map(|(lane, _)| *lane)
    }

    /// Its bytes, or those of one lane. Sums of nothing are left out; `None` if nothing is left.
    pub(super) fn to_bytes(&self, only: Option<Lane>) -> Option<Vec<u8>> {
        let lanes = self.lanes.iter();
        let sections: Vec<_> = lanes
            .filter(|(lane, _)| only.is_none_or(|only| only == **lane))
            .map(|(lane, sums)| (*lane, sums.filled()))
            .filter(|(_, filled)| !filled.is_empty())
            .collect();
        if sections.is_empty() {
            return None;
        }
        let keys = sections.iter().flat_map(|(_, filled)| filled);
        let used = self.names.used(keys.map(|(key, _)| *key));
        let mut bytes = vec![VERSION];
        self.names.put(&used, &mut bytes);
        for (lane, sums) in sections {
            put_section(lane, &sums, &used, &mut bytes);
        }
        Some(bytes)
    }
}

fn put_section(lane: Lane, sums: &[(u32, &Distribution)], used: &Used, bytes: &mut Vec<u8>) {
    let (mut entries, mut value, mut next) = (Vec::with_capacity(8 * sums.len()), Vec::new(), 0);
    for (key, sum) in sums {
        let number = used.number(*key);
        put_varint(&mut entries, (number - next).into());
        next = number + 1;
        if lane.has_values() {
            value.clear();
            sum.put(&mut value);
            put_varint(&mut entries, value.len() as u64);
            entries.extend_from_slice(&value);
        } else {
            put_signed(&mut entries, sum.count);
        }
    }
    bytes.push(lane.number());
    put_varint(bytes, sums.len() as u64);
    put_varint(bytes, entries.len() as u64);
    bytes.extend_from_slice(&entries);
}

#[cfg(test)]
mod tests;
