//! A 95% interval of a mean of counts: how many new owners an owner brings.
//!
//! In: one count for each owner. Out: an interval, or nothing if the counts say too little. The method
//! is the bootstrap-t over owners: owners are drawn with replacement, and of each draw
//! `t* = (mean* - mean) / se*` is kept; the interval is
//! `[mean - t*(97.5%) se, mean - t*(2.5%) se]`, not below 0. (Efron and Tibshirani, An Introduction to
//! the Bootstrap, 1993, chapter 12.5; Hesterberg, <https://doi.org/10.1080/00031305.2015.1089789>.)
//!
//! Counts are far from normal: most owners bring nobody, a few bring many, and shares of one owner go
//! together. So owners are drawn and not conversions, and not the plain percentiles of `mean*` are
//! taken, which for such counts are too narrow and too far left. `tests/growth/coverage.rs` shows how
//! often the interval holds the truth. What must never happen: it changes from call to call, so the
//! draws are seeded.

use std::collections::BTreeMap;

use rand::{SeedableRng, rngs::StdRng};
use rand_distr::{Binomial, Distribution};

/// How many draws.
const DRAWS: usize = 999;

/// Fewer owners than that, or fewer that brought somebody, have no interval: of so few the draws say
/// more about chance than about the owners.
const LEAST_OWNERS: u64 = 20;
const LEAST_BRINGING: u64 = 5;

/// The seed of every interval.
const SEED: u64 = 1974;

/// A count, and how many owners have it.
type Bin = (f64, u64);

/// The 95% interval of the mean.
#[must_use]
pub fn mean_interval(counts: impl IntoIterator<Item = usize>) -> Option<(f64, f64)> {
    let mut bins: BTreeMap<usize, u64> = BTreeMap::new();
    for count in counts {
        *bins.entry(count).or_default() += 1;
    }
    let owners: u64 = bins.values().sum();
    let bringing = owners - bins.get(&0).copied().unwrap_or(0);
    if owners < LEAST_OWNERS || bringing < LEAST_BRINGING {
        return None;
    }
    // The largest count first: it is rare, and what is rare takes few steps to draw.
    let bins: Vec<Bin> = bins
        .into_iter()
        .rev()
        .map(|(count, owners)| (count as f64, owners))
        .collect();
    let (mean, error) = moments(&bins, owners);
    let mut random = StdRng::seed_from_u64(SEED);
    let mut ratios: Vec<f64> = (0..DRAWS)
        .map(|_| {
            let (drawn, drawn_error) = moments(&draw(&bins, owners, &mut random), owners);
            let distance = drawn - mean;
            // Owners who all have the same count have no spread: the draw is as far as can be.
            if distance == 0.0 {
                0.0
            } else {
                distance / drawn_error
            }
        })
        .collect();
    ratios.sort_by(f64::total_cmp);
    let bound = |probability| mean - at(&ratios, probability) * error;
    let (low, high) = (bound(0.975).max(0.0), bound(0.025));
    (low.is_finite() && high.is_finite()).then_some((low, high))
}

/// The mean and its standard error.
fn moments(bins: &[Bin], owners: u64) -> (f64, f64) {
    let owners = owners as f64;
    let sum = |of: fn(f64) -> f64| {
        let parts = bins
            .iter()
            .map(|(count, owners)| of(*count) * *owners as f64);
        parts.sum::<f64>()
    };
    let mean = sum(|count| count) / owners;
    let variance = sum(|count| count * count) / owners - mean * mean;
    (mean, (variance.max(0.0) / owners).sqrt())
}

/// As many owners, drawn with replacement: how many have each count is binomial, given the counts
/// before.
fn draw(bins: &[Bin], owners: u64, random: &mut StdRng) -> Vec<Bin> {
    let (mut left, mut of) = (owners, owners);
    bins.iter()
        .map(|(count, owners)| {
            let share = *owners as f64 / of as f64;
            of -= owners;
            // A share of all is exactly 1; anything else is a share as well, and never refused.
            let drawn = Binomial::new(left, share).map_or(left, |one| one.sample(random));
            left -= drawn;
            (*count, drawn)
        })
        .collect()
}

/// The quantile of sorted values, such that 999 values have theirs at whole places.
fn at(sorted: &[f64], probability: f64) -> f64 {
    let place = probability * (sorted.len() + 1) as f64;
    let place = (place.round() as usize).clamp(1, sorted.len());
    sorted[place - 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_is_the_same_in_any_order_and_each_time() {
        let counts: Vec<usize> = (0..200).map(|number| number % 7 / 4).collect();
        let interval = mean_interval(counts.iter().copied());
        assert_eq!(interval, mean_interval(counts.iter().rev().copied()));
        let (low, high) = interval.unwrap();
        let mean = counts.iter().sum::<usize>() as f64 / 200.0;
        assert!(low < mean && mean < high, "{low} {mean} {high}");
    }

    #[test]
    fn an_interval_of_many_even_counts_is_about_that_of_the_normal_distribution() {
        let counts = (0..10_000).map(|number| number % 2);
        let (low, high) = mean_interval(counts).unwrap();
        let half = 1.96 * 0.5 / 100.0;
        assert!((low - (0.5 - half)).abs() < 0.0012, "{low}");
        assert!((high - (0.5 + half)).abs() < 0.0012, "{high}");
    }

    #[test]
    fn the_side_of_the_rare_large_counts_is_longer() {
        let counts = (0..200).map(|number| if number < 10 { 8 } else { 0 });
        let (low, high) = mean_interval(counts).unwrap();
        assert!(high - 0.4 > 0.4 - low, "{low} {high}");
    }

    #[test]
    fn too_few_owners_or_too_few_that_bring_somebody_have_no_interval() {
        assert_eq!(mean_interval([]), None);
        assert_eq!(mean_interval([0; 1000]), None);
        assert_eq!(mean_interval([1; 19]), None);
        let few = |bringing| (0..1000).map(move |number| usize::from(number < bringing));
        assert_eq!(mean_interval(few(4)), None);
        assert!(mean_interval(few(5)).is_some());
    }

    #[test]
    fn owners_who_all_bring_one_leave_no_doubt() {
        assert_eq!(mean_interval([1; 50]), Some((1.0, 1.0)));
    }
}
