//! The distribution of a metric's values: everything in it is a sum.

use foresight_shared::{Metric, Rating};

use super::{
    histogram::{Histogram, HistogramError},
    varint::{put_signed, take_signed},
};

/// Parts of a unit in which values are summed: ten-thousandths, as integers, so that sums do not
/// depend on their order.
const PARTS_PER_UNIT: f64 = 10_000.0;

/// The values of a metric: how many, their sum, how many of each rating, and how many in each bin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Distribution {
    /// How many page views have a value.
    pub count: i64,
    /// The values' sum, in ten-thousandths of the metric's unit.
    pub sum: i64,
    /// How many values are good, need improvement, are poor.
    pub ratings: [i64; 3],
    /// How many values are in each bin.
    pub histogram: Histogram,
}

impl Distribution {
    /// Counts a value; if it replaces one counted before, takes that one out.
    pub fn record(&mut self, metric: Metric, value: f64, was: Option<f64>) {
        self.count(metric, value, 1);
        if let Some(was) = was {
            self.count(metric, was, -1);
        }
    }

    fn count(&mut self, metric: Metric, value: f64, times: i64) {
        self.count += times;
        // An accepted value is far from these ends; a damaged record's may be anywhere.
        let parts = (value * PARTS_PER_UNIT).round() as i64;
        self.sum = self.sum.saturating_add(parts.saturating_mul(times));
        self.ratings[metric.rate(value) as usize] += times;
        self.histogram.record(value, times);
    }

    /// Adds another distribution of the same metric.
    pub fn add(&mut self, other: &Self) {
        self.add_sums(other.count, other.sum, other.ratings);
        self.histogram.add(&other.histogram);
    }

    /// Writes it as the database keeps it: values per rating, their sum, the histogram's bins. The
    /// count is that of the ratings together.
    pub fn put(&self, bytes: &mut Vec<u8>) {
        for number in self.ratings {
            put_signed(bytes, number);
        }
        put_signed(bytes, self.sum);
        self.histogram.put_bins(bytes);
    }

    /// Adds what [`put`](Self::put) wrote so many times, which may be negative.
    ///
    /// # Errors
    /// If the bytes are not a distribution; then a part of it may have been added.
    pub fn add_bytes(&mut self, mut bytes: &[u8], times: i64) -> Result<(), HistogramError> {
        let mut ratings = [0; 3];
        for number in &mut ratings {
            *number = take_signed(&mut bytes)?.saturating_mul(times);
        }
        let sum = take_signed(&mut bytes)?.saturating_mul(times);
        self.histogram.add_bins(bytes, times)?;
        let count = ratings
            .iter()
            .fold(0_i64, |all, one| all.saturating_add(*one));
        self.add_sums(count, sum, ratings);
        Ok(())
    }

    /// Adds of what [`put`](Self::put) wrote only how many values have each rating.
    ///
    /// # Errors
    /// If the bytes are cut off; then a part of them may have been added.
    pub fn add_ratings(&mut self, mut bytes: &[u8]) -> Result<(), HistogramError> {
        for rating in &mut self.ratings {
            let number = take_signed(&mut bytes)?;
            *rating = rating.saturating_add(number);
            self.count = self.count.saturating_add(number);
        }
        Ok(())
    }

    fn add_sums(&mut self, count: i64, sum: i64, ratings: [i64; 3]) {
        self.count = self.count.saturating_add(count);
        self.sum = self.sum.saturating_add(sum);
        for (mine, theirs) in self.ratings.iter_mut().zip(ratings) {
            *mine = mine.saturating_add(theirs);
        }
    }

    /// How many values have a rating.
    #[must_use]
    pub fn rated(&self, rating: Rating) -> i64 {
        self.ratings[rating as usize]
    }

    /// The 75th percentile, at which vitals are rated. `None` without values.
    #[must_use]
    pub fn p75(&self) -> Option<f64> {
        self.histogram.quantile(0.75)
    }

    /// The 95% interval of the 75th percentile: the values at ranks
    /// `n p ± 1.96 sqrt(n p (1 - p))` (<https://doi.org/10.1002/9781118445112.stat07829>), held
    /// inside the sample. `None` without values.
    #[must_use]
    pub fn p75_interval(&self) -> Option<(f64, f64)> {
        let (n, p) = (self.histogram.total() as f64, 0.75);
        let half = 1.96 * (n * p * (1.0 - p)).sqrt();
        let low = (n * p - half).floor().max(1.0) as u64;
        let high = (n * p + half).ceil().min(n) as u64;
        Some((
            self.histogram.value_at(low)?,
            self.histogram.value_at(high)?,
        ))
    }

    /// Whether nothing is left: every value that was counted was taken out again.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_value_replaces_the_earlier_one() {
        let mut sum = Distribution::default();
        sum.record(Metric::Cls, 0.05, None);
        sum.record(Metric::Cls, 0.3, Some(0.05));
        let mut only = Distribution::default();
        only.record(Metric::Cls, 0.3, None);
        assert_eq!(sum, only);
        assert_eq!(sum.rated(Rating::Poor), 1);
        assert_eq!(sum.sum, 3000);
    }

    #[test]
    fn the_interval_holds_the_percentile_and_stays_in_the_sample() {
        let mut sum = Distribution::default();
        assert_eq!(sum.p75_interval(), None);
        for n in 1..=1000 {
            sum.record(Metric::Lcp, f64::from(n), None);
        }
        let (low, high) = sum.p75_interval().unwrap();
        assert!(
            (low - 723.0).abs() < 8.0 && (high - 777.0).abs() < 8.0,
            "{low} {high}"
        );
        let mut one = Distribution::default();
        one.record(Metric::Lcp, 100.0, None);
        assert_eq!(
            one.p75_interval().map(|(low, high)| low == high),
            Some(true)
        );
    }
}
