//! The reports under `/api/v1/`: what was measured, as JSON.
//!
//! In: questions in query strings. Out: reports, one file each, made of the store's sums. A report
//! is a pure function of sums; its handler only asks for them. What must never happen: a mean of
//! percentiles, a filter that does not apply without `docs/api.md` saying so, or the database's words in
//! an answer.

mod documented;
mod parameters;
mod value;
mod scope;
mod figure;
mod small;
mod validator;
mod compare;
mod sites;
mod vitals;
mod series;
mod pages;
mod parts;
mod causes;
mod shares;
mod activity;
mod dimensions;
mod live;
mod breakdown;
mod builds;
mod changes;
mod fleet;
mod growth;
mod money;

use std::{sync::Arc, time::Duration};

use axum::{http::StatusCode, middleware::from_fn};

pub use documented::documented;
pub use live::Places;

use crate::{
    door::{Door, Least, Routes},
    event::Clock,
    growth::Rules,
    live::Feed,
    problem::Problem,
    store::{Store, StoreError},
};

/// After how long a question that the database did not answer is worth asking again.
const RETRY: Duration = Duration::from_secs(5);

/// What reports are made from.
#[derive(Clone)]
pub struct State {
    /// The database.
    pub store: Arc<dyn Store>,
    /// The server's clock.
    pub clock: Clock,
    /// What counts as a referral.
    pub rules: Rules,
    /// What happens now.
    pub feed: Feed,
    /// The places of those who look at it.
    pub places: Places,
    /// Page views that a group must have to be told to people below admin.
    pub small_group_views: u64,
}

/// The routes of this room. Answers are read anew each time: the next flush changes them.
#[must_use]
pub fn routes(state: State, door: &Door) -> Routes {
    Routes::new(door)
        .get("/api/v1/sites", Least::Viewer, sites::answer)
        .get("/api/v1/vitals", Least::Viewer, vitals::answer)
        .get("/api/v1/series", Least::Viewer, series::answer)
        .get("/api/v1/pages", Least::Viewer, pages::answer)
        .get("/api/v1/causes", Least::Viewer, causes::answer)
        .get("/api/v1/shares", Least::Viewer, shares::answer)
        .get("/api/v1/activity", Least::Viewer, activity::answer)
        .get("/api/v1/dimensions", Least::Viewer, dimensions::answer)
        .get("/api/v1/live", Least::Viewer, live::answer)
        .get("/api/v1/breakdown", Least::Viewer, breakdown::answer)
        .get("/api/v1/builds", Least::Viewer, builds::answer)
        .get("/api/v1/changes", Least::Viewer, changes::answer)
        .merge(fleet::routes(door))
        .merge(growth::routes(door))
        .merge(money::routes(door))
        .dress(|router| {
            router
                .method_not_allowed_fallback(only_reading)
                .layer(from_fn(validator::validate))
                .with_state(state)
        })
}

async fn only_reading() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "this address does not take that method",
    )
    .detail("reports are read with GET")
}

/// Says since when what was asked for is kept. Logs why the database did not answer otherwise; the
/// client is only told that it did not.
#[expect(clippy::needless_pass_by_value, reason = "`map_err` hands it over")]
fn unavailable(error: StoreError) -> Problem {
    if let StoreError::Coarse { since_ms } = error {
        return scope::too_early(since_ms).into();
    }
    tracing::error!(error = &error as &dyn std::error::Error, "no report");
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "store_unavailable",
        "the database does not answer",
    )
    .retry_after(RETRY)
}
