//! Takes the spool's records to the database.
//!
//! In: the spool's records, in stretches. Out: each stretch's rollup in the database, and its values
//! in Prometheus' histograms. What must never happen: a stretch is counted twice, or skipped. A
//! crash between the merge and the discard is harmless: the store knows the position, and the next
//! start discards what it already has. What another collector has merged before is left out.

mod cap;
mod export;
mod stretch;
mod window;

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;

pub use cap::Caps;
pub use window::Window;

use crate::{
    event::Clock,
    live::Feed,
    metrics::Metrics,
    spool::{Spool, SpoolError, Stored},
    store::{Known, Merge, Store, StoreError},
    telemetry::Traces,
};
use stretch::Folded;

/// What aggregating needs.
pub struct Aggregate {
    /// Where records wait.
    pub spool: Spool,
    /// Where their sums go.
    pub store: Arc<dyn Store>,
    /// The counters and histograms.
    pub metrics: Arc<Metrics>,
    /// How many pages and names a site may add in an hour.
    pub caps: Caps,
    /// The sliding window behind the p75 gauges.
    pub window: Window,
    /// Who looks at what happens now.
    pub feed: Feed,
    /// Where merges are seen.
    pub traces: Traces,
    /// The server's clock.
    pub clock: Clock,
    /// Time between two merges.
    pub interval: Duration,
    /// Records that one merge takes.
    pub records: u32,
    /// The goal that stands for an opened generator.
    pub opened_goal: String,
}

/// The longest pause between two tries while the database or the disk is away.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

#[derive(Debug, thiserror::Error)]
enum AggregateError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Spool(#[from] SpoolError),
}

impl Aggregate {
    /// Merges until it is told to stop, then once more, so that what was accepted before the stop is
    /// in the database if it can be reached.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut position = None;
        let mut pause = self.interval;
        let mut ticks = interval(self.interval);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let last = stop.is_cancelled();
            match self.catch_up(&mut position).await {
                Ok(()) => pause = self.interval,
                Err(error) => {
                    self.count(&error);
                    pause = (pause * 2).min(LONGEST_PAUSE);
                    tracing::warn!(
                        %error,
                        waiting_records = self.spool.depth(),
                        pause_ms = pause.as_millis() as u64,
                        "merge failed; nothing is lost"
                    );
                    // Where the store stands is asked again: the commit may have gone through.
                    position = None;
                }
            }
            if last {
                return;
            }
            let failed = position.is_none();
            tokio::select! {
                () = stop.cancelled() => {}
                () = sleep(pause), if failed => {}
                _ = ticks.tick(), if !failed => {}
            }
        }
    }

    /// Merges stretch after stretch until the spool is empty.
    async fn catch_up(&mut self, position: &mut Option<i64>) -> Result<(), AggregateError> {
        let mut at = match *position {
            Some(at) => at,
            None => self.start().await?,
        };
        *position = Some(at);
        while self.spool.depth() > 0 {
            let file = self.spool.id();
            let stretch = match self.spool.read_after(at, self.records).await {
                Err(error) if error.is_damage() => {
                    self.spool.mend(file, error.to_string()).await?;
                    continue;
                }
                stretch => stretch?,
            };
            let Some(last) = stretch.last().map(|record| record.position) else {
                break;
            };
            at = self.merge(&file, at, last, &stretch).await?;
            *position = Some(at);
        }
        Ok(())
    }

    /// Where the store stands with this spool. What it already has is discarded.
    async fn start(&self) -> Result<i64, AggregateError> {
        let file = self.spool.id();
        let position = self.store.position(&file).await?;
        if position > self.spool.last_position() {
            // The end of the file's log is gone. New records would get the positions of old ones,
            // and be taken for merged: so the file must become another.
            let reason = "the database has merged more than it holds".to_owned();
            self.spool.mend(file, reason).await?;
            return Ok(0);
        }
        self.spool.discard(position).await?;
        Ok(position)
    }

    async fn merge(
        &mut self,
        file: &str,
        from: i64,
        to: i64,
        stretch: &[Stored],
    ) -> Result<i64, AggregateError> {
        let began = Instant::now();
        let merging = self
            .traces
            .merging(stretch.iter().map(|record| &*record.payload));
        let mut known = Known::default();
        let reached = loop {
            let folded = {
                let _step = merging.step("fold");
                let made = ((self.clock)(), &*self.opened_goal);
                stretch::fold(stretch, &known, &mut self.caps, &self.feed, made)
            };
            let mut dropped = 0;
            for (record, reason) in &folded.aside {
                let kept = self.spool.quarantine(record.clone(), reason.clone());
                dropped += u64::from(!kept.await?);
            }
            let step = merging.step("store");
            let merged = self.store.merge(file, from, to, &folded.rollup).await?;
            drop(step);
            match merged {
                Merge::Added => {
                    self.tell(folded, stretch);
                    self.metrics.spool_quarantine_dropped.inc_by(dropped);
                    break to;
                }
                // Folded once more without what another collector has merged.
                Merge::Known(more) => known.add(more),
                Merge::At(elsewhere) => {
                    tracing::warn!(from, elsewhere, "the database had this stretch already");
                    break elsewhere;
                }
            }
        };
        self.metrics
            .merge_seconds
            .observe(began.elapsed().as_secs_f64());
        merging.done();
        self.spool.discard(reached).await?;
        Ok(reached)
    }

    /// What is told of a stretch once it is merged.
    fn tell(&self, folded: Folded, stretch: &[Stored]) {
        let now_ms = (self.clock)();
        self.feed.publish(folded.live, now_ms);
        folded
            .observations
            .export(&self.metrics, &self.window, now_ms);
        for (record, reason) in &folded.aside {
            tracing::error!(
                position = record.position,
                reason,
                "record of the spool is set aside"
            );
            self.metrics.spool_quarantined.inc();
        }
        self.metrics.merged_records.inc_by(stretch.len() as u64);
        let newest_ms = stretch.last().map_or(0, |record| record.received_ms);
        let lag_ms = now_ms - newest_ms;
        self.metrics.merge_lag_seconds.set(lag_ms as f64 / 1000.0);
    }

    fn count(&self, error: &AggregateError) {
        match error {
            AggregateError::Store(_) => self
                .metrics
                .store_errors
                .with_label_values(&["merge"])
                .inc(),
            AggregateError::Spool(_) => self.metrics.spool_errors.inc(),
        }
    }
}
