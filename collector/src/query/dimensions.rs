//! `/api/v1/dimensions`: the values that page views of a selection have, to choose filters from.

use std::collections::BTreeMap;

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
use crate::{
    event::Kind,
    problem::Problem,
    store::{CountSum, Dimension, Group, PageSum, Selection, Store, StoreError},
};

/// Values of one dimension in a report.
const VALUES: usize = 100;

/// The values of each dimension, most viewed first.
#[derive(Serialize, ToSchema)]
pub(super) struct DimensionsReport {
    page: Vec<Line>,
    device: Vec<Line>,
    country: Vec<Line>,
    browser: Vec<Line>,
    navigation: Vec<Line>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = DimensionValue)]
struct Line {
    value: String,
    views: u64,
}

#[utoipa::path(
    get,
    path = "/api/v1/dimensions",
    operation_id = "dimensions",
    tag = "reports",
    summary = "The values that filters can have",
    params(scope::Span, scope::OneSite, scope::Filters),
    responses(
        (status = 200, description = "the report", body = Answer<DimensionsReport>),
        Refused
    ),
)]
pub(super) async fn answer(
    extract::State(state): extract::State<State>,
    question: Question<NoMore>,
) -> Result<Json<Answer<DimensionsReport>>, Problem> {
    let selection = question.selection;
    let views = async |by| {
        state
            .store
            .counts(&selection, Some(Kind::View), Some(by))
            .await
    };
    let (page, device, country, browser, navigation) = tokio::try_join!(
        pages(&*state.store, &selection),
        views(Dimension::Device),
        views(Dimension::Country),
        views(Dimension::Browser),
        views(Dimension::Navigation),
    )
    .map_err(unavailable)?;
    let report = DimensionsReport {
        page: lines(page),
        device: lines(device),
        country: lines(country),
        browser: lines(browser),
        navigation: lines(navigation),
    };
    Ok(Answer::new(selection, report))
}

/// The views of pages: of all sites together, those of the most viewed pages only.
async fn pages(store: &dyn Store, selection: &Selection) -> Result<Vec<CountSum>, StoreError> {
    if selection.site.is_some() {
        let by = Some(Dimension::Page);
        return store.counts(selection, Some(Kind::View), by).await;
    }
    let count = |sum: PageSum| CountSum {
        group: Group::Page {
            site: sum.site,
            page: sum.page,
        },
        kind: Kind::View,
        name: String::new(),
        count: sum.views,
    };
    let pages = store.pages(selection, None, VALUES).await?;
    Ok(pages.into_iter().map(count).collect())
}

/// The values of one dimension. Pages of several sites with the same path are one value.
fn lines(sums: Vec<CountSum>) -> Vec<Line> {
    let mut views: BTreeMap<String, i64> = BTreeMap::new();
    for sum in sums {
        if let Group::Word(value) | Group::Page { page: value, .. } = sum.group {
            *views.entry(value).or_default() += sum.count;
        }
    }
    let mut lines: Vec<Line> = views
        .into_iter()
        .map(|(value, views)| Line {
            value,
            views: figure::whole(views),
        })
        .collect();
    lines.sort_by(|a, b| b.views.cmp(&a.views).then_with(|| a.value.cmp(&b.value)));
    lines.truncate(VALUES);
    lines
}
