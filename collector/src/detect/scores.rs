//! Scores of an hour: how far each cohort's values are from what is usual.
//!
//! In: an hour's values. Out: for each cohort that has some, how many, and the sum of their distances in
//! spreads. A distance is cut at [`FAR`]: a few slow outliers are no change (Huber's function:
//! <https://doi.org/10.1214/aoms/1177703732>). What must never happen: a value without a usual one is
//! counted.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::{
    cohort::{Index, keys_of},
    history::{Hour, METRICS},
    names::Names,
    offset::{Taken, shift_of},
};

/// Distances, in spreads, beyond which a value is no farther.
const FAR: f32 = 2.5;

/// A cohort's values in an hour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Score {
    /// The cohort.
    pub(super) number: u32,
    pub(super) count: f32,
    pub(super) sum: f32,
}

/// The scores of an hour, by metric.
pub(super) type HourScores = [Vec<Score>; METRICS];

/// Adds up scores. Kept, so that its lists are not made anew for each hour.
#[derive(Debug, Default)]
pub(super) struct Scorer {
    pub(super) index: Index,
    /// The cohorts of a leaf on a site with a new build.
    lists: HashMap<(u32, u16), Box<[u32]>, RandomState>,
    counts: Vec<f32>,
    sums: Vec<f32>,
    touched: Vec<u32>,
}

impl Scorer {
    /// The scores of an hour.
    pub(super) fn hour(
        &mut self,
        names: &Names,
        spreads: &[f32; METRICS],
        (number, hour): (i64, &Hour),
    ) -> HourScores {
        let mut scores = HourScores::default();
        for (metric, scores) in scores.iter_mut().enumerate() {
            for seen in hour.of(metric) {
                if let Some(left) = seen.left() {
                    let count = seen.count as f32;
                    let sum = distance(left, spreads[metric]) * count;
                    self.add(names, (number, seen.leaf), count, sum);
                }
            }
            *scores = self.take();
        }
        scores
    }

    /// Scores of an hour and metric without one more shift than `before`.
    pub(super) fn without(
        &mut self,
        (names, spread): (&Names, f32),
        (number, hour): (i64, &Hour),
        (metric, scores): (usize, &[Score]),
        (taken, before): (&Taken, &[Taken]),
    ) -> Vec<Score> {
        let before: Vec<_> = before
            .iter()
            .filter(|one| one.is_of(metric, number))
            .collect();
        for seen in hour.of(metric) {
            if let Some(left) = seen.left()
                && taken.members.hold(names, seen.leaf, number)
            {
                let left = left - shift_of(&before, names, metric, seen.leaf, number);
                let moved =
                    distance(left - taken.offset.shift[metric], spread) - distance(left, spread);
                let count = seen.count as f32;
                self.add(names, (number, seen.leaf), count, moved * count);
            }
        }
        let moved = scores.iter().map(|score| Score {
            sum: score.sum + self.sums.get(score.number as usize).copied().unwrap_or(0.0),
            ..*score
        });
        let scores = moved.collect();
        self.take();
        scores
    }

    /// Adds values of a leaf to its cohorts.
    fn add(&mut self, names: &Names, (hour, leaf): (i64, u32), count: f32, sum: f32) {
        let build = names.new_build(names.of(leaf).site, hour);
        let index = &mut self.index;
        let numbers = self.lists.entry((leaf, build)).or_insert_with(|| {
            let keys = keys_of(names, names.of(leaf), build);
            keys.map(|key| index.number(key)).collect()
        });
        if self.counts.len() < index.len() {
            self.counts.resize(index.len(), 0.0);
            self.sums.resize(index.len(), 0.0);
        }
        for number in numbers {
            let place = *number as usize;
            if self.counts[place] == 0.0 {
                self.touched.push(*number);
            }
            self.counts[place] += count;
            self.sums[place] += sum;
        }
    }

    fn take(&mut self) -> Vec<Score> {
        let touched = self.touched.drain(..);
        let taken = touched.map(|number| {
            let place = number as usize;
            Score {
                number,
                count: std::mem::take(&mut self.counts[place]),
                sum: std::mem::take(&mut self.sums[place]),
            }
        });
        taken.collect()
    }
}

/// How far a value is from what is usual, in spreads.
pub(super) fn distance(left: f32, spread: f32) -> f32 {
    (left / spread).clamp(-FAR, FAR)
}
