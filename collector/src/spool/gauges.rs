//! What the spool tells Prometheus, read when it scrapes: right after an answer the numbers already
//! count the batch that was answered, and during an outage the age grows.

use std::sync::Arc;

use prometheus::{
    Gauge, IntGauge, Opts,
    core::{Collector, Desc},
    proto::MetricFamily,
};

use super::{Level, Spool};
use crate::event::Clock;

/// Depth, bytes and age of a spool, and what was found damaged.
pub struct Gauges {
    /// Not the spool itself: its writer ends only when every handle is gone.
    level: Arc<Level>,
    clock: Clock,
    depth: IntGauge,
    bytes: IntGauge,
    limit_bytes: IntGauge,
    oldest_seconds: Gauge,
    mended: IntGauge,
    lost: IntGauge,
    dropped_files: IntGauge,
}

impl Gauges {
    /// The gauges of a spool, to be registered with the metrics.
    ///
    /// # Errors
    /// If a name breaks Prometheus' rules: a mistake in this file.
    pub fn new(spool: &Spool, clock: Clock) -> Result<Self, prometheus::Error> {
        let limit_bytes = IntGauge::new(
            "foresight_spool_limit_bytes",
            "Bytes of records that may wait before no more batches are taken.",
        )?;
        limit_bytes.set(i64::try_from(spool.max_bytes).unwrap_or(i64::MAX));
        Ok(Self {
            level: spool.level.clone(),
            clock,
            depth: IntGauge::new(
                "foresight_spool_depth",
                "Records of the spool that are not merged yet.",
            )?,
            bytes: IntGauge::new(
                "foresight_spool_bytes",
                "Bytes of the spool's records that are not merged yet.",
            )?,
            limit_bytes,
            oldest_seconds: Gauge::with_opts(Opts::new(
                "foresight_spool_oldest_seconds",
                "Age of the spool's oldest record, in seconds.",
            ))?,
            mended: IntGauge::new(
                "foresight_spool_mended",
                "How often the spool's file was found damaged and mended since the start.",
            )?,
            lost: IntGauge::new(
                "foresight_spool_lost_records",
                "Records that could not be read in damaged files since the start.",
            )?,
            dropped_files: IntGauge::new(
                "foresight_spool_dropped_files",
                "Old damaged files that were deleted since the start, as newer ones took their room.",
            )?,
        })
    }

    fn all(&self) -> [&dyn Collector; 7] {
        [
            &self.depth,
            &self.bytes,
            &self.limit_bytes,
            &self.oldest_seconds,
            &self.mended,
            &self.lost,
            &self.dropped_files,
        ]
    }
}

impl Collector for Gauges {
    fn desc(&self) -> Vec<&Desc> {
        self.all().into_iter().flat_map(Collector::desc).collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        self.depth.set(self.level.records());
        self.bytes.set(whole(self.level.bytes()));
        let oldest_ms = self.level.oldest_ms();
        let age_ms = oldest_ms.map_or(0, |oldest_ms| (self.clock)() - oldest_ms);
        self.oldest_seconds.set(age_ms.max(0) as f64 / 1000.0);
        self.mended.set(whole(self.level.mended()));
        self.lost.set(whole(self.level.lost()));
        self.dropped_files.set(whole(self.level.dropped_files()));
        self.all()
            .into_iter()
            .flat_map(Collector::collect)
            .collect()
    }
}
