//! How far the 75th percentile of one sample is from another's, with its 95% interval.
//!
//! In: values with counts. Out: a difference. The interval of each percentile is that of its ranks, as in
//! [`crate::rollup::Distribution::p75_interval`]; those of two independent samples are joined by the root
//! of the squares of their halves. What must never happen: an interval of a sample without values.

/// The quantile that vitals are rated at.
const P: f64 = 0.75;

/// The middle 95% of a normal distribution, in standard deviations.
const Z: f64 = 1.96;

/// A percentile and its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Percentile {
    pub(super) value: f64,
    low: f64,
    high: f64,
}

/// A difference and its 95% interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Shift {
    pub(super) value: f64,
    pub(super) low: f64,
    pub(super) high: f64,
}

/// The 75th percentile of values with counts. `None` without values.
///
/// `spread_out` is by what the variance is larger than that of independent values; at least 1.
pub(super) fn p75(values: &mut [(f32, u32)], spread_out: f64) -> Option<Percentile> {
    values.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let count: u64 = values.iter().map(|(_, count)| u64::from(*count)).sum();
    let n = count as f64;
    let half = Z * (n * P * (1.0 - P) * spread_out).sqrt();
    let at = |rank: f64| {
        let rank = (rank.clamp(1.0, n.max(1.0))) as u64;
        let mut seen = 0;
        let found = values.iter().find(|(_, count)| {
            seen += u64::from(*count);
            seen >= rank
        });
        found.map(|(value, _)| f64::from(*value))
    };
    Some(Percentile {
        value: at((n * P).ceil())?,
        low: at((n * P - half).floor())?,
        high: at((n * P + half).ceil())?,
    })
}

/// From one percentile to another.
pub(super) fn shift(before: Percentile, after: Percentile) -> Shift {
    let value = after.value - before.value;
    let down = (after.value - after.low).hypot(before.high - before.value);
    let up = (after.high - after.value).hypot(before.value - before.low);
    Shift {
        value,
        low: value - down,
        high: value + up,
    }
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng, rngs::StdRng};

    use super::*;

    #[test]
    fn ninety_five_of_a_hundred_intervals_hold_the_truth() {
        let mut random = StdRng::seed_from_u64(7);
        let mut sample = |count: usize, more: f32| -> Vec<(f32, u32)> {
            (0..count)
                .map(|_| (random.random::<f32>().ln() * -10.0 + more, 1))
                .collect()
        };
        let mut held = 0;
        for _ in 0..1000 {
            let before = p75(&mut sample(400, 0.0), 1.0).unwrap();
            let after = p75(&mut sample(150, 5.0), 1.0).unwrap();
            let shift = shift(before, after);
            held += u32::from(shift.low <= 5.0 && 5.0 <= shift.high);
        }
        assert!((925..=985).contains(&held), "{held}");
    }

    #[test]
    fn values_count_as_often_as_they_are_there() {
        let few = p75(&mut [(1.0, 3), (2.0, 1)], 1.0).unwrap();
        assert_eq!(few.value, 1.0);
        let many = p75(&mut [(2.0, 2), (1.0, 3)], 1.0).unwrap();
        assert_eq!(many.value, 2.0);
        assert_eq!(p75(&mut [], 1.0), None);
    }
}
