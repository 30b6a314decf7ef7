//! What the next days may bring, and how wrong such a forecast was before.
//!
//! In: what was taken on each day, the last one yesterday. Out: a figure with an interval for each of
//! the next 30 days, beside the errors that the same procedure made in the past; or why there is none.
//! Here, and only here, amounts are floats: a forecast is no account. What must never happen: a
//! forecast is shown without its past error, or a model is used that did worse than the plain guess
//! "as on the same weekday last week".
//!
//! 1. `model`: what is expected, by one model or another;
//! 2. `backtest`: what they would have said in the past, and what came.

mod model;
mod backtest;
#[cfg(test)]
mod tests;

use serde::Serialize;
use utoipa::ToSchema;

pub use backtest::Past;
pub use model::{Expected, Model};

use backtest::Trials;
use model::Said;

/// Days that are forecast.
pub const HORIZON_DAYS: usize = 30;

/// The part of days that should be within the interval, in percent.
pub const LEVEL_PERCENT: f64 = 95.0;

/// Days since the first payment without which nothing is said: twelve weeks.
pub const LEAST_DAYS: usize = 84;

/// Days with money among the last [`LEAST_DAYS`] without which nothing is said.
pub const LEAST_PAID_DAYS: usize = 14;

/// Days that are looked back at most.
pub const MOST_DAYS: usize = 400;

/// Why there is no forecast.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Withheld {
    /// Less than [`LEAST_DAYS`] have passed since the first payment.
    TooShort,
    /// There was money on less than [`LEAST_PAID_DAYS`] of the last [`LEAST_DAYS`].
    TooSparse,
}

impl Withheld {
    /// The word in reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::TooShort => "too_short",
            Self::TooSparse => "too_sparse",
        }
    }
}

/// A forecast.
#[derive(Clone, Debug, PartialEq)]
pub struct Outlook {
    /// The model that did best in the past.
    pub model: Model,
    /// The next [`HORIZON_DAYS`], the first one today.
    pub days: Vec<Expected>,
    /// How the model did.
    pub past: Past,
    /// How the plain guess did on the same days.
    pub baseline: Past,
}

/// Forecasts what follows after the last of some days.
///
/// # Errors
/// If there is too little to go by.
pub fn forecast(days: &[i64]) -> Result<Outlook, Withheld> {
    let days = &days[days.len().saturating_sub(MOST_DAYS)..];
    if days.len() < LEAST_DAYS {
        return Err(Withheld::TooShort);
    }
    let lately = &days[days.len() - LEAST_DAYS..];
    if lately.iter().filter(|day| **day != 0).count() < LEAST_PAID_DAYS {
        return Err(Withheld::TooSparse);
    }
    let days: Vec<_> = days.iter().map(|day| *day as f64).collect();
    let trials = Trials::of(&days);
    let baseline = trials.past(Model::Naive).ok_or(Withheld::TooShort)?;
    let said = Said::of(&days).ok_or(Withheld::TooShort)?;
    let mut best = (Model::Naive, baseline);
    for model in Model::ALL {
        // What went well before may fail today.
        let past = said.by(model).and_then(|_| trials.past(model));
        if let Some(past) = past.filter(|past| past.mae < best.1.mae) {
            best = (model, past);
        }
    }
    let (model, past) = best;
    let days = said.by(model).ok_or(Withheld::TooShort)?;
    Ok(Outlook {
        model,
        days: days.into_owned(),
        past,
        baseline,
    })
}
