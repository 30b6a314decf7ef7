//! What is known to have changed, and is taken out of values before anything else is looked for.
//!
//! In: a cohort, since when and until when, and by how many bins each metric moved. Out: the shift of a
//! view. What must never happen: one cause is found twice, the second time as something that is left of
//! the first.

use super::{cohort::Key, history::METRICS, members::Members, names::Names};

/// Hours for which a finding is found anew: until then its effect is not surely known.
pub(super) const YOUNG_HOURS: i64 = 48;

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

/// The shift of a view in a metric, by settled findings of its hour and metric. `None` if one of them was
/// over while it was young: it may have been of a part of the cohort only (fast robots among visitors), and
/// the rest, moved by the mean of all, would look like a change.
pub(super) fn settled_shift_of(
    settled: &[&Taken],
    names: &Names,
    metric: usize,
    leaf: u32,
    hour: i64,
) -> Option<f32> {
    let holds = |one: &&&Taken| one.members.hold(names, leaf, hour);
    let of_view = settled.iter().filter(holds);
    let shifts = of_view.map(|one| {
        let Offset {
            from, until, shift, ..
        } = one.offset;
        (until.saturating_sub(from) >= YOUNG_HOURS).then_some(shift[metric])
    });
    shifts.sum()
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
