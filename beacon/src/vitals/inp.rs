//! Interaction to next paint: how long the page took to answer what the visitor did.
//! <https://web.dev/articles/inp>
//!
//! In: `event` and `first-input` entries, and the browser's count of interactions. Out: the longest
//! interaction, leaving out one for every 50, with its three parts. The same entry may be handed in
//! twice. Only ten interactions are kept, so memory stays bounded on pages that live for days.

use crate::{
    label::Label,
    number::{at_least, at_most, positive},
    vitals::reading::Reading,
};

/// The longest interactions that are kept.
pub const KEPT: usize = 10;

/// Of every so many interactions the longest is left out.
pub const PER_OUTLIER: f64 = 50.0;

/// What an interaction too short to be reported counts as: the timer's resolution, in ms.
pub const SHORTEST_MS: f64 = 8.0;

/// Chromium and WebKit number interactions in steps of this.
const ID_STEP: f64 = 7.0;

/// Events that were painted this close (ms) together were painted in one frame: the timer rounds.
const FRAME_MS: f64 = 8.0;

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
    /// The entry.
    pub label: Label,
}

impl Input {
    /// Shorter than any event.
    const NONE: Self = Self {
        interaction: 0.0,
        start: 0.0,
        duration: -1.0,
        processing: 0.0,
        processed: 0.0,
        label: Label(0.0),
    };

    /// If both were painted in one frame, this one's handlers are from now on those of both: they
    /// ran one after the other, and the paint waited for them all.
    fn join(&mut self, other: &Self) {
        let apart = self.start + self.duration - other.start - other.duration;
        if apart.abs() <= FRAME_MS {
            self.processing = at_most(self.processing, other.processing);
            self.processed = at_least(self.processed, other.processed);
        }
    }
}

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is not kept: it belongs to no interaction, or to one that has a longer event, or that is
    /// none of the longest.
    Not,
    /// It belongs to an interaction that was not kept before.
    New,
    /// It replaces the shorter event of its interaction.
    Longer,
    /// It began and was painted with the event that is kept of its interaction.
    Alike,
}

/// The tracker.
#[derive(Clone, Debug)]
pub struct Inp {
    /// The longest event of each of the longest interactions, longest first.
    longest: [Input; KEPT],
    /// The last event, with the handlers of all in its frame.
    last: Input,
    /// The smallest and the largest interaction number seen.
    low: f64,
    high: f64,
    /// The browser's count when the view began, and now; negative if it does not count.
    before: f64,
    count: f64,
}

impl Default for Inp {
    fn default() -> Self {
        Self::new(0.0)
    }
}

impl Inp {
    /// A tracker for a view that begins when the browser has counted `interactions`.
    #[must_use]
    pub const fn new(interactions: f64) -> Self {
        Self {
            longest: [Input::NONE; KEPT],
            last: Input::NONE,
            low: f64::INFINITY,
            high: f64::NEG_INFINITY,
            before: interactions,
            count: interactions,
        }
    }

    /// The browser has now counted so many interactions.
    pub fn counted(&mut self, interactions: f64) {
        self.count = interactions;
    }

    /// The longest event of each of the longest interactions, longest first; what is left of the room
    /// has the interaction 0.
    #[must_use]
    pub fn longest(&self) -> &[Input] {
        &self.longest
    }

    /// Takes an event, also one that belongs to no interaction.
    pub fn observe(&mut self, mut input: Input) -> Taken {
        input.join(&self.last);
        self.last = input;
        let id = input.interaction;
        let mut known = None;
        for (index, kept) in self.longest.iter_mut().enumerate() {
            kept.join(&input);
            if kept.interaction == id {
                known = known.or(Some(index));
            }
        }
        if id > 0.0 && input.duration >= 0.0 {
            self.low = at_most(self.low, id);
            self.high = at_least(self.high, id);
            self.rank(known, input)
        } else {
            Taken::Not
        }
    }

    /// Puts an event in the place of a shorter one, and that before all that are shorter. The place
    /// is that of its interaction if that is `known`, else the last.
    fn rank(&mut self, known: Option<usize>, input: Input) -> Taken {
        let mut place = known.unwrap_or(KEPT - 1);
        let kept = &self.longest[place];
        if input.duration > kept.duration {
            while place > 0 && self.longest[place - 1].duration < input.duration {
                self.longest[place] = self.longest[place - 1];
                place -= 1;
            }
            self.longest[place] = input;
            known.map_or(Taken::New, |_| Taken::Longer)
        } else if known.is_some() && input.duration == kept.duration && input.start == kept.start {
            Taken::Alike
        } else {
            Taken::Not
        }
    }

