//! A sparse histogram over [`foresight_shared::bins`], and its bytes in the database.
//!
//! Counts are signed: a value that replaces an earlier one subtracts it, and the subtraction may be
//! merged before the addition. The bytes are a version (1), then for each bin with a count, in
//! order, the distance to the bin before (LEB128 varint) and the count (zigzag varint).

use foresight_shared::bins;

const VERSION: u8 = 1;

/// Counts per bin, without the bins that have none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    /// Sorted by bin; no count is 0.
    bins: Vec<(u16, i64)>,
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
        for &(bin, count) in &other.bins {
            self.add_to(bin, count);
        }
    }

    /// Adds a histogram's bytes.
    ///
    /// # Errors
    /// If the bytes are not a histogram; then some of its bins may have been added.
    pub fn add_bytes(&mut self, bytes: &[u8]) -> Result<(), HistogramError> {
        let Some((&VERSION, mut rest)) = bytes.split_first() else {
            return Err(HistogramError::Version(bytes.first().copied()));
        };
        let mut next: u64 = 0;
        while !rest.is_empty() {
            let bin = next.saturating_add(take_varint(&mut rest)?);
            let count = unzigzag(take_varint(&mut rest)?);
            let number = u16::try_from(bin)
                .ok()
                .filter(|bin| *bin <= bins::LAST)
                .ok_or(HistogramError::Bin(bin))?;
            self.add_to(number, count);
            next = bin + 1;
        }
        Ok(())
    }

    /// The histogram's bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(1 + 3 * self.bins.len());
        bytes.push(VERSION);
        let mut next = 0;
        for &(bin, count) in &self.bins {
            put_varint(&mut bytes, u64::from(bin - next));
            put_varint(&mut bytes, zigzag(count));
            next = bin + 1;
        }
        bytes
    }

    /// The bins and their counts, smallest values first.
    pub fn iter(&self) -> impl Iterator<Item = (u16, i64)> {
        self.bins.iter().copied()
    }

    /// How many values there are. Bins with a negative count, which only a cut range can have, are
    /// taken as empty.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.positive().map(|(_, count)| count).sum()
    }

    /// The value at `rank` (from 1) of the sorted values, with a relative error of at most 1%.
    /// `None` if there are fewer values.
    #[must_use]
    pub fn value_at(&self, rank: u64) -> Option<f64> {
        let mut seen = 0;
        self.positive().find_map(|(bin, count)| {
            seen += count;
            (rank >= 1 && seen >= rank).then(|| bins::value_of(bin))
        })
    }

    /// The `q`-quantile (0 to 1) by nearest rank. `None` if there are no values.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<f64> {
        let rank = (q * self.total() as f64).ceil() as u64;
        self.value_at(rank.max(1))
    }

    fn positive(&self) -> impl Iterator<Item = (u16, u64)> {
        self.bins
            .iter()
            .filter_map(|&(bin, count)| u64::try_from(count).ok().map(|count| (bin, count)))
    }

    fn add_to(&mut self, bin: u16, count: i64) {
        if count == 0 {
            return;
        }
        match self.bins.binary_search_by_key(&bin, |&(bin, _)| bin) {
            Ok(place) => {
                let sum = self.bins[place].1.saturating_add(count);
                if sum == 0 {
                    self.bins.remove(place);
                } else {
                    self.bins[place].1 = sum;
                }
            }
            Err(place) => self.bins.insert(place, (bin, count)),
        }
    }
}

fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

fn put_varint(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn take_varint(bytes: &mut &[u8]) -> Result<u64, HistogramError> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first().ok_or(HistogramError::Cut)?;
        *bytes = rest;
        let part = u64::from(byte & 0x7f);
        if shift == 63 && part > 1 {
            return Err(HistogramError::Overflow);
        }
        number |= part << shift;
        if byte < 0x80 {
            return Ok(number);
        }
    }
    Err(HistogramError::Overflow)
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
