//! First input delay: from the first input until its handlers could run.
//! <https://web.dev/articles/fid>. INP replaced it; it is kept because reports still ask for it.
//!
//! In: the first input. Out: its delay. A delay below zero is a browser's mistake and counts as 0.

use crate::{
    number::positive,
    vitals::{Reading, inp::Input, why::Culprit},
};

/// The tracker.
#[derive(Clone, Debug, Default)]
pub struct Fid {
    input: Option<Input>,
}

impl Fid {
    /// Takes the first input. Only the first call counts.
    pub fn observe(&mut self, input: Input) {
        if self.input.is_none() {
            self.input = Some(input);
        }
    }

    /// The value.
    #[must_use]
    pub fn reading(&self) -> Option<Reading<'_>> {
        self.input.as_ref().map(|input| Reading {
            value: positive(input.processing - input.start),
            culprit: Culprit::FirstInput(input),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delay_of_the_first_input_counts() {
        let mut fid = Fid::default();
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
        let reading = fid.reading().unwrap();
        assert_eq!(reading.value, 6.5);
    }

    #[test]
    fn a_negative_delay_is_zero() {
        let mut fid = Fid::default();
        fid.observe(Input {
            start: 100.0,
            processing: 90.0,
            ..Input::default()
        });
        assert_eq!(fid.reading().unwrap().value, 0.0);
    }
}
