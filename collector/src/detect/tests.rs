//! Small fleets by hand: what is found, what becomes of it, and what is not found.

use std::cell::Cell as Counter;

use foresight_shared::{Metric, NavigationType};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use rand_distr::{Distribution as _, LogNormal};

use super::*;
use crate::{
    event::{DAY_MS, Device},
    rollup::{Cell, Distribution},
    store::{Cohort, Direction},
};

const SITES: usize = 12;
const START_MS: Millis = 20_000 * DAY_MS;

/// What happens to a view: its site, device, country, and the hour since the start.
type Slower = fn(&Words) -> f64;

struct Words {
    site: usize,
    is_phone: bool,
    country: &'static str,
    hour: i64,
}

/// A fleet whose values are multiplied by `slower`, looked at every three hours until `hours`; every
/// finding, as it was at the end. `views` says how many views a site has in an hour.
fn run(
    hours: i64,
    slower: Slower,
    phones: fn(i64) -> f64,
    views: fn(&Words) -> usize,
) -> Vec<Change> {
    let mut random = StdRng::seed_from_u64(5);
    let mut detector = Detector::new(Limits::default());
    let mut changes: Vec<Change> = Vec::new();
    for hour in 0..hours {
        let start_ms = START_MS + hour * HOUR_MS;
        let cells = cells(&mut random, hour, slower, phones, views);
        detector.put(start_ms..start_ms + HOUR_MS, &cells);
        if hour % 3 != 0 {
            continue;
        }
        for change in detector
            .look(start_ms + HOUR_MS, &changes.clone(), &|| false)
            .unwrap()
        {
            changes.retain(|known| known.id != change.id);
            changes.push(change);
        }
    }
    changes
}

/// The cells of an hour.
fn cells(
    random: &mut StdRng,
    hour: i64,
    slower: Slower,
    phones: fn(i64) -> f64,
    views: fn(&Words) -> usize,
) -> Vec<CellSum> {
    let mut cells = Vec::new();
    for site in 0..SITES {
        let mut words = Words {
            site,
            is_phone: true,
            country: "DE",
            hour,
        };
        for _ in 0..views(&words) {
            words.is_phone = random.random_bool(phones(hour));
            words.country = if random.random_bool(0.3) { "IN" } else { "DE" };
            let median = if words.is_phone { 2000.0_f64 } else { 1000.0 };
            let median = median * (1.0 + site as f64 / 10.0) * slower(&words);
            let value = LogNormal::new(median.ln(), 0.4).unwrap().sample(random);
            cells.push(cell(&words, START_MS + hour * HOUR_MS, value));
        }
    }
    cells
}

fn cell(words: &Words, hour_ms: Millis, value: f64) -> CellSum {
    let mut distribution = Distribution::default();
    distribution.record(Metric::Lcp, value, None);
    let device = if words.is_phone {
        Device::Phone
    } else {
        Device::Desktop
    };
    let cell = Cell {
        site: format!("{}.example", words.site),
        hour_ms,
        page: "/".to_owned(),
        device,
        country: words.country.to_owned(),
        browser: "Chrome".to_owned(),
        navigation: NavigationType::Navigate,
    };
    (cell, vec![(Metric::Lcp, distribution)])
}

/// The hour in which something begins: eighteen days of past.
const CHANGE: i64 = 18 * 24;

const fn half(_hour: i64) -> f64 {
    0.5
}

const fn three(_words: &Words) -> usize {
    3
}

#[test]
fn a_country_that_becomes_slow_is_named_and_its_end_is_seen() {
    let slower: Slower = |words| {
        let is_slow = words.country == "IN" && (CHANGE..CHANGE + 96).contains(&words.hour);
        if is_slow { 1.5 } else { 1.0 }
    };
    let changes = run(CHANGE + 130, slower, half, three);
    let [change] = &changes[..] else {
        panic!("{changes:#?}");
    };
    let cohort = Cohort {
        country: Some("IN".to_owned()),
        ..Cohort::default()
    };
    assert_eq!(
        (&change.cohort, change.direction),
        (&cohort, Direction::Worse)
    );
    let off = (change.since_ms - START_MS) / HOUR_MS - CHANGE;
    assert!(off.abs() <= 3, "{off}");
    assert!(
        change.found_ms - change.since_ms <= 15 * HOUR_MS,
        "{change:#?}"
    );
    let ratio = change.to_p75 / change.from_p75;
    assert!((1.4..1.6).contains(&ratio), "{ratio}");
    let difference = change.to_p75 * (1.0 - 1.0 / 1.5);
    assert!(
        change.difference_low < difference && difference < change.difference_high,
        "{change:#?}"
    );
    let until = (change.until_ms.unwrap() - START_MS) / HOUR_MS - CHANGE;
    assert!((92..=100).contains(&until), "{until}");
    // All of its views: three in ten of 36 in an hour.
    assert_eq!(change.sites, SITES as i64);
    assert!((900..1200).contains(&change.views), "{}", change.views);
}

