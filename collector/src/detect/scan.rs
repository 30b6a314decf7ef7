//! Where to look: the cohort whose latest hours are hardest to explain by chance.
//!
//! In: scores of the last days. Out: a cohort, a metric, and since when. For each cohort, each number of
//! latest hours is tried: the gain in likelihood by a shift in all of them is `sum² / (2 count)`, as in
//! CUSUM tests (Page, 1954: <https://doi.org/10.1093/biomet/41.1-2.100>) and scan statistics (Neill, 2012:
//! <https://doi.org/10.1111/j.1467-9868.2011.01014.x>). A part of the cohort has less of the shift's
//! values, and a larger cohort dilutes them, so the cohort that the cause has in common has the most.
//! Cohorts pay for how many there are like them. What must never happen: a large cohort is named because
//! a small part of it changed.

use std::collections::HashSet;

use super::{cohort::Index, scores::Score};

/// The last hours that are looked at.
pub(super) const WINDOW_HOURS: i64 = 72;

/// Fewer hours are no change yet.
pub(super) const LEAST_HOURS: i64 = 4;

/// Fewer values say nothing.
const LEAST_VALUES: f32 = 30.0;

/// Smaller shifts, in spreads, are not followed.
const LEAST_SHIFT: f32 = 0.12;

/// The least gain, beside what a cohort pays.
const LEAST_GAIN: f64 = 12.0;

/// What each word of a cohort costs: of two with the same views, the one with fewer words is named.
const WORD: f64 = 1.0;

/// A shift that asks for an explanation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Suspect {
    pub(super) metric: usize,
    /// The cohort.
    pub(super) number: u32,
    /// The first hour of the shift.
    pub(super) from: i64,
    pub(super) gain: f64,
    /// Whether values went up.
    pub(super) is_worse: bool,
}

#[derive(Clone, Copy, Default)]
struct Running {
    count: f32,
    sum: f32,
    gain: f32,
    from: i64,
    is_worse: bool,
}

/// The suspect of a metric with the most gain, of those that were not looked at. Hours are in the order
/// of time.
pub(super) fn suspect(
    hours: &[(i64, &[Score])],
    index: &Index,
    metric: usize,
    seen: &HashSet<(usize, u32)>,
) -> Option<Suspect> {
    let end = hours.last()?.0 + 1;
    let mut running = vec![Running::default(); index.len()];
    for (hour, scores) in hours.iter().rev() {
        for Score { number, count, sum } in *scores {
            let one = &mut running[*number as usize];
            one.count += count;
            one.sum += sum;
            let gain = one.sum * one.sum / (2.0 * one.count);
            let is_enough = end - hour >= LEAST_HOURS
                && one.count >= LEAST_VALUES
                && one.sum.abs() >= LEAST_SHIFT * one.count;
            if is_enough && gain > one.gain {
                one.gain = gain;
                one.from = *hour;
                one.is_worse = one.sum > 0.0;
            }
        }
    }
    let suspects = (0..).zip(&running).filter_map(|(number, one)| {
        if f64::from(one.gain) < LEAST_GAIN || seen.contains(&(metric, number)) {
            return None;
        }
        let key = index.key(number);
        let gain = f64::from(one.gain) - index.alike(&key).ln() - WORD * key.words();
        (gain >= LEAST_GAIN).then_some(Suspect {
            metric,
            number,
            from: one.from,
            gain,
            is_worse: one.is_worse,
        })
    });
    suspects.max_by(|a, b| a.gain.total_cmp(&b.gain))
}
