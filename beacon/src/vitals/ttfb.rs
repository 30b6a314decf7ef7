//! Time to first byte: from the navigation until the first byte of the answer.
//! <https://web.dev/articles/ttfb>
//!
//! In: the navigation entry. Out: the time and its parts: waiting, cache, name, connection, request.
//! Browsers report 0, negative or future times for privacy or by mistake; those must never become a
//! value.

use crate::{number::positive, vitals::reading::Reading};

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
    /// Its `response` is 0 until it is known.
    navigation: Navigation,
}

impl Ttfb {
    /// A tracker that knows nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            navigation: Navigation {
                fetch: 0.0,
                lookup: 0.0,
                connect: 0.0,
                connected: 0.0,
                response: 0.0,
            },
        }
    }

    /// Takes the navigation entry, unless its first byte has an impossible time.
    pub fn observe(&mut self, navigation: Navigation, now: f64) {
        if navigation.response > 0.0 && navigation.response < now {
            self.navigation = navigation;
        }
    }

    /// When the first byte came, in ms since the time origin; 0 if that is not known.
    #[must_use]
    pub fn first_byte(&self) -> f64 {
        self.navigation.response
    }

    /// The value, for a view that began at `start`. A `revived` one needed no byte: it was restored,
    /// or the document stayed.
    #[must_use]
    pub fn reading(&self, start: f64, revived: bool) -> Reading {
        let times = &self.navigation;
        if revived {
            Reading::bare(0.0)
        } else if times.response > 0.0 {
            Reading {
                parts: [
                    times.fetch,
                    times.lookup,
                    times.connect,
                    times.connected,
                    f64::INFINITY,
                ],
                origin: start,
                ..Reading::bare(positive(times.response - start))
            }
        } else {
            Reading::NONE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::stretches;

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
        for (start, value, parts) in [
            (0.0, 200.0, [3.0, 2.0, 15.0, 60.0, 120.0]),
            (50.0, 150.0, [0.0, 0.0, 0.0, 30.0, 120.0]),
            (500.0, 0.0, [0.0; 5]),
        ] {
            let reading = ttfb(NAVIGATION).reading(start, false);
            assert_eq!(reading.value, value);
            let told = stretches(reading.parts, reading.origin, reading.value);
            assert_eq!(told, parts);
        }
    }

    #[test]
    fn impossible_times_are_no_value() {
        for response in [0.0, -5.0, 1000.0, 2000.0, f64::NAN] {
            let navigation = Navigation {
                response,
                ..NAVIGATION
            };
            assert!(!ttfb(navigation).reading(0.0, false).exists());
        }
    }

    #[test]
    fn a_restored_view_waited_for_nothing() {
        assert_eq!(ttfb(NAVIGATION).reading(9.0, true).value, 0.0);
    }
}
