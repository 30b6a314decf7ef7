//! `/api/v1/alerts`: which alerts fire, as Alertmanager says.
//!
//! In: the setting `alertmanager_url`. Out: alerts that are neither silenced nor inhibited, the most severe first; or that
//! none is asked, or does not answer. What must never happen: a page that waits for an Alertmanager which is away, as many
//! requests to it as there are viewers, or its words of a failure in an answer.

mod source;

use std::collections::BTreeMap;

use axum::{Json, extract};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::{
    IntoResponses, OpenApi, ToSchema,
    openapi::{RefOr, Response},
};

pub use source::Source;

use crate::{
    door::{Door, Least, Routes},
    problem,
};

/// What is answered about alerts.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
struct Alerts {
    state: State,
    /// When Alertmanager was asked, or would have been.
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Option<Timestamp>,
    alerts: Vec<Alert>,
    /// How many there are beside these.
    more: u64,
}

/// Whether the alerts are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = AlertsState)]
enum State {
    /// No `alertmanager_url` is set.
    Off,
    /// They are.
    Known,
    /// Alertmanager does not answer, or not as its API says.
    Unreachable,
}

/// An alert that fires. Texts are those of its rule.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
struct Alert {
    /// Its fingerprint.
    id: String,
    name: String,
    severity: Option<String>,
    site: Option<String>,
    summary: Option<String>,
    description: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// Where its rule says what to do: http(s) only.
    runbook_url: Option<String>,
}

/// How a question about alerts can be refused.
struct Refused;

impl IntoResponses for Refused {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        problem::responses(&[
            (401, "nobody has signed in, or the token is not good"),
            (405, "alerts are read with GET"),
            (503, "the database does not answer"),
        ])
    }
}

#[derive(OpenApi)]
#[openapi(
    paths(answer),
    tags((name = "alerts", description = "What Alertmanager says."))
)]
struct Documented;

/// This room's part of the OpenAPI document.
#[must_use]
pub fn documented() -> utoipa::openapi::OpenApi {
    Documented::openapi()
}

/// The route.
#[must_use]
pub fn routes(source: Source, door: &Door) -> Routes {
    Routes::new(door)
        .get("/api/v1/alerts", Least::Viewer, answer)
        .dress(|router| router.with_state(source))
}

#[utoipa::path(
    get,
    path = "/api/v1/alerts",
    operation_id = "alerts",
    tag = "alerts",
    summary = "Which alerts fire",
    responses((status = 200, description = "as far as is known", body = Alerts), Refused),
)]
async fn answer(extract::State(source): extract::State<Source>) -> Json<Alerts> {
    Json(source.alerts().await)
}
