//! What a model would have said in the past, and what came: a rolling origin.
//!
//! In: days. Out: the errors of forecasts that were made with the days up to some day only. What must
//! never happen: a forecast knows a day that it is judged by.

use super::{
    HORIZON_DAYS,
    model::{Model, Said},
};

/// Days from one origin to the next.
const STEP_DAYS: usize = 7;

/// Origins at most.
const ORIGINS: usize = 12;

/// Days that a forecast must have to go by.
const LEAST_TRAINING: usize = 42;

/// How a model did. Amounts are in the currency's smallest unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Past {
    /// Forecasts that were made.
    pub origins: usize,
    /// The mean absolute error of a day.
    pub mae: f64,
    /// The same, divided by the mean change from a day to the same weekday of the next week, over all
    /// days (Hyndman and Koehler, <https://doi.org/10.1016/j.ijforecast.2006.03.001>). `None` if there
    /// is no change.
    pub mase: Option<f64>,
    /// The mean absolute error of the sum of all days.
    pub total_error: f64,
    /// Days that were within the interval, in percent.
    pub coverage_percent: f64,
}

/// What would have been said in the past, and what came.
pub(super) struct Trials<'a> {
    days: &'a [f64],
    origins: Vec<(Said, &'a [f64])>,
}

impl<'a> Trials<'a> {
    /// Lets the models forecast from several days. There is none if there are too few days.
    pub(super) fn of(days: &'a [f64]) -> Self {
        let origin = |number: usize| {
            let known = days.len().checked_sub(HORIZON_DAYS + number * STEP_DAYS);
            let known = known.filter(|known| *known >= LEAST_TRAINING)?;
            let (before, after) = days.split_at(known);
            Some((Said::of(before)?, after.get(..HORIZON_DAYS)?))
        };
        Self {
            days,
            origins: (0..ORIGINS).map_while(origin).collect(),
        }
    }

    /// How a model did. `None` if it could not forecast each time.
    pub(super) fn past(&self, model: Model) -> Option<Past> {
        let (mut errors, mut totals, mut within) = (0.0, 0.0, 0_usize);
        for (said, came) in &self.origins {
            let mut total = 0.0;
            for (said, came) in said.by(model)?.iter().zip(*came) {
                let (low, high) = said.interval;
                errors += (came - said.figure).abs();
                total += came - said.figure;
                within += usize::from(low <= *came && *came <= high);
            }
            totals += f64::abs(total);
        }
        let origins = self.origins.len();
        if origins == 0 {
            return None;
        }
        let judged = (origins * HORIZON_DAYS) as f64;
        let mae = errors / judged;
        Some(Past {
            origins,
            mae,
            mase: self.change().map(|change| mae / change),
            total_error: totals / origins as f64,
            coverage_percent: 100.0 * within as f64 / judged,
        })
    }

    /// The mean change from a day to the same weekday of the next week, if there is one.
    fn change(&self) -> Option<f64> {
        let changes = self.days.windows(STEP_DAYS + 1);
        let count = changes.len() as f64;
        let sum: f64 = changes.map(|days| (days[STEP_DAYS] - days[0]).abs()).sum();
        (sum > 0.0).then(|| sum / count)
    }
}
