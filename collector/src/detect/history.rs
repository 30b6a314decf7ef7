//! The values of some weeks, hour by hour, in memory.
//!
//! In: cells of an hour, which replace what was known of it. Out: values as numbers of bins, and what is
//! left of each beside what is usual. A value takes 16 bytes. What must never happen: an hour is counted
//! twice.

use std::collections::BTreeMap;

use foresight_shared::{Metric, bins};

use super::{
    Stop, Stopped,
    names::Names,
    offset::{Offset, Taken, settled_shift_of},
    usual::Usuals,
};
use crate::{event::HOUR_MS, store::CellSum};

/// The metrics that are watched. FID is not: INP took its place.
pub(super) const WATCHED: [Metric; 5] = [
    Metric::Lcp,
    Metric::Inp,
    Metric::Cls,
    Metric::Ttfb,
    Metric::Fcp,
];

/// How many metrics are watched.
pub(super) const METRICS: usize = WATCHED.len();

/// Values below this part of the threshold for good ones are alike: a visitor does not notice, and a
/// shift of 0 has no logarithm.
const FLOOR: f64 = 1.0 / 25.0;

/// Values of views with the same words in one hour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Seen {
    /// The number of the words.
    pub(super) leaf: u32,
    pub(super) bin: u16,
    /// At least 1.
    pub(super) count: u32,
    /// What is left beside what is usual and what is known to have changed, in bins; not a number where
    /// nothing is known to be usual.
    left: f32,
}

impl Seen {
    /// What is left beside what is usual, in bins.
    pub(super) fn left(&self) -> Option<f32> {
        (!self.left.is_nan()).then_some(self.left)
    }
}

/// The values of an hour.
#[derive(Clone, Debug, Default)]
pub(super) struct Hour {
    values: [Vec<Seen>; METRICS],
    /// Whether what is left was computed.
    is_compared: bool,
}

impl Hour {
    pub(super) fn of(&self, metric: usize) -> &[Seen] {
        &self.values[metric]
    }

    /// The values of all metrics.
    pub(super) fn all(&self) -> impl Iterator<Item = &Seen> {
        self.values.iter().flatten()
    }
}

/// Hours of values, by number.
#[derive(Debug, Default)]
pub(super) struct History {
    hours: BTreeMap<i64, Hour>,
}

impl History {
    /// Puts what is known of some hours in place of what was known before. Hours without cells are
    /// known to have none.
    pub(super) fn put(
        &mut self,
        names: &mut Names,
        hours: std::ops::Range<i64>,
        cells: &[CellSum],
    ) {
        for hour in hours.clone() {
            self.hours.insert(hour, Hour::default());
        }
        for (cell, vitals) in cells {
            let hour = cell.hour_ms.div_euclid(HOUR_MS);
            if !hours.contains(&hour) {
                continue;
            }
            let leaf = names.leaf(cell);
            let Some(known) = self.hours.get_mut(&hour) else {
                continue;
            };
            for (metric, distribution) in vitals {
                let Some(at) = WATCHED.iter().position(|one| one == metric) else {
                    continue;
                };
                let floor = floor(*metric);
                for (bin, count) in distribution.histogram.iter() {
                    // A replaced value of another hour leaves less than nothing: that is nothing.
                    if let Ok(count @ 1..) = u32::try_from(count) {
                        known.values[at].push(Seen {
                            leaf,
                            bin: bin.max(floor),
                            count,
                            left: f32::NAN,
                        });
                    }
                }
            }
        }
    }

    /// What is usual, or known to have changed, is something else now.
    pub(super) fn is_outdated(&mut self) {
        for hour in self.hours.values_mut() {
            hour.is_compared = false;
        }
    }

    /// Computes what is left of values where that was not done.
    pub(super) fn compare(
        &mut self,
        names: &Names,
        usuals: &Usuals,
        known: &[Offset],
        stop: Stop<'_>,
    ) -> Result<(), Stopped> {
        let known: Vec<_> = known
            .iter()
            .map(|offset| Taken::new(names, *offset))
            .collect();
        let hours = self.hours.iter_mut().filter(|(_, hour)| !hour.is_compared);
        for (number, hour) in hours {
            stop.check()?;
            for (metric, values) in hour.values.iter_mut().enumerate() {
                let known: Vec<_> = known
                    .iter()
                    .filter(|one| one.is_of(metric, *number))
                    .collect();
                for seen in values {
                    let usual = usuals[metric].of(names.of(seen.leaf), *number);
                    let shift = settled_shift_of(&known, names, metric, seen.leaf, *number);
                    let left = usual.zip(shift);
                    seen.left = left.map_or(f32::NAN, |(usual, shift)| {
                        f32::from(seen.bin) - usual - shift
                    });
                }
            }
            hour.is_compared = true;
        }
        Ok(())
    }

    /// Forgets what is before an hour.
    pub(super) fn drop_before(&mut self, hour: i64) {
        self.hours = self.hours.split_off(&hour);
    }

    /// The hours of a range, oldest first.
    pub(super) fn range(
        &self,
        hours: std::ops::Range<i64>,
    ) -> impl DoubleEndedIterator<Item = (i64, &Hour)> {
        let is_empty = hours.is_empty();
        let hours = if is_empty { 0..0 } else { hours };
        self.hours
            .range(hours)
            .map(|(number, hour)| (*number, hour))
    }

    /// The first hour that is known.
    pub(super) fn first(&self) -> Option<i64> {
        self.hours.keys().next().copied()
    }

    /// The first hour after the last one that is known.
    pub(super) fn end(&self) -> Option<i64> {
        self.hours.keys().next_back().map(|last| last + 1)
    }
}

fn floor(metric: Metric) -> u16 {
    bins::bin_of(metric.thresholds().0 * FLOOR)
}
