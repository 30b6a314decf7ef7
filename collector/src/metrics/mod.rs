//! What Prometheus scrapes.
//!
//! In: one call per thing that happened. Out: the text of `GET /metrics`. What must never happen: a
//! label whose values a visitor can invent; each label here is an enum's word, a code of ours, or a
//! site, of which at most `metrics_sites` have a name.

mod register;
mod labels;
mod scrape;
mod server;
mod growth;
mod requests;
mod vitals;
mod changes;
mod made;

use foresight_shared::{Fact, Metric, Unit};
use prometheus::{
    Encoder, Gauge, Histogram, HistogramVec, IntCounter, IntCounterVec, IntGaugeVec, Registry,
    TextEncoder, core::Collector,
};

use growth::GrowthMetrics;
use labels::Labels;
pub use scrape::{ScrapeError, router};
use server::ServerMetrics;
pub use vitals::vital_name;

/// The label of sites without a name of their own.
pub const OTHER: &str = "other";

/// Every counter, gauge and histogram of the collector.
pub struct Metrics {
    registry: Registry,
    sites: Labels,
    /// Batches that arrived, whatever became of them.
    pub batches_received: IntCounter,
    /// Batches by `outcome`: accepted, duplicate, rejected.
    pub batches: IntCounterVec,
    /// Rejected batches by `code`.
    pub batches_rejected: IntCounterVec,
    /// Events that were made durable, by `kind`.
    pub events_accepted: IntCounterVec,
    /// Events that break a rule, by `code`.
    pub events_rejected: IntCounterVec,
    /// Requests with server events that arrived, whatever became of them.
    pub server_requests_received: IntCounter,
    /// Requests with server events by `outcome`: accepted, rejected.
    pub server_requests: IntCounterVec,
    /// Rejected requests with server events by `code`.
    pub server_requests_rejected: IntCounterVec,
    /// Server events that were made durable, by `kind`.
    pub server_events_accepted: IntCounterVec,
    /// Server events that had been accepted before, with the same content.
    pub server_events_repeated: IntCounter,
    /// Batches and server events that another collector had merged before, by `what`.
    pub merged_elsewhere: IntCounterVec,
    /// Accepted batches whose browser's clock is more than an hour off.
    pub clocks_wrong: IntCounter,
    /// Addresses that have a rate limit of their own just now.
    pub limited_addresses: Gauge,
    /// Batches that were limited together with other addresses, of which there were too many.
    pub limited_together: IntCounter,
    /// Time from a batch's arrival to its answer, in seconds.
    pub ingest_seconds: Histogram,
    /// Records that could not be read and were set aside.
    pub spool_quarantined: IntCounter,
    /// Those of them for which there was no room.
    pub spool_quarantine_dropped: IntCounter,
    /// Errors of the spool.
    pub spool_errors: IntCounter,
    /// Records that were merged into the database.
    pub merged_records: IntCounter,
    /// Time that a merge took, in seconds.
    pub merge_seconds: Histogram,
    /// Time from receipt to merge of the newest merged record, in seconds.
    pub merge_lag_seconds: Gauge,
    /// Errors of the database by `operation`.
    pub store_errors: IntCounterVec,
    /// What was counted under `(other)`, by `what`: page, name, element.
    pub capped: IntCounterVec,
    /// Page views by `site` and `device`.
    pub page_views: IntCounterVec,
    /// Page views by robots, by `site`; they are not among the page views.
    pub bot_views: IntCounterVec,
    /// Shares by `site`.
    pub shares: IntCounterVec,
    /// Visits through shared links by `site`.
    pub referral_visits: IntCounterVec,
    /// Leads by `site` and `evidence`: observed by a page, or confirmed by a server.
    pub leads: IntCounterVec,
    vitals: [HistogramVec; 6],
    server: ServerMetrics,
    growth: GrowthMetrics,
    changes: IntGaugeVec,
}

impl Metrics {
    /// Adds a collector that computes its values when it is scraped.
    ///
    /// # Errors
    /// If one of its names is taken.
    pub fn register(&self, collector: Box<dyn Collector>) -> Result<(), prometheus::Error> {
        self.registry.register(collector)
    }

    /// The label of a site: its host if it has a name of its own, else [`OTHER`].
    pub fn site_label<'a>(&self, site: &'a str) -> &'a str {
        self.sites.label(site)
    }

    /// Counts what a server told.
    pub fn count_fact(&self, fact: &Fact) {
        if let Fact::Lead { site, .. } = fact {
            let site = self.site_label(site);
            self.leads.with_label_values(&[site, "confirmed"]).inc();
        }
        self.server.count(fact);
    }

    /// Tells the viral coefficient and its 95% interval, or that it is not known.
    pub fn set_viral_coefficient(&self, value: Option<(f64, Option<(f64, f64)>)>) {
        self.growth.set_coefficient(value);
    }

    /// Tells the leads for a hundred visits, `observed` or `confirmed`, or that they are not known.
    pub fn set_lead_rate(&self, evidence: &str, percent: Option<f64>) {
        self.growth.set_lead_rate(evidence, percent);
    }

    /// Tells how many regressions are open, by metric.
    pub fn set_changes(&self, count: impl Fn(Metric) -> usize) {
        changes::set(&self.changes, count);
    }

    /// Counts values of a vital, in the metric's unit, under a site's and a device's label.
    pub fn observe_vitals(
        &self,
        metric: Metric,
        values: impl Iterator<Item = f64>,
        site: &str,
        device: &str,
    ) {
        let histogram =
            self.vitals[metric as usize].with_label_values(&[self.site_label(site), device]);
        for value in values {
            histogram.observe(match metric.unit() {
                Unit::Milliseconds => value / 1000.0,
                Unit::Score => value,
            });
        }
    }

    /// The text of `GET /metrics`.
    ///
    /// # Errors
    /// If a metric's name or label is not valid in the text format.
    pub fn text(&self) -> Result<Vec<u8>, prometheus::Error> {
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites_beyond_the_limit_share_a_label() {
        let metrics = Metrics::new(2, ["known.example".to_owned()]).unwrap();
        for (site, label) in [
            ("a.example", "a.example"),
            ("b.example", OTHER),
            ("known.example", "known.example"),
            ("a.example", "a.example"),
        ] {
            assert_eq!(metrics.site_label(site), label);
        }
    }

    #[test]
    fn the_text_has_the_names_that_alerts_use() {
        let metrics = Metrics::new(5, []).unwrap();
        for (metric, value) in [(Metric::Lcp, 2500.0), (Metric::Cls, 0.2)] {
            metrics.observe_vitals(metric, [value].into_iter(), "a.example", "phone");
        }
        let text = String::from_utf8(metrics.text().unwrap()).unwrap();
        for line in [
            "web_vitals_lcp_seconds_bucket{device=\"phone\",site=\"a.example\",le=\"2.5\"} 1",
            "web_vitals_lcp_seconds_sum{device=\"phone\",site=\"a.example\"} 2.5",
            "web_vitals_cls_bucket{device=\"phone\",site=\"a.example\",le=\"0.1\"} 0",
            "web_vitals_cls_bucket{device=\"phone\",site=\"a.example\",le=\"0.25\"} 1",
            "foresight_batches_total{outcome=\"rejected\"} 0",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
    }
}
