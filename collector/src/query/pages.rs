//! `/api/v1/pages`: the pages of a selection, slowest first.

use std::collections::HashMap;

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
use crate::{
    event::Kind,
    problem::Problem,
    store::{CountSum, Dimension, DistributionSum, Group},
};

/// The report's own parameters.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Own {
    metric: Metric,
    #[serde(default)]
    limit: Limit,
}

/// Pages that have values of the metric.
#[derive(Serialize, ToSchema)]
pub(super) struct PagesReport {
    metric: Metric,
    unit: &'static str,
    pages: Vec<Line>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = PagesLine)]
struct Line {
    site: String,
    page: String,
    views: u64,
    count: u64,
    p75: Option<f64>,
    rating: Option<Rating>,
}

#[utoipa::path(
    get,
    path = "/api/v1/pages",
    operation_id = "pages",
    tag = "reports",
    summary = "The pages of a selection, slowest first",
    params(scope::Span, scope::OneSite, scope::Filters, Own),
    responses(
        (status = 200, description = "the report", body = Answer<PagesReport>),
        Refused
    ),
)]
pub(super) async fn answer(
    extract::State(state): extract::State<State>,
    question: Question<Own>,
) -> Result<Json<Answer<PagesReport>>, Problem> {
    let Question { selection, own, .. } = question;
    let by = Some(Dimension::Page);
    let (views, sums) = tokio::try_join!(
        state.store.counts(&selection, Some(Kind::View), by),
        state.store.distributions(&selection, Some(own.metric), by),
    )
    .map_err(unavailable)?;
    Ok(Answer::new(selection, report(&own, views, sums)))
}

fn report(own: &Own, views: Vec<CountSum>, sums: Vec<DistributionSum>) -> PagesReport {
    let views: HashMap<Group, i64> = views
        .into_iter()
        .map(|sum| (sum.group, sum.count))
        .collect();
    let mut pages: Vec<Line> = sums
        .into_iter()
        .filter_map(|sum| line(own.metric, sum, &views))
        .collect();
    pages.sort_by(|a, b| {
        let slower = b.p75.unwrap_or(0.0).total_cmp(&a.p75.unwrap_or(0.0));
        slower
            .then_with(|| b.count.cmp(&a.count))
            .then_with(|| (&a.site, &a.page).cmp(&(&b.site, &b.page)))
    });
    pages.truncate(own.limit.0 as usize);
    PagesReport {
        metric: own.metric,
        unit: own.metric.unit().symbol(),
        pages,
    }
}

/// The line of a page; `None` if it has no values.
fn line(metric: Metric, sum: DistributionSum, views: &HashMap<Group, i64>) -> Option<Line> {
    let views = views
        .get(&sum.group)
        .map_or(0, |count| figure::whole(*count));
    let count = figure::count(&sum.distribution);
    match sum.group {
        Group::Page { site, page } if count > 0 => Some(Line {
            site,
            page,
            views,
            count,
            p75: figure::p75(metric, &sum.distribution),
            rating: figure::rating(&sum.distribution),
        }),
        _ => None,
    }
}
