//! Tests: generated series of several kinds, forecast with what was known, judged by what came.

use rand::{RngExt, SeedableRng, rngs::StdRng};
use rand_distr::{Distribution, Normal, Poisson};

use super::*;

/// Days that are known.
const KNOWN: usize = 200;

/// Series of each kind.
const SERIES: u64 = 25;

/// Makes days.
type Series = fn(&mut StdRng) -> Vec<i64>;

/// The kinds of series.
const KINDS: [(&str, Series); 7] = [
    ("trend", |rng| {
        made(rng, |day| 20_000.0 + 80.0 * day, 2000.0)
    }),
    ("falling", |rng| {
        made(rng, |day| 60_000.0 - 150.0 * day, 2000.0)
    }),
    ("noise", |rng| made(rng, |_| 20_000.0, 6000.0)),
    ("level shift", |rng| {
        let shift = f64::from(rng.random_range(120..210));
        made(
            rng,
            |day| if day < shift { 20_000.0 } else { 35_000.0 },
            2500.0,
        )
    }),
    ("random walk", |rng| {
        let mut level = 30_000.0;
        let steps: Vec<_> = (0..KNOWN + HORIZON_DAYS)
            .map(|_| {
                level += Normal::new(0.0, 600.0).unwrap().sample(rng);
                level
            })
            .collect();
        made(rng, |day| steps[day as usize], 2000.0)
    }),
    ("intermittent", |rng| {
        let sales = Poisson::new(0.4).unwrap();
        let day = |_| (sales.sample(rng) * 2900.0) as i64;
        (0..KNOWN + HORIZON_DAYS).map(day).collect()
    }),
    ("flat", |_| vec![2900; KNOWN + HORIZON_DAYS]),
];

/// A level with a week's shape and noise.
fn made(rng: &mut StdRng, level: impl Fn(f64) -> f64, noise: f64) -> Vec<i64> {
    const WEEK: [f64; 7] = [1.1, 1.0, 1.0, 1.05, 1.2, 0.9, 0.75];
    let noise = Normal::new(0.0, noise).unwrap();
    let mut day = |day: usize| (level(day as f64) * WEEK[day % 7] + noise.sample(rng)).max(0.0);
    (0..KNOWN + HORIZON_DAYS)
        .map(|number| day(number) as i64)
        .collect()
}

/// The mean absolute error of what was expected.
fn error(days: &[Expected], came: &[i64]) -> f64 {
    let errors = days
        .iter()
        .zip(came)
        .map(|(day, came)| (day.figure - *came as f64).abs());
    errors.sum::<f64>() / came.len() as f64
}

#[test]
fn unknown_days_are_forecast_no_worse_than_by_the_same_weekday_of_last_week() {
    for (at, (kind, series)) in (0..).zip(KINDS) {
        let (mut ours, mut plain, mut within) = (0.0, 0.0, 0);
        for seed in 0..SERIES {
            let days = series(&mut StdRng::seed_from_u64(1000 * at + seed));
            let (known, came) = days.split_at(KNOWN);
            let outlook = forecast(known).unwrap();
            assert!(outlook.past.mae <= outlook.baseline.mae, "{kind} {seed}");
            let known: Vec<_> = known.iter().map(|day| *day as f64).collect();
            ours += error(&outlook.days, came);
            let naive = Said::of(&known).unwrap();
            plain += error(&naive.by(Model::Naive).unwrap(), came);
            let is_in = |(day, came): &(&Expected, &i64)| {
                (day.interval.0..=day.interval.1).contains(&(**came as f64))
            };
            within += outlook.days.iter().zip(came).filter(is_in).count();
        }
        let covered = 100.0 * within as f64 / (SERIES as usize * HORIZON_DAYS) as f64;
        assert!(ours <= 1.05 * plain, "{kind}: {ours} against {plain}");
        assert!(covered > 75.0, "{kind}: {covered}");
    }
}

#[test]
fn little_to_go_by_is_said_to_be_little() {
    assert_eq!(forecast(&[]), Err(Withheld::TooShort));
    assert_eq!(forecast(&[100; LEAST_DAYS - 1]), Err(Withheld::TooShort));
    assert!(forecast(&[100; LEAST_DAYS]).is_ok());
    // Money on one day a week.
    let weekly = |days: usize| {
        (0..days)
            .map(|day| i64::from(day % 7 == 0))
            .collect::<Vec<_>>()
    };
    assert_eq!(forecast(&weekly(300)), Err(Withheld::TooSparse));
    let mut ended = vec![100; 300];
    ended[300 - LEAST_DAYS..].fill(0);
    assert_eq!(forecast(&ended), Err(Withheld::TooSparse));
}

#[test]
fn a_flat_series_goes_on_and_has_no_error() {
    let outlook = forecast(&[2900; 120]).unwrap();
    assert_eq!(outlook.days.len(), HORIZON_DAYS);
    for day in &outlook.days {
        assert!((day.figure - 2900.0).abs() < 1.0, "{day:?}");
    }
    let baseline = outlook.baseline;
    assert_eq!((baseline.mae, baseline.mase), (0.0, None));
    assert_eq!(baseline.coverage_percent, 100.0);
    assert_eq!(outlook.model, Model::Naive);
}

#[test]
fn a_forecast_is_judged_by_days_that_it_does_not_know() {
    // What comes last is unlike all before it: no forecast from before can have known.
    let mut days = vec![1000; 170];
    days[140..].fill(9000);
    let days: Vec<_> = days.into_iter().map(f64::from).collect();
    let past = Trials::of(&days).past(Model::Naive).unwrap();
    assert_eq!(past.origins, 12);
    // The newest origin misses each of its 30 days by 8000, the one before 23 of them, and so on.
    let missed = f64::from(30 + 23 + 16 + 9 + 2) * 8000.0;
    assert!((past.mae - missed / 360.0).abs() < 1e-6, "{past:?}");
    assert!((past.total_error - missed / 12.0).abs() < 1e-6, "{past:?}");
}

#[test]
fn the_same_days_have_the_same_forecast() {
    let days = KINDS[0].1(&mut StdRng::seed_from_u64(7));
    assert_eq!(forecast(&days), forecast(&days));
}
