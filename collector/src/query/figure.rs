//! Figures of a distribution as reports show them: rounded, rated, never negative.

use std::borrow::Cow;

use foresight_shared::{Metric, Rating, Unit};
use serde::{Serialize, Serializer};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, Ref, RefOr, Schema},
};

use crate::rollup::Distribution;

/// Page views that a percentile is told of, at least.
pub(super) const LEAST_COUNT: u64 = 25;

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
pub(super) fn rating(distribution: &Distribution) -> Option<Rating> {
    if count(distribution) == 0 {
        return None;
    }
    rating_of(distribution.ratings)
}

/// How the 75th percentile of so many good values, values that need improvement, and poor ones is rated:
/// exactly, while the histogram's percentile may be 1% beside a threshold. `None` without values.
pub(super) fn rating_of(ratings: [i64; 3]) -> Option<Rating> {
    let [good, improvable, poor] = ratings.map(whole);
    let total = good + improvable + poor;
    let rank = total - total / 4;
    if total == 0 {
        None
    } else if good >= rank {
        Some(Rating::Good)
    } else if good + improvable >= rank {
        Some(Rating::NeedsImprovement)
    } else {
        Some(Rating::Poor)
    }
}

/// The figures of one metric.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(super) struct Figures {
    pub(super) count: u64,
    pub(super) p75: Option<f64>,
    pub(super) p75_low: Option<f64>,
    pub(super) p75_high: Option<f64>,
    pub(super) rating: Option<Rating>,
}

impl Figures {
    /// The figures of a distribution. A percentile of too few views would say more of chance than of a
    /// site.
    pub(super) fn of(metric: Metric, distribution: &Distribution) -> Self {
        let count = count(distribution);
        let enough = Some(distribution).filter(|_| count >= LEAST_COUNT);
        let interval = enough.and_then(|enough| p75_interval(metric, enough));
        Self {
            count,
            p75: enough.and_then(|enough| p75(metric, enough)),
            p75_low: interval.map(|(low, _)| low),
            p75_high: interval.map(|(_, high)| high),
            rating: enough.and_then(rating),
        }
    }
}

/// Something of each metric, under its name.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ByMetric<T>(Vec<(Metric, T)>);

impl<T> ByMetric<T> {
    /// What `of` says of each metric.
    pub(super) fn new(of: impl Fn(Metric) -> T) -> Self {
        Self(
            Metric::ALL
                .into_iter()
                .map(|metric| (metric, of(metric)))
                .collect(),
        )
    }

    /// Each metric and what there is of it, in the order of reports.
    pub(super) fn iter(&self) -> impl Iterator<Item = &(Metric, T)> {
        self.0.iter()
    }
}

/// The figures of each metric.
pub(super) type FiguresByMetric = ByMetric<Figures>;

impl ToSchema for FiguresByMetric {
    fn name() -> Cow<'static, str> {
        "FiguresByMetric".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((Figures::name().into(), Figures::schema()));
        Figures::schemas(schemas);
    }
}

impl PartialSchema for FiguresByMetric {
    fn schema() -> RefOr<Schema> {
        let of = |object: ObjectBuilder, metric: Metric| {
            object
                .property(metric.name(), Ref::from_schema_name(Figures::name()))
                .required(metric.name())
        };
        Metric::ALL
            .into_iter()
            .fold(ObjectBuilder::new(), of)
            .into()
    }
}

impl<T: Serialize> Serialize for ByMetric<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(metric, value)| (metric.name(), value)))
    }
}

/// A value to a tenth of a ms, or a ten-thousandth of a score: finer than the histogram's bins.
pub(super) fn rounded(metric: Metric, value: f64) -> f64 {
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
        assert_eq!(rating(&cut), None);
        cut.count = -3;
        assert_eq!(count(&cut), 0);
    }

    #[test]
    fn a_percentile_is_rated_by_what_is_at_its_rank() {
        use Rating::{Good, NeedsImprovement, Poor};
        for (ratings, rating) in [
            ([0, 0, 0], None),
            ([-2, 0, 0], None),
            ([1, 0, 0], Some(Good)),
            ([3, 0, 1], Some(Good)),
            // Of five the fourth.
            ([3, 1, 1], Some(NeedsImprovement)),
            ([4, 0, 1], Some(Good)),
            ([0, 3, 1], Some(NeedsImprovement)),
            ([2, 0, 2], Some(Poor)),
        ] {
            assert_eq!(rating_of(ratings), rating, "{ratings:?}");
        }
        for values in 1..60 {
            let mut sum = Distribution::default();
            (0..values).for_each(|n| sum.record(Metric::Lcp, f64::from(n) * 70.0, None));
            let value = f64::from((3 * values + 3) / 4 - 1) * 70.0;
            assert_eq!(rating(&sum), Some(Metric::Lcp.rate(value)), "{values}");
        }
    }

    #[test]
    fn too_few_views_have_no_percentile() {
        let mut sum = Distribution::default();
        (1..25).for_each(|n| sum.record(Metric::Lcp, f64::from(n), None));
        let figures = Figures::of(Metric::Lcp, &sum);
        let told = (figures.p75, figures.p75_low, figures.rating);
        assert_eq!((figures.count, told), (24, (None, None, None)));
        sum.record(Metric::Lcp, 25.0, None);
        let figures = Figures::of(Metric::Lcp, &sum);
        assert_eq!((figures.count, figures.rating), (25, Some(Rating::Good)));
        assert!(figures.p75_low < figures.p75 && figures.p75 < figures.p75_high);
    }

    #[test]
    fn values_are_rounded_to_what_their_unit_can_show() {
        assert_eq!(rounded(Metric::Lcp, 1730.249), 1730.2);
        assert_eq!(rounded(Metric::Cls, 0.123_46), 0.1235);
    }
}
