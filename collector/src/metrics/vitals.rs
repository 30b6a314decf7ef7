//! The histograms of the vitals: their names and buckets.

use foresight_shared::{Metric, Unit, bins};
use prometheus::{HistogramOpts, HistogramVec, Registry};

/// The base name of a metric in Prometheus, such as `web_vitals_lcp`.
#[must_use]
pub fn vital_name(metric: Metric) -> String {
    format!("web_vitals_{}", metric.name().to_ascii_lowercase())
}

/// Bucket bounds of a vital in seconds (or as a score): steps around both thresholds, which are
/// among the bounds, so that the shares of good and poor are exact.
fn buckets(metric: Metric) -> Vec<f64> {
    let (good, poor) = metric.thresholds();
    let scale = match metric.unit() {
        Unit::Milliseconds => 1000.0,
        Unit::Score => 1.0,
    };
    let below = [0.1, 0.25, 0.5, 0.75].map(|part| part * good);
    let above = [1.5, 2.0, 4.0, 10.0].map(|times| times * poor);
    let between = (good + poor) / 2.0;
    let mut bounds = below.to_vec();
    bounds.extend([good, between, poor]);
    bounds.extend(above);
    bounds
        .into_iter()
        // Kept to the precision that the smallest bin has, so that bounds print shortly.
        .map(|bound| (bound / scale / bins::SMALLEST).round() * bins::SMALLEST)
        .map(|bound| (bound * 1e6).round() / 1e6)
        .collect()
}

/// Makes and registers a histogram per metric, in the order of the metrics' numbers.
pub(super) fn vitals(registry: &Registry) -> Result<[HistogramVec; 6], prometheus::Error> {
    let make = |number: u8| {
        let metric = Metric::from_number(number)
            .ok_or_else(|| prometheus::Error::Msg(format!("no metric has number {number}")))?;
        let (name, unit) = match metric.unit() {
            Unit::Milliseconds => (format!("{}_seconds", vital_name(metric)), "in seconds"),
            Unit::Score => (vital_name(metric), "a score without unit"),
        };
        let help = format!(
            "{} of page views, {unit}. A value that changes after the page was first hidden is counted as it was then.",
            metric.name()
        );
        let opts = HistogramOpts::new(name, help).buckets(buckets(metric));
        let histogram = HistogramVec::new(opts, &["site", "device"])?;
        registry.register(Box::new(histogram.clone()))?;
        Ok::<_, prometheus::Error>(histogram)
    };
    Ok([make(0)?, make(1)?, make(2)?, make(3)?, make(4)?, make(5)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_are_among_the_bounds_and_bounds_rise() {
        for metric in Metric::ALL {
            let bounds = buckets(metric);
            assert!(bounds.is_sorted_by(|a, b| a < b), "{bounds:?}");
            let (good, poor) = metric.thresholds();
            let scale = if metric == Metric::Cls { 1.0 } else { 1000.0 };
            for threshold in [good / scale, poor / scale] {
                assert!(
                    bounds.contains(&threshold),
                    "{metric:?} {threshold} {bounds:?}"
                );
            }
        }
    }
}
