//! Numbers within bounds.
//!
//! In: any floating-point number. Out: one that is within bounds and is a number. The comparisons
//! are written out: `f64::max` and `f64::min` mind not-a-number on both sides, which takes some
//! forty bytes of wasm each time.

/// The larger of two numbers; `low` if `value` is not a number.
#[must_use]
pub fn at_least(low: f64, value: f64) -> f64 {
    if value > low { value } else { low }
}

/// The smaller of two numbers; `high` if `value` is not a number.
#[must_use]
pub fn at_most(high: f64, value: f64) -> f64 {
    if value < high { value } else { high }
}

/// `value`, but not negative. Not-a-number counts as 0.
#[must_use]
pub fn positive(value: f64) -> f64 {
    at_least(0.0, value)
}

/// How long the stretches between `marks` took. Time begins at `start` and ends `value` later; a
/// mark outside of that, or before the mark before it, is pushed to where it may be. So the
/// stretches are never negative, and they add up to `value` if the last mark is infinite.
#[must_use]
pub fn stretches(marks: [f64; 5], start: f64, value: f64) -> [f64; 5] {
    let mut stretches = marks;
    let mut last = 0.0;
    for stretch in &mut stretches {
        let end = at_most(value, at_least(last, *stretch - start));
        *stretch = end - last;
        last = end;
    }
    stretches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_bounded_and_what_is_no_number_is_the_bound() {
        assert_eq!((at_least(2.0, 1.0), at_least(2.0, 3.0)), (2.0, 3.0));
        assert_eq!((at_most(2.0, 1.0), at_most(2.0, 3.0)), (1.0, 2.0));
        assert_eq!((positive(-3.0), positive(f64::NAN)), (0.0, 0.0));
        assert_eq!(at_most(2.0, f64::NAN), 2.0);
    }

    #[test]
    fn stretches_add_up_whatever_the_marks_are() {
        let end = f64::INFINITY;
        assert_eq!(
            stretches([12.0, 30.0, 90.0, end, end], 10.0, 100.0),
            [2.0, 18.0, 60.0, 20.0, 0.0]
        );
        assert_eq!(
            stretches([f64::NAN, 5.0, 500.0, 20.0, end], 10.0, 100.0),
            [0.0, 0.0, 100.0, 0.0, 0.0]
        );
    }
}
