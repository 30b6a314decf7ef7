//! One page view: its vitals, and what of them was sent.
//!
//! In: timeline entries while it lives. Out: the vitals that a batch has to tell. What was told must
//! never be told again, except a vital with a new value, which names the one it replaces.

use foresight_shared::{Metric, limits};

use crate::{
    event::{Vital, scale},
    number::rounded,
    vitals::Vitals,
};

/// A page view.
#[derive(Clone, Debug)]
pub struct View {
    /// Its vitals.
    pub vitals: Vitals,
    /// What of it was told.
    pub told: Told,
    can: i32,
}

/// What of a page view was told.
#[derive(Clone, Copy, Debug)]
pub struct Told {
    /// The number of the next batch: 1 if the loader has already counted the view, else 0.
    pub seq: i32,
    introduced: bool,
    sent: [Option<f64>; Metric::ALL.len()],
}

/// The bit of a metric in a set of metrics.
const fn bit(metric: Metric) -> i32 {
    1 << metric as i32
}

impl View {
    /// A view that begins. `can` has the bit `1 << metric` for each metric that this browser knows.
    #[must_use]
    pub fn new(vitals: Vitals, seq: i32, can: i32) -> Self {
        Self {
            vitals,
            told: Told {
                seq,
                introduced: false,
                sent: [None; Metric::ALL.len()],
            },
            can,
        }
    }

    /// The metrics to tell with the view's first batch, as bits; 0 when they were told. Nothing
    /// that is painted can be measured in a view that was hidden from the start.
    pub fn introduce(&mut self) -> i32 {
        if core::mem::replace(&mut self.told.introduced, true) {
            0
        } else if self.vitals.never_seen() {
            self.can & (bit(Metric::Ttfb) | bit(Metric::Inp))
        } else {
            self.can
        }
    }

    /// The metric's value, if it differs from what was sent. A browser that cannot measure a metric
    /// has no value for it, not even 0.
    pub fn news(&mut self, metric: Metric) -> Option<Vital> {
        if self.can & bit(metric) == 0 {
            return None;
        }
        let reading = self.vitals.reading(metric)?;
        let value = rounded(reading.value, metric.largest(), scale(metric));
        let sent = self.told.sent.get_mut(metric as usize)?;
        let was = *sent;
        if was == Some(value) {
            return None;
        }
        *sent = Some(value);
        let mut why = self.vitals.why(&reading);
        why.at = why.at.map(|at| rounded(at, limits::AGE_MS as f64, 10.0));
        for ms in &mut why.ms {
            *ms = rounded(*ms, limits::DURATION_MS, 10.0);
        }
        Some(Vital {
            metric,
            value,
            was,
            why,
        })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::vitals::{ORDER, cls::Shift};

    pub(crate) const ALL: i32 = (1 << Metric::ALL.len()) - 1;

    fn view(hidden: f64, can: i32) -> View {
        View::new(Vitals::new(0.0, hidden, false, 0.0), 0, can)
    }

    fn shift(at: f64, score: f64) -> Shift {
        Shift {
            at,
            score,
            ..Shift::default()
        }
    }

    /// What there is to tell: metric, value, and the value that it replaces.
    fn news(view: &mut View) -> Vec<(Metric, f64, Option<f64>)> {
        let vitals = ORDER.iter().filter_map(|metric| view.news(*metric));
        vitals.map(|v| (v.metric, v.value, v.was)).collect()
    }

    #[test]
    fn a_changed_value_names_the_one_it_replaces_and_an_unchanged_one_is_silent() {
        let mut view = view(f64::INFINITY, ALL);
        view.vitals.fcp.measured(890.04);
        view.vitals.cls.observe(shift(1.0, 0.05));
        let first = [(Metric::Fcp, 890.0, None), (Metric::Cls, 0.05, None)];
        assert_eq!(news(&mut view), first);
        assert_eq!(news(&mut view), []);
        view.vitals.cls.observe(shift(2.0, 0.05));
        assert_eq!(news(&mut view), [(Metric::Cls, 0.1, Some(0.05))]);
        view.vitals.cls.observe(shift(3.0, 0.000_01));
        assert_eq!(news(&mut view), []);
    }

    #[test]
    fn a_layout_shift_is_told_only_of_a_painted_page() {
        let mut view = view(f64::INFINITY, ALL);
        view.vitals.cls.observe(shift(1.0, 0.05));
        assert_eq!(news(&mut view), []);
    }

    #[test]
    fn a_metric_that_the_browser_cannot_measure_is_not_zero() {
        let mut view = view(f64::INFINITY, bit(Metric::Fcp));
        view.vitals.fcp.measured(890.0);
        assert_eq!(news(&mut view), [(Metric::Fcp, 890.0, None)]);
    }

    #[test]
    fn what_is_told_is_rounded_and_within_what_is_believed() {
        let mut view = view(f64::INFINITY, ALL);
        view.vitals.fcp.measured(9e9);
        view.vitals.cls.observe(shift(12.345, 0.123_46));
        let [fcp, cls] = [Metric::Fcp, Metric::Cls].map(|metric| view.news(metric).unwrap());
        assert_eq!(fcp.value, limits::DURATION_MS);
        assert_eq!((cls.value, cls.why.at), (0.1235, Some(12.3)));
    }

    #[test]
    fn a_view_hidden_from_the_start_can_measure_what_nobody_has_to_see() {
        assert_eq!(view(f64::INFINITY, ALL).introduce(), ALL);
        let mut unseen = view(0.0, ALL);
        assert_eq!(unseen.introduce(), bit(Metric::Ttfb) | bit(Metric::Inp));
        assert_eq!(unseen.introduce(), 0);
    }
}
