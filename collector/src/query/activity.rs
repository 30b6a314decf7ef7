//! `/api/v1/activity`: what pages observed, by name.

use axum::{Json, extract};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    State,
    documented::Refused,
    figure,
    parameters::NoMore,
    scope::{self, Answer, Question},
    unavailable,
};
use crate::{event::Kind, problem::Problem, store::CountSum};

/// Names of one kind in a report.
const NAMES: usize = 100;

/// What happened, most frequent first.
#[derive(Serialize, ToSchema)]
pub(super) struct ActivityReport {
    views: u64,
    leads: Vec<Line>,
    conversions: Vec<Line>,
    errors: Vec<Line>,
    custom: Vec<Line>,
    bots: Vec<Line>,
    frames: Vec<Line>,
    calls: Vec<Line>,
    not_restored: Vec<Line>,
    scripts: Vec<Line>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ActivityName)]
struct Line {
    name: String,
    count: u64,
}

#[utoipa::path(
    get,
    path = "/api/v1/activity",
    operation_id = "activity",
    tag = "reports",
    summary = "What pages observed, by name",
    params(scope::Span, scope::OneSite, scope::Filters),
    responses(
        (status = 200, description = "the report", body = Answer<ActivityReport>),
        Refused
    ),
)]
pub(super) async fn answer(
    extract::State(state): extract::State<State>,
    question: Question<NoMore>,
) -> Result<Json<Answer<ActivityReport>>, Problem> {
    let selection = question.selection;
    let sums = state.store.counts(&selection, None, None).await;
    let report = report(&sums.map_err(unavailable)?);
    Ok(Answer::new(selection, report))
}

fn report(sums: &[CountSum]) -> ActivityReport {
    let of = |kind| sums.iter().filter(move |sum| sum.kind == kind);
    let lines = |kind| {
        let mut lines: Vec<Line> = of(kind)
            .map(|sum| Line {
                name: sum.name.clone(),
                count: figure::whole(sum.count),
            })
            .collect();
        lines.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.name.cmp(&b.name)));
        lines.truncate(NAMES);
        lines
    };
    ActivityReport {
        views: figure::whole(of(Kind::View).map(|sum| sum.count).sum()),
        leads: lines(Kind::Lead),
        conversions: lines(Kind::Conversion),
        errors: lines(Kind::Error),
        custom: lines(Kind::Custom),
        bots: lines(Kind::Bot),
        frames: lines(Kind::Frame),
        calls: lines(Kind::Call),
        not_restored: lines(Kind::NotRestored),
        scripts: lines(Kind::Script),
    }
}
