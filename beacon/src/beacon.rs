//! The beacon of one document: its present view, its outbox, and when to send.
//!
//! In: what the page's side reports, with the time at which it does. Out: batches to post and the
//! time at which to look again. It reads no clock and touches no page, so that all of it is tested
//! without a browser. A view is counted once, and what was taken from it is posted.

use crate::{
    encode,
    event::Event,
    number::least,
    outbox::{self, World},
    referral, share,
    view::View,
    vitals::{cls::Shift, inp::Input, lcp::Paint},
};

/// How long (ms) a share, a referral, a lead or a conversion waits for company while the page is
/// visible.
pub const PATIENCE_MS: f64 = 2000.0;

/// Events that wait before they are sent from a visible page, whatever they are.
pub const CROWD: usize = 50;

/// The beacon.
#[derive(Clone, Debug)]
pub struct Beacon {
    /// The present page view.
    pub view: View,
    site: String,
    /// The share that brought this visitor; empty if none did.
    parent: String,
    /// When the events that wait are sent though the page is visible.
    flush: f64,
}

impl Beacon {
    /// The beacon of a document whose address had `ref=reference`, or an empty text.
    #[must_use]
    pub fn new(site: &str, view: View, reference: &str) -> Self {
        Self {
            view,
            site: site.into(),
            parent: referral::share_id(reference).into(),
            flush: f64::INFINITY,
        }
    }

    /// The visitor landed on the path `landing`: tells the referral, if a share brought them. A
    /// reload is no new visit, so the caller leaves this out then.
    pub fn land(&mut self, landing: &str, now: f64) {
        if !self.parent.is_empty() {
            let event = encode::event(
                &Event::Referral {
                    share: &self.parent,
                    landing,
                },
                &self.view.labels,
            );
            self.tell(event, now + PATIENCE_MS);
        }
    }

    /// Takes a `largest-contentful-paint` entry.
    pub fn paint(&mut self, paint: Paint) {
        if self.view.vitals.seen(paint.at) {
            self.view.vitals.lcp.observe(paint);
        }
    }

    /// The first contentful paint was at `at`.
    pub fn first_paint(&mut self, at: f64) {
        let vitals = &mut self.view.vitals;
        if vitals.seen(at) {
            vitals.fcp.measured(at - vitals.start);
        }
    }

    /// Takes a `layout-shift` entry that no input had caused.
    pub fn shift(&mut self, shift: Shift) {
        if self.view.vitals.owns(shift.at) {
            self.view.vitals.cls.observe(shift);
        }
    }

    /// Takes an `event` entry, or with `first` the `first-input` entry.
    pub fn input(&mut self, input: Input, first: bool) {
        let vitals = &mut self.view.vitals;
        if vitals.owns(input.start) {
            if first && vitals.seen(input.start) {
                vitals.lcp.finish(input.start);
                vitals.fid.observe(input);
            }
            vitals.inp.observe(input);
        }
    }

    /// The visitor shared the link with `id`.
    pub fn share(&mut self, channel: &str, id: &str, now: f64) {
        if let Some(event) = share::share(channel, id, &self.parent) {
            self.tell(encode::event(&event, &self.view.labels), now + PATIENCE_MS);
        }
    }

    /// Keeps an event, as JSON, for the next batch, which leaves at `by` at the latest, and at once
    /// if many wait. What can wait until the page is hidden has an infinite `by`.
    pub fn tell(&mut self, event: String, by: f64) {
        if self.view.tell(event) {
            let by = if self.view.waiting() < CROWD { by } else { 0.0 };
            self.flush = least(self.flush, by);
        }
    }

    /// When [`wake`](Self::wake) has something to do; infinite if never.
    #[must_use]
    pub fn due(&self) -> f64 {
        self.flush
    }

    /// The time has come: posts what is due from a visible page. Vitals wait until it is hidden.
    pub fn wake(&mut self, world: &mut dyn World) {
        if self.flush <= world.now() {
            self.flush(false, world);
        }
    }

    /// The page is hidden, goes away or becomes another view: posts everything.
    pub fn leave(&mut self, world: &mut dyn World) {
        self.flush(true, world);
    }

    fn flush(&mut self, leaving: bool, world: &mut dyn World) {
        self.flush = f64::INFINITY;
        let events = self.view.take(leaving);
        outbox::send(&self.site, &mut self.view, &events, leaving, world);
    }
}

#[cfg(test)]
mod tests {
    use foresight_shared::Batch;

