//! The histogram `http_request_duration_seconds`, whose values come already counted by bucket.
//!
//! Prometheus' own histogram takes values one by one; a service that answers a thousand requests a
//! second tells of them in one event a minute.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use foresight_shared::limits::REQUEST_BOUNDS_MS;
use prometheus::{
    Registry,
    core::{Collector, Desc},
    proto::{Bucket, Histogram, LabelPair, Metric, MetricFamily, MetricType},
};

const NAME: &str = "http_request_duration_seconds";
const HELP: &str = "Time that the platform's services took to answer requests, in seconds.";

/// One more than there are bounds: the last bucket is for what took longer.
const BUCKETS: usize = REQUEST_BOUNDS_MS.len() + 1;

#[derive(Clone, Copy, Default)]
struct Times {
    counts: [u64; BUCKETS],
    sum_s: f64,
}

/// Times by route and class of status. Cheap to clone; all clones are one.
#[derive(Clone)]
pub(super) struct Requests {
    desc: Desc,
    times: Arc<Mutex<BTreeMap<(String, u16), Times>>>,
}

impl Requests {
    pub(super) fn register(registry: &Registry) -> Result<Self, prometheus::Error> {
        let labels = vec!["route".to_owned(), "status".to_owned()];
        let requests = Self {
            desc: Desc::new(NAME.into(), HELP.into(), labels, HashMap::new())?,
            times: Arc::default(),
        };
        registry.register(Box::new(requests.clone()))?;
        Ok(requests)
    }

    /// Adds counts per bucket. Ingest has checked that there is one for each.
    pub(super) fn add(&self, route: &str, status: u16, counts: &[u64], sum_ms: f64) {
        let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        let times = times.entry((route.to_owned(), status / 100)).or_default();
        for (sum, count) in times.counts.iter_mut().zip(counts) {
            *sum += count;
        }
        times.sum_s += sum_ms / 1000.0;
    }
}

impl Collector for Requests {
    fn desc(&self) -> Vec<&Desc> {
        vec![&self.desc]
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        let metrics: Vec<_> = times.iter().map(metric).collect();
        if metrics.is_empty() {
            return Vec::new();
        }
        let mut family = MetricFamily::default();
        family.set_name(NAME.into());
        family.set_help(HELP.into());
        family.set_field_type(MetricType::HISTOGRAM);
        family.set_metric(metrics);
        vec![family]
    }
}

fn metric(((route, class), times): (&(String, u16), &Times)) -> Metric {
    let mut histogram = Histogram::default();
    let mut count = 0;
    let mut buckets = Vec::with_capacity(BUCKETS);
    for (bound_ms, in_bucket) in REQUEST_BOUNDS_MS.iter().zip(times.counts) {
        count += in_bucket;
        let mut bucket = Bucket::default();
        bucket.set_upper_bound(f64::from(*bound_ms) / 1000.0);
        bucket.set_cumulative_count(count);
        buckets.push(bucket);
    }
    histogram.set_bucket(buckets);
    histogram.set_sample_count(count + times.counts[BUCKETS - 1]);
    histogram.set_sample_sum(times.sum_s);
    let mut metric = Metric::default();
    metric.set_label(vec![
        label("route", route.clone()),
        label("status", format!("{class}xx")),
    ]);
    metric.set_histogram(histogram);
    metric
}

fn label(name: &str, value: String) -> LabelPair {
    let mut pair = LabelPair::default();
    pair.set_name(name.into());
    pair.set_value(value);
    pair
}

#[cfg(test)]
mod tests {
    use super::*;
    use prometheus::{Encoder, TextEncoder};

    #[test]
    fn counts_per_bucket_are_added_and_told_as_a_histogram() {
        let registry = Registry::new();
        let requests = Requests::register(&registry).unwrap();
        requests.add("/a", 200, &[3, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 1], 12_000.0);
        requests.add("/a", 204, &[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 3.0);
        requests.add("/a", 503, &[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 2.0);
        let mut text = Vec::new();
        TextEncoder::new()
            .encode(&registry.gather(), &mut text)
            .unwrap();
        let text = String::from_utf8(text).unwrap();
        for line in [
            "# TYPE http_request_duration_seconds histogram",
            "http_request_duration_seconds_bucket{route=\"/a\",status=\"2xx\",le=\"0.005\"} 4",
            "http_request_duration_seconds_bucket{route=\"/a\",status=\"2xx\",le=\"0.025\"} 6",
            "http_request_duration_seconds_bucket{route=\"/a\",status=\"2xx\",le=\"+Inf\"} 7",
            "http_request_duration_seconds_sum{route=\"/a\",status=\"2xx\"} 12.003",
            "http_request_duration_seconds_count{route=\"/a\",status=\"5xx\"} 1",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
    }
}
