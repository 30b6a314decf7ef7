//! Whether the collector lives, and whether it can do its work.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use super::openapi::Refused;
use crate::{
    door::{Door, Least, Routes},
    spool::Spool,
    store::Store,
};

/// What these routes are documented by.
#[derive(OpenApi)]
#[openapi(paths(alive, ready))]
struct Documented;

/// That the process lives.
#[derive(Serialize, ToSchema)]
struct Alive {
    alive: bool,
}

/// Whether the collector can do its work.
#[derive(Serialize, ToSchema)]
struct Ready {
    ready: bool,
    /// Given if it cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    parts: Option<Parts>,
}

/// Which parts can be reached.
#[derive(Serialize, ToSchema)]
#[schema(as = ReadyParts)]
struct Parts {
    spool: Word,
    store: Word,
}

/// Whether a part can be reached. Words, not causes: the page is public, and database errors may name hosts
/// and users.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = PartState)]
enum Word {
    Ok,
    Unavailable,
}

/// This room's part of the OpenAPI document.
pub(super) fn documented() -> utoipa::openapi::OpenApi {
    Documented::openapi()
}

/// The routes `/api/health` and `/api/ready`.
pub(super) fn routes(spool: Spool, store: Arc<dyn Store>, door: &Door) -> Routes {
    Routes::new(door)
        .get("/api/health", Least::World, alive)
        .get("/api/ready", Least::World, ready)
        .dress(|router| router.with_state((spool, store)))
}

#[utoipa::path(
    get,
    path = "/api/health",
    operation_id = "health",
    tag = "collector",
    summary = "Whether the process lives",
    responses((status = 200, description = "it does", body = Alive), Refused),
)]
async fn alive() -> Json<Alive> {
    Json(Alive { alive: true })
}

#[utoipa::path(
    get,
    path = "/api/ready",
    operation_id = "ready",
    tag = "collector",
    summary = "Whether spool and database can be reached",
    responses(
        (status = 200, description = "both", body = Ready),
        (status = 503, description = "not both", body = Ready),
        Refused,
    ),
)]
async fn ready(State((spool, store)): State<(Spool, Arc<dyn Store>)>) -> Response {
    let spool = spool.ping().await.err().map(|error| error.to_string());
    let store = store.ping().await.err().map(|error| error.to_string());
    if spool.is_none() && store.is_none() {
        let body = Ready {
            ready: true,
            parts: None,
        };
        return Json(body).into_response();
    }
    tracing::warn!(?spool, ?store, "not ready");
    let body = Ready {
        ready: false,
        parts: Some(Parts {
            spool: Word::of(spool.as_deref()),
            store: Word::of(store.as_deref()),
        }),
    };
    (StatusCode::SERVICE_UNAVAILABLE, Json(body)).into_response()
}

impl Word {
    const fn of(failure: Option<&str>) -> Self {
        match failure {
            None => Self::Ok,
            Some(_) => Self::Unavailable,
        }
    }
}
