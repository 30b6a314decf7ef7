//! What a page view of the demo fleet measures.
//!
//! In: what the view is of, and what makes it slower. Out: events, and the LCP on which a lead depends. What must never
//! happen: a value of another distribution than the one whose percentiles are told.

use foresight_shared::Metric;
use rand::{RngExt, rngs::StdRng};
use rand_distr::{Distribution, LogNormal};

use super::{
    model::{self, VITALS},
    planted::Words,
    view::named,
};
use crate::event::{Event, Kind};

/// The part of views after which a later batch replaces INP, and how large the earlier value was.
const REPLACED: f64 = 0.1;
const EARLIER: f64 = 0.7;
/// The part of views with an error.
const ERRORS: f64 = 0.003;

/// Adds what a view measures. Its LCP, and the INP that a later batch has in place of the first one.
///
/// `slower` says what values of a metric are multiplied with.
pub(super) fn measure(
    words: Words,
    slower: impl Fn(Metric) -> f64,
    random: &mut StdRng,
    events: &mut Vec<Event>,
) -> (f64, Option<Event>) {
    let (mut lcp, mut later) = (0.0, None);
    for (metric, median, spread, part) in VITALS {
        let slowness = model::slowness(metric, words.template, words.device);
        let median: f64 = median * slowness * slower(metric);
        let drawn = LogNormal::new(median.ln(), spread).map_or(median, |one| one.sample(random));
        let value = drawn.min(metric.largest());
        if !random.random_bool(part) {
            continue;
        }
        let vital = |value, was| Event::Vital {
            metric,
            value,
            was,
            element: (metric == Metric::Lcp).then(|| format!("main>img.hero{}", words.page.len())),
        };
        let mut first = value;
        match metric {
            Metric::Lcp => lcp = value,
            Metric::Inp if random.random_bool(REPLACED) => {
                first = value * EARLIER;
                later = Some(vital(value, Some(first)));
            }
            _ => {}
        }
        events.push(vital(first, None));
    }
    if random.random_bool(ERRORS) {
        events.push(named(Kind::Error, "TypeError: undefined is not a function"));
    }
    (lcp, later)
}
