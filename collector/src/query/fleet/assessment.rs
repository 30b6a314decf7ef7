//! Whether a site passes: the assessment of the Core Web Vitals
//! (<https://web.dev/articles/vitals#core-web-vitals>).
//!
//! In: how many values of LCP, INP and CLS have each rating. Out: whether the 75th percentile of each is
//! good. Pure. What must never happen: a site without enough values of LCP and CLS is judged; INP may be
//! lacking, as many views have no interaction.

use foresight_shared::{Metric, Rating};

use super::super::figure::{LEAST_COUNT, rating_of, whole};

/// The metrics of the assessment.
pub(super) const CORE: [Metric; 3] = [Metric::Lcp, Metric::Inp, Metric::Cls];

/// Values of each rating, by metric, in the order of [`CORE`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Core([[i64; 3]; 3]);

impl Core {
    /// Adds values of a metric; those of others do not count.
    pub(super) fn add(&mut self, metric: Metric, ratings: [i64; 3]) {
        let place = CORE.iter().position(|one| *one == metric);
        if let Some(place) = place {
            for (mine, theirs) in self.0[place].iter_mut().zip(ratings) {
                *mine = mine.saturating_add(theirs);
            }
        }
    }

    /// Adds another's values.
    pub(super) fn add_all(&mut self, other: &Self) {
        for (metric, ratings) in CORE.into_iter().zip(other.0) {
            self.add(metric, ratings);
        }
    }

    /// Whether the site passes; `None` if there are too few values.
    pub(super) fn passes(&self) -> Option<bool> {
        let [lcp, inp, cls] = self.0.map(|ratings| {
            let enough = ratings.map(whole).iter().sum::<u64>() >= LEAST_COUNT;
            enough.then(|| rating_of(ratings) == Some(Rating::Good))
        });
        Some(lcp? && cls? && inp.unwrap_or(true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_passes_if_all_that_is_known_is_good() {
        let core = |lcp, inp, cls| {
            let mut core = Core::default();
            core.add(Metric::Lcp, lcp);
            core.add(Metric::Inp, inp);
            core.add(Metric::Cls, cls);
            core.add(Metric::Ttfb, [0, 0, 99]);
            core.passes()
        };
        let (good, poor, few) = ([25, 0, 0], [18, 0, 7], [0, 0, 24]);
        assert_eq!(core(good, good, good), Some(true));
        assert_eq!(core([19, 6, 0], [30, 5, 5], good), Some(true));
        assert_eq!(core(poor, good, good), Some(false));
        assert_eq!(core(good, poor, good), Some(false));
        assert_eq!(core(good, good, poor), Some(false));
        // Too few interactions say nothing; too few of the others, and the site is not measured.
        assert_eq!(core(good, few, good), Some(true));
        assert_eq!(core(few, good, good), None);
        assert_eq!(core(good, good, few), None);
        assert_eq!(Core::default().passes(), None);
    }

    #[test]
    fn sums_are_judged_as_a_whole() {
        let mut sum = Core::default();
        for (good, poor) in [(20, 0), (0, 6)] {
            let mut part = Core::default();
            part.add(Metric::Lcp, [good, 0, poor]);
            part.add(Metric::Cls, [good, 0, poor]);
            assert_eq!(part.passes(), None);
            sum.add_all(&part);
        }
        assert_eq!(sum.passes(), Some(true));
    }
}
