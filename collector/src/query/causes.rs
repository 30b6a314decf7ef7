//! `/api/v1/causes`: what a metric's values are made of, and the elements that caused most of them.

use axum::{Json, extract};
use foresight_shared::{Metric, Rating};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    State,
    documented::Refused,
    figure,
    parts::{self, PartLine},
    scope::{self, Answer, Question},
    small::{Small, SmallGroups},
    unavailable,
    value::Limit,
};
use crate::{
    event::Kind,
    problem::Problem,
    store::{CauseSum, Selection},
};

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
    parts: Vec<PartLine>,
    /// Groups that are not told to the one who asks; absent if there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    small_groups: Option<SmallGroups>,
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
    let Question {
        selection,
        own,
        small,
        ..
    } = question;
    // Of parts, as of elements, only site, page and device are asked.
    let parts = Selection {
        country: None,
        browser: None,
        navigation: None,
        ..selection.clone()
    };
    let (causes, parts) = tokio::try_join!(
        state.store.causes(&selection, own.metric, own.limit.0),
        state.store.counts(&parts, Some(Kind::Part), None),
    )
    .map_err(unavailable)?;
    let parts = parts::lines(own.metric, &parts);
    let parts = parts.into_iter().filter(|part| !small.hides(part.count));
    let report = report(own.metric, causes, parts.collect(), small);
    Ok(Answer::new(selection, report))
}

fn report(
    metric: Metric,
    causes: Vec<CauseSum>,
    parts: Vec<PartLine>,
    small: Small,
) -> CausesReport {
    let count = |cause: &CauseSum| figure::count(&cause.distribution);
    let (causes, small_groups) = small.split(causes, count);
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
        parts,
        small_groups,
    }
}
