//! What a request brings: a JSON body, or nothing.
//!
//! In: a request. Out: a typed body. What must never happen: a field or parameter that nobody knows is
//! passed over, or a body is waited for without end.

use std::time::Duration;

use axum::{
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use crate::problem::Problem;

/// Bytes of a body: a name, a password, a few words.
const BODY_BYTES: usize = 16 * 1024;

/// How long a body may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A JSON body. Its type refuses unknown fields.
pub struct Sent<T>(pub T);

/// No parameters in the address: for routes that have none.
pub struct Nothing;

/// A parameter of an address that breaks a rule.
#[must_use]
pub fn parameter_invalid(field: impl Into<String>, rule: &'static str) -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "parameter_invalid",
        "a parameter breaks a rule",
    )
    .breaks(field.into(), rule)
}

impl<S: Sync> FromRequestParts<S> for Nothing {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        if query.is_empty() {
            return Ok(Self);
        }
        let name = query.split(['=', '&']).next().unwrap_or_default();
        Err(parameter_invalid(name, "a parameter of this address"))
    }
}

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Sent<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        Nothing::from_request_parts(&mut parts, state).await?;
        if !is_json(&parts.headers) {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "content_type",
                "the body's content type is not taken",
            )
            .breaks("content-type", "application/json"));
        }
        let bytes = timeout(PATIENCE, axum::body::to_bytes(body, BODY_BYTES));
        let bytes = bytes.await.map_err(|_| too_slow())?;
        let bytes = bytes.map_err(|_| too_large())?;
        let mut json = serde_json::Deserializer::from_slice(&bytes);
        let read = serde_path_to_error::deserialize(&mut json).map_err(|error| broken(&error))?;
        json.end().map_err(|_| not_json())?;
        Ok(Self(read))
    }
}

/// `application/json` is no type that a form can send: a browser asks first before it sends it elsewhere.
fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
}

fn not_json() -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "not_json", "the body is not JSON")
}

fn too_large() -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "body_too_large",
        "the body is too large, or was cut off",
    )
    .breaks("body", "at most 16384 bytes")
}

fn too_slow() -> Problem {
    Problem::new(
        StatusCode::REQUEST_TIMEOUT,
        "body_too_slow",
        "the body took too long",
    )
}

/// Names the field, but does not quote the value: it may be a password.
fn broken(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    let inner = error.inner();
    if !inner.is_data() {
        return not_json();
    }
    let text = inner.to_string();
    let rule = if text.starts_with("unknown field") {
        "a field of this address"
    } else if text.starts_with("missing field") {
        "all required fields"
    } else {
        "the type that docs/api.md says"
    };
    // serde names the field of these in its text only, in the first pair of backquotes.
    let named = text.split('`').nth(1).filter(|_| text.contains(" field `"));
    let path = error.path().to_string();
    let field = match named {
        Some(named) if path == "." => named.to_owned(),
        Some(named) if !path.ends_with(named) => format!("{path}.{named}"),
        _ => path,
    };
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "field_invalid",
        "a field breaks a rule",
    )
    .breaks(field, rule)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Login {
        name: String,
        #[serde(rename = "password")]
        _password: String,
    }

    async fn read(kind: &str, address: &str, body: &str) -> Result<Login, Problem> {
        let request = Request::builder()
            .uri(address)
            .header(header::CONTENT_TYPE, kind)
            .body(Body::from(body.to_owned()))
            .unwrap();
        Sent::<Login>::from_request(request, &())
            .await
            .map(|sent| sent.0)
    }

    #[tokio::test]
    async fn a_body_is_read_or_refused_by_field() {
        let good = r#"{"name":"ada","password":"x"}"#;
        let read_well = read("application/json; charset=utf-8", "/", good).await;
        assert_eq!(read_well.unwrap().name, "ada");
        let large = format!(r#"{{"name":"{}"}}"#, "x".repeat(BODY_BYTES));
        for (kind, address, body, status, code, field) in [
            (
                "text/plain",
                "/",
                good,
                415,
                "content_type",
                Some("content-type"),
            ),
            (
                "application/json",
                "/?a=1",
                good,
                422,
                "parameter_invalid",
                Some("a"),
            ),
            ("application/json", "/", "{", 400, "not_json", None),
            (
                "application/json",
                "/",
                "{} x",
                422,
                "field_invalid",
                Some("name"),
            ),
            (
                "application/json",
                "/",
                r#"{"name":1}"#,
                422,
                "field_invalid",
                Some("name"),
            ),
            (
                "application/json",
                "/",
                r#"{"name":"a","password":"b","more":1}"#,
                422,
                "field_invalid",
                Some("more"),
            ),
            (
                "application/json",
                "/",
                &large,
                413,
                "body_too_large",
                Some("body"),
            ),
        ] {
            let problem = read(kind, address, body).await.unwrap_err();
            assert_eq!(
                (problem.status.as_u16(), problem.code),
                (status, code),
                "{body}"
            );
            assert_eq!(problem.field.as_deref(), field, "{body}");
        }
    }

    #[tokio::test]
    async fn a_refusal_does_not_quote_what_was_sent() {
        let body = r#"{"name":"ada","password":["hunter22hunter22"]}"#;
        let problem = read("application/json", "/", body).await.unwrap_err();
        assert!(!format!("{problem:?}").contains("hunter"), "{problem:?}");
    }
}
