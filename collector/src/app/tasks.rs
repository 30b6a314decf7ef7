//! The tasks beside the listeners: aggregating, and what is done now and then.

use std::{sync::Arc, time::Duration};

use tokio::{task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;

use super::Parts;
use crate::{
    access::Revoked,
    aggregate::{Aggregate, Caps},
    config::Config,
    event::{Clock, DAY_MS, HOUR_MS, Millis, day_of, hour_of},
    ingest::Limits,
    metrics::Metrics,
    store::{Store, StoreError},
};

/// How often revoked tokens are read and idle rate limits forgotten.
const RENEW_EVERY: Duration = Duration::from_secs(5);

/// How often rows that flushes appended are folded.
const FOLD_EVERY: Duration = Duration::from_secs(300);

/// Batches arrive up to this long after their view's hour; later ones are folded next time.
const FOLD_AFTER_MS: Millis = HOUR_MS;

/// The tasks beside the listeners.
pub(super) struct Tasks {
    aggregate: JoinHandle<()>,
    renewing: JoinHandle<()>,
    keeping: JoinHandle<()>,
    stop_aggregate: CancellationToken,
}

impl Tasks {
    pub(super) fn spawn(parts: &Parts, config: &Config, stopping: &CancellationToken) -> Self {
        let stop_aggregate = CancellationToken::new();
        let aggregate = Aggregate {
            spool: parts.spool.clone(),
            store: parts.store.clone(),
            metrics: parts.metrics.clone(),
            caps: Caps::new(
                config.max_pages_per_site_hour,
                config.max_names_per_site_hour,
            ),
            window: parts.window.clone(),
            clock: parts.clock.clone(),
            interval: Duration::from_millis(config.flush_interval_ms),
            records: config.flush_records,
        };
        let renewing = Renewing {
            store: parts.store.clone(),
            revoked: parts.revoked.clone(),
            limits: parts.limits.clone(),
            metrics: parts.metrics.clone(),
        };
        let keeping = Keeping {
            store: parts.store.clone(),
            metrics: parts.metrics.clone(),
            clock: parts.clock.clone(),
            hours_ms: Millis::from(config.keep_hours_days) * DAY_MS,
            days_ms: Millis::from(config.keep_days) * DAY_MS,
            deleted_before_ms: None,
        };
        Self {
            aggregate: tokio::spawn(aggregate.run(stop_aggregate.clone())),
            renewing: tokio::spawn(renewing.run(stopping.clone())),
            keeping: tokio::spawn(keeping.run(stopping.clone())),
            stop_aggregate,
        }
    }

    /// Waits for the last merge and the spool's last commit.
    pub(super) async fn finish(self, parts: Parts, grace: Duration) {
        self.renewing.abort();
        self.keeping.abort();
        self.stop_aggregate.cancel();
        let Parts { spool, writer, .. } = parts;
        if timeout(grace, self.aggregate).await.is_err() {
            tracing::warn!(
                waiting_records = spool.depth(),
                "the database did not take the rest; it waits in the spool"
            );
        }
        // The writer ends when the last handle is gone. A request that was cut off may hold one for
        // a moment; its commit is safe either way.
        drop(spool);
        if timeout(grace, writer).await.is_err() {
            tracing::warn!("the spool was still in use at the end");
        }
    }
}

/// Keeps what is in memory fresh. Apart from [`Keeping`], whose work may take minutes.
struct Renewing {
    store: Arc<dyn Store>,
    revoked: Revoked,
    limits: Arc<Limits>,
    metrics: Arc<Metrics>,
}

impl Renewing {
    async fn run(self, stopping: CancellationToken) {
        let mut ticks = tokio::time::interval(RENEW_EVERY);
        loop {
            tokio::select! {
                () = stopping.cancelled() => return,
                _ = ticks.tick() => {
                    self.limits.forget_idle();
                    if let Err(error) = self.revoked.renew(self.store.as_ref()).await {
                        note(&self.metrics, "revoked_tokens", &error);
                    }
                }
            }
        }
    }
}

/// Keeps the database small: flushes become hours, hours become days, and days of long ago go.
struct Keeping {
    store: Arc<dyn Store>,
    metrics: Arc<Metrics>,
    clock: Clock,
    hours_ms: Millis,
    days_ms: Millis,
    /// Up to where this process has deleted: a day is deleted once.
    deleted_before_ms: Option<Millis>,
}

impl Keeping {
    async fn run(mut self, stopping: CancellationToken) {
        let mut ticks = tokio::time::interval(FOLD_EVERY);
        loop {
            tokio::select! {
                () = stopping.cancelled() => return,
                _ = ticks.tick() => {}
            }
            // Each step is a row of short transactions: cut off between them, nothing is lost.
            tokio::select! {
                () = stopping.cancelled() => return,
                () = self.keep((self.clock)()) => {}
            }
        }
    }

    async fn keep(&mut self, now_ms: Millis) {
        let store = self.store.clone();
        let hours = store.fold_hours(hour_of(now_ms - FOLD_AFTER_MS)).await;
        self.tell("fold", hours);
        self.tell("fold_days", store.fold_days(now_ms - self.hours_ms).await);
        let before_ms = day_of(now_ms - self.days_ms);
        if self.deleted_before_ms != Some(before_ms) {
            let deleted = store.delete_before(before_ms).await;
            self.deleted_before_ms = deleted.is_ok().then_some(before_ms);
            self.tell("delete", deleted);
        }
    }

    fn tell(&self, operation: &str, done: Result<u64, StoreError>) {
        match done {
            Ok(0) => {}
            Ok(rows) => tracing::debug!(operation, rows, "kept"),
            Err(error) => note(&self.metrics, operation, &error),
        }
    }
}

fn note(metrics: &Metrics, operation: &str, error: &StoreError) {
    tracing::warn!(operation, %error, "database error");
    metrics.store_errors.with_label_values(&[operation]).inc();
}
