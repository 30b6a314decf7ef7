//! The estimates find the truth of a process whose truth is known, and 95% intervals hold it in 95 of
//! 100 runs.
//!
//! Runs are drawn from fixed seeds, so a test that passes does so each time. `FORESIGHT_TEST_RUNS`
//! asks for more of them than the gate has time for: with 2000 or more, the coverage must lie between
//! 93% and 97%. With fewer, it must lie where that of a true 95% interval does in 999 of 1000 cases.

use foresight::{
    event::{DAY_MS, Millis},
    growth::{Cycle, Estimate, Fleet, Model, Period, Rules, State, cohorts, cycle, estimate},
};

use crate::process::{Process, START_MS, at};

/// Runs of each process in the gate.
const RUNS: usize = 200;

/// Runs from which the coverage is held to its bounds.
const MANY_RUNS: usize = 2000;

/// Owners who come by themselves.
const SEEDS: usize = 150;

/// When all windows of the first week's owners have passed.
const LATE_MS: Millis = START_MS + 37 * DAY_MS;

pub(crate) fn rules() -> Rules {
    Rules {
        model: Model::LastTouch,
        window_ms: 30 * DAY_MS,
        least_ms: 60_000,
        opened_goal: "generator_opened".into(),
    }
}

/// What was found in some runs.
#[derive(Default)]
struct Found {
    values: Vec<f64>,
    covered: usize,
}

impl Found {
    fn add(&mut self, value: f64) {
        self.values.push(value);
    }

    fn add_interval(&mut self, interval: Option<(f64, f64)>, truth: f64) {
        let (low, high) = interval.unwrap();
        self.covered += usize::from(low <= truth && truth <= high);
    }

    fn mean(&self) -> f64 {
        self.values.iter().sum::<f64>() / self.values.len() as f64
    }

    /// How many standard errors the mean is off the truth.
    fn off(&self, truth: f64, what: &str) -> f64 {
        let mean = self.mean();
        let count = self.values.len() as f64;
        let squares = self.values.iter().map(|value| (value - mean).powi(2));
        let error = (squares.sum::<f64>() / (count - 1.0) / count).sqrt();
        let off = (mean - truth) / error;
        println!("{what}: {mean:.4}, truth {truth:.4}, {off:+.1} standard errors");
        off
    }

    /// The mean is the truth, as far as so many runs can tell.
    fn is_unbiased(&self, truth: f64, what: &str) {
        assert!(self.off(truth, what).abs() < 4.0, "{what}");
    }

    /// As above, but a quantile of few values is a little off by itself.
    fn is_near(&self, truth: f64, what: &str) {
        let mean = self.mean();
        println!("{what}: {mean:.4}, truth {truth:.4}");
        assert!(
            (mean / truth - 1.0).abs() < 0.02,
            "{what}: {mean} for {truth}"
        );
    }

    fn covers(&self, runs: usize, what: &str) {
        covers(self.covered, runs, what);
    }
}

/// So many of the runs' intervals hold the truth as 95% intervals must.
pub(crate) fn covers(covered: usize, runs: usize, what: &str) {
    let part = covered as f64 / runs as f64;
    println!(
        "{what}: {covered} of {runs} intervals hold it, {:.1}%",
        100.0 * part
    );
    let (low, high) = if runs >= MANY_RUNS {
        (0.93, 0.97)
    } else {
        let error = (0.95 * 0.05 / runs as f64).sqrt();
        (0.95 - 3.3 * error, 0.95 + 3.3 * error)
    };
    assert!((low..=high).contains(&part), "{what}: {part}");
}

pub(crate) fn runs() -> usize {
    match std::env::var("FORESIGHT_TEST_RUNS") {
        Ok(text) => text.parse().unwrap(),
        Err(_) => RUNS,
    }
}

