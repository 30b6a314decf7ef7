//! What the fuzz target of blocks asks of this room; only there with the feature `fuzzing`.
//!
//! In: blocks, as a database gives them back. Out: what they say, and what their sum is. What must
//! never happen: anything is decided here that the real path decides elsewhere.

use std::collections::BTreeMap;

use super::{
    block::{Block, Parsed, Projection, Shape},
    error::StoreError,
};
use crate::rollup::Distribution;

/// Sums by lane, shape and words; without those of nothing.
pub type Sums = BTreeMap<(u8, u8, Vec<String>), Distribution>;

/// What a block becomes when it is added to another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum As {
    /// The same.
    Itself,
    /// A site's day.
    Day,
    /// What the fleet has of it.
    Fleet,
}

/// The shape of a page view's words, and those that a day has in its place, as in [`Sums`].
pub const VIEW: u8 = Shape::View as u8;
/// See [`VIEW`].
pub const FACETS: [u8; 4] = [
    Shape::Page as u8,
    Shape::Country as u8,
    Shape::Browser as u8,
    Shape::Navigation as u8,
];

/// What a block says.
///
/// # Errors
/// If it is damaged.
pub fn sums(bytes: &[u8]) -> Result<Sums, StoreError> {
    let block = Parsed::of(bytes)?;
    let mut sums = Sums::new();
    for section in &block.sections {
        for entry in section.entries() {
            let (at, value) = entry?;
            let key = &block.keys[at];
            let words = key.words().iter();
            let words = words.map(|word| block.words[*word as usize].to_owned());
            let lane = section.lane;
            let key = (lane.number(), key.shape() as u8, words.collect());
            lane.add(sums.entry(key).or_default(), value, 1)?;
        }
    }
    sums.retain(|_, sum| !sum.is_empty());
    Ok(sums)
}

/// Blocks added up, each so many times. `None` if nothing is left.
///
/// # Errors
/// If one is damaged.
pub fn sum(blocks: &[(&[u8], i64)], what: As) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(added(blocks, what)?.to_bytes(None))
}

/// The same, divided into a block for each lane.
///
/// # Errors
/// If one is damaged.
pub fn sum_by_lane(blocks: &[(&[u8], i64)], what: As) -> Result<Vec<Vec<u8>>, StoreError> {
    let block = added(blocks, what)?;
    let lanes = block.lanes();
    Ok(lanes
        .filter_map(|lane| block.to_bytes(Some(lane)))
        .collect())
}

fn added(blocks: &[(&[u8], i64)], what: As) -> Result<Block, StoreError> {
    let projection = match what {
        As::Itself => Projection::Same,
        As::Day => Projection::Facets,
        As::Fleet => Projection::Fleet,
    };
    let mut block = Block::default();
    for (bytes, times) in blocks {
        block.add(&Parsed::of(bytes)?, projection, *times)?;
    }
    Ok(block)
}
