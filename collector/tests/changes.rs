//! The detector of changes: regressions that were planted in demo fleets are found by their cohorts, and
//! noises are not.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use foresight::{
    command::{Rehearsal, SeedArguments},
    event::Millis,
};

/// 2026-11-23T21:00:00Z.
const END_MS: Millis = 1_795_467_600_000;

fn fleet(seed: u64) -> SeedArguments {
    SeedArguments {
        sites: 260,
        days: 40,
        views: 40,
        seed,
        until: None,
        add: false,
        steady: false,
        record: None,
    }
}

/// A short form of what `examples/changes.rs` measures over larger fleets.
#[test]
fn planted_regressions_are_found_within_a_day_and_noises_are_not() {
    let (mut found, mut others) = (0, Vec::new());
    for seed in [1, 2] {
        let rehearsed = Rehearsal::new(&fleet(seed), END_MS).run(6);
        assert_eq!(rehearsed.regressions.len(), 5);
        found += rehearsed.found();
        others.extend(rehearsed.others);
    }
    // A small fleet has few views of rare browsers and countries.
    assert!(found >= 8, "{found} of 10; others: {others:#?}");
    assert!(others.is_empty(), "{others:#?}");
}

#[test]
fn a_fleet_in_which_nothing_changes_has_no_findings() {
    let steady = SeedArguments {
        steady: true,
        ..fleet(3)
    };
    let rehearsed = Rehearsal::new(&steady, END_MS).run(6);
    assert!(rehearsed.views > 100_000, "{}", rehearsed.views);
    assert!(rehearsed.others.is_empty(), "{:#?}", rehearsed.others);
    assert!(rehearsed.better.is_empty(), "{:#?}", rehearsed.better);
}
