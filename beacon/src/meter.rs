//! One registration of the drop-in for web-vitals: a metric, its present value and what was told.
//!
//! In: entries as numbers, and the moments at which the page's side wants to tell. Out: whether there
//! is something to tell, the value, its difference to the last one, its rating and its parts. A value
//! must never be told twice; what is told is the page's side's business.

use foresight_shared::Metric;

use crate::{
    blame::Blame,
    frames::Frames,
    label::Label,
    number::{at_least, positive, stretches},
    vitals::{
        Vitals,
        cls::Shift,
        inp::{Input, Taken},
        lcp::Paint,
        ttfb::Navigation,
    },
};

/// What became of a shift, as bits: it counts, it opened a window, its window is the largest.
pub const COUNTED: i32 = 1;
/// See [`COUNTED`].
pub const OPENED: i32 = 2;
/// See [`COUNTED`].
pub const WORST: i32 = 4;

/// The meter.
#[derive(Clone, Debug)]
pub struct Meter {
    metric: Metric,
    /// Whether every change is told, and not only when the value may be final.
    all: bool,
    vitals: Vitals,
    /// The interaction whose duration is the value.
    chosen: Input,
    frames: Frames,
    /// The frame of the last event.
    frame: i32,
    /// How many shifts came, and before how many the present and the largest window began.
    shifts: i32,
    opened: i32,
    worst: i32,
    value: Option<f64>,
    told: Option<f64>,
    /// What the told value differs by from the one before.
    pub delta: f64,
    /// The parts of the value, after [`explain`](Self::explain).
    pub parts: [f64; 5],
    /// The sums of the interaction, after [`explain`](Self::explain).
    pub blame: Blame,
}

impl Meter {
    /// A meter for a document's first view.
    #[must_use]
    pub fn new(metric: Metric, all: bool) -> Self {
        let mut meter = Self {
            metric,
            all,
            vitals: Vitals::new(0.0, f64::INFINITY, false, 0.0),
            chosen: Input::default(),
            frames: Frames::default(),
            frame: 0,
            shifts: 0,
            opened: 0,
            worst: 0,
            value: None,
            told: None,
            delta: 0.0,
            parts: [0.0; 5],
            blame: Blame::default(),
        };
        // A page that never shifts has a value too.
        meter.settle(0.0);
        meter
    }

    /// Begins the next view of the document, when the browser has counted `interactions`. Frames are
    /// not bound to a view: an event may be told after the next one began.
    pub fn begin(&mut self, interactions: f64) {
        self.vitals = Vitals::new(0.0, f64::INFINITY, true, interactions);
        self.value = None;
        self.told = None;
        self.settle(-1.0);
    }

    /// Something was painted at `at`, in a view that began at `start` and was first hidden at
    /// `hidden`. True if it counts.
    pub fn paint(&mut self, at: f64, start: f64, hidden: f64) -> bool {
        let vitals = &mut self.vitals;
        vitals.start = start;
        let seen = at < hidden;
        if seen {
            vitals.fcp.observe(at);
            vitals.lcp.observe(Paint {
                at,
                ..Paint::default()
            });
            self.settle(-1.0);
        }
        seen
    }

    /// Takes the navigation entry of a view that was activated at `start`, now.
    pub fn navigation(&mut self, times: Navigation, start: f64, now: f64) {
        self.vitals.start = start;
        self.vitals.ttfb.observe(times, now);
        self.settle(-1.0);
    }

    /// The first input. True if it counts.
    pub fn first_input(&mut self, input: Input, hidden: f64) -> bool {
        let seen = input.start < hidden;
        if seen {
            self.vitals.fid.observe(input);
            self.settle(-1.0);
        }
        seen
    }

    /// Takes a shift that no input had caused; see [`COUNTED`].
    pub fn shift(&mut self, at: f64, score: f64) -> i32 {
        let label = Label(f64::from(self.shifts));
        let Some(joined) = self.vitals.cls.observe(Shift { at, score, label }) else {
            return 0;
        };
        let mut outcome = COUNTED;
        if joined.opened {
            self.opened = self.shifts;
            outcome |= OPENED;
        }
        if joined.worst {
            self.worst = self.opened;
            outcome |= WORST;
        }
        self.shifts += 1;
        self.settle(-1.0);
        outcome
    }

    /// The place of the largest shift in the largest window, from 0.
    #[must_use]
    pub fn largest_shift(&self) -> i32 {
        self.vitals.cls.reading().label.0 as i32 - self.worst
    }

