//! Takes the spool's records to the database.
//!
//! In: the spool's records, in stretches. Out: each stretch's rollup in the database, and its values
//! in Prometheus' histograms. What must never happen: a stretch is counted twice, or skipped. A
//! crash between the merge and the discard is harmless: the store knows the position, and the next
//! start discards what it already has.

mod cap;
mod export;
mod window;

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;

pub use cap::Caps;
pub use window::Window;

use crate::{
    event::{Accepted, Clock},
    metrics::Metrics,
    rollup::Rollup,
    spool::{Spool, SpoolError, Stored},
    store::{Merge, Store, StoreError},
};
use export::Observations;

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
    /// The server's clock.
    pub clock: Clock,
    /// Time between two merges.
    pub interval: Duration,
    /// Records that one merge takes.
    pub records: u32,
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
            let stretch = self.spool.read_after(at, self.records).await?;
            let Some(last) = stretch.last().map(|record| record.position) else {
                break;
            };
            at = self.merge(at, last, stretch).await?;
            *position = Some(at);
        }
        self.tell_age().await?;
        Ok(())
    }

    /// Where the store stands with this spool. What it already has is discarded.
    async fn start(&self) -> Result<i64, AggregateError> {
        let position = self.store.position(self.spool.id()).await?;
        self.spool.discard(position).await?;
        Ok(position)
    }

    async fn merge(
        &mut self,
        from: i64,
        to: i64,
        stretch: Vec<Stored>,
    ) -> Result<i64, AggregateError> {
        let began = Instant::now();
        let number = stretch.len() as u64;
        let newest_ms = stretch.last().map_or(0, |record| record.received_ms);
        let mut rollup = Rollup::default();
        let mut observations = Observations::default();
        for record in stretch {
            match Accepted::from_record(&record.payload) {
                Ok(mut accepted) => {
                    let capped = self.caps.apply(&mut accepted);
                    observations.note(&accepted, capped);
                    rollup.fold(accepted);
                }
                Err(error) => self.set_aside(record, error.to_string()).await?,
            }
        }
        let id = self.spool.id();
        let reached = match self.store.merge(id, from, to, &rollup).await? {
            Merge::Added => {
                observations.export(&self.metrics, &self.window, (self.clock)());
                self.metrics.merged_records.inc_by(number);
                let lag_ms = (self.clock)() - newest_ms;
                self.metrics.merge_lag_seconds.set(lag_ms as f64 / 1000.0);
                to
            }
            Merge::At(elsewhere) => {
                tracing::warn!(from, elsewhere, "the database had this stretch already");
                elsewhere
            }
        };
        self.metrics
            .merge_seconds
            .observe(began.elapsed().as_secs_f64());
        self.spool.discard(reached).await?;
        Ok(reached)
    }

    async fn set_aside(&self, record: Stored, reason: String) -> Result<(), SpoolError> {
        let position = record.position;
        tracing::error!(position, reason, "record of the spool is set aside");
        self.metrics.spool_quarantined.inc();
        self.spool.quarantine(record, reason).await
    }

    async fn tell_age(&self) -> Result<(), SpoolError> {
        let oldest_ms = self.spool.oldest_ms().await?;
        let age_ms = oldest_ms.map_or(0, |oldest_ms| (self.clock)() - oldest_ms);
        self.metrics
            .spool_oldest_seconds
            .set(age_ms.max(0) as f64 / 1000.0);
        Ok(())
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
