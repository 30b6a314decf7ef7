//! Whether the collector lives, and whether it can do its work.

use std::sync::Arc;

use axum::{
    Json, Router,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::json;

use crate::{spool::Spool, store::Store};

/// The routes `/api/health` and `/api/ready`.
pub(super) fn router(spool: Spool, store: Arc<dyn Store>) -> Router {
    let ready = async move || ready(&spool, store.as_ref()).await;
    Router::new()
        .route("/api/health", get(async || Json(json!({ "alive": true }))))
        .route("/api/ready", get(ready))
}

async fn ready(spool: &Spool, store: &dyn Store) -> Response {
    let spool = spool.ping().await.err().map(|error| error.to_string());
    let store = store.ping().await.err().map(|error| error.to_string());
    if spool.is_none() && store.is_none() {
        return Json(json!({ "ready": true })).into_response();
    }
    tracing::warn!(?spool, ?store, "not ready");
    // Words, not causes: the page is public, and database errors may name hosts and users.
    let word = |failure: &Option<String>| match failure {
        None => "ok",
        Some(_) => "unavailable",
    };
    let body = json!({
        "ready": false,
        "parts": { "spool": word(&spool), "store": word(&store) },
    });
    (StatusCode::SERVICE_UNAVAILABLE, Json(body)).into_response()
}