    /// Takes an event. The value follows with [`settle`](Self::settle), when all events are there.
    pub fn event(&mut self, mut input: Input) -> Taken {
        if self.frames.full() {
            self.prune();
        }
        self.frame = self.frames.join(&input);
        input.label = Label(f64::from(self.frame));
        self.vitals.inp.observe(input)
    }

    /// The number of the frame that the last event was painted in.
    #[must_use]
    pub fn frame(&self) -> i32 {
        self.frame
    }

    /// The number of the interaction whose duration is the value; 0 if there is none.
    #[must_use]
    pub fn interaction(&self) -> f64 {
        self.chosen.interaction
    }

    /// Whether the interaction is one of the longest.
    #[must_use]
    pub fn holds(&self, interaction: f64) -> bool {
        let longest = self.vitals.inp.longest();
        longest.iter().any(|kept| kept.interaction == interaction)
    }

    /// Whether the frame is kept.
    #[must_use]
    pub fn has_frame(&self, number: i32) -> bool {
        self.frames.get(number).is_some()
    }

    /// Whether what ran from `start` to `end` may have delayed an answer, or if it is one of the
    /// `latest`, may delay the next.
    #[must_use]
    pub fn touches(&self, start: f64, end: f64, latest: bool) -> bool {
        self.frames.touches(start, end) || latest && self.frames.precedes(start)
    }

    /// Forgets the frames of interactions that are none of the longest.
    pub fn prune(&mut self) {
        let (longest, chosen) = (self.vitals.inp.longest(), self.chosen.label);
        self.frames.prune(&|number| {
            let label = Label(f64::from(number));
            chosen == label || longest.iter().any(|kept| kept.label == label)
        });
    }

    /// Brings the value up to date; the browser has counted so many `interactions`, if it counts.
    pub fn settle(&mut self, interactions: f64) {
        let vitals = &mut self.vitals;
        vitals.inp.counted(interactions);
        let reading = match self.metric {
            // The page's side begins to count shifts when something was painted.
            Metric::Cls => vitals.cls.reading(),
            metric => vitals.reading(metric),
        };
        if reading.exists() && self.value != Some(reading.value) {
            self.value = Some(reading.value);
            let mut longest = vitals.inp.longest().iter();
            let is_it = |kept: &&Input| kept.label == reading.label && kept.start == reading.at;
            self.chosen = longest.find(is_it).copied().unwrap_or_default();
        }
    }

