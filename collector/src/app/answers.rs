//! What every answer has in common, whichever room gives it.
//!
//! In: requests, and the answers of rooms or of axum itself. Out: answers with a request id, and errors
//! with a code. What must never happen: an error without a body that says what is wrong.

use axum::{
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tracing::{Instrument, field::Empty};

use crate::{
    problem::{Problem, RequestId},
    telemetry::Traces,
};

/// Gives each request an id, which is in every line that is logged on its way and in its answer. If traces are on,
/// that of its trace is in the lines too.
pub(super) async fn identify(
    State(traces): State<Traces>,
    request: Request,
    next: Next,
) -> Response {
    let id = RequestId::of(request.headers());
    let span = tracing::info_span!("request", %id, trace_id = Empty);
    let begun = traces.begin(&request, &id);
    let answer = id.clone().scope(next.run(request));
    let mut response = match begun {
        None => answer.instrument(span).await,
        Some(begun) => {
            span.record("trace_id", begun.trace_id());
            begun.answer(answer.instrument(span)).await
        }
    };
    if let Some(value) = id.header_value() {
        response.headers_mut().insert(RequestId::HEADER, value);
    }
    response
}

/// Gives axum's bare 404 and 405, and its 400 in plain words, the body that every other error has.
pub(super) async fn explain(response: Response) -> Response {
    let kind = response.headers().get(header::CONTENT_TYPE);
    let bare = kind.is_none();
    let plain = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/plain"));
    let problem = match response.status() {
        StatusCode::METHOD_NOT_ALLOWED if bare => Problem::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "this address does not take that method",
        ),
        StatusCode::NOT_FOUND if bare => {
            Problem::new(StatusCode::NOT_FOUND, "not_found", "there is nothing here")
        }
        // Only axum's extractor of paths answers so.
        StatusCode::BAD_REQUEST if plain => Problem::new(
            StatusCode::BAD_REQUEST,
            "path_invalid",
            "the address's path is not UTF-8",
        ),
        _ => return response,
    };
    let mut explained = problem.into_response();
    for (name, value) in response.headers() {
        if name != header::CONTENT_LENGTH && name != header::CONTENT_TYPE {
            explained.headers_mut().insert(name, value.clone());
        }
    }
    explained
}
