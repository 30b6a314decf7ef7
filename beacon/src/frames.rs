//! The frames in which events were answered.
//!
//! In: events in the order in which the browser tells them. Out: for each the frame it was painted
//! in, with the stretch that all events of that frame were handled in, because a visitor waits for
//! all of them. Only frames that are asked for are kept, so memory stays bounded.

use crate::{
    number::{at_least, at_most},
    vitals::inp::{self, Input},
};

/// How many of the latest frames are kept in any case: events and frames are told out of order.
pub const KEPT: usize = 10;

/// Events that were painted this close (ms) together were painted in one frame: the browser rounds
/// their durations to this.
pub const ROUNDING_MS: f64 = 8.0;

/// The events of one frame, in ms since the time origin.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Frame {
    /// Its number, from 1: 0 stands for none.
    pub number: i32,
    /// When the first of them began.
    pub start: f64,
    /// When the first handler began to run.
    pub processing: f64,
    /// When the last handler had run.
    pub processed: f64,
    /// When the frame was painted.
    pub paint: f64,
}

/// How many frames there is room for: the latest, those of the longest interactions, one more whose
/// interaction is the value, and as many again as come between two tidyings.
const ROOM: usize = KEPT + inp::KEPT + 12;

/// The frames.
#[derive(Clone, Debug)]
pub struct Frames {
    frames: [Frame; ROOM],
    kept: usize,
    last: i32,
    /// When the last handler of all had run.
    latest: f64,
}

impl Default for Frames {
    fn default() -> Self {
        Self {
            frames: [Frame::default(); ROOM],
            kept: 0,
            last: 0,
            latest: 0.0,
        }
    }
}

impl Frames {
    /// Takes an event and returns the number of its frame.
    pub fn join(&mut self, input: &Input) -> i32 {
        let paint = input.start + input.duration;
        self.latest = at_least(self.latest, input.processed);
        // The latest frame is the likeliest.
        let mut frames = self.frames.iter_mut().take(self.kept).rev();
        if let Some(frame) = frames.find(|frame| (paint - frame.paint).abs() <= ROUNDING_MS) {
            frame.start = at_most(frame.start, input.start);
            frame.processing = at_most(frame.processing, input.processing);
            frame.processed = at_least(frame.processed, input.processed);
            return frame.number;
        }
        self.last += 1;
        let number = self.last;
        if let Some(frame) = self.frames.get_mut(self.kept) {
            self.kept += 1;
            *frame = Frame {
                number,
                start: input.start,
                processing: input.processing,
                processed: input.processed,
                paint,
            };
        }
        number
    }

    /// Whether there is no room for another frame, until some are [forgotten](Self::prune).
    #[must_use]
    pub fn full(&self) -> bool {
        self.kept == ROOM
    }

    /// The frames that are kept.
    fn kept(&self) -> &[Frame] {
        self.frames.get(..self.kept).unwrap_or_default()
    }

    /// The frame with that number, if it is kept.
    #[must_use]
    pub fn get(&self, number: i32) -> Option<&Frame> {
        self.kept().iter().find(|frame| frame.number == number)
    }

    /// Forgets frames, except the latest and those that are `wanted`.
    pub fn prune(&mut self, wanted: &dyn Fn(i32) -> bool) {
        let old = self.kept.saturating_sub(KEPT);
        let all = self.frames;
        let mut kept = 0;
        for (index, frame) in all.iter().enumerate().take(self.kept) {
            if (index >= old || wanted(frame.number))
                && let Some(place) = self.frames.get_mut(kept)
            {
                *place = *frame;
                kept += 1;
            }
        }
        self.kept = kept;
    }

    /// Whether what ran from `start` to `end` may have delayed an answer that is kept.
    #[must_use]
    pub fn touches(&self, start: f64, end: f64) -> bool {
        let mut frames = self.kept().iter();
        frames.any(|frame| end >= frame.start && start <= frame.processed)
    }

    /// Whether what began at `start` may delay an answer that is still to be told.
    #[must_use]
    pub fn precedes(&self, start: f64) -> bool {
        start > self.latest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(start: f64, duration: f64, processing: f64, processed: f64) -> Input {
        Input {
            start,
            duration,
            processing,
            processed,
            ..Input::default()
        }
    }

    #[test]
    fn events_that_were_painted_together_share_a_frame() {
        let mut frames = Frames::default();
        assert_eq!(frames.join(&input(100.0, 200.0, 110.0, 150.0)), 1);
        assert_eq!(frames.join(&input(130.0, 176.0, 150.0, 290.0)), 1);
        assert_eq!(frames.join(&input(90.0, 204.0, 105.0, 110.0)), 1);
        assert_eq!(frames.join(&input(400.0, 40.0, 401.0, 402.0)), 2);
        let frame = frames.get(1).unwrap();
        assert_eq!(
            (frame.start, frame.processing, frame.processed),
            (90.0, 105.0, 290.0)
        );
    }

    #[test]
    fn old_frames_are_forgotten_unless_they_are_wanted() {
        let mut frames = Frames::default();
        for i in 1..=30_i32 {
            assert!(!frames.full());
            frames.join(&input(f64::from(i) * 1000.0, 40.0, 0.0, 0.0));
        }
        frames.prune(&|number| number == 3);
        assert!(frames.get(3).is_some() && frames.get(21).is_some());
        assert!(frames.get(4).is_none() && frames.get(20).is_none());
        frames.prune(&|_| false);
        assert_eq!(frames.kept, KEPT);
    }

    #[test]
    fn what_ran_beside_no_answer_does_not_matter() {
        let mut frames = Frames::default();
        frames.join(&input(100.0, 100.0, 110.0, 150.0));
        for (start, end, touches) in [
            (0.0, 99.0, false),
            (0.0, 100.0, true),
            (150.0, 160.0, true),
            (120.0, 130.0, true),
            (151.0, 160.0, false),
        ] {
            assert_eq!(frames.touches(start, end), touches, "{start}");
        }
        assert!(frames.precedes(151.0) && !frames.precedes(150.0));
    }
}
