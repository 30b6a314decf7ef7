//! `/api/v1/series`: a metric over time, one point per hour, day or week.

use std::collections::BTreeMap;

use axum::{Json, extract};
use foresight_shared::Metric;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    State,
    compare::{self, Compare},
    documented::Refused,
    figure,
    scope::{self, Answer, Question, timestamp},
    small::Small,
    unavailable,
    value::DAY_MS,
};
use crate::{
    event::{HOUR_MS, Kind, Millis, day_of, hour_of, week_of},
    problem::Problem,
    rollup::Distribution,
    store::{CountSum, Dimension, DistributionSum, Group, Kept, Selection, Store, StoreError},
};

/// The longest selection that has a point per hour unless days are asked for: 7 days, and the hour
/// that a range until now touches twice.
const HOURLY_MS: Millis = 7 * DAY_MS + HOUR_MS;

/// The report's own parameters.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Own {
    metric: Metric,
    step: Option<Step>,
    compare: Option<Compare>,
}

/// How far points are apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = SeriesStep)]
enum Step {
    Hour,
    Day,
    Week,
}

/// A point for each step, without gaps.
#[derive(Serialize, ToSchema)]
pub(super) struct SeriesReport {
    metric: Metric,
    unit: &'static str,
    step: Step,
    points: Vec<Point>,
    /// Those of the span before; none if it was not asked for or is not known by that step.
    previous: Option<Vec<Point>>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = SeriesPoint)]
struct Point {
    #[schema(value_type = String, format = DateTime)]
    start: Timestamp,
    views: u64,
    count: u64,
    p75: Option<f64>,
}

#[utoipa::path(
    get,
    path = "/api/v1/series",
    operation_id = "series",
    tag = "reports",
    summary = "A metric over time",
    params(scope::Span, scope::OneSite, scope::Filters, Own),
    responses(
        (status = 200, description = "the report", body = Answer<SeriesReport>),
        Refused
    ),
)]
pub(super) async fn answer(
    extract::State(state): extract::State<State>,
    question: Question<Own>,
) -> Result<Json<Answer<SeriesReport>>, Problem> {
    let Question {
        selection,
        kept,
        own,
        small,
    } = question;
    let step = own.step.unwrap_or_else(|| step_for(&selection, &kept));
    let store = &*state.store;
    let found = points(store, own.metric, step, &selection).await;
    let before = compare::before(own.compare, &selection, &kept);
    let previous = match &before {
        Some(before) => compare::known(points(store, own.metric, step, before).await),
        None => Ok(None),
    };
    let report = SeriesReport {
        metric: own.metric,
        unit: own.metric.unit().symbol(),
        step,
        points: told(found.map_err(unavailable)?, small),
        previous: previous
            .map_err(unavailable)?
            .map(|points| told(points, small)),
    };
    Ok(Json(Answer::compared(selection, before.as_ref(), report)))
}

/// The points without percentiles of too few values.
fn told(mut points: Vec<Point>, small: Small) -> Vec<Point> {
    for point in &mut points {
        if small.hides(point.count) {
            point.p75 = None;
        }
    }
    points
}

/// The points of a selection.
async fn points(
    store: &dyn Store,
    metric: Metric,
    step: Step,
    selection: &Selection,
) -> Result<Vec<Point>, StoreError> {
    let by = Some(step.dimension());
    let (views, sums) = tokio::try_join!(
        store.counts(selection, Some(Kind::View), by),
        store.distributions(selection, Some(metric), by),
    )?;
    Ok(made(metric, step, selection, &views, &sums))
}

/// The finest step that does not make too many points, and for all of which there are sums.
fn step_for(selection: &Selection, kept: &Kept) -> Step {
    let is_short = selection.to_ms - selection.from_ms <= HOURLY_MS;
    if is_short && selection.from_ms >= kept.hours_ms {
        Step::Hour
    } else if selection.from_ms >= kept.days_ms {
        Step::Day
    } else {
        Step::Week
    }
}

fn made(
    metric: Metric,
    step: Step,
    selection: &Selection,
    views: &[CountSum],
    sums: &[DistributionSum],
) -> Vec<Point> {
    let mut points: BTreeMap<Millis, (i64, Distribution)> = BTreeMap::new();
    let mut start = step.start_of(selection.from_ms);
    while start < selection.to_ms {
        points.insert(start, (0, Distribution::default()));
        start += step.length_ms();
    }
    for sum in views {
        if let Group::Hour(start_ms) = sum.group {
            points.entry(start_ms).or_default().0 += sum.count;
        }
    }
    for sum in sums {
        if let Group::Hour(start_ms) = sum.group {
            let (_, point) = points.entry(start_ms).or_default();
            point.add(&sum.distribution);
        }
    }
    let point = |(start_ms, (views, distribution)): (Millis, (i64, Distribution))| Point {
        start: timestamp(start_ms),
        views: figure::whole(views),
        count: figure::count(&distribution),
        p75: figure::p75(metric, &distribution),
    };
    points.into_iter().map(point).collect()
}

impl Step {
    const fn length_ms(self) -> Millis {
        match self {
            Self::Hour => HOUR_MS,
            Self::Day => DAY_MS,
            Self::Week => 7 * DAY_MS,
        }
    }

    const fn dimension(self) -> Dimension {
        match self {
            Self::Hour => Dimension::Hour,
            Self::Day => Dimension::Day,
            Self::Week => Dimension::Week,
        }
    }

    /// The start, in UTC, of the step that holds a time.
    const fn start_of(self, time_ms: Millis) -> Millis {
        match self {
            Self::Hour => hour_of(time_ms),
            Self::Day => day_of(time_ms),
            Self::Week => week_of(time_ms),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_as_far_apart_as_what_is_kept_allows() {
        let now_ms = week_of(3000 * DAY_MS);
        let kept = Kept {
            hours_ms: now_ms - 35 * DAY_MS,
            days_ms: now_ms - 98 * DAY_MS,
            all_ms: Millis::MIN,
            ..Kept::default()
        };
        for (from_day, days, step, points) in [
            (-7, 7, Step::Hour, 168),
            (-8, 8, Step::Day, 8),
            (-35, 7, Step::Hour, 168),
            (-36, 7, Step::Day, 7),
            (-98, 98, Step::Day, 98),
            (-99, 99, Step::Week, 15),
        ] {
            let from_ms = now_ms + from_day * DAY_MS;
            let selection = Selection {
                from_ms,
                to_ms: from_ms + days * DAY_MS,
                site: None,
                page: None,
                device: None,
                country: None,
                browser: None,
                navigation: None,
            };
            let found = step_for(&selection, &kept);
            assert_eq!(found, step, "{from_day}");
            let made = made(Metric::Lcp, step, &selection, &[], &[]);
            assert_eq!(made.len(), points, "{from_day}");
        }
    }
}
