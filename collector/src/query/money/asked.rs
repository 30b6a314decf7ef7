//! What questions about money have in common: a span of whole days, a format.
//!
//! In: a query string. Out: typed parameters. What must never happen: a parameter that does not apply
//! is passed over.

use axum::{extract::FromRequestParts, http::request::Parts};
use serde::{Deserialize, de::DeserializeOwned};
use utoipa::{IntoParams, ToSchema};

use super::super::{
    State,
    parameters::{Fault, Parameters},
    scope::Span,
    value::{DAY_MS, Range},
};
use crate::{
    event::{Millis, day_of},
    problem::Problem,
};

/// How an answer is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::query) enum Format {
    #[default]
    Json,
    Csv,
}

/// How an answer is to be written.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Written {
    /// JSON, or a CSV file with the same figures.
    #[serde(default)]
    format: Format,
}

/// A question about some days, of UTC.
pub(super) struct OfDays<T> {
    /// The start of the first day.
    pub(super) from_ms: Millis,
    /// The end of the last day.
    pub(super) to_ms: Millis,
    pub(super) now_ms: Millis,
    pub(super) format: Format,
    pub(super) own: T,
}

/// A question about no days in particular.
pub(super) struct Asked<T> {
    pub(super) now_ms: Millis,
    pub(super) format: Format,
    pub(super) own: T,
}

impl<T: DeserializeOwned + Send> FromRequestParts<State> for OfDays<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        Ok(of_days(parts, (state.clock)())?)
    }
}

impl<T: DeserializeOwned + Send> FromRequestParts<State> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        Ok(asked(parts, (state.clock)())?)
    }
}

fn of_days<T: DeserializeOwned>(parts: &Parts, now_ms: Millis) -> Result<OfDays<T>, Fault> {
    let mut parameters = Parameters::of(&parts.uri)?;
    let span: Span = parameters.take()?;
    let Written { format } = parameters.take()?;
    let own = parameters.take()?;
    parameters.end()?;
    let (from_ms, to_ms) = span.read(now_ms, Range::Quarter)?;
    Ok(OfDays {
        from_ms: day_of(from_ms),
        to_ms: day_of(to_ms + DAY_MS - 1),
        now_ms,
        format,
        own,
    })
}

fn asked<T: DeserializeOwned>(parts: &Parts, now_ms: Millis) -> Result<Asked<T>, Fault> {
    let mut parameters = Parameters::of(&parts.uri)?;
    let Written { format } = parameters.take()?;
    let own = parameters.take()?;
    parameters.end()?;
    Ok(Asked {
        now_ms,
        format,
        own,
    })
}
