//! `/api/v1/growth/tree`: how deep shares, and owners, lead to one another.

use axum::{Json, extract};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    super::{State, documented::Refused, parameters::NoMore, scope},
    Answer, Question,
};
use crate::{
    growth::{self, Depth},
    problem::Problem,
};

/// Shares and owners by depth, without gaps.
#[derive(Serialize, ToSchema)]
pub(super) struct TreeReport {
    shares: Vec<Depth>,
    owners: Vec<Depth>,
}

#[utoipa::path(
    get,
    path = "/api/v1/growth/tree",
    operation_id = "growth_tree",
    tag = "growth",
    summary = "How deep shares and owners lead to one another",
    params(scope::Span),
    responses(
        (status = 200, description = "the report", body = Answer<TreeReport>),
        Refused
    ),
)]
pub(super) async fn answer(
    extract::State(state): extract::State<State>,
    question: Question<NoMore>,
) -> Result<Json<Answer<TreeReport>>, Problem> {
    question
        .answer(&state, |question, _, fleet| TreeReport {
            shares: growth::share_depths(fleet, question.span()),
            owners: growth::owner_depths(fleet, question.span()),
        })
        .await
}
