//! What counts as a qualified referral.
//!
//! In: settings. Out: rules. What must never happen: a rule that is not in the settings or in
//! `docs/growth.md`.

use crate::{
    config::{Attribution, Config},
    event::{DAY_MS, Millis},
};

/// The windows of the viral coefficient, in days.
pub const WINDOWS_DAYS: [i64; 3] = [7, 14, 30];

/// Which of several shares an owner is owed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Model {
    /// The one told of first.
    FirstTouch,
    /// The one told of last.
    LastTouch,
}

/// What counts as a qualified referral.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Which of several shares counts.
    pub model: Model,
    /// How long a share may have been told of before the site was generated.
    pub window_ms: Millis,
    /// A generation sooner than that after the share is too fast for a person.
    pub least_ms: Millis,
    /// The goal that stands for an opened generator.
    pub opened_goal: String,
}

impl Rules {
    /// The rules in the settings.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        Self {
            model: match config.growth_attribution {
                Attribution::First => Model::FirstTouch,
                Attribution::Last => Model::LastTouch,
            },
            window_ms: Millis::from(config.growth_window_days) * DAY_MS,
            least_ms: Millis::from(config.growth_least_seconds) * 1000,
            opened_goal: config.growth_opened_goal.clone(),
        }
    }
}
