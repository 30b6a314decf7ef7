//! A block's bytes, read: words and keys at once, sums as they are asked for.
//!
//! In: bytes from the database. Out: what they say, borrowed. What must never happen: damaged bytes
//! are read beyond their end, or as something else than an error.

use super::{Key, Lane, VERSION};
use crate::{rollup::take_varint, store::error::StoreError};

/// A block as its bytes have it.
#[derive(Debug)]
pub(in crate::store) struct Parsed<'a> {
    pub(in crate::store) words: Vec<&'a str>,
    pub(in crate::store) keys: Vec<Key>,
    pub(in crate::store) sections: Vec<Section<'a>>,
}

/// The sums of a lane.
#[derive(Debug)]
pub(in crate::store) struct Section<'a> {
    pub(in crate::store) lane: Lane,
    sums: u64,
    keys: usize,
    bytes: &'a [u8],
}

impl<'a> Parsed<'a> {
    /// Reads all but the sums.
    pub(in crate::store) fn of(bytes: &'a [u8]) -> Result<Self, StoreError> {
        let Some((&VERSION, mut rest)) = bytes.split_first() else {
            let version = bytes.first();
            return Err(damaged(&format!(
                "has format {version:?}, this version reads format {VERSION}"
            )));
        };
        let words = read_words(&mut rest)?;
        let keys = read_keys(&mut rest, words.len())?;
        let mut sections = Vec::new();
        while let Some((&lane, after)) = rest.split_first() {
            rest = after;
            let sums = take_varint(&mut rest)?;
            let length = take_varint(&mut rest)?;
            sections.push(Section {
                lane: Lane::of(lane),
                sums,
                keys: keys.len(),
                bytes: take(&mut rest, length)?,
            });
        }
        Ok(Self {
            words,
            keys,
            sections,
        })
    }
}

impl<'a> Section<'a> {
    /// How many sums it has, at most.
    pub(in crate::store) fn sums(&self) -> usize {
        // The number may be damaged; a sum has two bytes at least.
        let most = self.bytes.len() / 2;
        usize::try_from(self.sums).map_or(most, |sums| sums.min(most))
    }

    /// The sums: the number of each one's key, and its bytes. After an error there are no more.
    pub(in crate::store) fn entries(
        &self,
    ) -> impl Iterator<Item = Result<(usize, &'a [u8]), StoreError>> + use<'a> {
        let (mut left, mut rest, mut next) = (self.sums, self.bytes, 0_u64);
        let (keys, has_values) = (self.keys as u64, self.lane.has_values());
        std::iter::from_fn(move || {
            if left == 0 {
                return None;
            }
            let entry = read_entry(&mut rest, &mut next, keys, has_values);
            left = if entry.is_ok() { left - 1 } else { 0 };
            Some(entry)
        })
    }
}

fn read_entry<'a>(
    rest: &mut &'a [u8],
    next: &mut u64,
    keys: u64,
    has_values: bool,
) -> Result<(usize, &'a [u8]), StoreError> {
    let key = next.saturating_add(take_varint(rest)?);
    if key >= keys {
        return Err(damaged(&format!("has key {key} of {keys}")));
    }
    *next = key + 1;
    let value = if has_values {
        let length = take_varint(rest)?;
        take(rest, length)?
    } else {
        let before = *rest;
        take_varint(rest)?;
        &before[..before.len() - rest.len()]
    };
    Ok((key as usize, value))
}

fn read_words<'a>(rest: &mut &'a [u8]) -> Result<Vec<&'a str>, StoreError> {
    let count = take_varint(rest)?;
    // The count may be damaged: nothing is reserved for it.
    let mut words = Vec::new();
    for _ in 0..count {
        let length = take_varint(rest)?;
        let word = std::str::from_utf8(take(rest, length)?);
        words.push(word.map_err(|_| damaged("has a word that is not UTF-8"))?);
    }
    Ok(words)
}

fn read_keys(rest: &mut &[u8], words: usize) -> Result<Vec<Key>, StoreError> {
    let count = take_varint(rest)?;
    let mut keys = Vec::new();
    for _ in 0..count {
        let kind = take(rest, 1)?[0];
        let Some((shape, named, length)) = Key::of_kind(kind) else {
            return Err(damaged(&format!("has a key of kind {kind}")));
        };
        let mut numbers = [0_u32; 8];
        for number in &mut numbers[..length] {
            let word = take_varint(rest)?;
            if word >= words as u64 {
                return Err(damaged(&format!("has word {word} of {words}")));
            }
            *number = word as u32;
        }
        keys.push(Key::new(shape, named, numbers[..length].iter().copied()));
    }
    Ok(keys)
}

fn take<'a>(rest: &mut &'a [u8], length: u64) -> Result<&'a [u8], StoreError> {
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let (taken, after) = rest
        .split_at_checked(length)
        .ok_or_else(|| damaged("is cut off"))?;
    *rest = after;
    Ok(taken)
}

fn damaged(how: &str) -> StoreError {
    StoreError::Row(format!("a block {how}"))
}
