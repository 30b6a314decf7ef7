//! Time to first byte: from the navigation until the first byte of the answer.
//! <https://web.dev/articles/ttfb>
//!
//! In: the navigation entry. Out: the time and its parts. Browsers report 0, negative or future
//! times for privacy or by mistake; those must never become a value.

use foresight_shared::Part;

use crate::{
    event::Why,
    number::{positive, stretches},
    vitals::Reading,
};

const PARTS: [Part; 5] = [Part::Wait, Part::Cache, Part::Dns, Part::Connect, Part::Request];

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
        self.navigation.map_or(0.0, |navigation| navigation.response)
    }

    /// The value, for a view that began at `start`.
    #[must_use]
    pub fn reading(&self, start: f64) -> Option<Reading> {
        if self.instant {
            return Some(Reading::bare(0.0));
        }
        let Navigation { fetch, lookup, connect, connected, response } = self.navigation?;
        let value = positive(response - start);
        let ms = stretches([fetch, lookup, connect, connected, f64::INFINITY], start, value);
        Some(Reading { value, why: Why { parts: &PARTS, ms, ..Why::default() } })
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
    fn the_parts_add_up_to_the_value() {
        let ttfb = ttfb(NAVIGATION);
        let reading = ttfb.reading(0.0).unwrap();
        assert_eq!(reading.value, 200.0);
        assert_eq!(reading.why.ms, [3.0, 2.0, 15.0, 60.0, 120.0]);
    }

    #[test]
    fn times_count_from_the_activation_and_never_below_zero() {
        let ttfb = ttfb(NAVIGATION);
        let reading = ttfb.reading(50.0).unwrap();
        assert_eq!(reading.value, 150.0);
        assert_eq!(reading.why.ms.iter().sum::<f64>(), 150.0);
        assert_eq!(ttfb.reading(500.0).unwrap().value, 0.0);
    }

    #[test]
    fn impossible_times_are_no_value() {
        for response in [0.0, -5.0, 1000.0, 2000.0, f64::NAN] {
            assert_eq!(ttfb(Navigation { response, ..NAVIGATION }).reading(0.0), None);
        }
    }

    #[test]
    fn a_restored_view_waited_for_nothing() {
        let mut ttfb = Ttfb::default();
        ttfb.without_request();
        assert_eq!(ttfb.reading(9.0), Some(Reading::bare(0.0)));
    }
}
