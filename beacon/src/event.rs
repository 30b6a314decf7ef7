//! What a page view has to tell of a vital, just before the page's side writes it as JSON.
//!
//! In: values as the trackers have them. Out: the same, rounded and within what the collector
//! believes. They mirror `foresight_shared::batch`, which needs serde and texts.

use foresight_shared::{Metric, Part};

use crate::label::Label;

/// A vital has a value, or a new value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Vital {
    /// The metric.
    pub metric: Metric,
    /// Its value, in the metric's unit.
    pub value: f64,
    /// The value sent before, which this one replaces.
    pub was: Option<f64>,
    /// What made it so.
    pub why: Why,
}

/// What made a vital's value.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Why {
    /// The element's selector.
    pub element: Label,
    /// The resource that was painted.
    pub url: Label,
    /// The type of the interaction.
    pub kind: Label,
    /// When it happened, in ms since the view's start.
    pub at: Option<f64>,
    /// The names of the value's parts.
    pub parts: &'static [Part],
    /// How long the parts took, in ms, in the order of their names.
    pub ms: [f64; 5],
}

/// How many units make 1 of a metric: durations are told in tenths of a ms, scores in ten
/// thousandths, so that a value that hardly changed is not told again.
#[must_use]
pub const fn scale(metric: Metric) -> f64 {
    match metric {
        Metric::Cls => 10_000.0,
        _ => 10.0,
    }
}
