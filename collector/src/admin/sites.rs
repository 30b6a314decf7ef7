//! Sites: adding one, and what to paste into its pages.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State as Shared},
    http::StatusCode,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{State, field_invalid};
use crate::{
    access,
    door::{Asked, Body, Caller, Missing, Nothing, Sent, unavailable},
    problem::Problem,
    store::Site,
};

#[derive(Serialize, ToSchema)]
#[schema(as = IssuedSite)]
pub(super) struct Issued {
    site: String,
    token: String,
    snippet: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewSite {
    host: String,
    #[serde(default)]
    template: Option<String>,
    #[serde(default)]
    build: Option<String>,
}

#[utoipa::path(
    post,
    path = "/api/v1/sites",
    operation_id = "add_site",
    tag = "admin",
    summary = "Adds a site",
    request_body = NewSite,
    responses((status = 201, description = "its token, and what to paste", body = Issued), Asked, Body),
)]
pub(super) async fn add(
    Shared(state): Shared<Arc<State>>,
    caller: Caller,
    Sent(sent): Sent<NewSite>,
) -> Result<(StatusCode, Json<Issued>), Problem> {
    let mut site = Site {
        host: sent.host,
        template: sent.template,
        build: sent.build,
        added_ms: state.door.now_ms(),
    };
    let issued = issue(&state, &site)?;
    site.host.clone_from(&issued.site);
    state.store.add_site(&site).await.map_err(unavailable)?;
    let entry = state.door.entry(&caller, "site_added", site.host);
    state
        .door
        .accounts()
        .note(&entry)
        .await
        .map_err(unavailable)?;
    Ok((StatusCode::CREATED, Json(issued)))
}

/// A new token each time: the old ones stay good, unless they were revoked.
#[utoipa::path(
    get,
    path = "/api/v1/sites/{host}/snippet",
    operation_id = "snippet",
    tag = "admin",
    summary = "A new token of a site, and what to paste into its pages",
    params(("host" = String, Path, description = "the site's host")),
    responses((status = 200, description = "the old ones stay good", body = Issued), Asked, Missing),
)]
pub(super) async fn snippet(
    Shared(state): Shared<Arc<State>>,
    Path(host): Path<String>,
    _: Nothing,
) -> Result<Json<Issued>, Problem> {
    let sites = state.store.sites().await.map_err(unavailable)?;
    let Some(site) = sites.into_iter().find(|site| site.host == host) else {
        return Err(Problem::new(
            StatusCode::NOT_FOUND,
            "site_unknown",
            "there is no such site",
        ));
    };
    Ok(Json(issue(&state, &site)?))
}

fn issue(state: &State, site: &Site) -> Result<Issued, Box<Problem>> {
    let (template, build) = (site.template.as_deref(), site.build.as_deref());
    let issued_s = state.door.now_ms() / 1000;
    let (host, token) = access::issue(&state.key, &site.host, template, build, issued_s)
        .map_err(|error| field_invalid(error.field(), error.to_string()))?;
    Ok(Issued {
        site: host.to_string(),
        snippet: access::snippet(&state.base_url, token.as_str()),
        token: token.to_string(),
    })
}
