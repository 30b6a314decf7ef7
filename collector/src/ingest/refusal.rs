//! Why a batch is refused, and the answer that says so.

use std::time::Duration;

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use foresight_shared::{EventFault, limits};

use crate::{access::TokenError, event::RecordError, problem::Problem, spool::SpoolError};

/// Why a batch is refused. Nothing of it is kept.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error("content type must be text/plain or application/json")]
    ContentType,
    #[error("body is empty")]
    Empty,
    #[error("body was cut off")]
    CutOff,
    #[error("body has more than {0} bytes")]
    TooLarge(usize),
    #[error("body did not arrive within {} s", .0.as_secs())]
    TooSlow(Duration),
    #[error("body is not UTF-8 after byte {0}")]
    NotUtf8(usize),
    #[error("body is not JSON: {0}")]
    NotJson(String),
    #[error("batch has version {0}, this collector reads version {known}", known = limits::BATCH_VERSION)]
    Version(u32),
    #[error("{0} is missing")]
    FieldMissing(String),
    #[error("{field} breaks a rule: {rule}")]
    Field {
        code: &'static str,
        field: String,
        rule: String,
    },
    #[error("batch has {0} events, at most {most} are allowed", most = limits::BATCH_EVENTS)]
    TooManyEvents(usize),
    #[error("no event of the batch could be kept")]
    NothingKept(Vec<EventFault>),
    #[error(transparent)]
    Token(#[from] TokenError),
    #[error("token was revoked")]
    Revoked,
    #[error("authorization header with a bearer token is missing")]
    TokenMissing,
    #[error("token does not cover {0}")]
    OutOfScope(String),
    #[error("idempotency key {key} was used with other content")]
    Conflict { field: String, key: String },
    #[error("request has {0} events, {least} to {most} are allowed", least = 1, most = limits::SERVER_EVENTS)]
    NumberOfEvents(usize),
    #[error("too many requests with this token")]
    ServerLimited(Duration),
    #[error("too many requests at once")]
    Overloaded,
    #[error("origin header is missing")]
    OriginMissing,
    #[error("origin is not the token's host {0}")]
    OriginMismatch(String),
    #[error("too many batches of this site")]
    SiteLimited(Duration),
    #[error("too many batches from this address")]
    ClientLimited(Duration),
    #[error(transparent)]
    Spool(#[from] SpoolError),
    #[error(transparent)]
    Record(#[from] RecordError),
}

impl Refusal {
    /// The stable code, also the metric's label.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::ContentType => "content_type",
            Self::Empty => "body_empty",
            Self::CutOff => "body_cut_off",
            Self::TooLarge(_) => "body_too_large",
            Self::TooSlow(_) => "body_timeout",
            Self::NotUtf8(_) => "not_utf8",
            Self::NotJson(_) => "not_json",
            Self::Version(_) => "version_unsupported",
            Self::FieldMissing(_) => "field_missing",
            Self::Field { code, .. } => code,
            Self::TooManyEvents(_) => "too_many_events",
            Self::NothingKept(_) => "nothing_kept",
            Self::Token(TokenError::Malformed(_)) => "token_malformed",
            Self::Token(TokenError::Forged) => "token_forged",
            Self::Revoked => "token_revoked",
            Self::TokenMissing => "token_missing",
            Self::OutOfScope(_) => "scope_mismatch",
            Self::Conflict { .. } => "idempotency_conflict",
            Self::NumberOfEvents(_) => "too_many_events",
            Self::ServerLimited(_) => "server_limited",
            Self::Overloaded => "overloaded",
            Self::OriginMissing => "origin_missing",
            Self::OriginMismatch(_) => "origin_mismatch",
            Self::SiteLimited(_) => "site_limited",
            Self::ClientLimited(_) => "client_limited",
            Self::Spool(SpoolError::Full { .. } | SpoolError::Old { .. }) => "spool_full",
            Self::Spool(_) | Self::Record(_) => "spool_unavailable",
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Empty | Self::CutOff | Self::NotUtf8(_) | Self::NotJson(_) => {
                StatusCode::BAD_REQUEST
            }
            Self::Token(_) | Self::Revoked | Self::TokenMissing => StatusCode::UNAUTHORIZED,
            Self::OriginMissing | Self::OriginMismatch(_) | Self::OutOfScope(_) => {
                StatusCode::FORBIDDEN
            }
            Self::Conflict { .. } => StatusCode::CONFLICT,
            Self::TooSlow(_) => StatusCode::REQUEST_TIMEOUT,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::ContentType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Version(_)
            | Self::FieldMissing(_)
            | Self::Field { .. }
            | Self::TooManyEvents(_)
            | Self::NumberOfEvents(_)
            | Self::NothingKept(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::SiteLimited(_) | Self::ClientLimited(_) | Self::ServerLimited(_) => {
                StatusCode::TOO_MANY_REQUESTS
            }
            Self::Overloaded | Self::Spool(_) | Self::Record(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The field that breaks a rule.
    pub(super) fn field(&self) -> Option<String> {
        self.field_and_rule().map(|(field, _)| field)
    }

    /// The field and the rule, where there is one to name.
    fn field_and_rule(&self) -> Option<(String, String)> {
        match self {
            Self::Version(_) => Some(("v".into(), format!("must be {}", limits::BATCH_VERSION))),
            Self::FieldMissing(field) => Some((field.clone(), "must be there".into())),
            Self::Field { field, rule, .. } => Some((field.clone(), rule.clone())),
            Self::TooManyEvents(_) => {
                let rule = format!("at most {} events", limits::BATCH_EVENTS);
                Some(("events".into(), rule))
            }
            Self::NumberOfEvents(_) => {
                let rule = format!("1 to {} events", limits::SERVER_EVENTS);
                Some(("events".into(), rule))
            }
            Self::OutOfScope(field) => Some((field.clone(), "a site of the token".into())),
            Self::Conflict { field, .. } => {
                Some((field.clone(), "one content for each key".into()))
            }
            Self::NothingKept(faults) => faults.first().map(|fault| {
                (
                    format!("events[{}].{}", fault.index, fault.field),
                    fault.rule.clone(),
                )
            }),
            _ => None,
        }
    }

    /// After how long a repeat may succeed.
    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::SiteLimited(wait) | Self::ClientLimited(wait) | Self::ServerLimited(wait) => {
                Some(*wait)
            }
            // An overload ends in a moment, or another collector is there.
            Self::Overloaded => Some(Duration::from_secs(1)),
            // Long enough for a database or a disk to come back, short enough for a page to wait.
            Self::Spool(_) | Self::Record(_) => Some(Duration::from_secs(30)),
            _ => None,
        }
    }

    /// What a client may read. The spool's own words are for the log.
    fn detail(&self) -> String {
        match self {
            Self::Spool(SpoolError::Full { .. } | SpoolError::Old { .. }) => {
                "too much waits for the database".into()
            }
            Self::Spool(_) | Self::Record(_) => "batches cannot be kept just now".into(),
            other => other.to_string(),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut problem =
            Problem::new(self.status(), self.code(), "nothing was kept").detail(self.detail());
        if let Some((field, rule)) = self.field_and_rule() {
            problem = problem.breaks(field, rule);
        }
        if let Some(wait) = self.retry_after() {
            problem = problem.retry_after(wait);
        }
        problem.into_response()
    }
}
