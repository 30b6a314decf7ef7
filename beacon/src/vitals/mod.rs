//! The vitals of one page view.
//!
//! In: entries of the browser's performance timeline as plain numbers, and the times at which the
//! view began and was first hidden. Out: a [`Reading`] per metric. The trackers read no clock and
//! touch no page; a stream of any entries, in any order, must never make them panic or yield a value
//! that is negative.
//!
//! Times are in ms since the document's time origin (`performance.now()`) unless they say otherwise.

pub mod reading;
pub mod ttfb;
pub mod fcp;
pub mod lcp;
pub mod fid;
pub mod inp;
pub mod cls;

use foresight_shared::Metric;

use crate::{
    number::{at_least, stretches},
    vitals::{
        cls::{Cls, Shift},
        fcp::Fcp,
        fid::Fid,
        inp::{Inp, Input},
        lcp::{Lcp, Paint},
        reading::Reading,
        ttfb::Ttfb,
    },
};

/// The order in which a batch tells the vitals: that in which they usually become known.
pub const ORDER: [Metric; 6] = [
    Metric::Ttfb,
    Metric::Fcp,
    Metric::Lcp,
    Metric::Fid,
    Metric::Inp,
    Metric::Cls,
];

/// The six trackers of a page view, and what belongs to it.
#[derive(Clone, Debug)]
pub struct Vitals {
    /// When the view began: 0, the activation of a prerendered page, or a later restore.
    pub start: f64,
    /// When the view was first hidden; infinite if it never was.
    pub hidden: f64,
    /// Whether the document was there before the view: restored, or navigated within.
    pub revived: bool,
    /// Time to first byte.
    pub ttfb: Ttfb,
    /// First contentful paint.
    pub fcp: Fcp,
    /// Largest contentful paint.
    pub lcp: Lcp,
    /// First input delay.
    pub fid: Fid,
    /// Interaction to next paint.
    pub inp: Inp,
    /// Cumulative layout shift.
    pub cls: Cls,
}

impl Vitals {
    /// Trackers of a view that began at `start`. `interactions` is the browser's count until then.
    #[must_use]
    pub const fn new(start: f64, hidden: f64, revived: bool, interactions: f64) -> Self {
        Self {
            start,
            hidden,
            revived,
            ttfb: Ttfb::new(),
            fcp: Fcp::new(),
            lcp: Lcp::new(),
            fid: Fid::new(),
            inp: Inp::new(interactions),
            cls: Cls::new(),
        }
    }

    /// The view was hidden at `at`. Only the first time counts.
    pub fn hide(&mut self, at: f64) {
        if at < self.hidden {
            self.hidden = at_least(self.start, at);
        }
    }

    /// Whether an entry that began at `at` came before the view was hidden: what a hidden page
    /// paints or answers, nobody waited for.
    #[must_use]
    pub fn seen(&self, at: f64) -> bool {
        self.owns(at) && at < self.hidden
    }

    /// Whether an entry that began at `at` belongs to this view and not to one before it in the same
    /// document. What happened before a prerendered page was activated belongs to its only view.
    #[must_use]
    pub fn owns(&self, at: f64) -> bool {
        !self.revived || at >= self.start
    }

    /// Whether the view was hidden from its first moment, so that nothing painted can be measured.
    #[must_use]
    pub fn never_seen(&self) -> bool {
        self.hidden <= self.start
    }

    /// The first contentful paint was at `at`.
    pub fn first_paint(&mut self, at: f64) {
        if self.seen(at) {
            self.fcp.observe(at);
        }
    }

    /// Takes a `largest-contentful-paint` entry, or its like of a soft navigation.
    pub fn paint(&mut self, paint: Paint) {
        if self.seen(paint.at) {
            self.lcp.observe(paint);
        }
    }

    /// Takes a `layout-shift` entry that no input had caused.
    pub fn shift(&mut self, shift: Shift) {
        if self.owns(shift.at) {
            self.cls.observe(shift);
        }
    }

    /// Takes an `event` entry, or with `first` the `first-input` entry.
    pub fn input(&mut self, input: Input, first: bool) {
        if self.owns(input.start) {
            if first && self.seen(input.start) {
                self.lcp.finish(input.start);
                self.fid.observe(input);
            }
            self.inp.observe(input);
        }
    }

    /// The metric's value now and what made it so.
    #[must_use]
    pub fn reading(&self, metric: Metric) -> Reading {
        let mut reading = match metric {
            Metric::Ttfb => self.ttfb.reading(self.start, self.revived),
            Metric::Fcp => self.fcp.reading(self.start, self.first_byte()),
            Metric::Lcp => self.lcp.reading(self.start, self.first_byte()),
            Metric::Fid => self.fid.reading(),
            Metric::Inp => self.inp.reading(self.revived),
            // A page that never painted has not shifted before anybody's eyes, as CrUX has it.
            Metric::Cls if self.fcp.painted() => self.cls.reading(),
            Metric::Cls => Reading::NONE,
        };
        reading.parts = stretches(reading.parts, reading.origin, reading.value);
        reading
    }

    /// When the first byte came; 0 if the view needed none or that is not known.
    fn first_byte(&self) -> f64 {
        if self.revived {
            0.0
        } else {
            self.ttfb.first_byte()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What there is to tell at the end: metrics and values.
    fn values(vitals: &Vitals) -> Vec<(Metric, f64)> {
        let readings = ORDER.map(|metric| (metric, vitals.reading(metric)));
        let there = readings.iter().filter(|(_, reading)| reading.exists());
        there
            .map(|(metric, reading)| (*metric, reading.value))
            .collect()
    }

    fn shift(at: f64, score: f64) -> Shift {
        Shift {
            at,
            score,
            ..Shift::default()
        }
    }

    #[test]
    fn what_happens_after_the_page_was_hidden_is_not_seen() {
        let mut vitals = Vitals::new(0.0, f64::INFINITY, false, 0.0);
        vitals.hide(500.0);
        vitals.hide(900.0);
        vitals.first_paint(600.0);
        vitals.paint(Paint {
            at: 700.0,
            ..Paint::default()
        });
        vitals.input(
            Input {
                start: 800.0,
                processing: 900.0,
                ..Input::default()
            },
            true,
        );
        assert_eq!(values(&vitals), []);
        assert!(!vitals.never_seen());
        assert!(Vitals::new(7.0, 0.0, false, 0.0).never_seen());
    }

    #[test]
    fn entries_from_before_a_restore_do_not_count_for_the_restored_view() {
        let mut vitals = Vitals::new(5000.0, f64::INFINITY, true, 0.0);
        vitals.first_paint(4020.0);
        vitals.first_paint(5020.0);
        vitals.shift(shift(4000.0, 0.5));
        let input = Input {
            start: 4000.0,
            duration: 80.0,
            interaction: 7.0,
            ..Input::default()
        };
        vitals.input(input, false);
        assert_eq!(
            values(&vitals),
            [(Metric::Ttfb, 0.0), (Metric::Fcp, 20.0), (Metric::Cls, 0.0)]
        );
    }

    #[test]
    fn a_layout_shift_is_told_only_of_a_painted_page() {
        let mut vitals = Vitals::new(0.0, f64::INFINITY, false, 0.0);
        vitals.shift(shift(1.0, 0.05));
        assert_eq!(values(&vitals), []);
        vitals.first_paint(890.0);
        assert_eq!(values(&vitals), [(Metric::Fcp, 890.0), (Metric::Cls, 0.05)]);
    }
}
