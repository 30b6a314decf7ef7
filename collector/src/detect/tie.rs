//! How two cohorts have to do with one another.
//!
//! In: two cohorts. Out: whether they are the same, one is a part of the other, or many of their views are
//! the same. What must never happen: two that share only a word are taken for one.

use super::{cohort::Key, members::Members, scan::WINDOW_HOURS, sight::Sight};

/// The part of the views of two cohorts that both have, from which on they are the same, or alike.
const SAME_PART: f64 = 0.8;
const ALIKE_PART: f64 = 0.4;

/// How two cohorts have to do with one another, the strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tie {
    /// They have the same words, or nearly the same views.
    Same,
    /// One is a part of the other.
    Nested,
    /// Many of their views are the same.
    Alike,
    None,
}

/// How two cohorts have to do with one another, by their words and their views in the last days.
pub(super) fn tie(sight: &Sight<'_>, a: &Key, b: &Key) -> Tie {
    if a == b {
        return Tie::Same;
    }
    let part = same_part(sight, a, b);
    if part >= SAME_PART {
        Tie::Same
    } else if sight.names.are_nested(a, b) {
        Tie::Nested
    } else if part >= ALIKE_PART {
        Tie::Alike
    } else {
        Tie::None
    }
}

/// The part of the last days' views of two cohorts that both have.
fn same_part(sight: &Sight<'_>, a: &Key, b: &Key) -> f64 {
    let (mut both, mut any) = (0_u64, 0_u64);
    let hours = sight.end - WINDOW_HOURS..sight.end;
    let names = sight.names;
    let (a, b) = (Members::of(names, a), Members::of(names, b));
    for (hour, values) in sight.history.range(hours) {
        for value in values.all() {
            let in_a = a.hold(names, value.leaf, hour);
            let in_b = b.hold(names, value.leaf, hour);
            both += u64::from(in_a && in_b) * u64::from(value.count);
            any += u64::from(in_a || in_b) * u64::from(value.count);
        }
    }
    both as f64 / any.max(1) as f64
}
