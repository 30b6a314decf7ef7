//! `/api/v1/changes`: which cohorts' values are not what they were.

use axum::{Json, extract::FromRequestParts, http::request::Parts};
use foresight_shared::{Metric, Rating};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    State,
    documented::Refused,
    figure,
    parameters::{Fault, Parameters},
    scope::{self, Answer, Span, timestamp},
    unavailable,
    value::Range,
};
use crate::{
    event::Millis,
    problem::Problem,
    store::{Change, Cohort, Direction, Selection},
};

/// Findings, those of most views first.
#[derive(Serialize, ToSchema)]
pub(super) struct ChangesReport {
    changes: Vec<Line>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Finding)]
struct Line {
    id: String,
    metric: Metric,
    also: Vec<Metric>,
    unit: &'static str,
    cohort: Cohort,
    direction: Direction,
    from_p75: f64,
    to_p75: f64,
    difference: f64,
    difference_low: f64,
    difference_high: f64,
    rating_before: Rating,
    rating_after: Rating,
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
    #[schema(value_type = String, format = DateTime)]
    found: Timestamp,
    sites: u64,
    views: u64,
}

/// A question about findings of a time.
pub(super) struct Asked {
    from_ms: Millis,
    to_ms: Millis,
    own: Own,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Own {
    /// Open ones, unless given.
    state: Option<Wanted>,
    /// Worse ones, unless given.
    direction: Option<Way>,
}

/// Which findings: those that are open, those that are over, or both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = FindingState)]
pub(super) enum Wanted {
    #[default]
    Open,
    Ended,
    All,
}

/// Which way values went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = FindingDirection)]
pub(super) enum Way {
    #[default]
    Worse,
    Better,
    All,
}

impl FromRequestParts<State> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        Ok(read(parts, (state.clock)())?)
    }
}

fn read(parts: &Parts, now_ms: Millis) -> Result<Asked, Fault> {
    let mut parameters = Parameters::of(&parts.uri)?;
    let span: Span = parameters.take()?;
    let own = parameters.take()?;
    parameters.end()?;
    let (from_ms, to_ms) = span.read(now_ms, Range::Week)?;
    Ok(Asked {
        from_ms,
        to_ms,
        own,
    })
}

#[utoipa::path(
    get,
    path = "/api/v1/changes",
    operation_id = "changes",
    tag = "reports",
    summary = "Whose values are not what they were",
    params(scope::Span, Own),
    responses(
        (status = 200, description = "what the detector found", body = Answer<ChangesReport>),
        Refused
    ),
)]
pub(super) async fn answer(
    axum::extract::State(state): axum::extract::State<State>,
    asked: Asked,
) -> Result<Json<Answer<ChangesReport>>, Problem> {
    let changes = state.store.changes(asked.from_ms).await;
    let changes = changes.map_err(unavailable)?;
    let selection = Selection::between(asked.from_ms, asked.to_ms);
    Ok(Answer::new(selection, report(changes, &asked)))
}

fn report(changes: Vec<Change>, asked: &Asked) -> ChangesReport {
    let mut changes: Vec<_> = changes
        .into_iter()
        .filter(|one| asked.has(one))
        .map(line)
        .collect();
    changes.sort_by(|a, b| b.views.cmp(&a.views).then_with(|| a.id.cmp(&b.id)));
    ChangesReport { changes }
}

impl Asked {
    fn has(&self, change: &Change) -> bool {
        let is_of_state = match self.own.state.unwrap_or_default() {
            Wanted::Open => change.until_ms.is_none(),
            Wanted::Ended => change.until_ms.is_some(),
            Wanted::All => true,
        };
        let is_of_way = match self.own.direction.unwrap_or_default() {
            Way::Worse => change.direction == Direction::Worse,
            Way::Better => change.direction == Direction::Better,
            Way::All => true,
        };
        is_of_state && is_of_way && change.since_ms < self.to_ms
    }
}

fn line(change: Change) -> Line {
    let metric = change.metric;
    let value = |value| figure::rounded(metric, value);
    let others = change.ratios.iter().map(|(metric, _)| *metric);
    Line {
        id: change.id,
        metric,
        also: others.filter(|other| *other != metric).collect(),
        unit: metric.unit().symbol(),
        cohort: change.cohort,
        direction: change.direction,
        from_p75: value(change.from_p75),
        to_p75: value(change.to_p75),
        difference: value(change.to_p75 - change.from_p75),
        difference_low: value(change.difference_low),
        difference_high: value(change.difference_high),
        rating_before: metric.rate(change.from_p75),
        rating_after: metric.rate(change.to_p75),
        since: timestamp(change.since_ms),
        until: change.until_ms.map(timestamp),
        found: timestamp(change.found_ms),
        sites: figure::whole(change.sites),
        views: figure::whole(change.views),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{DAY_MS, HOUR_MS};

    const NOW_MS: Millis = 100 * DAY_MS;

    fn change(id: &str, since_ms: Millis, until_ms: Option<Millis>, views: i64) -> Change {
        Change {
            id: id.to_owned(),
            metric: Metric::Lcp,
            ratios: vec![(Metric::Lcp, 1.33), (Metric::Fcp, 1.2)],
            cohort: Cohort {
                template: Some("aurora".to_owned()),
                ..Cohort::default()
            },
            direction: Direction::Worse,
            from_p75: 2100.04,
            to_p75: 2800.0,
            difference_low: 601.0,
            difference_high: 801.0,
            since_ms,
            found_ms: since_ms + HOUR_MS,
            seen_ms: NOW_MS,
            until_ms,
            sites: 312,
            views,
        }
    }

    fn asked(query: &str) -> Result<Asked, Fault> {
        let request = axum::http::Request::get(format!("/?{query}")).body(());
        read(&request.unwrap().into_parts().0, NOW_MS)
    }

    fn ids(query: &str) -> Vec<String> {
        let better = Change {
            direction: Direction::Better,
            ..change("faster", NOW_MS - DAY_MS, None, 9)
        };
        let all = vec![
            change("few", NOW_MS - 20 * DAY_MS, None, 10),
            change("many", NOW_MS - DAY_MS, None, 20),
            change("over", NOW_MS - 3 * DAY_MS, Some(NOW_MS - DAY_MS), 5),
            better,
        ];
        let report = report(all, &asked(query).unwrap());
        report.changes.into_iter().map(|line| line.id).collect()
    }

    #[test]
    fn open_regressions_are_told_unless_more_is_asked_for() {
        assert_eq!(ids(""), ["many", "few"]);
        assert_eq!(ids("state=ended"), ["over"]);
        assert_eq!(
            ids("state=all&direction=all"),
            ["many", "few", "faster", "over"]
        );
        assert_eq!(ids("direction=better"), ["faster"]);
        assert!(asked("state=closed").is_err() && asked("metric=LCP").is_err());
    }

    #[test]
    fn a_line_has_the_effect_its_ratings_and_the_other_metrics() {
        let line = line(change("a", NOW_MS, None, 41_000));
        assert_eq!((line.from_p75, line.difference), (2100.0, 700.0));
        assert_eq!(line.also, [Metric::Fcp]);
        assert_eq!(line.rating_before, Rating::Good);
        assert_eq!(line.rating_after, Rating::NeedsImprovement);
    }
}
