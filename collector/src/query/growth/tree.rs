//! `/api/v1/growth/tree`: how deep shares, and owners, lead to one another.

use axum::{Json, extract};
use serde::Serialize;

use super::{
    super::{State, parameters::NoMore},
    Answer, Question,
};
use crate::{
    growth::{self, Depth},
    problem::Problem,
};

/// Shares and owners by depth, without gaps.
#[derive(Serialize)]
pub(super) struct TreeReport {
    shares: Vec<Depth>,
    owners: Vec<Depth>,
}

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
