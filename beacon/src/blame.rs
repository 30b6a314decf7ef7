//! What the time of an interaction went to, from the long animation frames beside it.
//!
//! In: an interaction's times, then its long frames and their scripts in order. Out: the longest
//! script's part, and sums: scripts, style and layout, painting, and what nobody accounts for.

use crate::number::{at_least, positive};

/// The part of an interaction in which a script began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// Before the handlers could run.
    #[default]
    InputDelay,
    /// While they ran.
    Processing,
    /// After that, until the next paint.
    Presentation,
}

/// The sums of one interaction, in ms.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Blame {
    /// When the visitor acted.
    start: f64,
    /// When the handlers began to run.
    processing: f64,
    /// When they had run.
    processed: f64,
    /// When the answer was painted.
    paint: f64,
    /// When the last of the frames ended.
    last: f64,
    /// Scripts, without the style and layout they forced.
    pub scripts: f64,
    /// Style and layout.
    pub layout: f64,
    /// How long the longest script ran inside the interaction.
    pub longest: f64,
    /// Where that script began.
    pub phase: Phase,
}

impl Blame {
    /// Sums for an interaction that began at `start`; the other times follow one another.
    #[must_use]
    pub fn new(start: f64, processing: f64, processed: f64, paint: f64) -> Self {
        Self {
            start,
            processing,
            processed,
            paint,
            ..Self::default()
        }
    }

    /// A long frame ended at `end`; style and layout began at `layout`, which is 0 if there was none.
    pub fn frame(&mut self, end: f64, layout: f64) {
        self.last = end;
        if layout > 0.0 {
            self.layout += positive(end - layout);
        }
    }

    /// A script of the last frame, and how long it forced style and layout. True if it is the longest
    /// so far.
    pub fn script(&mut self, start: f64, duration: f64, forced: f64) -> bool {
        let end = start + duration;
        if end < self.start {
            return false;
        }
        let inside = end - at_least(self.start, start);
        // When it forced them is not known: it is taken to have done so evenly.
        let forced = if duration > 0.0 {
            inside / duration * forced
        } else {
            0.0
        };
        self.scripts += inside - forced;
        self.layout += forced;
        if inside <= self.longest {
            return false;
        }
        self.longest = inside;
        self.phase = if start < self.processing {
            Phase::InputDelay
        } else if start < self.processed {
            Phase::Processing
        } else {
            Phase::Presentation
        };
        true
    }

    /// From the end of the last frame until the answer was painted, if that frame ended after the
    /// handlers had run.
    #[must_use]
    pub fn painting(&self) -> f64 {
        if self.last >= self.processed {
            self.paint - self.last
        } else {
            0.0
        }
    }

    /// What none of the sums accounts for.
    #[must_use]
    pub fn unattributed(&self) -> f64 {
        self.paint - self.start - self.scripts - self.layout - self.painting()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sums_of_an_interaction_add_up() {
        let mut blame = Blame::new(1000.0, 1100.0, 1300.0, 1400.0);
        blame.frame(1380.0, 1340.0);
        assert!(!blame.script(900.0, 50.0, 0.0));
        assert!(blame.script(950.0, 100.0, 20.0));
        assert_eq!((blame.longest, blame.phase), (50.0, Phase::InputDelay));
        assert!(blame.script(1100.0, 180.0, 0.0));
        assert!(!blame.script(1310.0, 20.0, 0.0));
        assert_eq!((blame.longest, blame.phase), (180.0, Phase::Processing));
        assert_eq!((blame.scripts, blame.layout), (240.0, 50.0));
        assert_eq!((blame.painting(), blame.unattributed()), (20.0, 90.0));
    }

    #[test]
    fn a_frame_that_painted_nothing_has_no_layout_and_one_before_the_answer_no_painting() {
        let mut blame = Blame::new(1000.0, 1100.0, 1300.0, 1400.0);
        blame.frame(1200.0, 0.0);
        assert!(!blame.script(1000.0, 0.0, 5.0));
        assert_eq!((blame.layout, blame.painting()), (0.0, 0.0));
        assert!(blame.script(1300.0, 40.0, 0.0));
        assert_eq!(blame.phase, Phase::Presentation);
    }
}
