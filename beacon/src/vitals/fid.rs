//! First input delay: from the first input until its handlers could run.
//! <https://web.dev/articles/fid>. INP replaced it; it is kept because reports still ask for it.
//!
//! In: the first input. Out: its delay. A delay below zero is a browser's mistake and counts as 0.

use crate::{
    number::positive,
    vitals::{inp::Input, reading::Reading},
};

/// The tracker.
#[derive(Clone, Debug)]
pub struct Fid {
    reading: Reading,
}

impl Default for Fid {
    fn default() -> Self {
        Self::new()
    }
}

impl Fid {
    /// A tracker that knows nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            reading: Reading::NONE,
        }
    }

    /// Takes the first input. Only the first call counts.
    pub fn observe(&mut self, input: Input) {
        if !self.reading.exists() {
            self.reading.value = positive(input.processing - input.start);
            self.reading.at = input.start;
            self.reading.label = input.label;
        }
    }

    /// The value.
    #[must_use]
    pub fn reading(&self) -> Reading {
        self.reading
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delay_of_the_first_input_counts() {
        let mut fid = Fid::default();
        assert!(!fid.reading().exists());
        let input = Input {
            start: 100.0,
            processing: 106.5,
            ..Input::default()
        };
        fid.observe(input);
        fid.observe(Input {
            processing: 900.0,
            ..input
        });
        assert_eq!((fid.reading().value, fid.reading().at), (6.5, 100.0));
    }

    #[test]
    fn a_negative_delay_is_zero() {
        let mut fid = Fid::default();
        fid.observe(Input {
            start: 100.0,
            processing: 90.0,
            ..Input::default()
        });
        assert_eq!(fid.reading().value, 0.0);
    }
}
