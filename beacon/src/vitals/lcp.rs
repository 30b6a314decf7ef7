//! Largest contentful paint: until the largest text or image was painted.
//! <https://web.dev/articles/lcp>
//!
//! In: `largest-contentful-paint` entries and the first input. Out: the time of the last entry
//! before that input, its element, resource and four parts. Entries that the caller knows to be
//! after the first time hidden must not be handed in.

use foresight_shared::Part;

use crate::{
    event::Why,
    label::Label,
    number::{positive, stretches},
    vitals::Reading,
};

const PARTS: [Part; 4] = [Part::FirstByte, Part::LoadDelay, Part::LoadTime, Part::RenderDelay];

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

    /// The value, for a view that began at `start` and whose first byte came at `first_byte`.
    #[must_use]
    pub fn reading(&self, first_byte: f64, start: f64) -> Option<Reading> {
        if let Some(value) = self.measured {
            return Some(Reading::bare(value));
        }
        let paint = self.paint?;
        let value = positive(paint.at - start);
        let end = f64::INFINITY;
        Some(Reading {
            value,
            why: Why {
                element: paint.element,
                url: paint.url,
                parts: &PARTS,
                ms: stretches([first_byte, paint.request, paint.loaded, end, end], start, value),
                ..Why::default()
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paint(at: f64) -> Paint {
        Paint { at, ..Paint::default() }
    }

    fn parts<'a>(reading: &'a Reading) -> &'a [f64] {
        &reading.why.ms[..PARTS.len()]
    }

    #[test]
    fn the_last_candidate_before_the_first_input_counts() {
        let mut lcp = Lcp::default();
        lcp.observe(paint(800.0));
        lcp.observe(paint(1700.0));
        lcp.finish(2000.0);
        lcp.finish(3000.0);
        lcp.observe(paint(2500.0));
        assert_eq!(lcp.reading(0.0, 100.0).unwrap().value, 1600.0);
    }

    #[test]
    fn the_four_parts_of_an_image_add_up() {
        let mut lcp = Lcp::default();
        lcp.observe(Paint { request: 600.0, loaded: 1500.0, ..paint(1700.0) });
        let reading = lcp.reading(200.0, 0.0).unwrap();
        assert_eq!(parts(&reading), [200.0, 400.0, 900.0, 200.0]);
    }

    #[test]
    fn text_has_no_load_parts() {
        let mut lcp = Lcp::default();
        lcp.observe(paint(900.0));
        assert_eq!(parts(&lcp.reading(200.0, 0.0).unwrap()), [200.0, 0.0, 0.0, 700.0]);
    }

    #[test]
    fn a_paint_before_the_activation_is_zero() {
        let mut lcp = Lcp::default();
        lcp.observe(Paint { request: 10.0, loaded: 90.0, ..paint(100.0) });
        let reading = lcp.reading(0.0, 500.0).unwrap();
        assert_eq!(reading.value, 0.0);
        assert_eq!(parts(&reading), [0.0; 4]);
    }

    #[test]
    fn a_restored_page_has_only_the_measured_paint() {
        let mut lcp = Lcp::default();
        lcp.measured(33.0);
        lcp.observe(paint(900.0));
        assert_eq!(lcp.reading(0.0, 0.0), Some(Reading::bare(33.0)));
    }
}