#[test]
fn more_phones_and_a_burst_of_one_slow_site_are_no_change() {
    let phones = |hour: i64| if hour >= CHANGE { 0.9 } else { 0.5 };
    let views = |words: &Words| {
        if words.site == 11 && words.hour >= CHANGE {
            40
        } else {
            3
        }
    };
    let changes = run(CHANGE + 40, |_| 1.0, phones, views);
    assert_eq!(changes, []);
}

#[test]
fn one_site_is_named_alone() {
    let slower: Slower = |words| {
        let is_slow = words.site == 4 && words.hour >= CHANGE;
        if is_slow { 1.6 } else { 1.0 }
    };
    let changes = run(CHANGE + 36, slower, half, three);
    let [change] = &changes[..] else {
        panic!("{changes:#?}");
    };
    assert_eq!(change.cohort.site.as_deref(), Some("4.example"));
    assert_eq!((change.sites, change.until_ms), (1, None));
}

#[test]
fn without_a_past_there_is_no_look() {
    let mut detector = Detector::new(Limits::default());
    assert_eq!(detector.look(START_MS, &[], &|| false), Ok(Vec::new()));
    let wanted = detector.wanted(START_MS + 90_000);
    assert_eq!(wanted, START_MS - HISTORY_HOURS * HOUR_MS..START_MS);
    detector.put(START_MS - HOUR_MS..START_MS, &[]);
    let wanted = detector.wanted(START_MS);
    assert_eq!(wanted, START_MS - LATE_HOURS * HOUR_MS..START_MS);
}

/// Eighteen days of a fleet in which nothing changes, and then two in which a country is slow.
fn with_a_slow_country() -> Detector {
    let mut random = StdRng::seed_from_u64(6);
    let mut detector = Detector::new(Limits::default());
    for hour in 0..CHANGE + 30 {
        let start_ms = START_MS + hour * HOUR_MS;
        let slower: Slower = |words| {
            let is_slow = words.country == "IN" && words.hour >= CHANGE;
            if is_slow { 1.5 } else { 1.0 }
        };
        let cells = cells(&mut random, hour, slower, half, three);
        detector.put(start_ms..start_ms + HOUR_MS, &cells);
    }
    detector
}

#[test]
fn a_look_that_is_stopped_ends_soon_and_leaves_nothing_behind() {
    let now_ms = START_MS + (CHANGE + 30) * HOUR_MS;
    let expected = with_a_slow_country().look(now_ms, &[], &|| false).unwrap();
    assert_eq!(expected.len(), 1, "{expected:#?}");
    let asked = Counter::new(0);
    let count = || {
        asked.set(asked.get() + 1);
        false
    };
    with_a_slow_country().look(now_ms, &[], &count).unwrap();
    let all = asked.get();
    assert!(all > 100, "{all}");
    for last in [1, 60, all / 2, all] {
        let mut detector = with_a_slow_country();
        asked.set(0);
        let stops = || {
            asked.set(asked.get() + 1);
            asked.get() >= last
        };
        assert_eq!(detector.look(now_ms, &[], &stops), Err(Stopped));
        // It did not go on after it was told.
        assert_eq!(asked.get(), last);
        let again = detector.look(now_ms, &[], &|| false);
        assert_eq!(again.as_ref(), Ok(&expected));
    }
}

#[test]
fn a_change_beside_an_open_one_of_mostly_the_same_views_is_found() {
    let slower: Slower = |words| {
        let country = words.country == "DE" && words.hour >= CHANGE;
        let phones = words.is_phone && words.hour >= CHANGE + 60;
        let times = |is_slow, ratio| if is_slow { ratio } else { 1.0 };
        times(country, 1.5) * times(phones, 1.6)
    };
    // Half of the views of either are of both.
    let changes = run(CHANGE + 90, slower, |_| 0.7, three);
    let named: Vec<_> = changes
        .iter()
        .map(|one| (one.cohort.country.as_deref(), one.cohort.device.as_deref()))
        .collect();
    assert_eq!(named, [(Some("DE"), None), (None, Some("phone"))]);
    assert!(changes.iter().all(|one| one.until_ms.is_none()));
}

#[test]
fn what_has_been_there_as_long_as_the_history_is_usual_and_not_found_again() {
    let slower: Slower = |words| {
        let is_slow = words.country == "IN" && words.hour >= CHANGE;
        if is_slow { 1.5 } else { 1.0 }
    };
    let changes = run(CHANGE + HISTORY_HOURS + 120, slower, half, three);
    let [change] = &changes[..] else {
        panic!("{changes:#?}");
    };
    let until = (change.until_ms.unwrap() - change.since_ms) / HOUR_MS;
    assert!(
        (HISTORY_HOURS..HISTORY_HOURS + 3).contains(&until),
        "{until}"
    );
}