    /// How many interactions the view has had.
    fn interactions(&self) -> f64 {
        positive(if self.count >= 0.0 {
            self.count - positive(self.before)
        } else {
            (self.high - self.low) / ID_STEP + 1.0
        })
    }

    /// The value. In a `revived` document the first interaction has no entry of its own, so one that
    /// was too short to be reported still counts.
    #[must_use]
    pub fn reading(&self, revived: bool) -> Reading {
        let interactions = self.interactions();
        let mut place = at_most((KEPT - 1) as f64, interactions / PER_OUTLIER) as usize;
        while place > 0 && self.longest[place].duration < 0.0 {
            place -= 1;
        }
        let input = &self.longest[place];
        if input.duration >= 0.0 {
            let mut reading = Reading {
                label: input.label,
                at: input.start,
                origin: input.start,
                ..Reading::bare(input.duration)
            };
            reading.parts[0] = input.processing;
            reading.parts[1] = input.processed;
            reading
        } else if revived && interactions > 0.0 {
            let mut reading = Reading::bare(SHORTEST_MS);
            reading.parts[0] = 0.0;
            reading.parts[1] = 0.0;
            reading
        } else {
            Reading::NONE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::stretches;

    fn input(interaction: f64, duration: f64) -> Input {
        Input {
            interaction,
            duration,
            ..Input::default()
        }
    }

    fn value(inp: &Inp) -> Option<f64> {
        Some(inp.reading(false).value).filter(|value| !value.is_nan())
    }

    #[test]
    fn an_event_says_what_became_of_it() {
        let mut inp = Inp::new(0.0);
        for id in 1..=10_i32 {
            let taken = inp.observe(input(f64::from(id), 40.0));
            assert_eq!(taken, Taken::New, "{id}");
        }
        for (id, duration, expected) in [
            (0.0, 900.0, Taken::Not),
            (11.0, 40.0, Taken::Not),
            (3.0, 16.0, Taken::Not),
            (3.0, 40.0, Taken::Alike),
            (3.0, 48.0, Taken::Longer),
            (11.0, 41.0, Taken::New),
            (10.0, 40.0, Taken::Not),
        ] {
            assert_eq!(inp.observe(input(id, duration)), expected, "{id}");
        }
        assert_eq!(inp.longest().len(), KEPT);
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
        assert!(!inp.reading(false).exists());
        assert_eq!(inp.reading(true).value, SHORTEST_MS);
        assert!(!Inp::new(4.0).reading(true).exists());
    }

    #[test]
    fn an_interaction_has_three_parts_and_a_negative_delay_is_zero() {
        for (processing, processed, parts) in [
            (1012.0, 1133.0, [12.0, 121.0, 35.0]),
            (990.0, 1005.0, [0.0, 5.0, 163.0]),
            (1012.0, 1900.0, [12.0, 156.0, 0.0]),
        ] {
            let mut inp = Inp::new(0.0);
            inp.observe(Input {
                start: 1000.0,
                processing,
                processed,
                ..input(7.0, 168.0)
            });
            let reading = inp.reading(false);
            assert_eq!(reading.at, 1000.0);
            let told = stretches(reading.parts, reading.origin, reading.value);
            assert_eq!(told[..3], parts);
        }
    }

    #[test]
    fn an_interaction_spans_the_events_of_its_frame_in_any_order() {
        let click = Input {
            start: 1000.0,
            processing: 1030.0,
            processed: 1050.0,
            label: Label(1.0),
            ..input(7.0, 168.0)
        };
        // No interaction of its own, painted in the same frame.
        let up = Input {
            interaction: 0.0,
            processing: 1012.0,
            processed: 1030.0,
            label: Label(2.0),
            ..click
        };
        let other = Input {
            interaction: 14.0,
            start: 1020.0,
            duration: 144.0,
            processing: 1050.0,
            processed: 1133.0,
            ..click
        };
        let later = Input {
            start: 1300.0,
            processing: 1310.0,
            processed: 1350.0,
            ..up
        };
        for order in [[up, click, other, later], [later, click, other, up]] {
            let mut inp = Inp::new(0.0);
            for event in order {
                inp.observe(event);
            }
            let reading = inp.reading(false);
            assert_eq!(reading.label, Label(1.0));
            assert_eq!(reading.parts[..2], [1012.0, 1133.0]);
        }
    }
}
