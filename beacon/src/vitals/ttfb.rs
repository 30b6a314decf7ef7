//! Time to first byte: from the navigation until the first byte of the answer.
//! <https://web.dev/articles/ttfb>
//!
//! In: the navigation entry. Out: the time and its parts. Browsers report 0, negative or future
//! times for privacy or by mistake; those must never become a value.

use crate::{
    number::positive,
    vitals::{Reading, why::Culprit},
};

/// The navigation entry's times, in ms since the time origin.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Navigation {
    /// `workerStart`, or `fetchStart` without a service worker.
    pub fetch: f64,
    /// `domainLookupStart`.
    pub lookup: f64,
    /// `connectStart`.
    pub connect: f64,
    /// `connectEnd`.
    pub connected: f64,
    /// `responseStart`.
    pub response: f64,
}

/// The tracker.
#[derive(Clone, Debug, Default)]
pub struct Ttfb {
    navigation: Option<Navigation>,
    instant: bool,
}

impl Ttfb {
    /// Takes the navigation entry, unless its first byte has an impossible time.
    pub fn observe(&mut self, navigation: Navigation, now: f64) {
        if navigation.response > 0.0 && navigation.response < now {
            self.navigation = Some(navigation);
        }
    }

    /// The view needed no byte: it was restored, or the document stayed.
    pub fn without_request(&mut self) {
        self.instant = true;
    }

    /// When the first byte came, in ms since the time origin; 0 if that is not known.
    #[must_use]
    pub fn first_byte(&self) -> f64 {
        self.navigation
            .map_or(0.0, |navigation| navigation.response)
    }

    /// The value, for a view that began at `start`.
    #[must_use]
    pub fn reading(&self, start: f64) -> Option<Reading<'_>> {
        if self.instant {
            return Some(Reading::bare(0.0));
        }
        let navigation = self.navigation.as_ref()?;
        let value = positive(navigation.response - start);
        Some(Reading {
            value,
            culprit: Culprit::Request(navigation),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAVIGATION: Navigation = Navigation {
        fetch: 3.0,
        lookup: 5.0,
        connect: 20.0,
        connected: 80.0,
        response: 200.0,
    };

    fn ttfb(navigation: Navigation) -> Ttfb {
        let mut ttfb = Ttfb::default();
        ttfb.observe(navigation, 1000.0);
        ttfb
    }

    #[test]
    fn times_count_from_the_activation_and_never_below_zero() {
        for (start, value) in [(0.0, 200.0), (50.0, 150.0), (500.0, 0.0)] {
            assert_eq!(ttfb(NAVIGATION).reading(start).unwrap().value, value);
        }
    }

    #[test]
    fn impossible_times_are_no_value() {
        for response in [0.0, -5.0, 1000.0, 2000.0, f64::NAN] {
            assert_eq!(
                ttfb(Navigation {
                    response,
                    ..NAVIGATION
                })
                .reading(0.0),
                None
            );
        }
    }

    #[test]
    fn a_restored_view_waited_for_nothing() {
        let mut ttfb = Ttfb::default();
        ttfb.without_request();
        assert_eq!(ttfb.reading(9.0), Some(Reading::bare(0.0)));
    }
}
