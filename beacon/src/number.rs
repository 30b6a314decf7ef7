//! Numbers within bounds.
//!
//! In: any floating-point number. Out: one that is within bounds and is a number. None of the
//! functions is inlined: in wasm every comparison that minds not-a-number takes some forty bytes.

/// `value`, but at least `low` and at most `high`. Not-a-number counts as `low`.
#[must_use]
#[inline(never)]
pub fn between(value: f64, low: f64, high: f64) -> f64 {
    value.max(low).min(high)
}

/// `value`, but not negative. Not-a-number counts as 0.
#[must_use]
#[inline(never)]
pub fn positive(value: f64) -> f64 {
    between(value, 0.0, f64::INFINITY)
}

/// The smaller of two numbers.
#[must_use]
#[inline(never)]
pub fn least(a: f64, b: f64) -> f64 {
    a.min(b)
}

/// `value` rounded to a multiple of `1 / scale`, and between 0 and `limit`.
#[must_use]
#[inline(never)]
pub fn rounded(value: f64, limit: f64, scale: f64) -> f64 {
    // The floor cuts, so adding a half rounds.
    (between(value, 0.0, limit) * scale + 0.5).floor() / scale
}

/// How long the stretches between `marks` took. Time begins at `start` and ends `value` later; a
/// mark outside of that, or before the mark before it, is pushed to where it may be. So the
/// stretches are never negative, and they add up to `value` if the last mark is infinite.
#[must_use]
#[inline(never)]
pub fn stretches(marks: [f64; 5], start: f64, value: f64) -> [f64; 5] {
    let mut stretches = marks;
    let mut last = 0.0;
    for stretch in &mut stretches {
        let end = between(*stretch - start, last, value);
        *stretch = end - last;
        last = end;
    }
    stretches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_rounded_and_bounded() {
        assert_eq!(rounded(12.34, 1e6, 10.0), 12.3);
        assert_eq!(rounded(12.35, 1e6, 10.0), 12.4);
        assert_eq!(rounded(-3.0, 1e6, 10.0), 0.0);
        assert_eq!(rounded(f64::NAN, 1e6, 10.0), 0.0);
        assert_eq!(rounded(f64::INFINITY, 600.0, 10.0), 600.0);
        assert_eq!(rounded(0.123_45, 1e3, 10_000.0), 0.1235);
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