/// The estimates of the first week's cohort at a time.
fn ask(process: &Process, run: usize, now_ms: Millis) -> (Vec<Estimate>, Cycle) {
    let mut facts = process.run(run as u64);
    // What has not happened yet is not known.
    facts.generations.retain(|one| one.at_ms <= now_ms);
    facts.shares.retain(|one| one.shared_ms <= now_ms);
    let fleet = Fleet::of(&facts, &rules());
    let cohort = cohorts(&fleet, Period::Week, START_MS, START_MS + 1).remove(0);
    let of = |days| {
        let times = (cohort.end_ms, now_ms);
        estimate(&fleet, &cohort.members, days, times, |_| true)
    };
    let estimates = [7, 14, 30].map(of).to_vec();
    (estimates, cycle(&fleet, &cohort.members, now_ms))
}

fn simulate(k: f64) {
    let process = Process::with_k(k, SEEDS);
    let mut found: [[Found; 3]; 3] = Default::default();
    let mut cycles: [Found; 2] = Default::default();
    for run in 0..runs() {
        let (estimates, cycle) = ask(&process, run, LATE_MS);
        for (estimate, [k, i, c]) in estimates.iter().zip(&mut found) {
            assert_eq!(estimate.state, State::Mature);
            k.add(estimate.k.unwrap());
            k.add_interval(estimate.interval, process.k(estimate.window_days as f64));
            i.add(estimate.i.unwrap());
            c.add(estimate.c.unwrap());
        }
        for (time, found) in [cycle.p50_ms, cycle.p90_ms].into_iter().zip(&mut cycles) {
            found.add(time.unwrap() as f64 / DAY_MS as f64);
        }
    }
    for ([found_k, i, c], days) in found.iter().zip([7.0, 14.0, 30.0]) {
        let what = |name| format!("K {k}, {name}({days})");
        found_k.is_unbiased(process.k(days), &what("K"));
        found_k.covers(runs(), &what("K"));
        i.is_near(process.i(days), &what("i"));
        c.is_near(process.c(days), &what("c"));
    }
    for (found, part) in cycles.iter().zip([0.5, 0.9]) {
        found.is_near(process.cycle_days(part), &format!("K {k}, cycle p{part}"));
    }
}

#[test]
fn a_process_that_dies_out_is_found_as_it_is() {
    simulate(0.3);
}

#[test]
fn a_process_that_hardly_dies_out_is_found_as_it_is() {
    simulate(0.9);
}

#[test]
fn a_process_that_grows_is_found_as_it_is() {
    simulate(1.2);
}

/// Ten days after the week began, the owners of its last four days could not be watched for a week.
#[test]
fn a_half_observed_cohort_is_estimated_from_those_who_could_be_watched() {
    let now_ms = at(10.0);
    let process = Process::with_k(0.9, 2 * SEEDS);
    let truth = process.k(7.0);
    let (mut found, mut naive) = (Found::default(), Found::default());
    for run in 0..runs() {
        let (estimates, cycle) = ask(&process, run, now_ms);
        let [week, fortnight, month] = &estimates[..] else {
            panic!("three windows");
        };
        assert_eq!(week.state, State::Partial);
        assert!(week.observed < week.owners, "{week:?}");
        found.add(week.k.unwrap());
        found.add_interval(week.interval, truth);
        // Nobody could be watched for longer: that is said, and no number is made up.
        for longer in [fortnight, month] {
            assert_eq!((longer.state, longer.k), (State::Immature, None));
            assert_eq!((longer.interval, longer.observed), (None, 0));
        }
        assert_eq!(cycle.p50_ms, None);
        // All that was brought, divided by all who came: what must not be done.
        naive.add(week.conversions_so_far as f64 / week.owners as f64);
    }
    found.is_unbiased(truth, "half-observed K(7)");
    found.covers(runs(), "half-observed K(7)");
    let off = naive.off(truth, "without regard to the time that is missing");
    assert!(off < -10.0, "{off}");
}
