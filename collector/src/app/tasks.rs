//! The tasks beside the listeners: aggregating, and what is done now and then.

use std::{future::Future, sync::Arc, time::Duration};

use tokio::{
    runtime::Handle,
    task::{JoinHandle, spawn_blocking},
    time::timeout,
};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{Parts, changes::Watching, growth::Measuring};
use crate::{
    access::Revoked,
    aggregate::{Aggregate, Caps},
    config::Config,
    door::{ABSOLUTE_MS, IDLE_MS},
    event::{Clock, DAY_MS, HOUR_MS, Millis, day_of},
    growth::Rules,
    ingest::Limits,
    metrics::Metrics,
    store::{Store, StoreError},
};

/// How often revoked tokens are read and idle rate limits forgotten.
const RENEW_EVERY: Duration = Duration::from_secs(5);

/// How often rows that flushes appended are folded.
const FOLD_EVERY: Duration = Duration::from_secs(300);

/// Batches arrive up to this long after their view's hour; later ones are added to its day next time.
const FOLD_AFTER_MS: Millis = HOUR_MS;

/// The tasks beside the listeners.
pub(super) struct Tasks {
    aggregate: JoinHandle<()>,
    renewing: JoinHandle<()>,
    keeping: JoinHandle<()>,
    measuring: JoinHandle<()>,
    watching: JoinHandle<()>,
    stop_aggregate: CancellationToken,
    /// Dropped, it ends the aggregate, also where it waits for a database that does not answer: the
    /// runtime would wait for its thread.
    abandon: DropGuard,
}

impl Tasks {
    pub(super) fn spawn(parts: &Parts, config: &Config, stopping: &CancellationToken) -> Self {
        let stop_aggregate = CancellationToken::new();
        let abandon = CancellationToken::new();
        let aggregate = Aggregate {
            spool: parts.spool.clone(),
            store: parts.store.clone(),
            metrics: parts.metrics.clone(),
            caps: Caps::new(
                config.max_pages_per_site_hour,
                config.max_names_per_site_hour,
            ),
            window: parts.window.clone(),
            feed: parts.feed.clone(),
            traces: parts.traces.clone(),
            clock: parts.clock.clone(),
            interval: Duration::from_millis(config.flush_interval_ms),
            records: config.flush_records,
            opened_goal: config.growth_opened_goal.clone(),
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
            days_ms: Millis::from(config.keep_single_days) * DAY_MS,
            all_ms: Millis::from(config.keep_days) * DAY_MS,
            remember_ms: Millis::from(config.remember_batches_hours) * HOUR_MS,
            deleted_on_ms: None,
        };
        let measuring = Measuring {
            store: parts.store.clone(),
            metrics: parts.metrics.clone(),
            clock: parts.clock.clone(),
            rules: Rules::of(config),
            every: Duration::from_secs(config.growth_refresh_seconds),
        };
        let watching = Watching::new(
            parts.store.clone(),
            parts.metrics.clone(),
            parts.clock.clone(),
            config,
        );
        Self {
            aggregate: on_a_thread(aggregate.run(stop_aggregate.clone()), &abandon),
            renewing: tokio::spawn(renewing.run(stopping.clone())),
            keeping: tokio::spawn(keeping.run(stopping.clone())),
            measuring: tokio::spawn(measuring.run(stopping.clone())),
            watching: tokio::spawn(watching.run(stopping.clone())),
            stop_aggregate,
            abandon: abandon.drop_guard(),
        }
    }

    /// Waits for the last merge and the spool's last commit.
    pub(super) async fn finish(self, parts: Parts, grace: Duration) {
        self.renewing.abort();
        self.keeping.abort();
        self.measuring.abort();
        self.watching.abort();
        self.stop_aggregate.cancel();
        let Parts { spool, writer, .. } = parts;
        if timeout(grace, self.aggregate).await.is_err() {
            tracing::warn!(
                waiting_records = spool.depth(),
                "the database did not take the rest; it waits in the spool"
            );
            drop(self.abandon);
        }
        // The writer ends when the last handle is gone. A request that was cut off may hold one for
        // a moment; its commit is safe either way.
        drop(spool);
        if timeout(grace, writer).await.is_err() {
            tracing::warn!("the spool was still in use at the end");
        }
    }
}

/// Runs a task on a thread of its own: it folds thousands of views without a pause, and requests must
/// not wait for that. The system shares the core between the two. Ends when it is abandoned too.
fn on_a_thread(
    task: impl Future<Output = ()> + Send + 'static,
    abandon: &CancellationToken,
) -> JoinHandle<()> {
    let runtime = Handle::current();
    let abandoned = abandon.clone().cancelled_owned();
    spawn_blocking(move || {
        runtime.block_on(async {
            tokio::select! {
                () = task => {}
                () = abandoned => {}
            }
        });
    })
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

/// Keeps the database small: flushes become hours, hours days, days weeks, and what is too old goes.
struct Keeping {
    store: Arc<dyn Store>,
    metrics: Arc<Metrics>,
    clock: Clock,
    hours_ms: Millis,
    days_ms: Millis,
    all_ms: Millis,
    remember_ms: Millis,
    /// The day on which this process has deleted what is too old: once is enough.
    deleted_on_ms: Option<Millis>,
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
        let ended = store.forget_sessions(now_ms - IDLE_MS, now_ms - ABSOLUTE_MS);
        self.tell("forget_sessions", ended.await);
        let forgotten = store.forget_batches(now_ms - self.remember_ms).await;
        self.tell("forget_batches", forgotten);
        // The present hour too: a question then meets few rows that are not added up.
        self.tell("fold", store.fold_hours(now_ms + HOUR_MS).await);
        let ended_ms = now_ms - FOLD_AFTER_MS;
        self.tell("fold_days", store.fold_days(ended_ms).await);
        self.tell("fold_weeks", store.fold_weeks(ended_ms).await);
        let today_ms = day_of(now_ms);
        if self.deleted_on_ms == Some(today_ms) {
            return;
        }
        let hours = store.drop_hours(now_ms - self.hours_ms).await;
        let days = store.drop_days(now_ms - self.days_ms).await;
        let deleted = store.delete_before(now_ms - self.all_ms).await;
        let done = hours.is_ok() && days.is_ok() && deleted.is_ok();
        self.deleted_on_ms = done.then_some(today_ms);
        self.tell("drop_hours", hours);
        self.tell("drop_days", days);
        self.tell("delete", deleted);
    }

    fn tell(&self, operation: &str, done: Result<u64, StoreError>) {
        match done {
            Ok(0) => {}
            Ok(rows) => tracing::debug!(operation, rows, "kept"),
            Err(error) => note(&self.metrics, operation, &error),
        }
    }
}

pub(super) fn note(metrics: &Metrics, operation: &str, error: &StoreError) {
    tracing::warn!(operation, %error, "database error");
    metrics.store_errors.with_label_values(&[operation]).inc();
}
