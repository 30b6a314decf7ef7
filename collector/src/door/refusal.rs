//! What a caller is told who is not let in.

use std::time::Duration;

use axum::http::StatusCode;

use super::PasswordError;
use crate::{
    problem::Problem,
    store::{Role, StoreError},
};

/// After how long it is worth asking again for what the database did not answer.
const RETRY: Duration = Duration::from_secs(5);

pub(super) fn not_signed_in() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "not_signed_in",
        "this needs a sign-in",
    )
}

pub(super) fn token_unknown() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "token_unknown",
        "the token is not one, or was revoked",
    )
}

pub(super) fn token_expired() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "token_expired",
        "the token was good until a while ago",
    )
}

pub(super) fn not_allowed(role: Role) -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "not_allowed",
        "the role does not allow this",
    )
    .detail(format!("needs the role {role}"))
}

pub(super) fn read_only() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "not_allowed",
        "the role does not allow this",
    )
    .detail("needs a token with the scope admin")
}

pub(super) fn needs_session() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "not_allowed",
        "the role does not allow this",
    )
    .detail("needs a sign-in with name and password")
}

pub(super) fn csrf() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "csrf_invalid",
        "the request does not come from a page of ours",
    )
    .breaks(
        "x-foresight-csrf",
        "the csrf of GET /api/v1/session, with the cookie that came along",
    )
}

pub(super) fn wrong_password() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "wrong_password",
        "name and password do not belong together",
    )
}

pub(super) fn locked(wait: Duration) -> Problem {
    Problem::new(
        StatusCode::TOO_MANY_REQUESTS,
        "locked",
        "too many sign-ins failed",
    )
    .retry_after(wait)
}

pub(super) fn setup_invalid() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "setup_invalid",
        "the link is not good, or no longer",
    )
    .detail("a start of the collector prints a new one, as long as there is no user")
}

pub(super) fn setup_done() -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "setup_done",
        "there are users already",
    )
}

pub(super) fn off() -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "login_off",
        "nobody has to sign in here",
    )
}

/// Single sign-on is not set up.
pub(super) fn oidc_off() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "oidc_off",
        "there is no single sign-on here",
    )
}

/// Who comes back did not go out from this browser, or too long ago.
pub(super) fn oidc_state() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "oidc_state",
        "this sign-in was not begun in this browser, or not lately",
    )
    .detail("open the dashboard and sign in again")
}

/// The issuer gave no code.
pub(super) fn oidc_refused() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "oidc_refused",
        "the issuer did not let this sign-in through",
    )
}

/// What the issuer says cannot be believed.
pub(super) fn oidc_token() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "oidc_token",
        "what the issuer says could not be verified",
    )
}

/// There is no name to be had.
pub(super) fn oidc_name() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "oidc_name",
        "the issuer gives no name that is one here",
    )
    .detail("the claim of oidc_name_claim is missing, not verified, or no name; see docs/access.md")
}

/// Somebody else has the name.
pub(super) fn oidc_name_taken() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "oidc_name_taken",
        "somebody else has this name here",
    )
    .detail("an admin can remove that user")
}

/// No role is given.
pub(super) fn oidc_no_role() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "oidc_no_role",
        "the issuer gives no role here",
    )
}

/// It would leave nobody who is an admin.
pub(super) fn oidc_no_admin() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "oidc_no_admin",
        "there would be no admin",
    )
    .detail("make another admin first")
}

/// The issuer does not answer.
pub(super) fn oidc_unavailable() -> Problem {
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "oidc_unavailable",
        "the issuer of single sign-on does not answer",
    )
    .retry_after(RETRY)
}

impl From<PasswordError> for Problem {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Length | PasswordError::Name => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "field_invalid",
                "a field breaks a rule",
            )
            .breaks("password", error.to_string()),
            PasswordError::Busy => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "overloaded",
                "too many passwords are being checked",
            )
            .retry_after(RETRY),
            PasswordError::Hash(_) => {
                tracing::error!(%error, "a password was not hashed");
                Self::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "password_not_hashed",
                    "the password could not be hashed",
                )
            }
        }
    }
}

/// Logs why the database did not answer; the client is only told that it did not.
#[must_use]
#[expect(clippy::needless_pass_by_value, reason = "`map_err` hands it over")]
pub fn unavailable(error: StoreError) -> Problem {
    tracing::error!(error = &error as &dyn std::error::Error, "no answer");
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "store_unavailable",
        "the database does not answer",
    )
    .retry_after(RETRY)
}
