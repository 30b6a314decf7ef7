//! Scores of an hour: how far each cohort's values are from what is usual.
//!
//! In: an hour's values. Out: for each cohort that has some, how many, and the sum of their distances in
//! spreads. A distance is cut at [`FAR`]: a few slow outliers are no change. What must never happen: a
//! value without a usual one is counted.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::{
    cohort::{Index, Shared, own_keys},
    history::{Hour, METRICS, Seen},
    names::Names,
    offset::{Offset, shift_of},
    usual::Usual,
};

/// Distances, in spreads, beyond which a value is no farther.
pub(super) const FAR: f32 = 2.5;

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

/// What is usual, by metric.
pub(super) type Usuals = [Usual; METRICS];

/// Adds up scores. Kept, so that its lists are not made anew for each hour.
#[derive(Debug, Default)]
pub(super) struct Scorer {
    pub(super) index: Index,
    shared: HashMap<Shared, Vec<u32>, RandomState>,
    counts: Vec<f32>,
    sums: Vec<f32>,
    touched: Vec<u32>,
}

impl Scorer {
    /// The scores of an hour.
    pub(super) fn hour(
        &mut self,
        names: &Names,
        usuals: &Usuals,
        offsets: &[Offset],
        (number, hour): (i64, &Hour),
    ) -> HourScores {
        let mut scores = HourScores::default();
        let near: Vec<_> = offsets
            .iter()
            .filter(|offset| (offset.from..offset.until).contains(&number))
            .copied()
            .collect();
        for (metric, values) in hour.iter().enumerate() {
            scores[metric] = self.metric(names, &usuals[metric], &near, metric, (number, values));
        }
        scores
    }

    fn metric(
        &mut self,
        names: &Names,
        usual: &Usual,
        offsets: &[Offset],
        metric: usize,
        (hour, values): (i64, &[Seen]),
    ) -> Vec<Score> {
        let mut shared: HashMap<Shared, (f32, f32), RandomState> = HashMap::default();
        for Seen { leaf, bin, count } in values {
            let leaf = names.of(*leaf);
            let Some(expected) = usual.of(leaf, hour) else {
                continue;
            };
            let shift = shift_of(offsets, names, metric, leaf, hour);
            let distance = distance(f32::from(*bin) - shift - expected, usual.spread());
            let (count, sum) = (*count as f32, distance * *count as f32);
            let of_shared = shared.entry(Shared::of(names, leaf, hour)).or_default();
            of_shared.0 += count;
            of_shared.1 += sum;
            for key in own_keys(names, leaf) {
                let number = self.index.number(key);
                self.add(number, count, sum);
            }
        }
        for (words, (count, sum)) in shared {
            let numbers = self.shared.remove(&words).unwrap_or_else(|| {
                let keys = words.keys();
                keys.map(|key| self.index.number(key)).collect()
            });
            for number in &numbers {
                self.add(*number, count, sum);
            }
            self.shared.insert(words, numbers);
        }
        self.take()
    }

    fn add(&mut self, number: u32, count: f32, sum: f32) {
        let place = number as usize;
        if self.counts.len() <= place {
            self.counts.resize(place + 1, 0.0);
            self.sums.resize(place + 1, 0.0);
        }
        if self.counts[place] == 0.0 {
            self.touched.push(number);
        }
        self.counts[place] += count;
        self.sums[place] += sum;
    }

    fn take(&mut self) -> Vec<Score> {
        let touched = std::mem::take(&mut self.touched).into_iter();
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
