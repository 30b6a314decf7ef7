//! `/api/v1/users`, `tokens`, `audit`, `settings`, and adding sites: what only admins may do.
//!
//! In: requests that the [`crate::door`] has let through. Out: changes, each with its entry in the list of
//! changes. What must never happen: a secret is shown a second time, or a change leaves no entry.

mod users;
mod tokens;
mod audit;
mod sites;

use std::sync::Arc;

use axum::{Json, extract::State as Shared, http::StatusCode};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use crate::{
    access::TokenKey,
    door::{Asked, Door, Least, Nothing, Routes},
    event::Millis,
    problem::Problem,
    store::Store,
};

/// What managing needs.
pub struct State {
    /// Who asks, and the people and tokens.
    pub door: Door,
    /// The sites.
    pub store: Arc<dyn Store>,
    /// The key that signs sites' tokens.
    pub key: TokenKey,
    /// The address of the public listener, without a final slash.
    pub base_url: String,
    /// What `GET /api/v1/settings` tells.
    pub settings: Settings,
}

/// Settings that people want to know of, and that are no secret.
#[derive(Clone, Serialize, ToSchema)]
pub struct Settings {
    /// Days for which sums are kept by the hour.
    pub keep_hours_days: u32,
    /// Days for which sums are kept by the day.
    pub keep_single_days: u32,
    /// Days for which sums are kept at all.
    pub keep_days: u32,
    /// The address of the public listener.
    pub public_url: String,
    /// This binary's version.
    pub version: &'static str,
}

#[derive(OpenApi)]
#[openapi(
    paths(
        users::list,
        users::add,
        users::change,
        users::remove,
        tokens::list,
        tokens::add,
        tokens::remove,
        audit::list,
        sites::add,
        sites::snippet,
        settings
    ),
    components(schemas(Problem)),
    tags((name = "admin", description = "What only admins may do.")),
)]
struct Documented;

/// This room's part of the OpenAPI document.
#[must_use]
pub fn documented() -> utoipa::openapi::OpenApi {
    Documented::openapi()
}

/// The routes of this room.
#[must_use]
pub fn routes(state: State) -> Routes {
    let door = state.door.clone();
    let state = Arc::new(state);
    Routes::new(&door)
        .get("/api/v1/users", Least::Admin, users::list)
        .post("/api/v1/users", Least::Admin, users::add)
        .patch("/api/v1/users/{name}", Least::Admin, users::change)
        .delete("/api/v1/users/{name}", Least::Admin, users::remove)
        .get("/api/v1/tokens", Least::Admin, tokens::list)
        .post("/api/v1/tokens", Least::Admin, tokens::add)
        .delete("/api/v1/tokens/{id}", Least::Admin, tokens::remove)
        .get("/api/v1/audit", Least::Admin, audit::list)
        .post("/api/v1/sites", Least::Admin, sites::add)
        .get("/api/v1/sites/{host}/snippet", Least::Admin, sites::snippet)
        .get("/api/v1/settings", Least::Admin, settings)
        .dress(|router| router.with_state(state))
}

#[utoipa::path(
    get,
    path = "/api/v1/settings",
    operation_id = "settings",
    tag = "admin",
    summary = "Settings that are no secret",
    responses((status = 200, description = "settings", body = Settings), Asked),
)]
async fn settings(Shared(state): Shared<Arc<State>>, _: Nothing) -> Json<Settings> {
    Json(state.settings.clone())
}

fn field_invalid(field: &'static str, rule: impl Into<String>) -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "field_invalid",
        "a field breaks a rule",
    )
    .breaks(field, rule.into())
}

/// A time as answers have it. One that no calendar knows is none.
fn timestamp(ms: Millis) -> Option<Timestamp> {
    Timestamp::from_millisecond(ms).ok()
}
