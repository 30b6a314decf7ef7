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
    #[error("body has more than {most} bytes", most = limits::BATCH_BYTES)]
    TooLarge,
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
    #[error("site token was revoked")]
    Revoked,
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
            Self::TooLarge => "body_too_large",
            Self::TooSlow(_) => "body_timeout",
            Self::NotUtf8(_) => "not_utf8",
            Self::NotJson(_) => "not_json",
            Self::Version(_) => "version_unsupported",
            Self::FieldMissing(_) => "field_missing",
            Self::Field { code, .. } => code,
            Self::TooManyEvents(_) => "too_many_events",
            Self::NothingKept(_) => "nothing_kept",
            Self::Token(TokenError::Malformed) => "token_malformed",
            Self::Token(TokenError::Forged) => "token_forged",
            Self::Revoked => "token_revoked",
            Self::OriginMissing => "origin_missing",
            Self::OriginMismatch(_) => "origin_mismatch",
            Self::SiteLimited(_) => "site_limited",
            Self::ClientLimited(_) => "client_limited",
            Self::Spool(SpoolError::Full { .. }) => "spool_full",
            Self::Spool(_) | Self::Record(_) => "spool_unavailable",
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Empty | Self::CutOff | Self::NotUtf8(_) | Self::NotJson(_) => {
                StatusCode::BAD_REQUEST
            }
            Self::Token(_) | Self::Revoked => StatusCode::UNAUTHORIZED,
            Self::OriginMissing | Self::OriginMismatch(_) => StatusCode::FORBIDDEN,
            Self::TooSlow(_) => StatusCode::REQUEST_TIMEOUT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::ContentType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Version(_)
            | Self::FieldMissing(_)
            | Self::Field { .. }
            | Self::TooManyEvents(_)
            | Self::NothingKept(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::SiteLimited(_) | Self::ClientLimited(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Spool(_) | Self::Record(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
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
            Self::SiteLimited(wait) | Self::ClientLimited(wait) => Some(*wait),
            // Long enough for a database or a disk to come back, short enough for a page to wait.
            Self::Spool(_) | Self::Record(_) => Some(Duration::from_secs(30)),
            _ => None,
        }
    }

    /// What a client may read. The spool's own words are for the log.
    fn detail(&self) -> String {
        match self {
            Self::Spool(SpoolError::Full { .. }) => "too much waits for the database".into(),
            Self::Spool(_) | Self::Record(_) => "batches cannot be kept just now".into(),
            other => other.to_string(),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut problem = Problem::new(self.status(), self.code(), "the batch was not kept")
            .detail(self.detail());
        if let Some((field, rule)) = self.field_and_rule() {
            problem = problem.breaks(field, rule);
        }
        if let Some(wait) = self.retry_after() {
            problem = problem.retry_after(wait);
        }
        problem.into_response()
    }
}
