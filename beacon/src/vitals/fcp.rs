//! First contentful paint: until the first text or image was painted. <https://web.dev/articles/fcp>
//!
//! In: how long after the view's start the paint came. Out: the value. A paint that nobody saw
//! must never become one.

use crate::{number::positive, vitals::Reading};

/// The tracker.
#[derive(Clone, Debug, Default)]
pub struct Fcp {
    value: Option<f64>,
}

impl Fcp {
    /// The paint came `ms` after the view's start. Only the first counts.
    pub fn measured(&mut self, ms: f64) {
        if self.value.is_none() {
            self.value = Some(positive(ms));
        }
    }

    /// The value.
    #[must_use]
    pub fn reading(&self) -> Option<Reading<'_>> {
        self.value.map(Reading::bare)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_paint_counts_from_the_activation() {
        let mut fcp = Fcp::default();
        assert_eq!(fcp.reading(), None);
        fcp.measured(900.0 - 200.0);
        fcp.measured(950.0 - 200.0);
        assert_eq!(fcp.reading(), Some(Reading::bare(700.0)));
    }

    #[test]
    fn a_paint_before_the_activation_is_zero() {
        let mut fcp = Fcp::default();
        fcp.measured(100.0 - 200.0);
        assert_eq!(fcp.reading(), Some(Reading::bare(0.0)));
    }
}
