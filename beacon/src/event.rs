//! What a page view has to tell: the events of a batch, just before they are written as JSON.
//!
//! They mirror `foresight_shared::batch`, which needs serde and is left out of the script-tag
//! build. Texts here are already within the limits, and an empty text means "absent". That both
//! say the same is proved by `tests/encoding.rs`.

use foresight_shared::{Metric, Part};

use crate::label::Label;

/// Something that happened in a page view.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// A vital has a value, or a new value.
    Vital {
        /// The metric.
        metric: Metric,
        /// Its value, in units of [`scale`].
        value: u64,
        /// The value sent before, which this one replaces.
        was: Option<u64>,
        /// What made it so.
        why: &'a Why,
    },
    /// The visitor shared a link to the site.
    Share {
        /// Where to.
        channel: &'a str,
        /// The id in the link.
        id: &'a str,
        /// The share that had brought this visitor; empty if none had.
        parent: &'a str,
    },
    /// The visitor came through a shared link.
    Referral {
        /// The id in the link.
        share: &'a str,
        /// The path on which the visitor landed.
        landing: &'a str,
    },
    /// Somebody left their details.
    Lead {
        /// Which form or button; may be empty.
        form: &'a str,
    },
    /// A goal was reached.
    Conversion {
        /// The goal's name.
        name: &'a str,
    },
    /// An error that no code of the page caught.
    Error {
        /// Its message.
        message: &'a str,
        /// The script; may be empty.
        source: &'a str,
        /// The line in the script, from 1; 0 if unknown.
        line: u32,
    },
    /// An event of the page's own.
    Custom {
        /// Its name.
        name: &'a str,
        /// Its properties as a JSON object.
        props: &'a str,
    },
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

/// How many units make 1 of a metric: durations are kept in tenths of a ms, scores in ten
/// thousandths. Whole numbers are exact to compare and small to print.
#[must_use]
pub const fn scale(metric: Metric) -> u64 {
    match metric {
        Metric::Cls => 10_000,
        _ => 10,
    }
}
