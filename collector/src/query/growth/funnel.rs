//! `/api/v1/growth/funnel`: what became of the shares of a span.

use axum::{Json, extract};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    super::{State, documented::Refused, scope, unavailable, value::Limit},
    Answer, Question,
};
use crate::{
    growth::{self, Facet, Step},
    problem::Problem,
    store::Selection,
};

/// The report's own parameters.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Own {
    by: Option<Facet>,
    #[serde(default)]
    limit: Limit,
}

/// What became of all shares, or of each group; most shares first.
#[derive(Serialize, ToSchema)]
pub(super) struct FunnelReport {
    by: Option<Facet>,
    funnel: Vec<Line>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = FunnelLine)]
struct Line {
    value: String,
    #[serde(flatten)]
    step: Step,
}

#[utoipa::path(
    get,
    path = "/api/v1/growth/funnel",
    operation_id = "growth_funnel",
    tag = "growth",
    summary = "What became of shares",
    params(scope::Span, Own),
    responses(
        (status = 200, description = "the report", body = Answer<FunnelReport>),
        Refused
    ),
)]
pub(super) async fn answer(
    extract::State(state): extract::State<State>,
    question: Question<Own>,
) -> Result<Json<Answer<FunnelReport>>, Problem> {
    // Visits of shares come after them, up to now.
    let until_ms = question.now_ms.max(question.to_ms);
    let visited = Selection::between(question.from_ms, until_ms);
    let (visits, with_leads) = tokio::try_join!(
        state.store.visits_by_link(&visited),
        state.store.sites_with_leads(),
    )
    .map_err(unavailable)?;
    let rules = state.rules.clone();
    question
        .answer(&state, move |question, facts, fleet| {
            let Own { by, limit } = question.own;
            let has_lead = |site: &str| with_leads.contains(site);
            let steps =
                growth::funnel(facts, fleet, &rules, by, question.span(), &visits, has_lead);
            let line = |(value, step)| Line { value, step };
            let mut funnel: Vec<_> = steps.into_iter().map(line).collect();
            // Those with as many keep the order of their names.
            funnel.sort_by_key(|line| std::cmp::Reverse(line.step.shares));
            funnel.truncate(limit.0 as usize);
            FunnelReport { by, funnel }
        })
        .await
}
