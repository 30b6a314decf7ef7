//! Histogram bins with a relative error of at most 1%.
//!
//! Bin 0 holds values up to [`SMALLEST`]. Bin `i` holds values in
//! `(SMALLEST * GAMMA^(i-1), SMALLEST * GAMMA^i]`, and is reported as the value whose relative
//! distance to both ends is the same, as in `DDSketch` (<https://arxiv.org/abs/1908.10693>). All
//! metrics share one scale, so that histograms can be merged by adding counts and nothing else.

/// The largest relative error of a reported value.
pub const RELATIVE_ERROR: f64 = 0.01;

/// The ratio of a bin's upper bound to its lower one.
pub const GAMMA: f64 = (1.0 + RELATIVE_ERROR) / (1.0 - RELATIVE_ERROR);

/// Values up to this one (in ms, or as a layout shift score) are counted as 0.
pub const SMALLEST: f64 = 1e-4;

/// The number of the last bin: it holds 600,000 ms, the largest duration a batch may carry.
pub const LAST: u16 = 1126;

/// The bin that holds `value`. Values above the last bin's bound are counted in the last bin;
/// negative values and NaN, which no accepted event has, in bin 0.
#[must_use]
pub fn bin_of(value: f64) -> u16 {
    if value.is_nan() || value <= SMALLEST {
        return 0;
    }
    let number = ((value / SMALLEST).ln() / GAMMA.ln()).ceil();
    // The cast saturates, and `number` is at least 0 here.
    (number as u16).clamp(1, LAST)
}

/// The value that is reported for a bin.
#[must_use]
pub fn value_of(bin: u16) -> f64 {
    if bin == 0 {
        return 0.0;
    }
    SMALLEST * 2.0 * GAMMA.powi(i32::from(bin)) / (GAMMA + 1.0)
}

/// The largest value that a bin holds.
#[must_use]
pub fn upper_bound(bin: u16) -> f64 {
    SMALLEST * GAMMA.powi(i32::from(bin))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits;
    use proptest::prelude::*;

    #[test]
    fn the_last_bin_is_the_one_of_the_largest_duration() {
        assert_eq!(bin_of(limits::DURATION_MS), LAST);
        assert!(upper_bound(LAST - 1) < limits::DURATION_MS);
    }

    #[test]
    fn odd_values_have_a_bin_too() {
        for (value, bin) in [
            (0.0, 0),
            (-1.0, 0),
            (f64::NAN, 0),
            (SMALLEST, 0),
            (f64::INFINITY, LAST),
            (1e300, LAST),
        ] {
            assert_eq!(bin_of(value), bin, "{value}");
        }
    }

    proptest! {
        #[test]
        fn a_reported_value_is_within_the_relative_error(value in SMALLEST * 1.0001..limits::DURATION_MS) {
            let reported = value_of(bin_of(value));
            prop_assert!((reported - value).abs() <= value * RELATIVE_ERROR * 1.000_001);
        }

        #[test]
        fn a_larger_value_never_has_a_smaller_bin(a in 0.0..1e6_f64, b in 0.0..1e6_f64) {
            let (small, large) = if a <= b { (a, b) } else { (b, a) };
            prop_assert!(bin_of(small) <= bin_of(large));
        }

        #[test]
        fn a_value_is_between_its_bins_bounds(value in SMALLEST * 1.0001..limits::DURATION_MS) {
            let bin = bin_of(value);
            prop_assert!(value <= upper_bound(bin) * 1.000_001);
            prop_assert!(value > upper_bound(bin - 1) * 0.999_999);
        }
    }
}
