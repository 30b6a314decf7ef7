//! `/api/v1/causes`: the elements that caused most of a metric's values.

use axum::{Json, extract};
use foresight_shared::{Metric, Rating};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    State,
    documented::Refused,
    figure,
    scope::{self, Answer, Question},
    unavailable,
    value::Limit,
};
use crate::{problem::Problem, store::CauseSum};

/// The report's own parameters.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Own {
    metric: Metric,
    #[serde(default)]
    limit: Limit,
}

/// Elements, most frequent first.
#[derive(Serialize, ToSchema)]
pub(super) struct CausesReport {
    metric: Metric,
    unit: &'static str,
    causes: Vec<Line>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Cause)]
struct Line {
    element: String,
    count: u64,
    p75: Option<f64>,
    rating: Option<Rating>,
}

#[utoipa::path(
    get,
    path = "/api/v1/causes",
    operation_id = "causes",
    tag = "reports",
    summary = "The elements that caused most of a metric's values",
    params(scope::Span, scope::OneSite, scope::Filters, Own),
    responses(
        (status = 200, description = "the report", body = Answer<CausesReport>),
        Refused
    ),
)]
pub(super) async fn answer(
    extract::State(state): extract::State<State>,
    question: Question<Own>,
) -> Result<Json<Answer<CausesReport>>, Problem> {
    let Question { selection, own, .. } = question;
    let causes = state
        .store
        .causes(&selection, own.metric, own.limit.0)
        .await;
    let report = report(own.metric, causes.map_err(unavailable)?);
    Ok(Answer::new(selection, report))
}

fn report(metric: Metric, causes: Vec<CauseSum>) -> CausesReport {
    let line = |cause: CauseSum| Line {
        element: cause.element,
        count: figure::count(&cause.distribution),
        p75: figure::p75(metric, &cause.distribution),
        rating: figure::rating(&cause.distribution),
    };
    CausesReport {
        metric,
        unit: metric.unit().symbol(),
        causes: causes.into_iter().map(line).collect(),
    }
}
