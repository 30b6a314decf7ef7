//! Looks for changes now and then, for all collectors, and tells Prometheus how many are open.
//!
//! In: cells of the last weeks, the newest ones with each look. Out: findings in the database. One
//! collector looks at a time; the others show what it found. Where nobody has looked for some days, those
//! are looked at one after the other. What must never happen: requests wait for a look, which is why it
//! has a thread of its own; or a collector that stops waits for one.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use tokio::{task::spawn_blocking, time::MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use super::tasks::note;
use crate::{
    config::Config,
    detect::{Detector, HISTORY_HOURS, Limits, SiteFacts, Stopped},
    event::{Clock, DAY_MS, HOUR_MS, Kind, Millis},
    metrics::Metrics,
    store::{Change, Dimension, Direction, Group, Selection, Store, StoreError},
};

/// How far back is looked where nobody has looked yet: hours are kept for 35 days, and a look needs 24.
const BACK_MS: Millis = 10 * DAY_MS;

/// The time between two looks at what is past.
const STEP_MS: Millis = 6 * HOUR_MS;

/// Days over which scripts are named.
const SCRIPTS_MS: Millis = 21 * DAY_MS;

/// Scripts that make cohorts, those of most sites first.
const MOST_SCRIPTS: usize = 100;

/// The task.
pub(super) struct Watching {
    store: Arc<dyn Store>,
    metrics: Arc<Metrics>,
    clock: Clock,
    every: Duration,
    limits: Limits,
    /// With the history that was read so far.
    detector: Box<Detector>,
}

impl Watching {
    pub(super) fn new(
        store: Arc<dyn Store>,
        metrics: Arc<Metrics>,
        clock: Clock,
        config: &Config,
    ) -> Self {
        let limits = Limits {
            least_percent: f64::from(config.changes_least_percent),
            least_views: u64::from(config.changes_least_views),
            least_sites: config.changes_least_sites as usize,
        };
        Self {
            store,
            metrics,
            clock,
            every: Duration::from_secs(config.changes_refresh_seconds),
            limits,
            detector: Box::new(Detector::new(limits)),
        }
    }

    pub(super) async fn run(mut self, stopping: CancellationToken) {
        let mut ticks = tokio::time::interval(self.every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stopping.cancelled() => return,
                _ = ticks.tick() => {}
            }
            let now_ms = (self.clock)();
            tokio::select! {
                () = stopping.cancelled() => return,
                watched = self.watch(now_ms, &stopping) => {
                    // What was read may be half of an hour's cells: the next look reads all anew.
                    if let Err(error) = watched {
                        *self.detector = Detector::new(self.limits);
                        note(&self.metrics, "changes", &error);
                    }
                }
            }
        }
    }

    async fn watch(
        &mut self,
        now_ms: Millis,
        stopping: &CancellationToken,
    ) -> Result<(), StoreError> {
        let every_ms = Millis::try_from(self.every.as_millis()).unwrap_or(Millis::MAX);
        // Ticks of two collectors are not quite as far apart as they should be.
        let after_ms = now_ms - every_ms / 10 * 9;
        // Without sites there is nothing to look at, and the first look is still to come.
        if !self.store.sites().await?.is_empty()
            && let Some(before_ms) = self.store.claim_look(now_ms, after_ms).await?
        {
            for at_ms in times(before_ms, now_ms) {
                self.look(at_ms, stopping).await?;
            }
        }
        let open = self.store.changes(Millis::MAX).await?;
        self.metrics.set_changes(|metric| {
            let is_worse =
                |one: &&Change| one.metric == metric && one.direction == Direction::Worse;
            open.iter().filter(is_worse).count()
        });
        Ok(())
    }

    async fn look(
        &mut self,
        at_ms: Millis,
        stopping: &CancellationToken,
    ) -> Result<(), StoreError> {
        let kept_ms = self.store.kept().await?.hours_ms;
        let wanted = self.detector.wanted(at_ms);
        let mut from_ms = wanted.start.max(kept_ms);
        while from_ms < wanted.end {
            // A day at a time: a day's cells fit into memory.
            let to_ms = (from_ms + DAY_MS).min(wanted.end);
            let cells = self.store.cells(from_ms, to_ms).await?;
            self.detector.put(from_ms..to_ms, &cells);
            from_ms = to_ms;
        }
        self.detector.learn(&self.facts(at_ms).await?);
        let known = self.store.changes(at_ms - HISTORY_HOURS * HOUR_MS).await?;
        let mut detector = std::mem::take(&mut self.detector);
        // The thread goes on when this task is dropped: it has to be told.
        let stopping = stopping.clone();
        let looked = spawn_blocking(move || {
            let changes = detector.look(at_ms, &known, &|| stopping.is_cancelled());
            (detector, changes)
        });
        let looked = looked.await;
        let (detector, changes) = looked.map_err(|error| StoreError::Row(error.to_string()))?;
        self.detector = detector;
        match changes {
            Ok(changes) => self.store.save_changes(&changes).await,
            Err(Stopped) => Ok(()),
        }
    }

    /// What is known of sites at a time.
    async fn facts(&self, at_ms: Millis) -> Result<Vec<SiteFacts>, StoreError> {
        let selection = Selection::between(at_ms - SCRIPTS_MS, at_ms);
        let (sites, builds, named) = tokio::try_join!(
            self.store.sites(),
            self.store.site_builds(at_ms),
            self.store
                .counts(&selection, Some(Kind::Script), Some(Dimension::Site)),
        )?;
        let mut facts: BTreeMap<String, SiteFacts> = sites
            .into_iter()
            .map(|site| {
                let facts = SiteFacts {
                    host: site.host.clone(),
                    template: site.template,
                    ..SiteFacts::default()
                };
                (site.host, facts)
            })
            .collect();
        for one in builds {
            if let Some(facts) = facts.get_mut(&one.site) {
                facts.builds.push((one.first_ms, one.build));
            }
        }
        let mut scripts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for one in named {
            if let Group::Word(site) = one.group
                && one.count > 0
                && !one.name.is_empty()
            {
                scripts.entry(one.name).or_default().insert(site);
            }
        }
        for (script, sites) in of_many(scripts, self.limits.least_sites) {
            for site in sites {
                if let Some(facts) = facts.get_mut(&site) {
                    facts.scripts.push(script.clone());
                }
            }
        }
        Ok(facts.into_values().collect())
    }
}

/// When to look: at what nobody has looked at, and now.
fn times(before_ms: Millis, now_ms: Millis) -> Vec<Millis> {
    let mut at_ms = before_ms.max(now_ms - BACK_MS) + STEP_MS;
    let mut times = Vec::new();
    while at_ms < now_ms {
        times.push(at_ms);
        at_ms += STEP_MS;
    }
    times.push(now_ms);
    times
}

/// The scripts of most sites; those of fewer than `least` are left out: their sites are cohorts too.
fn of_many(
    scripts: BTreeMap<String, BTreeSet<String>>,
    least: usize,
) -> Vec<(String, BTreeSet<String>)> {
    let mut scripts: Vec<_> = scripts
        .into_iter()
        .filter(|(_, sites)| sites.len() >= least)
        .collect();
    scripts.sort_by_key(|(_, sites)| std::cmp::Reverse(sites.len()));
    scripts.truncate(MOST_SCRIPTS);
    scripts
}

#[cfg(test)]
mod tests;
