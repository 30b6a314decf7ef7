//! `/api/v1/series`: a metric over time, one point per hour or day.

use std::collections::BTreeMap;

use axum::{Json, extract};
use foresight_shared::Metric;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    State, figure,
    scope::{Answer, Question, timestamp},
    unavailable,
    value::DAY_MS,
};
use crate::{
    event::{HOUR_MS, Kind, Millis},
    problem::Problem,
    rollup::Distribution,
    store::{CountSum, Dimension, DistributionSum, Group, Selection},
};

/// The longest selection that has a point per hour unless days are asked for: 7 days, and the hour
/// that a range until now touches twice.
const HOURLY_MS: Millis = 7 * DAY_MS + HOUR_MS;

/// The report's own parameters.
#[derive(Deserialize)]
pub(super) struct Own {
    metric: Metric,
    step: Option<Step>,
}

/// How far points are apart.
#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum Step {
    Hour,
    Day,
}

/// A point for each step, without gaps.
#[derive(Serialize)]
pub(super) struct SeriesReport {
    metric: Metric,
    unit: &'static str,
    step: Step,
    points: Vec<Point>,
}

#[derive(Serialize)]
struct Point {
    start: Timestamp,
    views: u64,
    count: u64,
    p75: Option<f64>,
}

pub(super) async fn answer(
    extract::State(state): extract::State<State>,
    question: Question<Own>,
) -> Result<Json<Answer<SeriesReport>>, Problem> {
    let Question { selection, own } = question;
    let by = Some(Dimension::Hour);
    let (views, sums) = tokio::try_join!(
        state.store.counts(&selection, Some(Kind::View), by),
        state.store.distributions(&selection, Some(own.metric), by),
    )
    .map_err(unavailable)?;
    let report = report(&own, &selection, &views, &sums);
    Ok(Answer::new(selection, report))
}

fn report(
    own: &Own,
    selection: &Selection,
    views: &[CountSum],
    sums: &[DistributionSum],
) -> SeriesReport {
    let hourly = selection.to_ms - selection.from_ms <= HOURLY_MS;
    let step = own
        .step
        .unwrap_or(if hourly { Step::Hour } else { Step::Day });
    let mut points: BTreeMap<Millis, (i64, Distribution)> = BTreeMap::new();
    let mut start = step.start_of(selection.from_ms);
    while start < selection.to_ms {
        points.insert(start, (0, Distribution::default()));
        start += step.length_ms();
    }
    // A folded day may have begun before the selection: it counts at the first step.
    let start_of = |hour_ms: Millis| step.start_of(hour_ms.max(selection.from_ms));
    for sum in views {
        if let Group::Hour(hour_ms) = sum.group {
            points.entry(start_of(hour_ms)).or_default().0 += sum.count;
        }
    }
    for sum in sums {
        if let Group::Hour(hour_ms) = sum.group {
            let (_, point) = points.entry(start_of(hour_ms)).or_default();
            point.add(&sum.distribution);
        }
    }
    let point = |(start_ms, (views, distribution)): (Millis, (i64, Distribution))| Point {
        start: timestamp(start_ms),
        views: figure::whole(views),
        count: figure::count(&distribution),
        p75: figure::p75(own.metric, &distribution),
    };
    SeriesReport {
        metric: own.metric,
        unit: own.metric.unit().symbol(),
        step,
        points: points.into_iter().map(point).collect(),
    }
}

impl Step {
    const fn length_ms(self) -> Millis {
        match self {
            Self::Hour => HOUR_MS,
            Self::Day => DAY_MS,
        }
    }

    /// The start, in UTC, of the step that holds a time.
    const fn start_of(self, time_ms: Millis) -> Millis {
        time_ms - time_ms.rem_euclid(self.length_ms())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folded_day_that_the_range_cuts_counts_at_its_first_point() {
        let from_ms = DAY_MS + 12 * HOUR_MS;
        let selection = Selection {
            from_ms,
            to_ms: from_ms + 3 * HOUR_MS,
            site: None,
            page: None,
            device: None,
            country: None,
            browser: None,
            navigation: None,
        };
        let views = |hour_ms, count| CountSum {
            group: Group::Hour(hour_ms),
            kind: Kind::View,
            name: String::new(),
            count,
        };
        let views = [views(DAY_MS, 5), views(from_ms + HOUR_MS, 2)];
        for (step, expected) in [
            (
                Step::Hour,
                vec![
                    (from_ms, 5),
                    (from_ms + HOUR_MS, 2),
                    (from_ms + 2 * HOUR_MS, 0),
                ],
            ),
            (Step::Day, vec![(DAY_MS, 7)]),
        ] {
            let own = Own {
                metric: Metric::Lcp,
                step: Some(step),
            };
            let points = report(&own, &selection, &views, &[]).points;
            let points: Vec<_> = points
                .iter()
                .map(|point| (point.start.as_millisecond(), point.views))
                .collect();
            assert_eq!(points, expected);
        }
    }
}
