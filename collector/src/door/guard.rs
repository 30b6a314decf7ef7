//! Finds out who asks, and whether they may.
//!
//! In: a request and the least role of its route. Out: the answer of what is behind, or a refusal. A token
//! goes before a session: a program that sends one means it. What must never happen: something behind is
//! asked before the role is known to suffice.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tower_sessions::Session;

use super::{
    By, Caller, Door, Least, NOTED_EVERY_MS, csrf, hash_of,
    refusal::{self, unavailable},
    sessions::{self, USED_MS},
};
use crate::{
    config::Login,
    problem::Problem,
    store::{Role, Scope},
};

/// With what tokens of programs begin, so that they are recognized where they do not belong.
pub(super) const TOKEN_PREFIX: &str = "fsa_";

/// What an answer says to browsers: nothing of it is kept, guessed at, framed, or read by other sites.
const HEADERS: [(HeaderName, &str); 5] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'",
    ),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// Lets a request through to its route, or not.
pub(super) async fn check(
    State((door, least)): State<(Door, Least)>,
    session: Session,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let mut response = match door.admit(least, &session, &parts).await {
        Ok(caller) => {
            if let Some(caller) = caller {
                parts.extensions.insert(caller);
            }
            next.run(Request::from_parts(parts, body)).await
        }
        Err(problem) => problem.into_response(),
    };
    if response.status() == StatusCode::UNAUTHORIZED {
        let challenge = HeaderValue::from_static("Bearer");
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, challenge);
    }
    for (name, value) in HEADERS {
        let headers = response.headers_mut();
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    response
}

impl Door {
    async fn admit(
        &self,
        least: Least,
        session: &Session,
        request: &Parts,
    ) -> Result<Option<Caller>, Problem> {
        let caller = self.identify(session, &request.headers).await?;
        let is_safe = csrf::is_safe(&request.method);
        let role = match least {
            Least::World | Least::Visitor => None,
            Least::Viewer => Some(Role::Viewer),
            Least::Analyst => Some(Role::Analyst),
            Least::Admin => Some(Role::Admin),
        };
        if let Some(role) = role {
            let caller = caller.as_ref().ok_or_else(refusal::not_signed_in)?;
            if caller.role < role {
                return Err(refusal::not_allowed(role));
            }
        }
        match caller.as_ref().map(|caller| caller.by) {
            Some(By::Token(Scope::Read)) if !is_safe => return Err(refusal::read_only()),
            // No browser adds a token by itself.
            Some(By::Token(_)) => {}
            _ if is_safe => {}
            by => self.check_csrf(by, session, &request.headers)?,
        }
        Ok(caller)
    }

    async fn identify(
        &self,
        session: &Session,
        headers: &HeaderMap,
    ) -> Result<Option<Caller>, Problem> {
        if let Some(token) = bearer(headers) {
            return self.holder_of(token).await.map(Some);
        }
        if self.0.parts.login == Login::Off {
            return Ok(Some(Caller::anybody()));
        }
        let signed_in = sessions::read(session).await.map_err(|error| {
            tracing::error!(%error, "a session was not read");
            unavailable_now()
        })?;
        let Some(signed_in) = signed_in else {
            return Ok(None);
        };
        // Asked for each time: a role that was taken away is gone at once.
        let person = self.accounts().person(&signed_in.person).await;
        let Some(person) = person.map_err(unavailable)? else {
            return Ok(None);
        };
        let now_ms = self.now_ms();
        if now_ms - signed_in.used_ms >= NOTED_EVERY_MS {
            // Kept when the answer goes out, with the cookie's new age.
            if let Err(error) = session.insert(USED_MS, now_ms).await {
                tracing::warn!(%error, "the use of a session was not noted");
            }
        }
        Ok(Some(Caller {
            name: person.name,
            role: person.role,
            by: By::Session,
        }))
    }

    async fn holder_of(&self, token: &str) -> Result<Caller, Problem> {
        let found = if token.starts_with(TOKEN_PREFIX) {
            let found = self.accounts().api_token(&hash_of(token)).await;
            found.map_err(unavailable)?
        } else {
            None
        };
        let Some(found) = found else {
            self.count_failure("token_unknown");
            return Err(refusal::token_unknown());
        };
        let now_ms = self.now_ms();
        if found
            .expires_ms
            .is_some_and(|expires_ms| expires_ms <= now_ms)
        {
            self.count_failure("token_expired");
            return Err(refusal::token_expired());
        }
        if found
            .used_ms
            .is_none_or(|used_ms| now_ms - used_ms >= NOTED_EVERY_MS)
            && let Err(error) = self.accounts().use_api_token(&found.id, now_ms).await
        {
            tracing::warn!(%error, "the use of a token was not noted");
        }
        Ok(Caller {
            name: found.name,
            role: match found.scope {
                Scope::Read => Role::Analyst,
                Scope::Admin => Role::Admin,
            },
            by: By::Token(found.scope),
        })
    }

    fn check_csrf(
        &self,
        by: Option<By>,
        session: &Session,
        headers: &HeaderMap,
    ) -> Result<(), Box<Problem>> {
        let cookie = match by {
            Some(By::Session) => session.id().map(|id| id.to_string()),
            _ => csrf::cookie(headers, self.0.cookies.visit),
        };
        let given = headers
            .get(csrf::HEADER)
            .and_then(|value| value.to_str().ok());
        match (cookie, given) {
            (Some(cookie), Some(given))
                if csrf::verify(&cookie, given) && !csrf::is_from_elsewhere(headers) =>
            {
                Ok(())
            }
            _ => {
                self.count_failure("csrf_invalid");
                Err(refusal::csrf().into())
            }
        }
    }
}

fn unavailable_now() -> Problem {
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "store_unavailable",
        "the database does not answer",
    )
    .retry_after(std::time::Duration::from_secs(5))
}

/// The text of a bearer token. Other schemes are of a login in front, which may pass them on.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
