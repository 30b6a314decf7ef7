//! One page view: its facts, its vitals, and what of it was sent.
//!
//! In: the facts at its beginning, timeline entries and events while it lives. Out: the events that
//! a batch has to tell, as JSON. What was told must never be told again, except a vital with a new
//! value, which names the one it replaces.

use foresight_shared::{Metric, limits};

use crate::{
    encode,
    event::{Event, scale},
    fault::Faults,
    label::Labels,
    number::units,
    vitals::{self, Vitals},
};

/// A page view.
#[derive(Clone, Debug)]
pub struct View {
    /// Its random id.
    pub id: String,
    /// Its facts, as members of a JSON object; see [`encode::open`].
    pub facts: String,
    /// Its vitals.
    pub vitals: Vitals,
    /// The number of its next batch: 1 if the loader has already counted the view, else 0.
    pub seq: u32,
    /// Its errors.
    pub faults: Faults,
    /// The texts of its entries.
    pub labels: Labels,
    can: u32,
    introduced: bool,
    pending: Vec<String>,
    sent: [Option<u64>; Metric::ALL.len()],
}

/// The bit of a metric in a set of metrics.
const fn bit(metric: Metric) -> u32 {
    1 << metric as u8
}

impl View {
    /// A view that begins. `can` has the bit `1 << metric` for each metric that this browser knows.
    #[must_use]
    pub fn new(id: &str, facts: String, vitals: Vitals, seq: u32, can: u32) -> Self {
        Self {
            id: id.into(),
            facts,
            vitals,
            seq,
            can,
            introduced: false,
            faults: Faults::default(),
            labels: Labels::default(),
            pending: Vec::new(),
            sent: [None; Metric::ALL.len()],
        }
    }

    /// Keeps an event for the next batch. False if there is no room: the event is lost, which
    /// happens only to a page that floods faster than batches leave.
    pub fn tell(&mut self, event: String) -> bool {
        let room = self.pending.len() < limits::BATCH_EVENTS;
        if room {
            self.pending.push(event);
        }
        room
    }

    /// How many events wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.pending.len()
    }

    /// The metrics to tell with the view's first batch, as bits; 0 when they were told. Nothing
    /// that is painted can be measured in a view that was hidden from the start.
    pub fn introduce(&mut self) -> u32 {
        let unseen = self.vitals.never_seen();
        let known = if unseen {
            bit(Metric::Ttfb) | bit(Metric::Inp)
        } else {
            u32::MAX
        };
        if core::mem::replace(&mut self.introduced, true) {
            0
        } else {
            self.can & known
        }
    }

    /// Takes the events that wait, and with `vitals` the vitals whose value is new, vitals first.
    pub fn take(&mut self, vitals: bool) -> Vec<String> {
        let mut events = Vec::new();
        if vitals {
            for metric in &vitals::ORDER {
                if let Some(event) = self.news(*metric) {
                    events.push(event);
                }
            }
        }
        events.append(&mut self.pending);
        events
    }

    /// The metric's value, if it differs from what was sent. A browser that cannot measure a metric
    /// has no value for it, not even 0.
    fn news(&mut self, metric: Metric) -> Option<String> {
        if self.can & bit(metric) == 0 {
            return None;
        }
        let reading = self.vitals.reading(metric)?;
        let value = units(reading.value, metric.largest(), scale(metric));
        let was = self.sent[metric as usize].replace(value);
        if was == Some(value) {
            return None;
        }
        let why = &self.vitals.why(&reading);
        Some(encode::event(
            &Event::Vital {
                metric,
                value,
                was,
                why,
            },
            &self.labels,
        ))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::vitals::cls::Shift;

    pub(crate) const ALL: u32 = (1 << Metric::ALL.len()) - 1;

    pub(crate) fn facts() -> String {
        r#""path":"/menu","nav":"navigate","vp":"phone""#.into()
    }

    fn view(hidden: f64, can: u32) -> View {
        let vitals = Vitals::new(0.0, hidden, false, 0.0);
        View::new("f8QmJ2sK0xWc4TnVbR6uEg", facts(), vitals, 0, can)
    }

    fn shift(at: f64, score: f64) -> Shift {
        Shift {
            at,
            score,
            ..Shift::default()
        }
    }

    const FCP: &str = r#"{"vital":{"name":"FCP","value":890}}"#;

    #[test]
    fn a_changed_value_names_the_one_it_replaces_and_an_unchanged_one_is_silent() {
        let mut view = view(f64::INFINITY, ALL);
        view.vitals.fcp.measured(890.0);
        view.vitals.cls.observe(shift(1.0, 0.05));
        assert_eq!(view.take(false), [""; 0]);
        let cls = r#"{"vital":{"name":"CLS","value":0.05,"why":{"at":1}}}"#;
        assert_eq!(view.take(true), [FCP, cls]);
        assert_eq!(view.take(true), [""; 0]);
        view.vitals.cls.observe(shift(2.0, 0.05));
        let cls = r#"{"vital":{"name":"CLS","value":0.1,"was":0.05,"why":{"at":1}}}"#;
        assert_eq!(view.take(true), [cls]);
        view.vitals.cls.observe(shift(3.0, 0.000_01));
        assert_eq!(view.take(true), [""; 0]);
    }

    #[test]
    fn a_layout_shift_is_told_only_of_a_painted_page() {
        let mut view = view(f64::INFINITY, ALL);
        view.vitals.cls.observe(shift(1.0, 0.05));
        assert_eq!(view.take(true), [""; 0]);
    }

    #[test]
    fn a_metric_that_the_browser_cannot_measure_is_not_zero() {
        let mut view = view(f64::INFINITY, bit(Metric::Fcp));
        view.vitals.fcp.measured(890.0);
        assert_eq!(view.take(true), [FCP]);
    }

    #[test]
    fn a_view_hidden_from_the_start_can_measure_what_nobody_has_to_see() {
        assert_eq!(view(f64::INFINITY, ALL).introduce(), ALL);
        let mut unseen = view(0.0, ALL);
        assert_eq!(unseen.introduce(), bit(Metric::Ttfb) | bit(Metric::Inp));
        assert_eq!(unseen.introduce(), 0);
    }

    #[test]
    fn events_are_taken_once_and_bounded() {
        let mut view = view(f64::INFINITY, ALL);
        let kept = (0..150).filter(|_| view.tell(String::from("{}"))).count();
        assert_eq!(
            (kept, view.waiting()),
            (limits::BATCH_EVENTS, limits::BATCH_EVENTS)
        );
        assert_eq!(view.take(true).len(), limits::BATCH_EVENTS);
        assert_eq!(view.take(true).len(), 0);
    }
}
