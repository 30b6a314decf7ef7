//! Signing in, and what every guarded address can answer, as the OpenAPI document has it.

use std::collections::BTreeMap;

use utoipa::{
    IntoResponses, OpenApi,
    openapi::{RefOr, Response},
};

use super::{oidc, sign_in};
use crate::problem::{self, Problem};

type Responses = BTreeMap<String, RefOr<Response>>;

/// What asking can be refused with.
pub struct Asked;

impl IntoResponses for Asked {
    fn responses() -> Responses {
        problem::responses(&[
            (401, "nobody has signed in, or the token is not good"),
            (
                403,
                "the role does not allow it, or no page of ours asks for a change",
            ),
            (405, "the address does not take that method"),
            (422, "a parameter or field breaks a rule"),
            (503, "the database does not answer"),
        ])
    }
}

/// What a body can be refused with.
pub struct Body;

impl IntoResponses for Body {
    fn responses() -> Responses {
        problem::responses(&[
            (400, "the body is not JSON"),
            (408, "the body took too long"),
            (413, "the body is too large"),
            (415, "the body's content type is another"),
        ])
    }
}

/// That there is nothing of the name in the path.
pub struct Missing;

impl IntoResponses for Missing {
    fn responses() -> Responses {
        problem::responses(&[
            (400, "the path, or the body, is not UTF-8 or not JSON"),
            (404, "there is nothing of that name"),
        ])
    }
}

/// That something else stands in the way.
pub struct InTheWay;

impl IntoResponses for InTheWay {
    fn responses() -> Responses {
        problem::responses(&[(409, "what is there does not allow it; the code says why")])
    }
}

/// What a new password can fail with.
pub struct Hashing;

impl IntoResponses for Hashing {
    fn responses() -> Responses {
        problem::responses(&[(500, "the password could not be hashed")])
    }
}

/// That there were too many attempts.
pub(super) struct Elsewhere;

impl IntoResponses for Elsewhere {
    fn responses() -> Responses {
        problem::responses(&[
            (401, "the issuer, or what it says, lets nobody in"),
            (403, "nobody can be let in so; the code says why"),
            (404, "there is no single sign-on"),
            (405, "the address does not take that method"),
            (422, "a parameter breaks a rule"),
            (503, "the issuer or the database does not answer"),
        ])
    }
}

/// Too many failed.
pub(super) struct Locked;

impl IntoResponses for Locked {
    fn responses() -> Responses {
        problem::responses(&[(429, "too many sign-ins failed")])
    }
}

#[derive(OpenApi)]
#[openapi(
    paths(
        sign_in::tell,
        sign_in::sign_in,
        sign_in::sign_out,
        sign_in::change_password,
        sign_in::set_up,
        oidc::begin,
        oidc::end
    ),
    components(schemas(Problem)),
    tags((name = "session", description = "Signing in and out.")),
)]
struct Documented;

/// This room's part of the OpenAPI document.
#[must_use]
pub fn documented() -> utoipa::openapi::OpenApi {
    Documented::openapi()
}
