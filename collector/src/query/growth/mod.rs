//! `/api/v1/growth/…`: how the fleet spreads, and what its visitors leave.
//!
//! In: a span of whole days, of UTC. Out: reports, one file each, made of the figures of
//! [`crate::growth`]. `docs/growth.md` has each definition. What must never happen: a parameter that
//! does not apply is passed over, or requests wait while a fleet is gone through.

mod cohorts;
mod segments;
mod funnel;
mod tree;
mod cycle;
mod leads;
mod slow;

use axum::{Json, extract::FromRequestParts, http::request::Parts};
use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use utoipa::{OpenApi, ToSchema};

use super::{
    State,
    parameters::{Fault, Parameters},
    scope::{Span, timestamp},
    unavailable,
    value::Range,
};
use crate::{
    door::{Door, Least, Routes},
    event::{DAY_MS, Millis, day_of},
    growth::{Fleet, Period},
    problem::Problem,
    store::{Facts, StoreError},
};

/// What the routes of this room are documented by.
#[derive(OpenApi)]
#[openapi(
    paths(
        cohorts::answer,
        segments::answer,
        funnel::answer,
        tree::answer,
        cycle::answer,
        leads::answer,
        slow::answer
    ),
    components(schemas(segments::Days))
)]
pub(super) struct Documented;

/// The routes of this room.
pub(super) fn routes(door: &Door) -> Routes<State> {
    Routes::new(door)
        .get("/api/v1/growth/cohorts", Least::Viewer, cohorts::answer)
        .get("/api/v1/growth/segments", Least::Viewer, segments::answer)
        .get("/api/v1/growth/funnel", Least::Viewer, funnel::answer)
        .get("/api/v1/growth/tree", Least::Viewer, tree::answer)
        .get("/api/v1/growth/cycle", Least::Viewer, cycle::answer)
        .get("/api/v1/growth/leads", Least::Analyst, leads::answer)
        .get("/api/v1/growth/slow", Least::Viewer, slow::answer)
}

/// A question about growth, with the report's own parameters.
struct Question<T> {
    /// The start of the first day.
    from_ms: Millis,
    /// The end of the last day.
    to_ms: Millis,
    now_ms: Millis,
    own: T,
}

/// An answer: a report under the span that it is about.
#[derive(Serialize, ToSchema)]
#[schema(as = GrowthAnswer)]
struct Answer<R> {
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    to: Timestamp,
    #[serde(flatten)]
    report: R,
}

impl<T: DeserializeOwned + Send> FromRequestParts<State> for Question<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        Ok(read(parts, (state.clock)())?)
    }
}

fn read<T: DeserializeOwned>(parts: &Parts, now_ms: Millis) -> Result<Question<T>, Fault> {
    let mut parameters = Parameters::of(&parts.uri)?;
    let span: Span = parameters.take()?;
    let own = parameters.take()?;
    parameters.end()?;
    let (from_ms, to_ms) = span.read(now_ms, Range::Quarter)?;
    Ok(Question {
        from_ms: day_of(from_ms),
        to_ms: day_of(to_ms + DAY_MS - 1),
        now_ms,
        own,
    })
}

impl<T: Send + 'static> Question<T> {
    /// The time that it is about.
    const fn span(&self) -> (Millis, Millis) {
        (self.from_ms, self.to_ms)
    }

    /// The same about whole periods: every one that it touches.
    fn widened(self, period: Period) -> Self {
        Self {
            from_ms: period.start_of(self.from_ms),
            to_ms: period.start_of(self.to_ms - 1) + period.length_ms(),
            ..self
        }
    }

    /// Answers with what `report` makes of the fleet.
    async fn answer<R: Send + 'static>(
        self,
        state: &State,
        report: impl FnOnce(&Self, &Facts, &Fleet<'_>) -> R + Send + 'static,
    ) -> Result<Json<Answer<R>>, Problem> {
        // What became of its owners and shares since, up to now.
        let facts = state.store.facts(self.from_ms, Millis::MAX).await;
        let facts = facts.map_err(unavailable)?;
        let rules = state.rules.clone();
        let (from, to) = (timestamp(self.from_ms), timestamp(self.to_ms));
        // A large fleet takes a moment, and requests must not wait for that.
        let made = tokio::task::spawn_blocking(move || {
            let fleet = Fleet::of(&facts, &rules);
            report(&self, &facts, &fleet)
        });
        let report = made
            .await
            .map_err(|error| unavailable(StoreError::Row(error.to_string())))?;
        Ok(Json(Answer { from, to, report }))
    }
}

/// A figure to four digits after the point.
fn rounded(figure: f64) -> f64 {
    (figure * 10_000.0).round() / 10_000.0
}
