//! Owners by the day or week of their first site. Those whose site was generated too fast for a person
//! are in none: they are not people who could bring anybody.
//!
//! In: a fleet and a range. Out: its cohorts without gaps, each with its members. What must never
//! happen: an owner is in two cohorts of one period.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::fleet::Fleet;
use crate::event::{DAY_MS, Millis, day_of, week_of};

/// How long the time is that a cohort's owners came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Period {
    /// A day of UTC.
    Day,
    /// A week of UTC, from Monday on.
    Week,
}

/// Owners whose first sites were generated in one period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cohort {
    /// The start of the period.
    pub start_ms: Millis,
    /// Its end, which is not in it.
    pub end_ms: Millis,
    /// The owners, by number.
    pub members: Vec<usize>,
}

impl Period {
    /// How long it is.
    #[must_use]
    pub const fn length_ms(self) -> Millis {
        match self {
            Self::Day => DAY_MS,
            Self::Week => 7 * DAY_MS,
        }
    }

    /// The start of the period that holds a time.
    #[must_use]
    pub const fn start_of(self, time_ms: Millis) -> Millis {
        match self {
            Self::Day => day_of(time_ms),
            Self::Week => week_of(time_ms),
        }
    }
}

/// The cohorts of every period that a range touches, oldest first, those without owners too.
#[must_use]
pub fn cohorts(fleet: &Fleet<'_>, period: Period, from_ms: Millis, to_ms: Millis) -> Vec<Cohort> {
    let mut cohorts = Vec::new();
    let mut start_ms = period.start_of(from_ms);
    while start_ms < to_ms {
        let end_ms = start_ms + period.length_ms();
        // Owners are in the order of time.
        let at = |time_ms| fleet.owners.partition_point(|one| one.first_ms < time_ms);
        cohorts.push(Cohort {
            start_ms,
            end_ms,
            members: (at(start_ms)..at(end_ms))
                .filter(|owner| !fleet.owners[*owner].is_suspect)
                .collect(),
        });
        start_ms = end_ms;
    }
    cohorts
}
