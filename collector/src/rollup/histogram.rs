//! A sparse histogram over [`foresight_shared::bins`], and its bytes in the database.
//!
//! Counts are signed: a value that replaces an earlier one subtracts it, and the subtraction may be
//! merged before the addition. The bytes are a version (1), then for each bin with a count, in
//! order, the distance to the bin before (LEB128 varint) and the count (zigzag varint).

use foresight_shared::bins;
use smallvec::SmallVec;

use super::varint::{put_signed, put_varint, take_signed, take_varint};

const VERSION: u8 = 1;

/// Counts per bin, without the bins that have none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    /// Sorted by bin; no count is 0. The most are of one value, which needs no memory of its own.
    bins: SmallVec<[(u16, i64); 1]>,
}

/// Why bytes are not a histogram.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum HistogramError {
    /// The first byte is missing or not the version.
    #[error("histogram has format {0:?}, this version reads format {VERSION}")]
    Version(Option<u8>),
    /// The bytes end inside a number.
    #[error("histogram is cut off")]
    Cut,
    /// A number has more than 64 bits.
    #[error("histogram has a number of more than 64 bits")]
    Overflow,
    /// A bin is repeated or beyond the last one.
    #[error("histogram has bin {0}, the last one is {last}", last = bins::LAST)]
    Bin(u64),
}

impl Histogram {
    /// Adds `count` (which may be negative) to the bin of `value`.
    pub fn record(&mut self, value: f64, count: i64) {
        self.add_to(bins::bin_of(value), count);
    }

    /// Adds another histogram.
    pub fn add(&mut self, other: &Self) {
        if self.bins.is_empty() {
            self.bins.extend_from_slice(&other.bins);
            return;
        }
        let mut place = 0;
        for &(bin, count) in &other.bins {
            place = self.add_from(place, bin, count);
        }
    }

    /// Adds a histogram's bytes.
    ///
    /// # Errors
    /// If the bytes are not a histogram; then some of its bins may have been added.
    pub fn add_bytes(&mut self, bytes: &[u8]) -> Result<(), HistogramError> {
        let Some((&VERSION, rest)) = bytes.split_first() else {
            return Err(HistogramError::Version(bytes.first().copied()));
        };
        self.add_bins(rest, 1)
    }

    /// Adds a histogram's bytes without their version so many times, which may be negative.
    ///
    /// # Errors
    /// If the bytes are not those of bins; then some of them may have been added.
    pub fn add_bins(&mut self, mut rest: &[u8], times: i64) -> Result<(), HistogramError> {
        let (mut next, mut place) = (0_u64, 0);
        while !rest.is_empty() {
            let bin = next.saturating_add(take_varint(&mut rest)?);
            let count = take_signed(&mut rest)?;
            let number = u16::try_from(bin)
                .ok()
                .filter(|bin| *bin <= bins::LAST)
                .ok_or(HistogramError::Bin(bin))?;
            place = self.add_from(place, number, count.saturating_mul(times));
            next = bin + 1;
        }
        Ok(())
    }

    /// The histogram's bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(1 + 3 * self.bins.len());
        bytes.push(VERSION);
        self.put_bins(&mut bytes);
        bytes
    }

    /// Writes the bytes of the bins, without a version.
    pub fn put_bins(&self, bytes: &mut Vec<u8>) {
        let mut next = 0;
        for &(bin, count) in &self.bins {
            put_varint(bytes, u64::from(bin - next));
            put_signed(bytes, count);
            next = bin + 1;
        }
    }

    /// The bins and their counts, smallest values first.
    pub fn iter(&self) -> impl Iterator<Item = (u16, i64)> {
        self.bins.iter().copied()
    }

    /// How many values there are. Bins with a negative count, which only a cut range can have, are
    /// taken as empty.
    #[must_use]
    pub fn total(&self) -> u64 {
        // Damaged bytes may hold any counts.
        self.positive()
            .fold(0, |sum, (_, count)| sum.saturating_add(count))
    }

    /// The value at `rank` (from 1) of the sorted values, with a relative error of at most 1%.
    /// `None` if there are fewer values.
    #[must_use]
    pub fn value_at(&self, rank: u64) -> Option<f64> {
        let mut seen = 0;
        self.positive().find_map(|(bin, count)| {
            seen = count.saturating_add(seen);
            (rank >= 1 && seen >= rank).then(|| bins::value_of(bin))
        })
    }

    /// The `q`-quantile (0 to 1) by nearest rank. `None` if there are no values.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<f64> {
        let total = self.total();
        // Damaged bytes may hold more values than a float counts exactly.
        let rank = (q * total as f64).ceil() as u64;
        self.value_at(rank.min(total).max(1))
    }

    fn positive(&self) -> impl Iterator<Item = (u16, u64)> {
        self.bins
            .iter()
            .filter_map(|&(bin, count)| u64::try_from(count).ok().map(|count| (bin, count)))
    }

    fn add_to(&mut self, bin: u16, count: i64) {
        self.add_from(0, bin, count);
    }

    /// Adds to a bin whose place is at or behind `from`. Returns a place that is not behind the next
    /// bin's: most histograms are added in the order of their bins.
    fn add_from(&mut self, from: usize, bin: u16, count: i64) -> usize {
        if count == 0 {
            return from;
        }
        if self.bins.last().is_none_or(|&(last, _)| last < bin) {
            self.bins.push((bin, count));
            return self.bins.len();
        }
        let place = from + place_of(&self.bins[from..], bin);
        let (known, sum) = &mut self.bins[place];
        if *known != bin {
            self.bins.insert(place, (bin, count));
            return place + 1;
        }
        *sum = sum.saturating_add(count);
        if *sum == 0 {
            self.bins.remove(place);
            return place;
        }
        place + 1
    }
}

