//! What slowness costs is found where it was planted, and none where none was.
//!
//! In: page views whose truth is known, folded as the collector folds them. Phones are slower than
//! desktops and their visitors leave fewer leads anyway, and so are countries: whoever compared slow views
//! with fast ones without regard to that would find a cost where there is none.

use foresight::{
    event::{Accepted, Device, Event, Kind, View},
    growth::{Estimated, Slow, Strata},
    rollup::Rollup,
};
use foresight_shared::{Metric, NavigationType};
use rand::{RngExt, SeedableRng, rngs::StdRng};

use crate::{
    coverage::{covers, runs},
    process::START_MS,
};

/// Page views of a run.
const VIEWS: usize = 3000;

/// A device class in a country: how many of a hundred views are of it, how many of a hundred of these are
/// good and how many need improvement, and how many have a lead if they are good, of 1.
type Class = (Device, &'static str, f64, [f64; 2], f64);

const CLASSES: [Class; 4] = [
    (Device::Phone, "DE", 30.0, [40.0, 30.0], 0.06),
    (Device::Phone, "IN", 30.0, [20.0, 30.0], 0.04),
    (Device::Desktop, "DE", 30.0, [80.0, 12.0], 0.15),
    (Device::Desktop, "IN", 10.0, [50.0, 30.0], 0.10),
];

/// How likely a lead is in a view of a class, by rating.
type Effect = fn(f64, usize) -> f64;

/// What a run of page views is found to say.
fn run(seed: usize, effect: Effect, late: f64) -> Slow {
    let mut random = StdRng::seed_from_u64(seed as u64);
    let mut rollup = Rollup::default();
    for _ in 0..VIEWS {
        let mut left = random.random_range(0.0..100.0);
        let class = CLASSES.iter().find(|class| {
            left -= class.2;
            left < 0.0
        });
        let (device, country, _, [good, middling], risk) = *class.unwrap_or(&CLASSES[3]);
        let drawn = random.random_range(0.0..100.0);
        let rating = usize::from(drawn >= good) + usize::from(drawn >= good + middling);
        let (low, high) = [(300.0, 2500.0), (2501.0, 4000.0), (4001.0, 12_000.0)][rating];
        let value = random.random_range(low..high);
        let lcp = Event::Vital {
            metric: Metric::Lcp,
            value,
            was: None,
            element: None,
        };
        let lead = Event::Named {
            kind: Kind::Lead,
            name: "table".into(),
        };
        let view = |counted| view(device, country, counted);
        let (mut events, mut later) = (vec![lcp], Vec::new());
        if random.random_bool(effect(risk, rating)) {
            let batch = if random.random_bool(late) {
                &mut later
            } else {
                &mut events
            };
            batch.push(lead);
        }
        rollup.fold(Accepted {
            view: view(true),
            events,
        });
        if !later.is_empty() {
            rollup.fold(Accepted {
                view: view(false),
                events: later,
            });
        }
    }
    report(&rollup)
}

fn view(device: Device, country: &str, counted: bool) -> View {
    View {
        site: "a.example".into(),
        template: None,
        build: None,
        page: "/".into(),
        device,
        country: country.into(),
        browser: "Firefox".into(),
        navigation: NavigationType::Navigate,
        start_ms: START_MS,
        received_ms: START_MS,
        counted,
    }
}

/// The report over a rollup's cells.
fn report(rollup: &Rollup) -> Slow {
    let mut strata = Strata::new(Metric::Lcp);
    for (cell, counts) in &rollup.cells {
        let (device, country) = (cell.device.word(), &*cell.country);
        if let Some(values) = counts
            .vitals
            .iter()
            .find_map(|(metric, values)| (*metric == Metric::Lcp).then_some(values))
        {
            strata.add_values(device, country, values);
        }
        for ((kind, name), count) in &counts.activity {
            if *kind == Kind::LeadBand {
                strata.add_outcomes(device, country, name, *count);
            }
        }
    }
    strata.report()
}

fn holds(one: Option<Estimated>, truth: f64) -> bool {
    let one = one.unwrap();
    one.low <= truth && truth <= one.high
}

/// How many of the runs hold the truth.
fn count(found: &[Slow], holds: impl Fn(&Slow) -> bool) -> usize {
    found.iter().filter(|slow| holds(slow)).count()
}

fn mean(found: &[Slow], of: impl Fn(&Slow) -> Option<Estimated>) -> f64 {
    let sum: f64 = found.iter().map(|slow| of(slow).unwrap().value).sum();
    sum / found.len() as f64
}

#[test]
fn where_slowness_costs_nothing_none_is_found_though_the_plain_rates_differ() {
    let found: Vec<Slow> = (0..runs())
        .map(|seed| run(seed, |risk, _| risk, 0.0))
        .collect();
    let crude = count(&found, |slow| holds(slow.ratings[2].difference, 0.0));
    println!("{crude} of {} plain intervals hold 0", found.len());
    assert!(
        crude * 20 < found.len(),
        "phones are slower, which must show"
    );
    for rating in [1, 2] {
        let difference = count(&found, |slow| {
            holds(slow.ratings[rating].adjusted_difference, 0.0)
        });
        covers(difference, found.len(), "no planted difference");
        let ratio = count(&found, |slow| {
            holds(slow.ratings[rating].adjusted_ratio, 1.0)
        });
        covers(ratio, found.len(), "no planted ratio");
    }
    let off = mean(&found, |slow| slow.ratings[2].adjusted_difference);
    assert!(off.abs() < 0.002, "{off}");
}

/// Two of a hundred leads fewer in poor views, one fewer in those that need improvement.
#[test]
fn a_planted_difference_is_found() {
    let effect: Effect = |risk, rating| risk - 0.01 * rating as f64;
    let found: Vec<Slow> = (0..runs()).map(|seed| run(seed, effect, 0.0)).collect();
    for (rating, truth) in [(1, -0.01), (2, -0.02)] {
        let held = count(&found, |slow| {
            holds(slow.ratings[rating].adjusted_difference, truth)
        });
        covers(held, found.len(), "planted difference");
        let mean = mean(&found, |slow| slow.ratings[rating].adjusted_difference);
        assert!((mean - truth).abs() < 0.002, "{mean}, not {truth}");
    }
}

/// Half as many leads in poor views; of three in ten the batch does not say how fast the view was.
#[test]
fn a_planted_ratio_is_found_though_some_values_are_not_known() {
    let effect: Effect = |risk, rating| risk * [1.0, 0.75, 0.5][rating];
    let found: Vec<Slow> = (0..runs()).map(|seed| run(seed, effect, 0.3)).collect();
    for (rating, truth) in [(1, 0.75), (2, 0.5)] {
        let held = count(&found, |slow| {
            holds(slow.ratings[rating].adjusted_ratio, truth)
        });
        covers(held, found.len(), "planted ratio");
    }
    let sum = |of: fn(&Slow) -> u64| found.iter().map(of).sum::<u64>() as f64;
    let unknown = sum(|slow| slow.unknown) / sum(|slow| slow.outcomes);
    assert!((unknown - 0.3).abs() < 0.02, "{unknown}");
    let parts = &found[0].parts;
    let views: u64 = parts.iter().map(|part| part.seen.views).sum();
    assert_eq!((views, found[0].views), (VIEWS as u64, VIEWS as u64));
}
