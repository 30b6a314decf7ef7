//! Largest contentful paint: until the largest text or image was painted.
//! <https://web.dev/articles/lcp>
//!
//! In: `largest-contentful-paint` entries and the first input. Out: the time of the last entry
//! before that input, its element, resource and four parts. Entries that the caller knows to be
//! after the first time hidden must not be handed in.

use crate::{label::Label, number::positive, vitals::reading::Reading};

/// One candidate, in ms since the time origin.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Paint {
    /// When it was painted.
    pub at: f64,
    /// When its resource was asked for; 0 if it has none.
    pub request: f64,
    /// When its resource was there; 0 if it has none.
    pub loaded: f64,
    /// The entry.
    pub label: Label,
}

/// The tracker.
#[derive(Clone, Debug)]
pub struct Lcp {
    /// Its time is infinite until there is one.
    paint: Paint,
    /// When it became final.
    end: f64,
}

impl Default for Lcp {
    fn default() -> Self {
        Self::new()
    }
}

impl Lcp {
    /// A tracker that knows nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            paint: Paint {
                at: f64::INFINITY,
                request: 0.0,
                loaded: 0.0,
                label: Label(0.0),
            },
            end: f64::INFINITY,
        }
    }

    /// Takes a candidate. Each replaces the one before, until the first input.
    pub fn observe(&mut self, paint: Paint) {
        if paint.at <= self.end {
            self.paint = paint;
        }
    }

    /// A trusted key press or click at `at`: later paints answer it and are not the page's load.
    pub fn finish(&mut self, at: f64) {
        if at < self.end {
            self.end = at;
        }
    }

    /// The value, for a view that began at `start` and whose first byte came at `first_byte`.
    #[must_use]
    pub fn reading(&self, start: f64, first_byte: f64) -> Reading {
        let paint = &self.paint;
        if paint.at == f64::INFINITY {
            return Reading::NONE;
        }
        let mut reading = Reading {
            label: paint.label,
            origin: start,
            ..Reading::bare(positive(paint.at - start))
        };
        reading.parts[0] = first_byte;
        reading.parts[1] = paint.request;
        reading.parts[2] = paint.loaded;
        reading
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::stretches;

    fn paint(at: f64) -> Paint {
        Paint {
            at,
            ..Paint::default()
        }
    }

    /// The value and its parts in a view that began at `start` and got its first byte at 200.
    fn told(lcp: &Lcp, start: f64) -> (f64, [f64; 5]) {
        let reading = lcp.reading(start, 200.0);
        let parts = stretches(reading.parts, reading.origin, reading.value);
        (reading.value, parts)
    }

    #[test]
    fn the_last_candidate_before_the_first_input_counts() {
        let mut lcp = Lcp::default();
        assert!(!lcp.reading(100.0, 0.0).exists());
        lcp.observe(paint(800.0));
        lcp.observe(paint(1700.0));
        lcp.finish(2000.0);
        lcp.finish(3000.0);
        lcp.observe(paint(2500.0));
        assert_eq!(told(&lcp, 100.0).0, 1600.0);
    }

    #[test]
    fn an_image_has_four_parts_and_text_has_no_load() {
        let mut lcp = Lcp::default();
        lcp.observe(paint(900.0));
        assert_eq!(told(&lcp, 0.0), (900.0, [200.0, 0.0, 0.0, 700.0, 0.0]));
        lcp.observe(Paint {
            request: 600.0,
            loaded: 1500.0,
            ..paint(1700.0)
        });
        let parts = [200.0, 400.0, 900.0, 200.0, 0.0];
        assert_eq!(told(&lcp, 0.0), (1700.0, parts));
        // A paint before the activation.
        assert_eq!(told(&lcp, 5000.0), (0.0, [0.0; 5]));
    }
}
