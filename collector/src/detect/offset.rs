//! What is known to have changed, and is taken out of values before anything else is looked for.
//!
//! In: a cohort, since when and until when, and by how many bins each metric moved. Out: the shift of a
//! view. What must never happen: one cause is found twice, the second time as something that is left of
//! the first.

use super::{cohort::Key, history::METRICS, members::Members, names::Names};

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

/// A shift, with the views that have it.
#[derive(Clone, Debug)]
pub(super) struct Taken {
    pub(super) offset: Offset,
    pub(super) members: Members,
}

impl Taken {
    pub(super) fn new(names: &Names, offset: Offset) -> Self {
        Self {
            members: Members::of(names, &offset.key),
            offset,
        }
    }

    /// Whether it says anything of a metric in an hour.
    pub(super) fn is_of(&self, metric: usize, hour: i64) -> bool {
        let Offset { from, until, .. } = self.offset;
        self.offset.shift[metric] != 0.0 && (from..until).contains(&hour)
    }
}

/// The shift of a view in a metric, by those that are of its hour and metric.
pub(super) fn shift_of(
    taken: &[&Taken],
    names: &Names,
    metric: usize,
    leaf: u32,
    hour: i64,
) -> f32 {
    let of = |one: &&&Taken| one.members.hold(names, leaf, hour);
    taken
        .iter()
        .filter(of)
        .map(|one| one.offset.shift[metric])
        .sum()
}
