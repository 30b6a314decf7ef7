//! What is known to have changed, and is taken out of values before anything else is looked for.
//!
//! In: a cohort, since when and until when, and by how many bins each metric moved. Out: the shift of a
//! view. What must never happen: one cause is found twice, the second time as something that is left of
//! the first.

use super::{
    cohort::Key,
    history::METRICS,
    names::{Leaf, Names},
};

/// A cohort's shift.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Offset {
    pub(super) key: Key,
    /// The first hour.
    pub(super) from: i64,
    /// The hour after the last one.
    pub(super) until: i64,
    /// In bins, by metric.
    pub(super) shift: [f32; METRICS],
}

impl Offset {
    pub(super) fn holds(&self, names: &Names, leaf: &Leaf, hour: i64) -> bool {
        hour >= self.from && hour < self.until && self.key.holds(names, leaf, hour)
    }
}

/// The shift of a view in a metric.
pub(super) fn shift_of(
    offsets: &[Offset],
    names: &Names,
    metric: usize,
    leaf: &Leaf,
    hour: i64,
) -> f32 {
    let of = |offset: &&Offset| offset.shift[metric] != 0.0 && offset.holds(names, leaf, hour);
    offsets
        .iter()
        .filter(of)
        .map(|offset| offset.shift[metric])
        .sum()
}
