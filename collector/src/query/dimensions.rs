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
    small::{Small, SmallGroups},
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
    /// Values that are not told to the one who asks, as too few page views have them.
    small_groups: u64,
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
    let Question {
        selection, small, ..
    } = question;
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
    let mut small_groups = 0;
    let mut told = |sums| {
        let (told, left_out) = lines(sums, small);
        small_groups += left_out;
        told
    };
    let report = DimensionsReport {
        page: told(page),
        device: told(device),
        country: told(country),
        browser: told(browser),
        navigation: told(navigation),
        small_groups,
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

/// The values of one dimension, and how many are not told. Pages of several sites with the same path are one value.
fn lines(sums: Vec<CountSum>, small: Small) -> (Vec<Line>, u64) {
    let mut views: BTreeMap<String, i64> = BTreeMap::new();
    for sum in sums {
        if let Group::Word(value) | Group::Page { page: value, .. } = sum.group {
            *views.entry(value).or_default() += sum.count;
        }
    }
    let lines: Vec<Line> = views
        .into_iter()
        .map(|(value, views)| Line {
            value,
            views: figure::whole(views),
        })
        .collect();
    let (mut lines, left_out) = small.split(lines, |line| line.views);
    lines.sort_by(|a, b| b.views.cmp(&a.views).then_with(|| a.value.cmp(&b.value)));
    lines.truncate(VALUES);
    (lines, left_out.map_or(0, SmallGroups::groups))
}
