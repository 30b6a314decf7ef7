//! What a client is told when a request is refused: `application/problem+json` (RFC 9457).
//!
//! In: a stable code, a status and, where it helps, the field and the rule it breaks. Out: an HTTP
//! answer. What must never happen: internal text (of a database, a file system, a panic) gets in
//! here; who has such an error logs it and answers with a problem that names only the consequence.

mod documented;
mod request_id;

pub use documented::{Refused, responses};
pub use request_id::RequestId;

use std::{borrow::Cow, time::Duration};

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use opentelemetry::{
    Context,
    trace::{TraceContextExt, TraceId},
};
use serde::Serialize;
use utoipa::ToSchema;

/// Why a request was refused, as the client sees it. Codes are listed in `docs/api.md`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The HTTP status.
    pub status: StatusCode,
    /// The stable code, such as `parameter_invalid`. Programs branch on it.
    pub code: &'static str,
    /// What the code means, in a few words, the same for every problem with that code.
    pub title: &'static str,
    /// What happened this time, for people.
    pub detail: Option<Cow<'static, str>>,
    /// The field, header or parameter that breaks a rule.
    pub field: Option<Cow<'static, str>>,
    /// The rule it breaks, with units.
    pub rule: Option<Cow<'static, str>>,
    /// After how long a retry makes sense. Sent as `Retry-After` in whole seconds, rounded up.
    pub retry_after: Option<Duration>,
}

impl Problem {
    /// A problem with nothing but status, code and title.
    #[must_use]
    pub const fn new(status: StatusCode, code: &'static str, title: &'static str) -> Self {
        Self {
            status,
            code,
            title,
            detail: None,
            field: None,
            rule: None,
            retry_after: None,
        }
    }

    /// Adds what happened this time.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Adds the field and the rule it breaks.
    #[must_use]
    pub fn breaks(
        mut self,
        field: impl Into<Cow<'static, str>>,
        rule: impl Into<Cow<'static, str>>,
    ) -> Self {
        self.field = Some(field.into());
        self.rule = Some(rule.into());
        self
    }

    /// Adds after how long a retry makes sense.
    #[must_use]
    pub const fn retry_after(mut self, after: Duration) -> Self {
        self.retry_after = Some(after);
        self
    }
}

/// Functions that fail seldom hand it over in a box, so that their good answers stay small.
impl From<Box<Problem>> for Problem {
    fn from(problem: Box<Self>) -> Self {
        *problem
    }
}

/// Why a request was refused (RFC 9457).
#[derive(Serialize, ToSchema)]
struct Body<'a> {
    /// A URI that names the code.
    #[serde(rename = "type")]
    kind: String,
    /// What the code means.
    title: &'a str,
    /// The HTTP status.
    status: u16,
    /// The stable code, such as `parameter_invalid`.
    code: &'a str,
    /// What happened this time.
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    /// The field, header or parameter that breaks a rule.
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    /// The rule, with units.
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'a str>,
    /// That of the request's log lines.
    #[schema(value_type = Option<String>, nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<RequestId>,
    /// That of the request's trace and log lines, if traces are on.
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<String>,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = Body {
            // RFC 9457 wants a URI that names the kind of problem; nothing is served there.
            kind: format!("urn:foresight:problem:{}", self.code),
            title: self.title,
            status: self.status.as_u16(),
            code: self.code,
            detail: self.detail.as_deref(),
            field: self.field.as_deref(),
            rule: self.rule.as_deref(),
            request_id: RequestId::current(),
            trace_id: trace_id(),
        };
        let mut response = (self.status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if let Some(after) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(whole_seconds(after)));
        }
        response
    }
}

/// The id of the trace that the request belongs to, if it does to one.
fn trace_id() -> Option<String> {
    Context::map_current(|context| {
        let id = context.span().span_context().trace_id();
        (id != TraceId::INVALID).then(|| id.to_string())
    })
}

/// Rounds up: a client that comes back a moment too early is refused again.
fn whole_seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn body_of(response: Response) -> serde_json::Value {
        let bytes = axum::body::to_bytes(response.into_body(), 10_000)
            .await
            .unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    #[tokio::test]
    async fn a_problem_names_code_field_and_rule() {
        let response = Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "field_invalid",
            "a field breaks a rule",
        )
        .breaks("view.id", "8 to 36 characters")
        .into_response();
        assert_eq!(response.status(), 422);
        assert_eq!(
            response.headers()[header::CONTENT_TYPE],
            "application/problem+json"
        );
        assert!(!response.headers().contains_key(header::RETRY_AFTER));
        let expected = serde_json::json!({
            "type": "urn:foresight:problem:field_invalid",
            "title": "a field breaks a rule",
            "status": 422,
            "code": "field_invalid",
            "field": "view.id",
            "rule": "8 to 36 characters",
        });
        assert_eq!(body_of(response).await, expected);
    }

    #[tokio::test]
    async fn a_retry_is_asked_for_in_whole_seconds_rounded_up() {
        for (after, header) in [(0, "0"), (1, "1"), (1000, "1"), (1001, "2")] {
            let response = Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "spool_full",
                "no room left",
            )
            .detail("the spool has no room left")
            .retry_after(Duration::from_millis(after))
            .into_response();
            assert_eq!(response.headers()[header::RETRY_AFTER], header, "{after}");
            let body = body_of(response).await;
            assert_eq!(body["detail"], "the spool has no room left");
        }
    }
}
