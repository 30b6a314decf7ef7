//! Figures of a distribution as reports show them: rounded, rated, never negative.

use foresight_shared::{Metric, Rating, Unit};

use crate::rollup::Distribution;

/// How many page views have a value. A range that cuts between a value and its replacement can sum
/// up to less than nothing; that is shown as nothing.
pub(super) fn count(distribution: &Distribution) -> u64 {
    whole(distribution.count)
}

/// A sum of counts.
pub(super) fn whole(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

/// The 75th percentile, in the metric's unit. `None` without values.
pub(super) fn p75(metric: Metric, distribution: &Distribution) -> Option<f64> {
    if count(distribution) == 0 {
        return None;
    }
    distribution.p75().map(|value| rounded(metric, value))
}

/// The 95% interval of the 75th percentile. `None` without values.
pub(super) fn p75_interval(metric: Metric, distribution: &Distribution) -> Option<(f64, f64)> {
    if count(distribution) == 0 {
        return None;
    }
    let (low, high) = distribution.p75_interval()?;
    Some((rounded(metric, low), rounded(metric, high)))
}

/// How the 75th percentile is rated. `None` without values.
pub(super) fn rating(metric: Metric, distribution: &Distribution) -> Option<Rating> {
    p75(metric, distribution).map(|value| metric.rate(value))
}

/// A value to a tenth of a ms, or a ten-thousandth of a score: finer than the histogram's bins.
fn rounded(metric: Metric, value: f64) -> f64 {
    let steps = match metric.unit() {
        Unit::Milliseconds => 10.0,
        Unit::Score => 10_000.0,
    };
    (value * steps).round() / steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_left_has_no_percentile() {
        let mut cut = Distribution::default();
        cut.record(Metric::Lcp, 100.0, Some(200.0));
        cut.record(Metric::Lcp, 300.0, Some(400.0));
        assert_eq!((cut.count, count(&cut)), (0, 0));
        assert_eq!(p75(Metric::Lcp, &cut), None);
        assert_eq!(p75_interval(Metric::Lcp, &cut), None);
        assert_eq!(rating(Metric::Lcp, &cut), None);
        cut.count = -3;
        assert_eq!(count(&cut), 0);
    }

    #[test]
    fn values_are_rounded_to_what_their_unit_can_show() {
        assert_eq!(rounded(Metric::Lcp, 1730.249), 1730.2);
        assert_eq!(rounded(Metric::Cls, 0.123_46), 0.1235);
    }
}