    use super::*;
    use crate::{
        outbox::tests::Paper,
        view::tests::{ALL, facts},
        vitals::Vitals,
    };

    const LEAD: &str = r#"{"lead":{}}"#;

    fn view(start: f64, revived: bool) -> View {
        let vitals = Vitals::new(start, f64::INFINITY, revived, 0.0);
        View::new("f8QmJ2sK0xWc4TnVbR6uEg", facts(), vitals, 0, ALL)
    }

    /// What `act` at the time `now` makes the beacon tell.
    fn told(beacon: &mut Beacon, now: f64, act: fn(&mut Beacon, &mut dyn World)) -> Vec<String> {
        let mut world = Paper {
            now,
            ..Paper::default()
        };
        act(beacon, &mut world);
        let mut events = Vec::new();
        for body in &world.posts {
            let batch: Batch<'_> = serde_json::from_str(body).unwrap();
            events.extend(
                batch
                    .events
                    .iter()
                    .map(|event| serde_json::to_string(event).unwrap()),
            );
        }
        events
    }

    #[test]
    fn a_share_names_the_share_that_brought_the_visitor_and_leaves_soon() {
        let mut beacon = Beacon::new("t", view(0.0, false), "kT3vQx9bW1");
        beacon.land("/menu", 100.0);
        beacon.share("email", "pR7mYc2LzA", 500.0);
        assert_eq!(beacon.due(), 100.0 + PATIENCE_MS);
        assert_eq!(told(&mut beacon, 200.0, Beacon::wake), [""; 0]);
        assert_eq!(
            told(&mut beacon, 2100.0, Beacon::wake),
            [
                r#"{"referral":{"share":"kT3vQx9bW1","landing":"/menu"}}"#,
                r#"{"share":{"channel":"email","id":"pR7mYc2LzA","parent":"kT3vQx9bW1"}}"#,
            ]
        );
        assert_eq!(beacon.due(), f64::INFINITY);
    }

    #[test]
    fn vitals_wait_until_the_page_is_hidden() {
        let mut beacon = Beacon::new("t", view(0.0, false), "");
        beacon.first_paint(890.0);
        beacon.tell(LEAD.into(), 3000.0);
        assert_eq!(told(&mut beacon, 3000.0, Beacon::wake), [LEAD]);
        assert_eq!(
            told(&mut beacon, 9000.0, Beacon::leave),
            [
                r#"{"vital":{"name":"FCP","value":890.0}}"#,
                r#"{"vital":{"name":"CLS","value":0.0}}"#,
            ]
        );
        assert_eq!(told(&mut beacon, 9001.0, Beacon::leave), [""; 0]);
    }

    #[test]
    fn a_crowd_of_events_does_not_wait() {
        let mut beacon = Beacon::new("t", view(0.0, false), "");
        for _ in 0..CROWD {
            assert_eq!(beacon.due(), f64::INFINITY);
            beacon.tell(LEAD.into(), f64::INFINITY);
        }
        assert_eq!(told(&mut beacon, 5.0, Beacon::wake).len(), CROWD);
    }

    #[test]
    fn what_happens_after_the_page_was_hidden_is_not_seen() {
        let mut beacon = Beacon::new("t", view(0.0, false), "");
        beacon.view.vitals.hide(500.0);
        beacon.first_paint(600.0);
        beacon.paint(Paint {
            at: 700.0,
            ..Paint::default()
        });
        beacon.input(
            Input {
                start: 800.0,
                processing: 900.0,
                ..Input::default()
            },
            true,
        );
        assert_eq!(told(&mut beacon, 1e3, Beacon::leave), [""; 0]);
    }

    #[test]
    fn entries_from_before_a_restore_do_not_count_for_the_restored_view() {
        let mut beacon = Beacon::new("t", view(0.0, false), "");
        beacon.view = view(5000.0, true);
        beacon.view.vitals.fcp.measured(20.0);
        beacon.shift(Shift {
            at: 4000.0,
            score: 0.5,
            ..Shift::default()
        });
        let input = Input {
            start: 4000.0,
            duration: 80.0,
            interaction: 7.0,
            ..Input::default()
        };
        beacon.input(input, false);
        assert_eq!(
            told(&mut beacon, 9000.0, Beacon::leave),
            [
                r#"{"vital":{"name":"FCP","value":20.0}}"#,
                r#"{"vital":{"name":"CLS","value":0.0}}"#,
            ]
        );
    }
}
