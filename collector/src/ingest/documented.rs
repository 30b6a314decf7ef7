//! What sites and servers post, as the OpenAPI document has it.
//!
//! The schemas of the bodies are those in `shared/schema`, which `app` adds under the names that are used here.

use std::collections::BTreeMap;

use utoipa::{
    IntoResponses, Modify, OpenApi,
    openapi::{
        RefOr, Response,
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use crate::problem::{self, Problem};

/// How a batch can be refused.
pub(super) struct BatchRefused;

impl IntoResponses for BatchRefused {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        problem::responses(&[
            (400, "the body is no JSON, or was cut off"),
            (401, "the token is none of ours, or was revoked"),
            (403, "the origin is not the token's"),
            (405, "batches are posted"),
            (408, "the body took too long"),
            (413, "the body is too large"),
            (415, "the content type is another"),
            (422, "a rule is broken"),
            (429, "too many of this site, or from this address"),
            (503, "the spool cannot take it now"),
        ])
    }
}

/// How server events can be refused.
pub(super) struct EventsRefused;

impl IntoResponses for EventsRefused {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        problem::responses(&[
            (400, "the body is no JSON, or was cut off"),
            (401, "the token is missing, none of ours, or was revoked"),
            (403, "the token does not cover the site"),
            (405, "events are posted"),
            (408, "the body took too long"),
            (409, "an idempotency key was used with other content"),
            (413, "the body is too large"),
            (415, "the content type is another"),
            (422, "a rule is broken"),
            (429, "too many with this token"),
            (503, "the spool cannot take it now"),
        ])
    }
}

#[derive(OpenApi)]
#[openapi(
    paths(super::take, super::server::take),
    components(schemas(Problem)),
    modifiers(&ServerToken),
    tags((name = "ingest", description = "What sites and servers post.")),
)]
struct Documented;

/// The secret token of a server.
struct ServerToken;

impl Modify for ServerToken {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("what `foresight server add` prints"))
            .build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("server_token", SecurityScheme::Http(bearer));
    }
}

/// This room's part of the OpenAPI document.
#[must_use]
pub fn documented() -> utoipa::openapi::OpenApi {
    Documented::openapi()
}
