//! What is a finding, and what is chance.

use super::*;

fn points(hours: std::ops::Range<i64>, more: f32) -> Vec<Point> {
    let points = hours.flat_map(|hour| {
        (0..8).map(move |number| Point {
            hour,
            leaf: 0,
            site: (number % 4) as u32,
            left: (number * 5) as f32 - 17.5 + more,
            bin: bins::bin_of(2000.0),
            count: 1,
        })
    });
    points.collect()
}

#[test]
fn what_moved_the_other_way_than_was_claimed_is_no_finding() {
    let limits = Limits {
        least_sites: 4,
        ..Limits::default()
    };
    let evidence = Evidence {
        metric: 0,
        is_of_one_site: false,
        spread: 12.0,
        doubt_of_hours: 0.0,
        before: points(0..300, 0.0),
        after: points(303..333, -20.0),
    };
    let claim = |is_worse| Claim {
        is_worse,
        looks: 10.0,
    };
    assert_eq!(evidence.judge(&limits, claim(true)), Err(Refusal::OtherWay));
    let verdict = evidence.judge(&limits, claim(false)).unwrap();
    assert_eq!(verdict.shift.value, -20.0);
}

#[test]
fn chance_is_bounded_from_above_and_closely() {
    // Two-sided tails of the normal distribution.
    for (z, tail) in [(3.0, 2.6998e-3), (5.0, 5.7330e-7), (7.0, 2.5596e-12_f64)] {
        let bound = ln_chance(z).exp();
        assert!(bound >= tail && bound < 1.1 * tail, "{z}: {bound} {tail}");
    }
    assert_eq!(ln_chance(0.0), 0.0);
}
