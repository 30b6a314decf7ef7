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

use utoipa::OpenApi;

pub(super) use line::{figure, word};

use super::State;
use crate::door::{Door, Least, Routes};

/// What the routes of this room are documented by.
#[derive(OpenApi)]
#[openapi(
    paths(summary::answer, sites::answer),
    components(schemas(order::Sort, order::Order, sites::Lines))
)]
pub(super) struct Documented;

/// The routes of this room.
pub(super) fn routes(door: &Door) -> Routes<State> {
    Routes::new(door)
        .get("/api/v1/fleet/summary", Least::Viewer, summary::answer)
        .get("/api/v1/fleet/sites", Least::Viewer, sites::answer)
}
