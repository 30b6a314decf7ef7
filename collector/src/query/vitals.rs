//! `/api/v1/vitals`: the six metrics of a selection.

use std::collections::BTreeMap;

use axum::{Json, extract};
use foresight_shared::{Metric, Rating, bins};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    State,
    compare::{self, Compare},
    documented::Refused,
    figure::{self, Figures},
    scope::{self, Answer, Question},
    small::Small,
    unavailable,
};
use crate::{
    event::Kind,
    problem::Problem,
    rollup::Distribution,
    store::{CountSum, DistributionSum},
};

/// Bins of the histogram in one bucket of a report: a bucket's ends are 22% apart.
const BUCKET_BINS: u16 = 10;

/// Every metric, measured or not.
#[derive(Serialize, ToSchema)]
pub(super) struct VitalsReport {
    /// All page views.
    views: u64,
    vitals: Vec<Vital>,
}

#[derive(Serialize, ToSchema)]
struct Vital {
    metric: Metric,
    unit: &'static str,
    count: u64,
    p75: Option<f64>,
    p75_low: Option<f64>,
    p75_high: Option<f64>,
    rating: Option<Rating>,
    thresholds: Thresholds,
    good: u64,
    needs_improvement: u64,
    poor: u64,
    distribution: Vec<Bucket>,
    /// Page views whose browsers can measure it, of those that say so.
    able: u64,
    /// Of the span before; none if it was not asked for or is not known.
    previous: Option<Figures>,
}

/// The report's own parameters.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Own {
    compare: Option<Compare>,
}

#[derive(Serialize, ToSchema)]
struct Thresholds {
    good: f64,
    poor: f64,
}

#[derive(Debug, PartialEq, Serialize, ToSchema)]
struct Bucket {
    from: f64,
    to: f64,
    count: u64,
}

#[utoipa::path(
    get,
    path = "/api/v1/vitals",
    operation_id = "vitals",
    tag = "reports",
    summary = "The six metrics of a selection",
    params(scope::Span, scope::OneSite, scope::Filters, Own),
    responses(
        (status = 200, description = "the report", body = Answer<VitalsReport>),
        Refused
    ),
)]
pub(super) async fn answer(
    extract::State(state): extract::State<State>,
    question: Question<Own>,
) -> Result<Json<Answer<VitalsReport>>, Problem> {
    let Question {
        selection,
        kept,
        own,
        small,
    } = question;
    let store = &*state.store;
    let (views, able, sums) = tokio::try_join!(
        store.counts(&selection, Some(Kind::View), None),
        store.counts(&selection, Some(Kind::Able), None),
        store.distributions(&selection, None, None),
    )
    .map_err(unavailable)?;
    let before = compare::before(own.compare, &selection, &kept);
    let previous = match &before {
        Some(before) => compare::known(store.distributions(before, None, None).await),
        None => Ok(None),
    };
    let previous = previous.map_err(unavailable)?;
    let report = report((&views, &able), &sums, previous.as_deref(), small);
    Ok(Json(Answer::compared(selection, before.as_ref(), report)))
}

/// Page views whose browsers can measure a metric.
fn able(sums: &[CountSum], metric: Metric) -> u64 {
    let names = |sum: &&CountSum| sum.name.split(' ').any(|name| name == metric.name());
    figure::whole(sums.iter().filter(names).map(|sum| sum.count).sum())
}

fn report(
    (views, able): (&[CountSum], &[CountSum]),
    sums: &[DistributionSum],
    previous: Option<&[DistributionSum]>,
    small: Small,
) -> VitalsReport {
    let nothing = Distribution::default();
    let of = |sums: &[DistributionSum], metric| {
        let sum = sums.iter().find(|sum| sum.metric == metric);
        sum.map_or_else(|| nothing.clone(), |sum| sum.distribution.clone())
    };
    let vital = |metric| Vital {
        previous: previous.map(|sums| Figures::of(metric, &of(sums, metric))),
        able: self::able(able, metric),
        ..vital(metric, &of(sums, metric), small)
    };
    VitalsReport {
        views: figure::whole(views.iter().map(|sum| sum.count).sum()),
        vitals: Metric::ALL.into_iter().map(vital).collect(),
    }
}

/// What is told of a metric: of too few values, their number only.
fn vital(metric: Metric, all: &Distribution, small: Small) -> Vital {
    let (nothing, count) = (Distribution::default(), figure::count(all));
    let distribution = if small.hides(count) { &nothing } else { all };
    let interval = figure::p75_interval(metric, distribution);
    let (good, poor) = metric.thresholds();
    let rated = |rating| figure::whole(distribution.rated(rating));
    Vital {
        metric,
        unit: metric.unit().symbol(),
        count,
        p75: figure::p75(metric, distribution),
        p75_low: interval.map(|(low, _)| low),
        p75_high: interval.map(|(_, high)| high),
        rating: figure::rating(distribution),
        thresholds: Thresholds { good, poor },
        good: rated(Rating::Good),
        needs_improvement: rated(Rating::NeedsImprovement),
        poor: rated(Rating::Poor),
        distribution: buckets(distribution),
        able: 0,
        previous: None,
    }
}

/// The buckets that are not empty, smallest values first.
fn buckets(distribution: &Distribution) -> Vec<Bucket> {
    let mut counts: BTreeMap<u16, u64> = BTreeMap::new();
    for (bin, count) in distribution
        .histogram
        .iter()
        .filter(|(_, count)| *count > 0)
    {
        *counts.entry(bin / BUCKET_BINS).or_default() += figure::whole(count);
    }
    let bucket = |(bucket, count): (u16, u64)| {
        let first = bucket * BUCKET_BINS;
        let last = bins::LAST.min(first + BUCKET_BINS - 1);
        Bucket {
            from: first
                .checked_sub(1)
                .map_or(0.0, |bin| bound(bins::upper_bound(bin))),
            to: bound(bins::upper_bound(last)),
            count,
        }
    };
    counts.into_iter().map(bucket).collect()
}

/// A bucket's bound to four digits, so that neighbours still meet and small scores differ.
fn bound(value: f64) -> f64 {
    let steps = 10_f64.powi(3 - value.log10().floor() as i32);
    (value * steps).round() / steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_hold_ten_bins_and_meet() {
        assert_eq!(buckets(&Distribution::default()), []);
        let mut distribution = Distribution::default();
        for bin in 0..=bins::LAST {
            distribution.record(Metric::Lcp, bins::value_of(bin), None);
        }
        let all = buckets(&distribution);
        assert_eq!(all.len(), 113);
        assert_eq!(all[0].from, 0.0);
        assert_eq!(all[1].count, 10);
        assert_eq!(all.iter().map(|bucket| bucket.count).sum::<u64>(), 1127);
        assert!(all.windows(2).all(|pair| pair[0].to == pair[1].from));
        assert!(all.iter().all(|bucket| bucket.from < bucket.to));
        assert!(all[112].to >= 600_000.0);
    }

    #[test]
    fn a_value_is_inside_its_bucket() {
        for value in [0.05, 0.1, 0.3, 98.0, 2500.0, 599_999.0] {
            let mut distribution = Distribution::default();
            distribution.record(Metric::Lcp, value, None);
            let [bucket] = &buckets(&distribution)[..] else {
                panic!("one value has one bucket");
            };
            assert!(
                bucket.from <= value && value <= bucket.to,
                "{value}: {bucket:?}"
            );
        }
    }
}
