//! Whether the collector lives, and whether it can do its work.

use std::sync::Arc;

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::{
    door::{Door, Least, Routes},
    spool::Spool,
    store::Store,
};

/// The routes `/api/health` and `/api/ready`.
pub(super) fn routes(spool: Spool, store: Arc<dyn Store>, door: &Door) -> Routes {
    let ready = async move || ready(&spool, store.as_ref()).await;
    Routes::new(door)
        .get("/api/health", Least::World, async || {
            Json(json!({ "alive": true }))
        })
        .get("/api/ready", Least::World, ready)
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
