//! The beacon of one document: its present view, and when to send.
//!
//! In: what the page's side reports, with the time at which it does. Out: vitals to tell, batches to
//! post and the time at which to look again. It reads no clock and touches no page, so that all of
//! it is tested without a browser. A view is counted once, and what was taken from it is posted.

use foresight_shared::limits;

use crate::{
    number::least,
    outbox::{self, Page},
    view::{Told, View},
    vitals::{self, cls::Shift, inp::Input, lcp::Paint},
};

/// How long (ms) a share, a referral, a lead or a conversion waits for company while the page is
/// visible.
pub const PATIENCE_MS: f64 = 2000.0;

/// Events that wait before they are sent from a visible page, whatever they are.
pub const CROWD: i32 = 50;

/// The beacon.
#[derive(Clone, Debug)]
pub struct Beacon {
    /// The present page view.
    pub view: View,
    /// What is told of the view once what was rehearsed last is sent.
    rehearsed: Told,
    /// When the events that wait are sent though the page is visible.
    flush: f64,
}

impl Beacon {
    /// The beacon of a document.
    #[must_use]
    pub fn new(view: View) -> Self {
        Self {
            rehearsed: view.told,
            view,
            flush: f64::INFINITY,
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

    /// One more event than the `waiting` ones is to be told: `soon`, or when the page is hidden.
    /// False if there is no room: the event is lost, which happens only to a page that floods
    /// faster than batches leave.
    pub fn tell(&mut self, waiting: i32, soon: bool, now: f64) -> bool {
        if waiting + 1 >= CROWD {
            self.flush = now;
        } else if soon {
            self.flush = least(self.flush, now + PATIENCE_MS);
        }
        waiting < limits::BATCH_EVENTS as i32
    }

    /// When [`wake`](Self::wake) has something to do; infinite if never.
    #[must_use]
    pub fn due(&self) -> f64 {
        self.flush
    }

    /// The time may have come: posts what is due from a visible page. Vitals wait until it is hidden.
    pub fn wake(&mut self, now: f64, page: &mut dyn Page) {
        if self.flush <= now {
            self.flush = f64::INFINITY;
            outbox::send(&mut self.view, now, false, page);
        }
    }

    /// Tells what [`leave`](Self::leave) would, and then is as before: the page's side withdraws what
    /// was told, unless the page dies.
    pub fn rehearse(&mut self, now: f64, page: &mut dyn Page) {
        let (told, flush) = (self.view.told, self.flush);
        self.leave(now, page);
        self.rehearsed = core::mem::replace(&mut self.view.told, told);
        self.flush = flush;
    }

    /// What was rehearsed last has been sent: it is told.
    pub fn adopt(&mut self) {
        self.view.told = self.rehearsed;
        self.flush = f64::INFINITY;
    }

    /// The page is hidden, goes away or becomes another view: posts everything.
    pub fn leave(&mut self, now: f64, page: &mut dyn Page) {
        self.flush = f64::INFINITY;
        for metric in &vitals::ORDER {
            if let Some(vital) = self.view.news(*metric) {
                page.vital(&vital);
            }
        }
        outbox::send(&mut self.view, now, true, page);
    }
}

#[cfg(test)]
mod tests {
    use foresight_shared::Metric;

    use super::*;
    use crate::{outbox::tests::Paper, view::tests::ALL, vitals::Vitals};

    fn beacon(start: f64, revived: bool) -> Beacon {
        let vitals = Vitals::new(start, f64::INFINITY, revived, 0.0);
        Beacon::new(View::new(vitals, 0, ALL))
    }

    /// What a beacon that leaves at `now` tells: metrics and values.
    fn left(beacon: &mut Beacon, now: f64) -> Vec<(Metric, f64)> {
        let mut page = Paper::default();
        beacon.leave(now, &mut page);
        page.vitals.iter().map(|v| (v.metric, v.value)).collect()
    }

    #[test]
    fn what_cannot_wait_leaves_soon_and_vitals_wait_until_the_page_is_hidden() {
        let mut beacon = beacon(0.0, false);
        beacon.first_paint(890.0);
        assert!(beacon.tell(0, false, 50.0));
        assert_eq!(beacon.due(), f64::INFINITY);
        assert!(beacon.tell(1, true, 100.0) && beacon.tell(2, true, 500.0));
        assert_eq!(beacon.due(), 100.0 + PATIENCE_MS);
        let mut page = Paper {
            waiting: 2,
            ..Paper::default()
        };
        beacon.wake(2000.0, &mut page);
        assert_eq!(page.posts.len(), 0);
        beacon.wake(2100.0, &mut page);
        assert_eq!((page.posts.len(), page.vitals.len()), (1, 0));
        assert_eq!(beacon.due(), f64::INFINITY);
        let vitals = [(Metric::Fcp, 890.0), (Metric::Cls, 0.0)];
        assert_eq!(left(&mut beacon, 9000.0), vitals);
        assert_eq!(left(&mut beacon, 9001.0), []);
    }

    #[test]
    fn a_rehearsal_changes_nothing_until_it_is_adopted() {
        let mut beacon = beacon(0.0, false);
        beacon.first_paint(890.0);
        assert!(beacon.tell(0, true, 500.0));
        let mut page = Paper::default();
        beacon.rehearse(1000.0, &mut page);
        assert_eq!((page.vitals.len(), page.posts[0].seq), (2, 0));
        assert_eq!(beacon.due(), 500.0 + PATIENCE_MS);
        let mut sent = beacon.clone();
        sent.adopt();
        assert_eq!((sent.due(), sent.view.told.seq), (f64::INFINITY, 1));
        assert_eq!(left(&mut sent, 2000.0), []);
        assert_eq!(left(&mut beacon, 2000.0).len(), 2);
    }

    #[test]
    fn a_crowd_of_events_does_not_wait_and_a_flood_is_bounded() {
        let mut beacon = beacon(0.0, false);
        for waiting in 0..CROWD - 1 {
            assert!(beacon.tell(waiting, false, 5.0));
        }
        assert_eq!(beacon.due(), f64::INFINITY);
        assert!(beacon.tell(CROWD - 1, false, 5.0));
        assert_eq!(beacon.due(), 5.0);
        assert!(!beacon.tell(limits::BATCH_EVENTS as i32, true, 6.0));
    }

    #[test]
    fn what_happens_after_the_page_was_hidden_is_not_seen() {
        let mut beacon = beacon(0.0, false);
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
        assert_eq!(left(&mut beacon, 1e3), []);
    }

    #[test]
    fn entries_from_before_a_restore_do_not_count_for_the_restored_view() {
        let mut beacon = beacon(5000.0, true);
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
        let expected = [(Metric::Fcp, 20.0), (Metric::Cls, 0.0)];
        assert_eq!(left(&mut beacon, 9000.0), expected);
    }
}
