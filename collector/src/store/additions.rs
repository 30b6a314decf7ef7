//! What is added to rows of sums, and how damaged rows are met.
//!
//! In: blocks, each with the place it is to be added to. Out: rows that hold what was there and what
//! was added, each place once. What must never happen: a row that was taken is neither in a sum nor
//! put back as it was, also if it is damaged.

use std::collections::{BTreeMap, btree_map::Entry};

use super::{
    block::{Block, Lane, Parsed, Projection},
    engine::Transaction,
    error::StoreError,
    levels::{EVERY_LANE, has_lanes},
    rows::{Author, Line, Place, Taken, insert, take},
};
use crate::event::Millis;

/// Who puts damaged rows back, beside the sums of their places, which nobody in particular wrote.
const DAMAGED: &str = "damaged";

/// A sum of which only one part is known is kept as the bytes that it has.
enum Sum {
    Bytes(Vec<u8>),
    Block(Block),
}

/// How damaged rows are met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Care {
    /// Rows are believed; one that turns out to be damaged is an error, and the transaction is to be
    /// given up.
    Quick,
    /// Each row is read whole before it is added. A damaged one goes back as it was, beside the sum.
    Thorough,
}

/// What is to be added, by place.
pub(super) struct Additions {
    care: Care,
    sums: BTreeMap<Place, Sum>,
    damaged: Vec<Line>,
    /// What is wrong with the first damaged row.
    damage: Option<StoreError>,
}

impl Additions {
    pub(super) const fn new(care: Care) -> Self {
        Self {
            care,
            sums: BTreeMap::new(),
            damaged: Vec::new(),
            damage: None,
        }
    }

    /// Whether a row can be added. One that cannot is put back, and counted nowhere.
    pub(super) fn admits(&mut self, level: i64, row: &Taken) -> bool {
        let error = match self.care {
            Care::Quick => return true,
            Care::Thorough => match readable(&row.block) {
                Ok(_) => return true,
                Err(error) => error,
            },
        };
        let place = Place {
            site: row.site.clone(),
            level,
            lane: row.lane,
            start_ms: row.start_ms,
        };
        let mut author = row.author.clone();
        if author == Author::default() {
            author = Author {
                spool: DAMAGED.to_owned(),
                // By chance, so that two damaged rows of a place do not meet.
                position: rand::random::<u32>().into(),
            };
        }
        self.damaged.push((place, author, row.block.clone()));
        self.damage.get_or_insert(error);
        false
    }

    /// Adds a projection of a block so many times.
    pub(super) fn add(
        &mut self,
        place: Place,
        bytes: &[u8],
        parsed: &Parsed<'_>,
        projection: Projection<'_>,
        times: i64,
    ) -> Result<(), StoreError> {
        let whole = projection == Projection::Same && times == 1;
        match self.sums.entry(place) {
            Entry::Vacant(vacant) if whole => {
                vacant.insert(Sum::Bytes(bytes.to_vec()));
                Ok(())
            }
            entry => {
                let sum = entry.or_insert_with(|| Sum::Block(Block::default()));
                sum.block()?.add(parsed, projection, times)
            }
        }
    }

    /// Puts everything down: adds what is at the places already. Returns what is wrong with the first
    /// damaged row, if there was one.
    pub(super) async fn put(
        mut self,
        transaction: &mut dyn Transaction,
    ) -> Result<Option<StoreError>, StoreError> {
        let mut rows = Vec::new();
        for ((level, first_ms, last_ms), sites) in self.ranges() {
            let sites: Vec<_> = sites.iter().map(String::as_str).collect();
            let stored = take(transaction, &sites, level, first_ms..last_ms + 1).await?;
            for row in stored {
                rows.extend(self.join(level, row)?);
            }
        }
        for (place, sum) in self.sums {
            let divided = divide(place, sum)?.into_iter();
            rows.extend(divided.map(|(place, block)| (place, Author::default(), block)));
        }
        if let (Some((place, ..)), Some(error)) = (self.damaged.first(), &self.damage) {
            let damaged_rows = self.damaged.len();
            tracing::error!(damaged_rows, first = ?place, %error, "left out of sums");
        }
        rows.append(&mut self.damaged);
        insert(transaction, rows).await?;
        Ok(self.damage)
    }

    /// The levels and ranges of time that hold every place, with the sites that have the same: few
    /// statements then take what is there.
    fn ranges(&self) -> BTreeMap<(i64, Millis, Millis), Vec<String>> {
        let mut ranges: BTreeMap<(&str, i64), (Millis, Millis)> = BTreeMap::new();
        for place in self.sums.keys() {
            let key = (&*place.site, place.level);
            let range = ranges.entry(key).or_insert((Millis::MAX, Millis::MIN));
            *range = (range.0.min(place.start_ms), range.1.max(place.start_ms));
        }
        let mut sites: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for ((site, level), (first_ms, last_ms)) in ranges {
            let range = (level, first_ms, last_ms);
            sites.entry(range).or_default().push(site.to_owned());
        }
        sites
    }

    /// Adds a stored row to the sum at its place. If nothing is to be added there, it goes back as it
    /// is.
    fn join(&mut self, level: i64, row: Taken) -> Result<Option<Line>, StoreError> {
        let mut place = Place {
            site: row.site.clone(),
            level,
            lane: EVERY_LANE,
            start_ms: row.start_ms,
        };
        if !self.sums.contains_key(&place) {
            place.lane = row.lane;
        }
        if !self.sums.contains_key(&place) {
            return Ok(Some((place, row.author, row.block)));
        }
        if self.admits(level, &row)
            && let Some(sum) = self.sums.get_mut(&place)
        {
            let stored = Parsed::of(&row.block)?;
            sum.block()?.add(&stored, Projection::Same, 1)?;
        }
        Ok(None)
    }
}

impl Sum {
    /// The block, to be added to.
    fn block(&mut self) -> Result<&mut Block, StoreError> {
        if let Self::Bytes(bytes) = self {
            let mut block = Block::default();
            block.add(&Parsed::of(bytes)?, Projection::Same, 1)?;
            *self = Self::Block(block);
        }
        match self {
            Self::Block(block) => Ok(block),
            Self::Bytes(_) => Err(StoreError::Row("a block was not read".into())),
        }
    }
}

/// A block of which every sum can be read.
pub(super) fn readable(bytes: &[u8]) -> Result<Parsed<'_>, StoreError> {
    let parsed = Parsed::of(bytes)?;
    Block::default().add(&parsed, Projection::Same, 1)?;
    Ok(parsed)
}

/// A sum as rows: at levels with lanes, one for each.
fn divide(place: Place, sum: Sum) -> Result<Vec<(Place, Vec<u8>)>, StoreError> {
    let mut sum = sum;
    if !has_lanes(place.level) || place.lane != EVERY_LANE {
        let bytes = match sum {
            Sum::Bytes(bytes) => Some(bytes),
            Sum::Block(block) => block.to_bytes(None),
        };
        return Ok(bytes.map(|bytes| (place, bytes)).into_iter().collect());
    }
    let block = sum.block()?;
    let of_lane = |lane: Lane| {
        let bytes = block.to_bytes(Some(lane))?;
        let lane = lane.number().into();
        Some((
            Place {
                lane,
                ..place.clone()
            },
            bytes,
        ))
    };
    Ok(block.lanes().filter_map(of_lane).collect())
}
