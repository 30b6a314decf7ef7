//! `/api/v1/money/…`: revenue, commissions, and what to expect.
//!
//! In: a question. Out: a report, one file each, made of what [`crate::growth::ledger`] books, as JSON
//! or as CSV. `docs/money.md` has each definition. What must never happen: amounts of two currencies
//! are added up; an amount is a float (only forecasts are); JSON and CSV say different things.

pub(super) mod asked;
mod amount;
pub(super) mod table;
mod month;
mod line;
mod revenue;
mod partners;
mod entries;
mod statement;
mod forecast;

use axum::{http::StatusCode, response::Response};
use serde::Serialize;
use utoipa::OpenApi;

use self::{asked::Format, table::Table};
use super::{State, unavailable};
use crate::{
    door::{Door, Least, Routes},
    growth::ledger::LedgerError,
    problem::Problem,
    store::StoreError,
};

/// What the routes of this room are documented by.
#[derive(OpenApi)]
#[openapi(
    paths(
        revenue::answer,
        partners::answer,
        entries::answer,
        statement::answer,
        forecast::answer
    ),
    components(schemas(month::Month, line::After))
)]
pub(super) struct Documented;

/// The routes of this room.
pub(super) fn routes(door: &Door) -> Routes<State> {
    Routes::new(door)
        .get("/api/v1/money/revenue", Least::Analyst, revenue::answer)
        .get("/api/v1/money/partners", Least::Analyst, partners::answer)
        .get("/api/v1/money/entries", Least::Analyst, entries::answer)
        .get("/api/v1/money/statement", Least::Analyst, statement::answer)
        .get("/api/v1/money/forecast", Least::Analyst, forecast::answer)
}

/// Answers with what `report` makes. A large ledger takes a moment, and requests must not wait for
/// that.
async fn made<R: Serialize + Table + Send + 'static>(
    format: Format,
    report: impl FnOnce() -> Result<R, LedgerError> + Send + 'static,
) -> Result<Response, Problem> {
    let made = tokio::task::spawn_blocking(move || Ok(table::response(format, &report()?)));
    let made: Result<_, LedgerError> = made
        .await
        .map_err(|error| unavailable(StoreError::Row(error.to_string())))?;
    made.map_err(|error| unsound(&error))
}

/// The ledger cannot be made: no figure is better than a wrong one.
fn unsound(error: &LedgerError) -> Problem {
    tracing::error!(error = error as &dyn std::error::Error, "no ledger");
    Problem::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "ledger_unsound",
        "the ledger cannot be added up",
    )
    .detail(error.to_string())
}
