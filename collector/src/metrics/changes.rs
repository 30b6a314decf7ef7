//! How many findings are open.

use foresight_shared::Metric;
use prometheus::{IntGaugeVec, Opts, Registry};

/// The gauge, by metric: each of them has one, so that silence is not read as nothing found.
pub(super) fn open_changes(registry: &Registry) -> Result<IntGaugeVec, prometheus::Error> {
    let opts = Opts::new(
        "foresight_changes_open",
        "Regressions that were found and are not over, by the metric in which they show most. The same \
         figure in each collector, not a part of it.",
    );
    let gauges = IntGaugeVec::new(opts, &["metric"])?;
    registry.register(Box::new(gauges.clone()))?;
    Ok(gauges)
}

/// Sets every metric's gauge.
pub(super) fn set(gauges: &IntGaugeVec, count: impl Fn(Metric) -> usize) {
    for metric in Metric::ALL {
        let open = i64::try_from(count(metric)).unwrap_or(i64::MAX);
        gauges.with_label_values(&[metric.name()]).set(open);
    }
}
