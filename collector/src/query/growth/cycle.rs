//! `/api/v1/growth/cycle`: how long it takes until an owner brings another.

use axum::{Json, extract};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    super::{State, documented::Refused, parameters::NoMore, scope},
    Answer, Question,
};
use crate::{
    event::Millis,
    growth::{self, Fleet, Period, WINDOWS_DAYS},
    problem::Problem,
};

/// The cycle time of the owners of a span.
#[derive(Serialize, ToSchema)]
pub(super) struct CycleReport {
    within_days: i64,
    conversions: usize,
    #[schema(value_type = Option<i64>)]
    p50_ms: Option<Millis>,
    #[schema(value_type = Option<i64>)]
    p90_ms: Option<Millis>,
}

#[utoipa::path(
    get,
    path = "/api/v1/growth/cycle",
    operation_id = "growth_cycle",
    tag = "growth",
    summary = "How long it takes until an owner brings another",
    params(scope::Span),
    responses(
        (status = 200, description = "the report", body = Answer<CycleReport>),
        Refused
    ),
)]
pub(super) async fn answer(
    extract::State(state): extract::State<State>,
    question: Question<NoMore>,
) -> Result<Json<Answer<CycleReport>>, Problem> {
    question
        .answer(&state, |question, _, fleet| report(question, fleet))
        .await
}

fn report(question: &Question<NoMore>, fleet: &Fleet<'_>) -> CycleReport {
    let days = growth::cohorts(fleet, Period::Day, question.from_ms, question.to_ms);
    let members: Vec<_> = days.into_iter().flat_map(|day| day.members).collect();
    let found = growth::cycle(fleet, &members, question.now_ms);
    CycleReport {
        within_days: WINDOWS_DAYS[WINDOWS_DAYS.len() - 1],
        conversions: found.conversions,
        p50_ms: found.p50_ms,
        p90_ms: found.p90_ms,
    }
}
