//! `/api/v1/sites`: every site, with its views.

use std::collections::HashMap;

use axum::{Json, extract};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    State,
    documented::Refused,
    figure,
    parameters::NoMore,
    scope::{self, Answer, Question, timestamp},
    small::{Small, SmallGroups},
    unavailable,
};
use crate::{
    event::Kind,
    problem::Problem,
    store::{CountSum, Dimension, Group, Site},
};

/// The sites, by host.
#[derive(Serialize, ToSchema)]
pub(super) struct SitesReport {
    sites: Vec<Line>,
    /// Groups that are not told to the one who asks; absent if there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    small_groups: Option<SmallGroups>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = SitesLine)]
struct Line {
    site: String,
    template: Option<String>,
    build: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    added: Timestamp,
    views: u64,
}

#[utoipa::path(
    get,
    path = "/api/v1/sites",
    operation_id = "sites",
    tag = "reports",
    summary = "Every site, with its views",
    params(scope::Span, scope::OneSite, scope::Filters),
    responses(
        (status = 200, description = "the report", body = Answer<SitesReport>),
        Refused
    ),
)]
pub(super) async fn answer(
    extract::State(state): extract::State<State>,
    question: Question<NoMore>,
) -> Result<Json<Answer<SitesReport>>, Problem> {
    let Question {
        selection, small, ..
    } = question;
    let (sites, views) = tokio::try_join!(
        state.store.sites(),
        state
            .store
            .counts(&selection, Some(Kind::View), Some(Dimension::Site)),
    )
    .map_err(unavailable)?;
    let asked = sites.into_iter().filter(|site| {
        let wanted = selection.site.as_deref();
        wanted.is_none_or(|wanted| wanted == site.host)
    });
    // How many page views a site has tells of nobody; how many of them by one browser in one country does.
    let small = Some(small).filter(|_| selection.is_filtered());
    let report = report(asked, views, small);
    Ok(Answer::new(selection, report))
}

fn report(
    sites: impl Iterator<Item = Site>,
    views: Vec<CountSum>,
    small: Option<Small>,
) -> SitesReport {
    let views: HashMap<Group, i64> = views
        .into_iter()
        .map(|sum| (sum.group, sum.count))
        .collect();
    let line = |site: Site| {
        let group = Group::Word(site.host.clone());
        Line {
            views: views.get(&group).map_or(0, |count| figure::whole(*count)),
            added: timestamp(site.added_ms),
            site: site.host,
            template: site.template,
            build: site.build,
        }
    };
    let lines: Vec<_> = sites.map(line).collect();
    let (sites, small_groups) = match small {
        Some(small) => small.split(lines, |line| line.views),
        None => (lines, None),
    };
    SitesReport {
        sites,
        small_groups,
    }
}
