//! The demo fleet in memory, hour by hour, for the detector of changes: what a collector's database would
//! tell it, without one.
//!
//! In: a seed. Out: for each regression that was planted, when the detector named its cohort, and what
//! else it found. What must never happen: the detector is told something that it would not know then.

use std::collections::BTreeMap;

use super::{
    Regression, SeedArguments, draw_owners, draw_planted,
    owners::Owners,
    planted::{Planted, SCRIPTS},
    views::Visitors,
};
use crate::{
    detect::{Detector, Limits, SiteFacts},
    event::{DAY_MS, HOUR_MS, Millis, hour_of},
    rollup::Rollup,
    store::{CellSum, Change, Direction},
};

/// Hours within which a regression is to be named.
const IN_TIME_HOURS: i64 = 24;

/// A fleet and what the detector makes of it.
pub struct Rehearsal {
    arguments: SeedArguments,
    span: (Millis, Millis),
    owners: Owners,
    planted: Planted,
}

/// What the detector made of a fleet.
#[derive(Clone, Debug)]
pub struct Rehearsed {
    /// Each regression, and after how many hours its cohort was named, if it was.
    pub regressions: Vec<(Regression, Option<i64>)>,
    /// What was found worse besides, under its last name.
    pub others: Vec<Change>,
    /// What was found better.
    pub better: Vec<Change>,
    /// Page views.
    pub views: u64,
}

impl Rehearsed {
    /// How many regressions were named within a day.
    #[must_use]
    pub fn found(&self) -> usize {
        let in_time = |hours: &Option<i64>| hours.is_some_and(|hours| hours <= IN_TIME_HOURS);
        let found = self.regressions.iter();
        found.filter(|(_, hours)| in_time(hours)).count()
    }
}

impl Rehearsal {
    /// Draws a fleet whose time ends at `to_ms`.
    #[must_use]
    pub fn new(arguments: &SeedArguments, to_ms: Millis) -> Self {
        let to_ms = hour_of(to_ms);
        let span = (to_ms - i64::from(arguments.days) * DAY_MS, to_ms);
        let owners = draw_owners(arguments, "", span);
        let planted = draw_planted(arguments, &owners, span);
        Self {
            arguments: arguments.clone(),
            span,
            owners,
            planted,
        }
    }

    /// Has the detector look every so many hours.
    #[must_use]
    pub fn run(&self, every_hours: i64) -> Rehearsed {
        let mut visitors = Visitors::new(&self.owners, &self.planted, self.arguments.seed, "");
        let mut detector = Detector::new(Limits::default());
        let mut changes: BTreeMap<String, Change> = BTreeMap::new();
        let mut named: Vec<Option<i64>> = vec![None; self.planted.regressions.len()];
        let (from_ms, to_ms) = self.span;
        for hour in 0..(to_ms - from_ms) / HOUR_MS {
            let hour_ms = from_ms + hour * HOUR_MS;
            let end_ms = hour_ms + HOUR_MS;
            let mut rollup = Rollup::default();
            visitors.hour(hour_ms, |accepted| rollup.fold(accepted));
            visitors.leads.clear();
            detector.put(hour_ms..end_ms, &cells(rollup));
            if (hour + 1) % every_hours != 0 {
                continue;
            }
            detector.learn(&self.facts(end_ms));
            let known: Vec<_> = changes.values().cloned().collect();
            // Nothing stops it, so that it is no error.
            let looked = detector.look(end_ms, &known, &|| false);
            let found = looked.into_iter().flatten();
            changes.extend(found.map(|change| (change.id.clone(), change)));
            self.note(&changes, end_ms, &mut named);
        }
        self.rehearsed(changes, named, visitors.drawn.views)
    }

    /// Notes which regressions are named just now.
    fn note(&self, changes: &BTreeMap<String, Change>, now_ms: Millis, named: &mut [Option<i64>]) {
        for (regression, named) in self.planted.regressions.iter().zip(named) {
            let is_named = changes.values().any(|change| is_of(change, regression));
            if named.is_none() && is_named {
                *named = Some((now_ms - regression.since_ms) / HOUR_MS);
            }
        }
    }

    fn rehearsed(
        &self,
        changes: BTreeMap<String, Change>,
        named: Vec<Option<i64>>,
        views: u64,
    ) -> Rehearsed {
        let regressions = &self.planted.regressions;
        let (worse, better): (Vec<_>, Vec<_>) = changes
            .into_values()
            .partition(|change| change.direction == Direction::Worse);
        let others = worse.into_iter();
        let others = others.filter(|change| !regressions.iter().any(|one| is_of(change, one)));
        Rehearsed {
            regressions: regressions.iter().cloned().zip(named).collect(),
            others: others.collect(),
            better,
            views,
        }
    }

    /// What is known of sites at a time.
    fn facts(&self, now_ms: Millis) -> Vec<SiteFacts> {
        let sites = self.owners.sites.iter().enumerate();
        let sites = sites.filter(|(_, site)| site.at_ms < now_ms);
        let facts = sites.map(|(number, site)| {
            let builds = self.planted.builds(number, site.template).into_iter();
            let builds =
                builds.filter(|(since_ms, _)| *since_ms > site.at_ms && *since_ms < now_ms);
            let first = self.planted.build(number, site.template, site.at_ms);
            let scripts = (0..SCRIPTS.len()).filter(|at| self.planted.has_script(number, *at));
            SiteFacts {
                host: site.host.clone(),
                template: Some(super::model::TEMPLATES[site.template].0.to_owned()),
                builds: [(site.at_ms, first)]
                    .into_iter()
                    .chain(builds)
                    .map(|(since_ms, build)| (since_ms, build.to_owned()))
                    .collect(),
                scripts: scripts.map(|at| SCRIPTS[at].0.to_owned()).collect(),
            }
        });
        facts.collect()
    }
}

/// Whether a finding names a regression's cohort.
fn is_of(change: &Change, regression: &Regression) -> bool {
    change.direction == Direction::Worse && change.cohort == regression.cohort
}

/// The cells of a rollup, as the database would read them.
fn cells(rollup: Rollup) -> Vec<CellSum> {
    let cells = rollup.cells.into_iter();
    let cells = cells.filter(|(_, counts)| !counts.vitals.is_empty());
    cells.map(|(cell, counts)| (cell, counts.vitals)).collect()
}
