//! The vitals of one page view.
//!
//! In: entries of the browser's performance timeline as plain numbers and texts, and the times at
//! which the view began and was first hidden. Out: a [`Reading`] per metric. The trackers read no
//! clock and touch no page; a stream of any entries, in any order, must never make them panic or
//! yield a value that is negative or not a number.
//!
//! Times are in ms since the document's time origin (`performance.now()`) unless they say otherwise.

pub mod ttfb;
pub mod fcp;
pub mod lcp;
pub mod fid;
pub mod inp;
pub mod cls;
pub mod why;

use foresight_shared::Metric;

use crate::{
    event::Why,
    number::between,
    vitals::{cls::Cls, fcp::Fcp, fid::Fid, inp::Inp, lcp::Lcp, ttfb::Ttfb, why::Culprit},
};

/// A metric's value and the entry that it came from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading<'a> {
    /// The value, in the metric's unit.
    pub value: f64,
    /// The entry to blame.
    pub culprit: Culprit<'a>,
}

impl Reading<'_> {
    /// A value for which there is nothing to blame.
    #[must_use]
    pub fn bare(value: f64) -> Self {
        Self {
            value,
            culprit: Culprit::Nothing,
        }
    }
}

/// The order in which a batch tells the vitals: that in which they usually become known.
pub const ORDER: [Metric; 6] = [
    Metric::Ttfb,
    Metric::Fcp,
    Metric::Lcp,
    Metric::Fid,
    Metric::Inp,
    Metric::Cls,
];

/// The six trackers of a page view.
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
    pub fn new(start: f64, hidden: f64, revived: bool, interactions: f64) -> Self {
        Self {
            start,
            hidden,
            revived,
            ttfb: Ttfb::default(),
            fcp: Fcp::default(),
            lcp: Lcp::default(),
            fid: Fid::default(),
            inp: Inp::new(interactions),
            cls: Cls::default(),
        }
    }

    /// The view was hidden at `at`. Only the first time counts.
    pub fn hide(&mut self, at: f64) {
        if at < self.hidden {
            self.hidden = between(at, self.start, f64::INFINITY);
        }
    }

    /// Whether an entry that began at `at` came before the view was hidden: what a hidden page
    /// paints or answers, nobody waited for.
    #[must_use]
    pub fn seen(&self, at: f64) -> bool {
        at < self.hidden
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

    /// What made a reading's value.
    #[must_use]
    pub fn why(&self, reading: &Reading<'_>) -> Why {
        why::why(
            reading.culprit,
            reading.value,
            self.start,
            self.ttfb.first_byte(),
        )
    }

    /// The metric's value now, if it has one.
    #[must_use]
    pub fn reading(&self, metric: Metric) -> Option<Reading<'_>> {
        match metric {
            Metric::Ttfb => self.ttfb.reading(self.start),
            Metric::Fcp => self.fcp.reading(),
            Metric::Lcp => self.lcp.reading(self.start),
            Metric::Fid => self.fid.reading(),
            Metric::Inp => self.inp.reading(self.revived),
            // A page that never painted has not shifted before anybody's eyes, as CrUX has it.
            Metric::Cls => self.fcp.reading().map(|_| self.cls.reading()),
        }
    }
}
