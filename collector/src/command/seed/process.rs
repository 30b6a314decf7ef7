//! The process by which owners of the demo fleet bring one another, and the viral coefficient that must
//! therefore be found, by closed forms.
//!
//! In: a number of days. Out: what is expected within them. What must never happen: a closed form of
//! another process than the one that is drawn.

/// New owners whom an owner brings on average, if one waits for ever.
pub(super) const K: f64 = 0.6;
/// Shares of an owner's sites on average, and the gamma distribution's shape: the smaller, the more a few
/// owners have most.
pub(super) const SHARES: f64 = 3.0;
pub(super) const SHAPE: f64 = 0.7;
/// Days from an owner's first site to a share of it, and from there to a new owner's first site, on
/// average.
pub(super) const SHARE_DAYS: f64 = 4.0;
pub(super) const FOLLOW_DAYS: f64 = 2.0;
/// The time that a person takes from a share to a site, at least.
pub(super) const LEAST_DAYS: f64 = 61.0 / 86_400.0;

/// The viral coefficient within so many days.
pub(super) fn k(days: f64) -> f64 {
    let days = days - LEAST_DAYS;
    let (one, two) = (1.0 / SHARE_DAYS, 1.0 / FOLLOW_DAYS);
    K * (1.0 - (two * (-one * days).exp() - one * (-two * days).exp()) / (two - one))
}

/// Shares for each owner with one, within so many days.
pub(super) fn i(days: f64) -> f64 {
    let shares = shared(days);
    shares / (1.0 - (1.0 + shares / SHAPE).powf(-SHAPE))
}

/// New owners for each share, within so many days.
pub(super) fn c(days: f64) -> f64 {
    k(days) / shared(days)
}

fn shared(days: f64) -> f64 {
    SHARES * (1.0 - (-days / SHARE_DAYS).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_coefficient_is_the_product_of_its_parts_and_ends_at_what_was_planned() {
        for days in [7.0, 14.0, 30.0] {
            let active = shared(days) / i(days);
            assert!((0.0..1.0).contains(&active), "{active}");
            assert!((active * i(days) * c(days) - k(days)).abs() < 1e-12);
        }
        assert!((k(1000.0) - K).abs() < 1e-9);
        assert!(k(7.0) < k(14.0) && k(14.0) < k(30.0));
    }
}
