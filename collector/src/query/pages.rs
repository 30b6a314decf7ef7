//! `/api/v1/pages`: the pages of a selection, slowest first; of all sites together, of the most viewed ones.

use axum::{Json, extract};
use foresight_shared::{Metric, Rating};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    State,
    documented::Refused,
    figure,
    scope::{self, Answer, Question},
    small::{Small, SmallGroups},
    unavailable,
    value::Limit,
};
use crate::{problem::Problem, store::PageSum};

/// Pages that are looked at if all sites are asked for: the most viewed ones. A fleet has pages without
/// number, and the slowest of all are those with one view.
const MOST_VIEWED: usize = 100;

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
    /// Groups that are not told to the one who asks; absent if there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    small_groups: Option<SmallGroups>,
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
    let Question {
        selection,
        own,
        small,
        ..
    } = question;
    let most = match selection.site {
        Some(_) => usize::MAX,
        None => MOST_VIEWED.max(own.limit.0 as usize),
    };
    let pages = state.store.pages(&selection, Some(own.metric), most).await;
    let report = report(&own, pages.map_err(unavailable)?, small);
    Ok(Answer::new(selection, report))
}

fn report(own: &Own, pages: Vec<PageSum>, small: Small) -> PagesReport {
    let (pages, small_groups) = small.split(pages, |sum| figure::whole(sum.views));
    let mut pages: Vec<Line> = pages
        .into_iter()
        .filter_map(|sum| line(own.metric, sum, small))
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
        small_groups,
    }
}

/// The line of a page; `None` if it has no values.
fn line(metric: Metric, sum: PageSum, small: Small) -> Option<Line> {
    let count = figure::count(&sum.distribution);
    let told = Some(&sum.distribution).filter(|_| !small.hides(count));
    let (p75, rating) = (
        told.and_then(|told| figure::p75(metric, told)),
        told.and_then(figure::rating),
    );
    (count > 0).then(|| Line {
        site: sum.site,
        page: sum.page,
        views: figure::whole(sum.views),
        count,
        p75,
        rating,
    })
}