    /// The value; negative if there is none yet.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.value.unwrap_or(-1.0)
    }

    /// Takes note that the value is told, and returns the number of its rating; negative if it is not
    /// to be told: there is none, or it is not final and only final ones are, or it was told.
    pub fn tell(&mut self, may_be_final: bool) -> i32 {
        match self.value {
            Some(value) if (may_be_final || self.all) && self.told != Some(value) => {
                self.delta = value - self.told.unwrap_or_default();
                self.told = self.value;
                self.metric.rate(value) as i32
            }
            _ => -1,
        }
    }

    /// Explains the value: what the first byte, the resource's request and its last byte tell of a
    /// paint; of the other metrics it knows by itself.
    pub fn explain(&mut self, first_byte: f64, request: f64, loaded: f64) {
        let value = positive(self.value());
        let start = self.vitals.start;
        let end = f64::INFINITY;
        self.parts = match self.metric {
            Metric::Lcp => stretches([first_byte, request, loaded, end, end], start, value),
            Metric::Fcp => stretches([first_byte, end, end, end, end], start, value),
            Metric::Inp => self.explain_interaction(),
            metric => self.vitals.reading(metric).parts,
        };
    }

    /// The parts of the interaction, and the start of its sums. Handlers of all events that were
    /// painted with it count, from its start on.
    fn explain_interaction(&mut self) -> [f64; 5] {
        let mut input = self.chosen;
        if let Some(frame) = self.frames.get(input.label.0 as i32) {
            input.processing = frame.processing;
            input.processed = frame.processed;
        }
        let start = input.start;
        // The duration is rounded, so that it may end before the handlers began.
        let duration = at_least(input.duration, input.processing - start);
        let end = f64::INFINITY;
        let marks = [input.processing, input.processed, end, end, end];
        let ms = stretches(marks, start, duration);
        let [delay, processing, ..] = ms;
        let begun = start + delay;
        self.blame = Blame::new(start, begun, begun + processing, start + duration);
        ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(interaction: f64, start: f64, duration: f64) -> Input {
        Input {
            interaction,
            start,
            duration,
            processing: start + 10.0,
            processed: start + 20.0,
            ..Input::default()
        }
    }

    #[test]
    fn a_value_is_told_once_and_changes_only_to_those_who_want_all() {
        let mut patient = Meter::new(Metric::Lcp, false);
        let mut curious = Meter::new(Metric::Lcp, true);
        for meter in [&mut patient, &mut curious] {
            assert_eq!((meter.value(), meter.tell(true)), (-1.0, -1));
            assert!(meter.paint(2600.0, 0.0, 9e9));
        }
        assert_eq!((patient.tell(false), curious.tell(false)), (-1, 1));
        for meter in [&mut patient, &mut curious] {
            assert!(meter.paint(4100.0, 0.0, 9e9));
            assert!(!meter.paint(9e9, 0.0, 9e9));
            assert_eq!((meter.tell(true), meter.tell(true)), (2, -1));
        }
        assert_eq!((patient.delta, curious.delta), (4100.0, 1500.0));
    }

    #[test]
    fn the_next_view_begins_with_nothing_told() {
        let mut cls = Meter::new(Metric::Cls, false);
        assert_eq!(cls.tell(true), 0);
        assert_eq!(cls.shift(100.0, 0.3), COUNTED | OPENED | WORST);
        assert_eq!((cls.tell(true), cls.delta), (2, 0.3));
        cls.begin(-1.0);
        assert_eq!((cls.value(), cls.tell(true), cls.delta), (0.0, 0, 0.0));
        let mut ttfb = Meter::new(Metric::Ttfb, false);
        ttfb.begin(-1.0);
        assert_eq!((ttfb.tell(true), ttfb.value()), (0, 0.0));
    }

    #[test]
    fn the_largest_shift_has_its_place_in_the_largest_window() {
        let mut cls = Meter::new(Metric::Cls, false);
        for (at, score) in [
            (0.0, 0.125),
            (2000.0, 0.125),
            (2100.0, 0.5),
            (2200.0, 0.25),
            (9000.0, 0.75),
        ] {
            assert_ne!(cls.shift(at, score), 0);
        }
        assert_eq!((cls.value(), cls.largest_shift()), (0.875, 1));
        assert_eq!(cls.shift(9100.0, -1.0), 0);
    }

    #[test]
    fn an_interaction_waits_for_all_handlers_of_its_frame() {
        let mut inp = Meter::new(Metric::Inp, false);
        let hover = Input {
            processing: 900.0,
            processed: 1050.0,
            ..input(0.0, 890.0, 318.0)
        };
        assert_eq!(inp.event(hover), Taken::Not);
        assert_eq!(inp.event(input(7.0, 1000.0, 200.0)), Taken::New);
        assert_eq!(inp.value(), -1.0);
        inp.settle(1.0);
        inp.explain(0.0, 0.0, 0.0);
        assert_eq!((inp.value(), inp.interaction()), (200.0, 7.0));
        assert_eq!(inp.parts[..3], [0.0, 50.0, 150.0]);
    }

    #[test]
    fn an_interaction_stays_to_blame_as_long_as_the_value_does_not_change() {
        let mut inp = Meter::new(Metric::Inp, false);
        inp.event(input(7.0, 1000.0, 200.0));
        inp.event(input(14.0, 2000.0, 200.0));
        inp.settle(2.0);
        inp.settle(50.0);
        assert_eq!(inp.interaction(), 7.0);
        assert!(inp.holds(14.0) && !inp.holds(21.0));
        inp.prune();
        assert!(inp.has_frame(1) && inp.has_frame(2) && !inp.has_frame(3));
    }

    #[test]
    fn an_interaction_too_short_to_be_reported_has_no_frame() {
        let mut inp = Meter::new(Metric::Inp, false);
        inp.event(input(7.0, 1000.0, 200.0));
        inp.begin(1.0);
        inp.settle(2.0);
        inp.explain(0.0, 0.0, 0.0);
        assert_eq!((inp.value(), inp.interaction()), (8.0, 0.0));
        assert_eq!(inp.parts[..3], [0.0; 3]);
    }

    #[test]
    fn parts_count_from_the_activation() {
        let mut lcp = Meter::new(Metric::Lcp, false);
        assert!(lcp.paint(1700.0, 100.0, 9e9));
        lcp.explain(200.0, 600.0, 1500.0);
        assert_eq!(lcp.parts[..4], [100.0, 400.0, 900.0, 200.0]);
        let mut fcp = Meter::new(Metric::Fcp, false);
        assert!(fcp.paint(900.0, 100.0, 9e9));
        fcp.explain(200.0, 0.0, 0.0);
        assert_eq!(fcp.parts[..2], [100.0, 700.0]);
    }
}