/// Bins that are looked at one by one before the rest is halved and halved again.
const NEAR: usize = 4;

/// The place of the first bin that is not below `bin`.
fn place_of(bins: &[(u16, i64)], bin: u16) -> usize {
    let (near, far) = bins.split_at(NEAR.min(bins.len()));
    let is_below = |&(known, _): &(u16, i64)| known < bin;
    match near.iter().position(|one| !is_below(one)) {
        Some(place) => place,
        None => near.len() + far.partition_point(is_below),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn histogram(counts: &[(u16, i64)]) -> Histogram {
        let mut histogram = Histogram::default();
        for &(bin, count) in counts {
            histogram.add_to(bin, count);
        }
        histogram
    }

    #[test]
    fn damaged_bytes_are_refused_with_the_reason() {
        let mut sum = Histogram::default();
        for (bytes, error) in [
            (&[][..], HistogramError::Version(None)),
            (&[2], HistogramError::Version(Some(2))),
            (&[1, 5], HistogramError::Cut),
            (&[1, 0x80], HistogramError::Cut),
            (&[1, 0xff, 0xff, 0x03, 2], HistogramError::Bin(65535)),
            (
                &[1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 2, 0],
                HistogramError::Overflow,
            ),
        ] {
            assert_eq!(sum.add_bytes(bytes), Err(error), "{bytes:?}");
        }
    }

    #[test]
    fn quantiles_are_taken_by_nearest_rank() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.quantile(0.75), None);
        for value in [100.0, 200.0, 300.0, 400.0] {
            histogram.record(value, 1);
        }
        for (q, exact) in [(0.0, 100.0), (0.25, 100.0), (0.75, 300.0), (1.0, 400.0)] {
            let value = histogram.quantile(q).unwrap();
            assert!((value - exact).abs() <= exact * 0.01, "{q}: {value}");
        }
        assert_eq!(histogram.value_at(0), None);
        assert_eq!(histogram.value_at(5), None);
    }

    proptest! {
        #[test]
        fn bytes_lead_back_to_the_histogram(
            counts in prop::collection::vec((0..=bins::LAST, any::<i32>()), 0..50),
        ) {
            let counts: Vec<_> = counts.into_iter().map(|(bin, n)| (bin, i64::from(n))).collect();
            let before = histogram(&counts);
            let mut after = Histogram::default();
            after.add_bytes(&before.to_bytes()).unwrap();
            prop_assert_eq!(before, after);
        }

        #[test]
        fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = Histogram::default().add_bytes(&bytes);
        }

        #[test]
        fn addition_is_commutative_and_a_replacement_cancels(
            values in prop::collection::vec(0.0..600_000.0_f64, 1..60),
            cut in any::<prop::sample::Index>(),
        ) {
            let cut = cut.index(values.len());
            let whole = |values: &[f64]| {
                let mut sum = Histogram::default();
                values.iter().for_each(|value| sum.record(*value, 1));
                sum
            };
            let mut ab = whole(&values[..cut]);
            ab.add(&whole(&values[cut..]));
            let mut ba = whole(&values[cut..]);
            ba.add(&whole(&values[..cut]));
            prop_assert_eq!(&ab, &ba);
            prop_assert_eq!(&ab, &whole(&values));
            values.iter().for_each(|value| ab.record(*value, -1));
            prop_assert_eq!(ab, Histogram::default());
        }

        #[test]
        fn quantiles_are_within_one_percent_of_exact(
            mut values in prop::collection::vec((0.0..13.0_f64).prop_map(f64::exp), 1..200),
            q in 0.01..1.0_f64,
        ) {
            let mut histogram = Histogram::default();
            values.iter().for_each(|value| histogram.record(*value, 1));
            values.sort_by(f64::total_cmp);
            let exact = values[(q * values.len() as f64).ceil() as usize - 1];
            let found = histogram.quantile(q).unwrap();
            prop_assert!((found - exact).abs() <= exact * 0.010_001, "{} for {}", found, exact);
        }
    }
}
