//! `/api/v1/causes`: what a metric's values are made of, and the elements that caused most of them.

use axum::{Json, extract};
use foresight_shared::{Metric, Rating};
use serde::{Deserialize, Serialize};

use super::{
    State, figure,
    parts::{self, PartLine},
    scope::{Answer, Question},
    unavailable,
    value::Limit,
};
use crate::{
    event::Kind,
    problem::Problem,
    store::{CauseSum, Selection},
};

/// The report's own parameters.
#[derive(Deserialize)]
pub(super) struct Own {
    metric: Metric,
    #[serde(default)]
    limit: Limit,
}

/// Elements, most frequent first.
#[derive(Serialize)]
pub(super) struct CausesReport {
    metric: Metric,
    unit: &'static str,
    causes: Vec<Line>,
    parts: Vec<PartLine>,
}

#[derive(Serialize)]
struct Line {
    element: String,
    count: u64,
    p75: Option<f64>,
    rating: Option<Rating>,
}

pub(super) async fn answer(
    extract::State(state): extract::State<State>,
    question: Question<Own>,
) -> Result<Json<Answer<CausesReport>>, Problem> {
    let Question { selection, own, .. } = question;
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
    let report = report(own.metric, causes, parts);
    Ok(Answer::new(selection, report))
}

fn report(metric: Metric, causes: Vec<CauseSum>, parts: Vec<PartLine>) -> CausesReport {
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
    }
}
