//! Cumulative layout shift: how much the page moved under the visitor's eyes.
//! <https://web.dev/articles/cls>
//!
//! In: `layout-shift` entries in the order of time. Out: the sum of the largest session window and
//! the element that shifted most in it. Shifts within 500 ms of an input must not be handed in.

use crate::{label::Label, vitals::reading::Reading};

/// A shift joins a window only this close (ms) after the shift before.
pub const GAP_MS: f64 = 1000.0;

/// A window ends this long (ms) after its first shift.
pub const WINDOW_MS: f64 = 5000.0;

/// One layout shift.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Shift {
    /// When, in ms since the time origin.
    pub at: f64,
    /// Its score.
    pub score: f64,
    /// The entry.
    pub label: Label,
}

/// A session window: its sum, its largest shift, and when it began and last grew.
#[derive(Clone, Copy, Debug)]
struct Window {
    sum: f64,
    largest: Shift,
    first: f64,
    last: f64,
}

impl Window {
    const EMPTY: Self = Self {
        sum: 0.0,
        largest: Shift {
            at: f64::NAN,
            score: f64::NAN,
            label: Label(0.0),
        },
        first: f64::NEG_INFINITY,
        last: f64::NEG_INFINITY,
    };
}

/// What a shift did to the windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Joined {
    /// It opened a window.
    pub opened: bool,
    /// Its window is the largest now.
    pub worst: bool,
}

/// The tracker.
#[derive(Clone, Debug)]
pub struct Cls {
    current: Window,
    worst: Window,
}

impl Default for Cls {
    fn default() -> Self {
        Self::new()
    }
}

impl Cls {
    /// A tracker that knows nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            current: Window::EMPTY,
            worst: Window::EMPTY,
        }
    }

    /// Takes a shift, unless it moved nothing.
    pub fn observe(&mut self, shift: Shift) -> Option<Joined> {
        if shift.score > 0.0 {
            let window = &mut self.current;
            let joins = shift.at - window.last < GAP_MS && shift.at - window.first < WINDOW_MS;
            if !joins {
                *window = Window::EMPTY;
                window.first = shift.at;
            }
            window.last = shift.at;
            window.sum += shift.score;
            // Of two that are alike the later one is to blame, as in Google's library.
            let smaller = shift.score < window.largest.score;
            if !smaller {
                window.largest = shift;
            }
            let worst = window.sum > self.worst.sum;
            if worst {
                self.worst = *window;
            }
            return Some(Joined {
                opened: !joins,
                worst,
            });
        }
        None
    }

    /// The value. A page that never shifted has 0.
    #[must_use]
    pub fn reading(&self) -> Reading {
        let worst = &self.worst;
        Reading {
            label: worst.largest.label,
            at: worst.largest.at,
            shift: worst.largest.score,
            ..Reading::bare(worst.sum)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cls(shifts: &[(f64, f64)]) -> Cls {
        let mut cls = Cls::default();
        for &(at, score) in shifts {
            cls.observe(Shift {
                at,
                score,
                ..Shift::default()
            });
        }
        cls
    }

    fn value(shifts: &[(f64, f64)]) -> f64 {
        cls(shifts).reading().value
    }

    #[test]
    fn a_shift_says_whether_it_opened_a_window_and_whether_that_is_the_largest() {
        let mut cls = Cls::default();
        for (at, score, expected) in [
            (0.0, 0.0, None),
            (0.0, 0.25, Some((true, true))),
            (500.0, 0.25, Some((false, true))),
            (2000.0, 0.25, Some((true, false))),
            (2500.0, 0.5, Some((false, true))),
        ] {
            let joined = cls.observe(Shift {
                at,
                score,
                ..Shift::default()
            });
            assert_eq!(joined.map(|j| (j.opened, j.worst)), expected, "{at}");
        }
    }

    #[test]
    fn windows_end_after_a_gap_or_five_seconds() {
        for (shifts, expected) in [
            (vec![], 0.0),
            (vec![(0.0, 0.25), (999.0, 0.25)], 0.5),
            (vec![(0.0, 0.25), (1000.0, 0.25)], 0.25),
            ((0..8).map(|i| (f64::from(i) * 700.0, 0.25)).collect(), 2.0),
            ((0..10).map(|i| (f64::from(i) * 625.0, 0.25)).collect(), 2.0),
            (vec![(0.0, 0.5), (3000.0, 0.25), (3500.0, 0.125)], 0.5),
        ] {
            assert_eq!(value(&shifts), expected, "{shifts:?}");
        }
    }

    #[test]
    fn the_largest_shift_of_the_largest_window_is_to_blame() {
        let mut cls = cls(&[(3000.0, 0.5)]);
        for (at, score, label) in [
            (9000.0, 0.3, 1.0),
            (9100.0, 0.4, 2.0),
            (9200.0, 0.4, 3.0),
            (9300.0, 0.1, 4.0),
        ] {
            cls.observe(Shift {
                at,
                score,
                label: Label(label),
            });
        }
        let reading = cls.reading();
        assert_eq!(
            (reading.label, reading.at, reading.shift),
            (Label(3.0), 9200.0, 0.4)
        );
    }

    #[test]
    fn what_is_no_shift_changes_nothing() {
        for score in [0.0, -1.0, f64::NAN] {
            let reading = cls(&[(5.0, score)]).reading();
            assert_eq!(reading.value, 0.0);
            assert!(reading.at.is_nan() && reading.shift.is_nan());
        }
    }
}
