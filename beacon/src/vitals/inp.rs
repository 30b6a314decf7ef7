//! Interaction to next paint: how long the page took to answer what the visitor did.
//! <https://web.dev/articles/inp>
//!
//! In: `event` and `first-input` entries, and the browser's count of interactions. Out: the longest
//! interaction, leaving out one for every 50, with its three parts. The same entry may be handed in
//! twice. Only ten interactions are kept, so memory stays bounded on pages that live for days.

use crate::{
    label::Label,
    number::{between, least, positive},
    vitals::{Reading, why::Culprit},
};

/// The longest interactions that are kept.
pub const KEPT: usize = 10;

/// Of every so many interactions the longest is left out.
pub const PER_OUTLIER: f64 = 50.0;

/// What an interaction too short to be reported counts as: the timer's resolution, in ms.
pub const SHORTEST_MS: f64 = 8.0;

/// Chromium and WebKit number interactions in steps of this.
const ID_STEP: f64 = 7.0;

/// An event that was handled, in ms since the time origin.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Input {
    /// The interaction's number; 0 if the event belongs to none.
    pub interaction: f64,
    /// When the visitor acted.
    pub start: f64,
    /// From then until the next paint, in ms.
    pub duration: f64,
    /// When its handlers began to run.
    pub processing: f64,
    /// When its handlers had run.
    pub processed: f64,
    /// The event's type.
    pub kind: Label,
    /// The target's selector; may be empty.
    pub element: Label,
}

/// The tracker.
#[derive(Clone, Debug, Default)]
pub struct Inp {
    /// The longest event of each of the longest interactions, longest first.
    longest: [Input; KEPT],
    /// How many of them are there.
    kept: usize,
    /// The smallest and the largest interaction number seen.
    ids: Option<(f64, f64)>,
    /// The browser's count when the view began, and now; negative if it does not count.
    before: f64,
    count: f64,
}

impl Inp {
    /// A tracker for a view that begins when the browser has counted `interactions`.
    #[must_use]
    pub fn new(interactions: f64) -> Self {
        Self {
            before: interactions,
            count: interactions,
            ..Self::default()
        }
    }

    /// The browser has now counted so many interactions.
    pub fn counted(&mut self, interactions: f64) {
        self.count = interactions;
    }

    /// Takes an event.
    pub fn observe(&mut self, input: Input) {
        let id = input.interaction;
        if id.is_nan() || id <= 0.0 || input.duration.is_nan() || input.duration < 0.0 {
            return;
        }
        let (low, high) = self.ids.unwrap_or((id, id));
        self.ids = Some((least(low, id), between(id, high, f64::INFINITY)));
        // Where the interaction's event was, or where a new one ends up: behind all that are kept.
        let mut hole = self.kept;
        for (index, kept) in self.longest.iter_mut().take(self.kept).enumerate() {
            if kept.interaction == id {
                if !merge(kept, &input) {
                    return;
                }
                hole = index;
                break;
            }
        }
        if hole == self.kept {
            self.kept = (hole + 1).min(KEPT);
        }
        // Each shorter event moves one place down, over the hole; the last may fall out.
        let mut carried = input;
        for (index, kept) in self.longest.iter_mut().enumerate() {
            if index > hole {
                break;
            }
            if index == hole || kept.duration < carried.duration {
                carried = core::mem::replace(kept, carried);
            }
        }
    }

    /// How many interactions the view has had.
    fn interactions(&self) -> f64 {
        match self.ids {
            _ if self.count >= 0.0 => self.count - positive(self.before),
            Some((low, high)) => (high - low) / ID_STEP + 1.0,
            None => 0.0,
        }
    }

    /// The value. In a `revived` document the first interaction
    /// has no entry of its own, so one that was too short to be reported still counts.
    #[must_use]
    pub fn reading(&self, revived: bool) -> Option<Reading<'_>> {
        let interactions = positive(self.interactions());
        let skipped = (interactions / PER_OUTLIER) as usize;
        if self.kept == 0 {
            return (revived && interactions > 0.0).then(|| Reading::bare(SHORTEST_MS));
        }
        let input = self.longest.get(skipped.min(self.kept - 1))?;
        Some(Reading {
            value: input.duration,
            culprit: Culprit::Interaction(input),
        })
    }
}

/// Whether `input` is longer than the event kept of its interaction and takes its place. If both
/// began and were painted together, their handlers ran one after the other: the kept event then
/// spans both.
fn merge(kept: &mut Input, input: &Input) -> bool {
    if input.duration == kept.duration && input.start == kept.start {
        kept.processing = least(kept.processing, input.processing);
        kept.processed = between(input.processed, kept.processed, f64::INFINITY);
    }
    input.duration > kept.duration
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(interaction: f64, duration: f64) -> Input {
        Input {
            interaction,
            duration,
            ..Input::default()
        }
    }

    fn value(inp: &Inp) -> Option<f64> {
        inp.reading(false).map(|reading| reading.value)
    }

    #[test]
    fn the_longest_event_of_the_longest_interaction_counts() {
        let mut inp = Inp::new(0.0);
        assert_eq!(value(&inp), None);
        for (id, duration) in [
            (7.0, 40.0),
            (14.0, 96.0),
            (14.0, 168.0),
            (14.0, 80.0),
            (0.0, 900.0),
        ] {
            inp.observe(input(id, duration));
        }
        inp.counted(2.0);
        assert_eq!(value(&inp), Some(168.0));
    }

    #[test]
    fn one_interaction_in_fifty_is_left_out_so_the_value_may_go_down() {
        let mut inp = Inp::new(0.0);
        for i in 1..=12_i32 {
            inp.observe(input(f64::from(i) * 7.0, f64::from(i) * 40.0));
        }
        for (count, expected) in [
            (49.0, 480.0),
            (50.0, 440.0),
            (100.0, 400.0),
            (5000.0, 120.0),
        ] {
            inp.counted(count);
            assert_eq!(value(&inp), Some(expected), "{count}");
        }
    }

    #[test]
    fn a_browser_that_does_not_count_is_estimated_by_its_numbers() {
        let mut inp = Inp::new(-1.0);
        inp.observe(input(700.0, 100.0));
        inp.observe(input(1043.0, 50.0));
        assert_eq!(inp.interactions(), 50.0);
        assert_eq!(value(&inp), Some(50.0));
    }

    #[test]
    fn a_short_interaction_counts_only_in_a_revived_document() {
        let mut inp = Inp::new(3.0);
        inp.counted(4.0);
        assert_eq!(inp.reading(false), None);
        assert_eq!(inp.reading(true), Some(Reading::bare(SHORTEST_MS)));
        assert_eq!(Inp::new(4.0).reading(true), None);
    }

    #[test]
    fn an_interaction_spans_the_events_of_one_frame() {
        let mut inp = Inp::new(0.0);
        let up = Input {
            interaction: 7.0,
            start: 1000.0,
            duration: 168.0,
            processing: 1012.0,
            processed: 1030.0,
            kind: Label(1),
            ..Input::default()
        };
        inp.observe(up);
        inp.observe(Input {
            processing: 1030.0,
            processed: 1133.0,
            kind: Label(2),
            ..up
        });
        let Some(Reading {
            culprit: Culprit::Interaction(input),
            ..
        }) = inp.reading(false)
        else {
            panic!("no interaction");
        };
        assert_eq!(
            (input.kind, input.processing, input.processed),
            (Label(1), 1012.0, 1133.0)
        );
    }
}
