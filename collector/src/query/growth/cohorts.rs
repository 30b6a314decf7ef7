//! `/api/v1/growth/cohorts`: the viral coefficient of each cohort, and of the mature ones together.

use std::collections::BTreeMap;

use axum::{Json, extract};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    super::{
        State,
        documented::Refused,
        scope::{self, timestamp},
    },
    Answer, Question, rounded,
};
use crate::{
    event::{DAY_MS, Millis},
    growth::{self, Cohort, Estimate, Fleet, Period, Verdict, WINDOWS_DAYS},
    problem::Problem,
};

/// The report's own parameters.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Own {
    step: Option<Period>,
}

/// Cohorts without gaps, oldest first.
#[derive(Serialize, ToSchema)]
pub(super) struct CohortsReport {
    step: Period,
    cohorts: Vec<Line>,
    together: Vec<Window>,
    conversions: BTreeMap<&'static str, usize>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Cohort)]
struct Line {
    #[schema(value_type = String, format = DateTime)]
    start: Timestamp,
    owners: usize,
    windows: Vec<Window>,
}

/// The viral coefficient within a window, as reports show it.
#[derive(Serialize, ToSchema)]
pub(super) struct Window {
    days: i64,
    state: growth::State,
    owners: usize,
    observed: usize,
    active: usize,
    shares: usize,
    conversions: usize,
    conversions_so_far: usize,
    k: Option<f64>,
    k_low: Option<f64>,
    k_high: Option<f64>,
    i: Option<f64>,
    c: Option<f64>,
}

impl Window {
    /// By which the largest groups come first.
    pub(super) const fn size(&self) -> (usize, usize) {
        (self.conversions, self.owners)
    }
}

impl From<Estimate> for Window {
    fn from(found: Estimate) -> Self {
        Self {
            days: found.window_days,
            state: found.state,
            owners: found.owners,
            observed: found.observed,
            active: found.active,
            shares: found.shares,
            conversions: found.conversions,
            conversions_so_far: found.conversions_so_far,
            k: found.k.map(rounded),
            k_low: found.interval.map(|(low, _)| rounded(low)),
            k_high: found.interval.map(|(_, high)| rounded(high)),
            i: found.i.map(rounded),
            c: found.c.map(rounded),
        }
    }
}

#[utoipa::path(
    get,
    path = "/api/v1/growth/cohorts",
    operation_id = "growth_cohorts",
    tag = "growth",
    summary = "The viral coefficient of each cohort",
    params(scope::Span, Own),
    responses(
        (status = 200, description = "the report", body = Answer<CohortsReport>),
        Refused
    ),
)]
pub(super) async fn answer(
    extract::State(state): extract::State<State>,
    question: Question<Own>,
) -> Result<Json<Answer<CohortsReport>>, Problem> {
    let step = question.own.step.unwrap_or(Period::Week);
    question
        .widened(step)
        .answer(&state, move |question, _, fleet| {
            report(question, step, fleet)
        })
        .await
}

fn report(question: &Question<Own>, step: Period, fleet: &Fleet<'_>) -> CohortsReport {
    let now_ms = question.now_ms;
    let cohorts = growth::cohorts(fleet, step, question.from_ms, question.to_ms);
    let line = |cohort: &Cohort| {
        let window = |days| {
            let times = (cohort.end_ms, now_ms);
            growth::estimate(fleet, &cohort.members, days, times, |_| true).into()
        };
        Line {
            start: timestamp(cohort.start_ms),
            owners: cohort.members.len(),
            windows: WINDOWS_DAYS.into_iter().map(window).collect(),
        }
    };
    let together = |days| {
        let times = (now_ms - days * DAY_MS, now_ms);
        let members = mature(&cohorts, days, now_ms);
        growth::estimate(fleet, &members, days, times, |_| true).into()
    };
    let mut conversions: BTreeMap<_, _> = Verdict::ALL.map(|verdict| (verdict.word(), 0)).into();
    let (from_ms, to_ms) = question.span();
    let all = fleet.conversions.iter();
    for conversion in all.filter(|one| (from_ms..to_ms).contains(&one.at_ms)) {
        *conversions.entry(conversion.verdict.word()).or_default() += 1;
    }
    CohortsReport {
        step,
        together: WINDOWS_DAYS.into_iter().map(together).collect(),
        cohorts: cohorts.iter().map(line).collect(),
        conversions,
    }
}

/// The owners of the cohorts for all of whom a window has passed.
pub(super) fn mature(cohorts: &[Cohort], days: i64, now_ms: Millis) -> Vec<usize> {
    let ended_ms = now_ms - days * DAY_MS;
    let mature = cohorts.iter().filter(|one| one.end_ms <= ended_ms);
    mature.flat_map(|one| one.members.iter().copied()).collect()
}
