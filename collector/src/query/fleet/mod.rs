//! `/api/v1/fleet/…`: all sites at once, and site by site.
//!
//! In: a question. Out: how many sites pass the assessment, and a table of sites that can be sorted and
//! read on. What must never happen: a site is judged by a few views, or counted as measured and neither
//! passing nor failing.

mod assessment;
mod summary;
mod sites;
mod line;
mod order;

use axum::{Router, routing::get};
use utoipa::OpenApi;

pub(super) use line::{figure, word};

use super::State;

/// What the routes of this room are documented by.
#[derive(OpenApi)]
#[openapi(
    paths(summary::answer, sites::answer),
    components(schemas(order::Sort, order::Order, sites::Lines))
)]
pub(super) struct Documented;

/// The routes of this room.
pub(super) fn router() -> Router<State> {
    Router::new()
        .route("/api/v1/fleet/summary", get(summary::answer))
        .route("/api/v1/fleet/sites", get(sites::answer))
}
