//! First contentful paint: until the first text or image was painted. <https://web.dev/articles/fcp>
//!
//! In: when the paint came. Out: the time until then, before and after the first byte. A paint that
//! nobody saw must never become one.

use crate::{number::positive, vitals::reading::Reading};

/// The tracker.
#[derive(Clone, Debug)]
pub struct Fcp {
    /// Infinite until there is one.
    at: f64,
}

impl Default for Fcp {
    fn default() -> Self {
        Self::new()
    }
}

impl Fcp {
    /// A tracker that knows nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { at: f64::INFINITY }
    }

    /// The paint came at `at`. Only the first counts.
    pub fn observe(&mut self, at: f64) {
        if !self.painted() {
            self.at = at;
        }
    }

    /// Whether there was a paint.
    #[must_use]
    pub fn painted(&self) -> bool {
        self.at < f64::INFINITY
    }

    /// The value, for a view that began at `start` and whose first byte came at `first_byte`.
    #[must_use]
    pub fn reading(&self, start: f64, first_byte: f64) -> Reading {
        if !self.painted() {
            return Reading::NONE;
        }
        let mut reading = Reading {
            at: self.at,
            origin: start,
            ..Reading::bare(positive(self.at - start))
        };
        reading.parts[0] = first_byte;
        reading
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::stretches;

    #[test]
    fn the_first_paint_counts_from_the_activation() {
        let mut fcp = Fcp::default();
        assert!(!fcp.reading(200.0, 300.0).exists());
        fcp.observe(900.0);
        fcp.observe(950.0);
        let reading = fcp.reading(200.0, 300.0);
        assert_eq!((reading.value, reading.at), (700.0, 900.0));
        let parts = stretches(reading.parts, reading.origin, reading.value);
        assert_eq!(parts[..2], [100.0, 600.0]);
    }

    #[test]
    fn a_paint_before_the_activation_is_zero() {
        let mut fcp = Fcp::default();
        fcp.observe(100.0);
        assert_eq!(fcp.reading(200.0, 50.0).value, 0.0);
    }
}
