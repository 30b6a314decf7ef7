//! How much waits, as gauges that are read when Prometheus scrapes: right after an answer they
//! already count the batch that was answered.

use std::sync::{Arc, atomic::Ordering};

use prometheus::{
    IntGauge,
    core::{Collector, Desc},
    proto::MetricFamily,
};

use super::{Level, Spool};

/// Depth and bytes of a spool.
pub struct Gauges {
    /// Not the spool itself: its writer ends only when every handle is gone.
    level: Arc<Level>,
    depth: IntGauge,
    bytes: IntGauge,
}

impl Gauges {
    /// The gauges of a spool, to be registered with the metrics.
    ///
    /// # Errors
    /// If a name breaks Prometheus' rules: a mistake in this file.
    pub fn new(spool: &Spool) -> Result<Self, prometheus::Error> {
        Ok(Self {
            level: spool.level.clone(),
            depth: IntGauge::new(
                "foresight_spool_depth",
                "Records of the spool that are not merged yet.",
            )?,
            bytes: IntGauge::new(
                "foresight_spool_bytes",
                "Bytes of the spool's records that are not merged yet.",
            )?,
        })
    }
}

impl Collector for Gauges {
    fn desc(&self) -> Vec<&Desc> {
        [&self.depth, &self.bytes]
            .into_iter()
            .flat_map(Collector::desc)
            .collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        self.depth.set(self.level.records.load(Ordering::Relaxed));
        let bytes = self.level.bytes.load(Ordering::Relaxed);
        self.bytes.set(i64::try_from(bytes).unwrap_or(i64::MAX));
        [&self.depth, &self.bytes]
            .into_iter()
            .flat_map(Collector::collect)
            .collect()
    }
}
