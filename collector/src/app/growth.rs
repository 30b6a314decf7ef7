//! Looks at the database now and then, and tells Prometheus how the fleet spreads.
//!
//! Each collector does so for the whole fleet: their gauges are the same figure, not parts of it.

use std::{sync::Arc, time::Duration};

use tokio::{task::spawn_blocking, time::MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use super::tasks::note;
use crate::{
    event::{Clock, DAY_MS, HOUR_MS, Kind, Millis, day_of, hour_of},
    growth::{Fleet, NEWEST_DAYS, Rules, leads, newest},
    metrics::Metrics,
    store::{CountSum, Lead, Selection, Store, StoreError},
};

/// The time over which leads and visits are counted.
const LEADS_MS: Millis = 7 * DAY_MS;

/// The gauges of growth.
pub(super) struct Measuring {
    pub(super) store: Arc<dyn Store>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) clock: Clock,
    pub(super) rules: Rules,
    pub(super) every: Duration,
}

impl Measuring {
    pub(super) async fn run(self, stopping: CancellationToken) {
        let mut ticks = tokio::time::interval(self.every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stopping.cancelled() => return,
                _ = ticks.tick() => {}
            }
            tokio::select! {
                () = stopping.cancelled() => return,
                measured = self.measure((self.clock)()) => {
                    // The figures of before stay until the database answers again.
                    if let Err(error) = measured {
                        note(&self.metrics, "growth", &error);
                    }
                }
            }
        }
    }

    async fn measure(&self, now_ms: Millis) -> Result<(), StoreError> {
        self.measure_coefficient(now_ms).await?;
        self.measure_leads(now_ms).await
    }

    async fn measure_coefficient(&self, now_ms: Millis) -> Result<(), StoreError> {
        // The week that holds the first day, and a day for clocks.
        let from_ms = now_ms - (NEWEST_DAYS + 8) * DAY_MS;
        let facts = self.store.facts(from_ms, Millis::MAX).await?;
        let rules = self.rules.clone();
        let found = spawn_blocking(move || newest(&Fleet::of(&facts, &rules), now_ms));
        let found = found.await;
        let found = found.map_err(|error| StoreError::Row(error.to_string()))?;
        let value = found.and_then(|found| Some((found.k?, found.interval)));
        self.metrics.set_viral_coefficient(value);
        Ok(())
    }

    async fn measure_leads(&self, now_ms: Millis) -> Result<(), StoreError> {
        let to_ms = hour_of(now_ms) + HOUR_MS;
        let lately = Selection::between(to_ms - LEADS_MS, to_ms);
        let long_ago = Selection::between(day_of(now_ms) - NEWEST_DAYS * DAY_MS, to_ms);
        let count = async |selection: &Selection, kind| {
            let sums = self.store.counts(selection, Some(kind), None).await?;
            let sum: i64 = sums.iter().map(|sum: &CountSum| sum.count).sum();
            Ok::<_, StoreError>(u64::try_from(sum).unwrap_or(0))
        };
        let visits = count(&lately, Kind::Visit).await?;
        let observed = count(&lately, Kind::Lead).await?;
        let is_observed = count(&long_ago, Kind::Lead).await? > 0;
        let confirmed = self.store.leads(long_ago.from_ms, to_ms).await?;
        let is_late = |lead: &&Lead| lead.at_ms >= lately.from_ms;
        let figures = leads(visits, 0, observed, confirmed.iter().filter(is_late));
        for (evidence, percent, is_told) in [
            ("observed", figures.observed_percent, is_observed),
            (
                "confirmed",
                figures.confirmed_percent,
                !confirmed.is_empty(),
            ),
        ] {
            let percent = percent.filter(|_| is_told);
            self.metrics.set_lead_rate(evidence, percent);
        }
        Ok(())
    }
}
