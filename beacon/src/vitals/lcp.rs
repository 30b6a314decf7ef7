//! Largest contentful paint: until the largest text or image was painted.
//! <https://web.dev/articles/lcp>
//!
//! In: `largest-contentful-paint` entries and the first input. Out: the time of the last entry
//! before that input, its element, resource and four parts. Entries that the caller knows to be
//! after the first time hidden must not be handed in.

use crate::{
    label::Label,
    number::positive,
    vitals::{Reading, why::Culprit},
};

/// One candidate, in ms since the time origin.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Paint {
    /// When it was painted.
    pub at: f64,
    /// When its resource was asked for; 0 if it has none.
    pub request: f64,
    /// When its resource was there; 0 if it has none.
    pub loaded: f64,
    /// The resource's address, cleaned; empty if it has none.
    pub url: Label,
    /// The element's selector; may be empty.
    pub element: Label,
}

/// The tracker.
#[derive(Clone, Debug, Default)]
pub struct Lcp {
    paint: Option<Paint>,
    measured: Option<f64>,
    input: Option<f64>,
}

impl Lcp {
    /// Takes a candidate. Each replaces the one before, until the first input.
    pub fn observe(&mut self, paint: Paint) {
        if self.input.is_none_or(|input| paint.at <= input) {
            self.paint = Some(paint);
        }
    }

    /// A trusted key press or click at `at`: later paints answer it and are not the page's load.
    pub fn finish(&mut self, at: f64) {
        if self.input.is_none_or(|input| at < input) {
            self.input = Some(at);
        }
    }

    /// A restored page was painted `ms` after the view's start. This is final.
    pub fn measured(&mut self, ms: f64) {
        self.measured = Some(positive(ms));
    }

    /// The value, for a view that began at `start`.
    #[must_use]
    pub fn reading(&self, start: f64) -> Option<Reading<'_>> {
        if let Some(value) = self.measured {
            return Some(Reading::bare(value));
        }
        let paint = self.paint.as_ref()?;
        Some(Reading {
            value: positive(paint.at - start),
            culprit: Culprit::Paint(paint),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paint(at: f64) -> Paint {
        Paint {
            at,
            ..Paint::default()
        }
    }

    #[test]
    fn the_last_candidate_before_the_first_input_counts() {
        let mut lcp = Lcp::default();
        lcp.observe(paint(800.0));
        lcp.observe(paint(1700.0));
        lcp.finish(2000.0);
        lcp.finish(3000.0);
        lcp.observe(paint(2500.0));
        assert_eq!(lcp.reading(100.0).unwrap().value, 1600.0);
    }

    #[test]
    fn a_paint_before_the_activation_is_zero() {
        let mut lcp = Lcp::default();
        lcp.observe(Paint {
            request: 10.0,
            loaded: 90.0,
            ..paint(100.0)
        });
        assert_eq!(lcp.reading(500.0).unwrap().value, 0.0);
    }

    #[test]
    fn a_restored_page_has_only_the_measured_paint() {
        let mut lcp = Lcp::default();
        lcp.measured(33.0);
        lcp.observe(paint(900.0));
        assert_eq!(lcp.reading(0.0), Some(Reading::bare(33.0)));
    }
}
