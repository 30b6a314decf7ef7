//! A distribution's bytes, as a block of the database may give them back.

use foresight::rollup::{Distribution, Histogram};
use foresight_shared::bins;

/// Any bytes are refused, or are a distribution that reads the same once it is written anew, adds up
/// in any order, can be taken out again, and has its quantiles in bins that have values. The first
/// byte says where the second distribution begins.
pub fn histogram(data: &[u8]) {
    let Some((&cut, data)) = data.split_first() else {
        return;
    };
    let (left, right) = data.split_at(usize::from(cut).min(data.len()));
    let (left, right) = (read(left), read(right));
    for one in left.iter().chain(&right) {
        assert_eq!(read(&written(one)).as_ref(), Some(one));
        check(&one.histogram);
        versioned(&one.histogram);
    }
    if let (Some(left), Some(right)) = (left, right) {
        let sum = |first: &Distribution, second: &Distribution| {
            let mut sum = first.clone();
            sum.add(second);
            sum
        };
        let both = sum(&left, &right);
        assert_eq!(both, sum(&right, &left));
        check(&both.histogram);
        assert!(both.p75_interval().is_none_or(|(low, high)| low <= high));
        taken_out(both, &left, &right);
    }
}

fn read(bytes: &[u8]) -> Option<Distribution> {
    let mut sum = Distribution::default();
    sum.add_bytes(bytes, 1).ok().map(|()| sum)
}

fn written(distribution: &Distribution) -> Vec<u8> {
    let mut bytes = Vec::new();
    distribution.put(&mut bytes);
    bytes
}

fn versioned(histogram: &Histogram) {
    let mut again = Histogram::default();
    assert_eq!(again.add_bytes(&histogram.to_bytes()), Ok(()));
    assert_eq!(again, *histogram);
}

fn check(histogram: &Histogram) {
    let filled: Vec<_> = histogram.iter().filter(|(_, count)| *count > 0).collect();
    assert!(histogram.iter().is_sorted_by(|one, next| one.0 < next.0));
    assert!(
        histogram
            .iter()
            .all(|(bin, count)| bin <= bins::LAST && count != 0)
    );
    assert_eq!(histogram.total() > 0, !filled.is_empty());
    let mut last = 0.0;
    for q in [0.0, 0.5, 0.75, 1.0] {
        let Some(value) = histogram.quantile(q) else {
            assert!(filled.is_empty());
            continue;
        };
        assert!(filled.iter().any(|(bin, _)| bins::value_of(*bin) == value));
        assert!(value >= last);
        last = value;
    }
}

/// As a forgotten site is taken out of the fleet's sums: what was added -1 times is gone. Numbers
/// that are so large that sums end at their limits are damage, and stay wrong.
fn taken_out(mut both: Distribution, left: &Distribution, right: &Distribution) {
    if ![left, right].into_iter().flat_map(numbers).all(is_sane) {
        return;
    }
    assert_eq!(both.add_bytes(&written(left), -1), Ok(()));
    assert_eq!(both, *right);
    assert_eq!(both.add_bytes(&written(right), -1), Ok(()));
    assert!(both.is_empty());
}

fn numbers(distribution: &Distribution) -> Vec<i64> {
    let bins = distribution.histogram.iter().map(|(_, count)| count);
    bins.chain(distribution.ratings)
        .chain([distribution.sum])
        .collect()
}

fn is_sane(number: i64) -> bool {
    number.unsigned_abs() < 1 << 60
}
