//! Writes a year: views into rollups of a flush's size, these into the store, with folds in between.
//!
//! In: a fleet and a store. Out: what was written, counted beside the store, and how long each part
//! took. A thread of its own makes views and rollups, as a collector's would be ready in its spool, and
//! folds go on beside merges, as a collector's do.
//! What must never happen: rows come into the database by another way than a collector's.

use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, anyhow, ensure};
use foresight::{
    event::{DAY_MS, Event, HOUR_MS, Millis},
    rollup::{Distribution, Rollup},
    store::{Merge, Store},
};
use foresight_shared::Metric;
use tokio::{sync::mpsc, task::JoinHandle};

use crate::model::Fleet;

/// Views of one rollup: `flush_records` of a collector that has work waiting.
const FLUSH: u64 = 10_000;

/// Rollups that may wait for the store.
const AHEAD: usize = 4;

/// Days for which hours, days and anything are kept: a collector's defaults.
pub(crate) const KEEP_DAYS: [i64; 3] = [35, 100, 400];

/// What was written, counted view by view.
#[derive(Default)]
pub(crate) struct Truth {
    /// Views by site, most visited first.
    pub(crate) views: Vec<i64>,
    /// Values of LCP by site.
    pub(crate) lcp: Vec<Distribution>,
    /// Views by day, first day first.
    pub(crate) days: Vec<i64>,
}

/// How long each part took, beside the others, and the longest day's deletion.
#[derive(Default)]
pub(crate) struct Times {
    pub(crate) all: Duration,
    pub(crate) model: Duration,
    pub(crate) rollup: Duration,
    pub(crate) merge: Duration,
    pub(crate) fold: Duration,
    pub(crate) delete: Duration,
    pub(crate) longest_delete: Duration,
}

/// What a collector does next.
enum Step {
    /// Adds so many views.
    Merge(Box<Rollup>, u64),
    /// Folds what is older than a time, and if a day has ended deletes what is too old.
    Keep(Millis, bool),
}

/// Writes the fleet's views. Folds so many times a day. Says how far it is.
pub(crate) async fn fill(
    store: &Arc<dyn Store>,
    fleet: Fleet,
    folds_per_day: i64,
    say: impl Fn(&str),
) -> Result<(Truth, Times)> {
    let (steps, mut next) = mpsc::channel(AHEAD);
    let maker = Maker::new(fleet, steps);
    let making = thread::spawn(move || maker.make(folds_per_day));
    let mut times = Times::default();
    let mut keeping: Option<JoinHandle<Result<Times>>> = None;
    let (began, mut written, mut days) = (Instant::now(), 0_u64, 0);
    while let Some(step) = next.recv().await {
        let (now_ms, day_ended) = match step {
            Step::Merge(rollup, views) => {
                times.merge += merge(&**store, written, &rollup, views).await?;
                written += views;
                continue;
            }
            Step::Keep(now_ms, day_ended) => (now_ms, day_ended),
        };
        if let Some(before) = keeping.take() {
            times.add(&before.await??);
        }
        keeping = Some(tokio::spawn(keep(Arc::clone(store), now_ms, day_ended)));
        days += i32::from(day_ended);
        if day_ended && days % 7 == 0 {
            let rate = written as f64 / began.elapsed().as_secs_f64();
            say(&format!("day {days}: {written} views, {rate:.0} a second"));
        }
    }
    if let Some(last) = keeping {
        times.add(&last.await??);
    }
    times.all = began.elapsed();
    let (truth, made) = making.join().map_err(|_| anyhow!("the model panicked"))?;
    times.add(&made);
    Ok((truth, times))
}

impl Times {
    fn add(&mut self, other: &Self) {
        self.model += other.model;
        self.rollup += other.rollup;
        self.fold += other.fold;
        self.delete += other.delete;
        self.longest_delete = self.longest_delete.max(other.longest_delete);
    }
}

