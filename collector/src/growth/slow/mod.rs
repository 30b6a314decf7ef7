//! What slowness costs: how often something came of a page view, by how fast the view was.
//!
//! In: page views by device class, country and the value of a metric, and in how many of them there was an
//! outcome. Out: for each band of values the rate with its interval, and how it differs from the rate of
//! good views, as counted and among views of the same device class and country. These are associations:
//! visitors were not given fast and slow pages by chance. What must never happen: an outcome whose value
//! is not known is counted in a band, or a rate of no views is 0.

mod compare;

use std::collections::BTreeMap;

use foresight_shared::{Metric, Rating};

pub use compare::{Estimated, Figures, Seen, compare};

use crate::rollup::{Band, Distribution};

/// How many finer parts there are.
const PARTS: usize = Band::PARTS as usize;

/// The finer part that others are compared with: the slowest of what is good.
pub const REFERENCE_PART: usize = 3;

/// Page views of a metric, by device class and country.
#[derive(Clone, Debug)]
pub struct Strata {
    metric: Metric,
    strata: BTreeMap<(String, String), Stratum>,
}

/// Page views of one device class and country.
#[derive(Clone, Debug, Default)]
struct Stratum {
    ratings: [i64; 3],
    parts: [i64; PARTS],
    outcomes: i64,
    rated: [i64; 3],
    parted: [i64; PARTS],
}

/// What slowness goes along with.
#[derive(Clone, Debug, PartialEq)]
pub struct Slow {
    /// Views with a value of the metric.
    pub views: u64,
    /// Views in which there was an outcome.
    pub outcomes: u64,
    /// Those of them whose value is not known; they are in no band.
    pub unknown: u64,
    /// Device classes in countries that have views.
    pub strata: usize,
    /// By rating, compared with good views.
    pub ratings: Vec<Figures>,
    /// By finer part, compared with [`REFERENCE_PART`].
    pub parts: Vec<Figures>,
}

impl Strata {
    /// Nothing yet of a metric.
    #[must_use]
    pub const fn new(metric: Metric) -> Self {
        Self {
            metric,
            strata: BTreeMap::new(),
        }
    }

    /// Adds the values of a device class and country.
    pub fn add_values(&mut self, device: &str, country: &str, values: &Distribution) {
        let metric = self.metric;
        let stratum = self.stratum(device, country);
        for (sum, rating) in stratum.ratings.iter_mut().zip(Rating::ALL) {
            *sum = sum.saturating_add(values.rated(rating));
        }
        for (bin, count) in values.histogram.iter() {
            let sum = &mut stratum.parts[usize::from(Band::part_of(metric, bin))];
            *sum = sum.saturating_add(count);
        }
    }

    /// Adds outcomes of a device class and country, as a rollup names them: those of other metrics are
    /// passed over.
    pub fn add_outcomes(&mut self, device: &str, country: &str, name: &str, count: i64) {
        let band = match Band::read(name) {
            Some((metric, _)) if metric != self.metric => return,
            Some((_, band)) => Some(band),
            None => None,
        };
        let stratum = self.stratum(device, country);
        match band {
            None => stratum.outcomes = stratum.outcomes.saturating_add(count),
            Some(Band { rating, part }) => {
                let rated = &mut stratum.rated[rating as usize];
                *rated = rated.saturating_add(count);
                let parted = &mut stratum.parted[usize::from(part)];
                *parted = parted.saturating_add(count);
            }
        }
    }

    /// What it all comes to.
    #[must_use]
    pub fn report(&self) -> Slow {
        let strata: Vec<&Stratum> = self.strata.values().collect();
        let ratings: Vec<[Seen; 3]> = strata
            .iter()
            .map(|one| seen(&one.ratings, &one.rated))
            .collect();
        let parts: Vec<[Seen; PARTS]> = strata
            .iter()
            .map(|one| seen(&one.parts, &one.parted))
            .collect();
        let all = ratings.iter().flatten();
        let (views, known) = all.fold((0, 0), |(views, known), one| {
            (views + one.views, known + one.outcomes)
        });
        let outcomes: u64 = strata.iter().map(|one| whole(one.outcomes)).sum();
        Slow {
            views,
            outcomes,
            unknown: outcomes.saturating_sub(known),
            strata: ratings
                .iter()
                .filter(|bands| bands.iter().any(|band| band.views > 0))
                .count(),
            ratings: compare(&ratings, Rating::Good as usize).to_vec(),
            parts: compare(&parts, REFERENCE_PART).to_vec(),
        }
    }

    fn stratum(&mut self, device: &str, country: &str) -> &mut Stratum {
        let key = (device.to_owned(), country.to_owned());
        self.strata.entry(key).or_default()
    }
}

/// The bands of a stratum. A value that became worse after the outcome is in another band than the
/// outcome; where a band would have more outcomes than views, those that are too many are left out, and
/// so are among the unknown ones.
fn seen<const BANDS: usize>(views: &[i64; BANDS], outcomes: &[i64; BANDS]) -> [Seen; BANDS] {
    std::array::from_fn(|band| Seen {
        views: whole(views[band]),
        outcomes: whole(outcomes[band]).min(whole(views[band])),
    })
}

/// A count; less than nothing, as a range may have that cuts between a value and its replacement, is
/// nothing.
fn whole(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(values: &[f64]) -> Distribution {
        let mut sum = Distribution::default();
        for value in values {
            sum.record(Metric::Lcp, *value, None);
        }
        sum
    }

    #[test]
    fn outcomes_are_counted_under_their_band_or_as_unknown() {
        let mut strata = Strata::new(Metric::Lcp);
        strata.add_values("phone", "DE", &values(&[1000.0, 1000.0, 3000.0, 9000.0]));
        strata.add_values("desktop", "DE", &values(&[2400.0]));
        for (device, name, count) in [
            ("phone", "LCP 01", 1),
            ("phone", "LCP 28", 1),
            ("phone", "CLS 00", 2),
            ("phone", "", 3),
            // The value was told of before, or has changed since.
            ("desktop", "", 1),
            ("desktop", "LCP 14", 1),
        ] {
            strata.add_outcomes(device, "DE", name, count);
        }
        let slow = strata.report();
        assert_eq!(
            (slow.views, slow.outcomes, slow.unknown, slow.strata),
            (5, 4, 2, 2)
        );
        let counts = |figures: &[Figures]| -> Vec<_> {
            let counts = figures
                .iter()
                .map(|one| (one.seen.views, one.seen.outcomes));
            counts.collect()
        };
        assert_eq!(counts(&slow.ratings), [(3, 1), (1, 0), (1, 1)]);
        assert_eq!(slow.parts.len(), 9);
        assert_eq!(counts(&slow.parts)[1], (2, 1));
        assert_eq!(counts(&slow.parts)[8], (1, 1));
    }

    #[test]
    fn nothing_has_no_rate() {
        let slow = Strata::new(Metric::Cls).report();
        assert_eq!((slow.views, slow.strata, slow.ratings.len()), (0, 0, 3));
        assert!(slow.ratings.iter().all(|one| one.rate.is_none()));
    }
}
