//! The values of some weeks, hour by hour, in memory.
//!
//! In: cells of an hour, which replace what was known of it. Out: values as numbers of bins. A value
//! takes 12 bytes. What must never happen: an hour is counted twice.

use std::collections::BTreeMap;

use foresight_shared::{Metric, bins};

use super::names::Names;
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    /// The number of the words.
    pub(super) leaf: u32,
    pub(super) bin: u16,
    /// At least 1.
    pub(super) count: u32,
}

/// The values of an hour, by metric.
pub(super) type Hour = [Vec<Seen>; METRICS];

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
                        known[at].push(Seen {
                            leaf,
                            bin: bin.max(floor),
                            count,
                        });
                    }
                }
            }
        }
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

    pub(super) fn hour(&self, number: i64) -> Option<&Hour> {
        self.hours.get(&number)
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
