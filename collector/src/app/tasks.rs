//! The tasks beside the listeners: aggregating, and what is done now and then.

use std::{sync::Arc, time::Duration};

use tokio::{task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;

use super::Parts;
use crate::{
    access::Revoked,
    aggregate::{Aggregate, Caps},
    config::Config,
    event::{Clock, HOUR_MS, Millis, hour_of},
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
    housekeeping: JoinHandle<()>,
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
        let housekeeping = Housekeeping {
            store: parts.store.clone(),
            revoked: parts.revoked.clone(),
            limits: parts.limits.clone(),
            metrics: parts.metrics.clone(),
            clock: parts.clock.clone(),
        };
        Self {
            aggregate: tokio::spawn(aggregate.run(stop_aggregate.clone())),
            housekeeping: tokio::spawn(housekeeping.run(stopping.clone())),
            stop_aggregate,
        }
    }

    /// Waits for the last merge and the spool's last commit.
    pub(super) async fn finish(self, parts: Parts, grace: Duration) {
        self.housekeeping.abort();
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

/// What is done now and then.
struct Housekeeping {
    store: Arc<dyn Store>,
    revoked: Revoked,
    limits: Arc<Limits>,
    metrics: Arc<Metrics>,
    clock: Clock,
}

impl Housekeeping {
    async fn run(self, stopping: CancellationToken) {
        let mut renew = tokio::time::interval(RENEW_EVERY);
        let mut fold = tokio::time::interval(FOLD_EVERY);
        loop {
            tokio::select! {
                () = stopping.cancelled() => return,
                _ = renew.tick() => {
                    self.limits.forget_idle();
                    let renewed = self.revoked.renew(self.store.as_ref()).await;
                    self.note("revoked_tokens", renewed.err());
                }
                _ = fold.tick() => {
                    let before_ms = hour_of((self.clock)() - FOLD_AFTER_MS);
                    match self.store.fold_hours(before_ms).await {
                        Ok(0) => {}
                        Ok(rows) => tracing::debug!(rows, "folded"),
                        Err(error) => self.note("fold", Some(error)),
                    }
                }
            }
        }
    }

    fn note(&self, operation: &str, error: Option<StoreError>) {
        if let Some(error) = error {
            tracing::warn!(operation, %error, "database error");
            self.metrics
                .store_errors
                .with_label_values(&[operation])
                .inc();
        }
    }
}
