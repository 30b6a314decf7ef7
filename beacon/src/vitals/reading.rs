//! A metric's value and what made it so.
//!
//! In: what a tracker knows. Out: the numbers that the page's side reads from the wasm's memory, in
//! the order of the fields. The parts are never negative and add up to the value.

use crate::label::Label;

/// A metric's value, in the metric's unit, and its attribution. What does not apply is not a number.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Reading {
    /// The value; not a number if there is none.
    pub value: f64,
    /// The entry to blame.
    pub label: Label,
    /// When it happened.
    pub at: f64,
    /// The score of the largest shift.
    pub shift: f64,
    /// How long the value's parts took, in ms; until the reading is finished, when they ended. Which
    /// parts a metric has is known to the page's side.
    pub parts: [f64; 5],
    /// When the first part began.
    pub origin: f64,
}

impl Reading {
    /// There is no value.
    pub const NONE: Self = Self::bare(f64::NAN);

    /// A value for which there is nothing to blame.
    #[must_use]
    pub const fn bare(value: f64) -> Self {
        Self {
            value,
            label: Label(0.0),
            at: f64::NAN,
            shift: f64::NAN,
            parts: [f64::INFINITY; 5],
            origin: 0.0,
        }
    }

    /// Whether there is a value.
    #[must_use]
    pub fn exists(&self) -> bool {
        !self.value.is_nan()
    }
}
