//! `/api/v1/builds`: the builds of the generator that page views had for the first time: deploys.

use axum::{Json, extract::FromRequestParts, http::request::Parts};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    State,
    documented::Refused,
    parameters::{Fault, Parameters},
    scope::{self, Answer, OneSite, Span, timestamp},
    unavailable,
    value::Range,
};
use crate::{
    event::Millis,
    problem::Problem,
    store::{Build, Selection},
};

/// Builds, oldest first.
#[derive(Serialize, ToSchema)]
pub(super) struct BuildsReport {
    builds: Vec<Line>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Build)]
struct Line {
    template: Option<String>,
    build: String,
    #[schema(value_type = String, format = DateTime)]
    first_seen: Timestamp,
    sites: u64,
}

/// A question about a span to the second, and a site or all.
pub(super) struct Asked(Selection);

impl FromRequestParts<State> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        Ok(Self(read(parts, (state.clock)())?))
    }
}

fn read(parts: &Parts, now_ms: Millis) -> Result<Selection, Fault> {
    let mut parameters = Parameters::of(&parts.uri)?;
    let span: Span = parameters.take()?;
    let one: OneSite = parameters.take()?;
    parameters.end()?;
    let (from_ms, to_ms) = span.read(now_ms, Range::Day)?;
    Ok(Selection {
        site: one.site.map(|site| site.0),
        ..Selection::between(from_ms, to_ms)
    })
}

#[utoipa::path(
    get,
    path = "/api/v1/builds",
    operation_id = "builds",
    tag = "reports",
    summary = "The builds that page views had for the first time",
    params(scope::Span, scope::OneSite),
    responses(
        (status = 200, description = "the report", body = Answer<BuildsReport>),
        Refused
    ),
)]
pub(super) async fn answer(
    axum::extract::State(state): axum::extract::State<State>,
    Asked(selection): Asked,
) -> Result<Json<Answer<BuildsReport>>, Problem> {
    let site = selection.site.as_deref();
    let builds = state
        .store
        .builds(site, selection.from_ms, selection.to_ms)
        .await;
    let builds = builds.map_err(unavailable)?.into_iter().map(line).collect();
    Ok(Answer::new(selection, BuildsReport { builds }))
}

fn line(build: Build) -> Line {
    Line {
        template: build.template,
        build: build.build,
        first_seen: timestamp(build.first_ms),
        sites: build.sites,
    }
}
