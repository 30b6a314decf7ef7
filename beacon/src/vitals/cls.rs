//! Cumulative layout shift: how much the page moved under the visitor's eyes.
//! <https://web.dev/articles/cls>
//!
//! In: `layout-shift` entries in the order of time. Out: the sum of the largest session window and
//! the element that shifted most in it. Shifts within 500 ms of an input must not be handed in.

use crate::{
    label::Label,
    vitals::{Reading, why::Culprit},
};

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
    /// The selector of the element that moved most; may be empty.
    pub element: Label,
}

/// A session window: its sum and its largest shift.
#[derive(Clone, Copy, Debug, Default)]
struct Window {
    first: f64,
    last: f64,
    sum: f64,
    largest: Shift,
}

/// The tracker.
#[derive(Clone, Debug, Default)]
pub struct Cls {
    current: Window,
    worst: Window,
}

impl Cls {
    /// Takes a shift.
    pub fn observe(&mut self, shift: Shift) {
        if shift.score.is_nan() || shift.score <= 0.0 {
            return;
        }
        let window = &mut self.current;
        let joins = window.sum > 0.0
            && shift.at - window.last < GAP_MS
            && shift.at - window.first < WINDOW_MS;
        if !joins {
            *window = Window {
                first: shift.at,
                ..Window::default()
            };
        }
        window.last = shift.at;
        window.sum += shift.score;
        if shift.score > window.largest.score {
            window.largest = shift;
        }
        if window.sum > self.worst.sum {
            self.worst = *window;
        }
    }

    /// The value. A page that never shifted has 0.
    #[must_use]
    pub fn reading(&self) -> Reading<'_> {
        let worst = &self.worst;
        if worst.sum > 0.0 {
            Reading {
                value: worst.sum,
                culprit: Culprit::Shift(&worst.largest),
            }
        } else {
            Reading::bare(0.0)
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
        for (at, score, element) in [(9000.0, 0.3, 1), (9100.0, 0.4, 2), (9200.0, 0.1, 3)] {
            cls.observe(Shift {
                at,
                score,
                element: Label(element),
            });
        }
        let Culprit::Shift(shift) = cls.reading().culprit else {
            panic!("no shift")
        };
        assert_eq!((shift.element, shift.at), (Label(2), 9100.0));
    }
}