/// Makes rollups, ahead of the store.
struct Maker {
    fleet: Fleet,
    steps: mpsc::Sender<Step>,
    rollup: Rollup,
    /// Views in the rollup.
    waiting: u64,
    truth: Truth,
    times: Times,
}

impl Maker {
    fn new(fleet: Fleet, steps: mpsc::Sender<Step>) -> Self {
        let sites = fleet.hosts().count();
        Self {
            fleet,
            steps,
            rollup: Rollup::default(),
            waiting: 0,
            truth: Truth {
                views: vec![0; sites],
                lcp: vec![Distribution::default(); sites],
                days: Vec::new(),
            },
            times: Times::default(),
        }
    }

    /// Makes every view. What it returns does not hold the channel, which so ends.
    fn make(mut self, folds_per_day: i64) -> (Truth, Times) {
        let hours = self.fleet.hours();
        for (number, (hour_ms, views)) in hours.iter().enumerate() {
            if number % 24 == 0 {
                self.truth.days.push(0);
            }
            let end_ms = hour_ms + HOUR_MS;
            let is_last = number + 1 == hours.len();
            let mut left = *views;
            while left > 0 {
                let some = left.min(FLUSH - self.waiting);
                self.add(*hour_ms, some);
                left -= some;
                if self.waiting == FLUSH {
                    self.merge();
                }
            }
            if is_last || end_ms % (DAY_MS / folds_per_day) == 0 {
                self.merge();
                self.send(Step::Keep(end_ms, is_last || end_ms % DAY_MS == 0));
            }
        }
        (self.truth, self.times)
    }

    fn merge(&mut self) {
        if self.waiting > 0 {
            let rollup = std::mem::take(&mut self.rollup);
            let views = std::mem::take(&mut self.waiting);
            self.send(Step::Merge(Box::new(rollup), views));
        }
    }

    fn send(&self, step: Step) {
        // Without a receiver the store has failed, and that is the answer.
        self.steps.blocking_send(step).ok();
    }

    /// Adds views that begin in an hour.
    fn add(&mut self, hour_ms: Millis, views: u64) {
        let start = Instant::now();
        let accepted: Vec<_> = (0..views).map(|_| self.fleet.view(hour_ms)).collect();
        for (site, accepted) in &accepted {
            self.truth.views[*site] += 1;
            if let Some(day) = self.truth.days.last_mut() {
                *day += 1;
            }
            for event in &accepted.events {
                if let Event::Vital {
                    metric: Metric::Lcp,
                    value,
                    was,
                    ..
                } = event
                {
                    self.truth.lcp[*site].record(Metric::Lcp, *value, *was);
                }
            }
        }
        self.times.model += start.elapsed();
        let start = Instant::now();
        for (_, accepted) in accepted {
            self.rollup.fold(accepted);
        }
        self.times.rollup += start.elapsed();
        self.waiting += views;
    }
}

async fn merge(store: &dyn Store, position: u64, rollup: &Rollup, views: u64) -> Result<Duration> {
    let start = Instant::now();
    let (from, to) = (position as i64, (position + views) as i64);
    let merge = store.merge("year", from, to, rollup).await?;
    ensure!(merge == Merge::Added, "the spool's position is elsewhere");
    Ok(start.elapsed())
}

/// What a collector does every few minutes.
async fn keep(store: Arc<dyn Store>, now_ms: Millis, day_ended: bool) -> Result<Times> {
    let start = Instant::now();
    store.fold_hours(now_ms + HOUR_MS).await?;
    store.fold_days(now_ms - HOUR_MS).await?;
    store.fold_weeks(now_ms - HOUR_MS).await?;
    let mut times = Times {
        fold: start.elapsed(),
        ..Times::default()
    };
    if day_ended {
        let [hours, days, all] = KEEP_DAYS;
        let start = Instant::now();
        store.drop_hours(now_ms - hours * DAY_MS).await?;
        store.drop_days(now_ms - days * DAY_MS).await?;
        store.delete_before(now_ms - all * DAY_MS).await?;
        times.delete = start.elapsed();
        times.longest_delete = times.delete;
    }
    Ok(times)
}
