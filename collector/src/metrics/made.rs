//! Makes every metric, with its name, its help and its labels.

use prometheus::{IntGauge, Opts, Registry};

use super::{
    Metrics, changes,
    growth::GrowthMetrics,
    labels::Labels,
    register::{counter, counters, gauge, histogram},
    server::ServerMetrics,
    vitals::vitals,
};

/// Bounds of the histograms of times, in seconds.
const LATENCIES: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

impl Metrics {
    /// Makes and registers everything. `named_sites` is the number of sites with labels of their
    /// own, `first_sites` those that are named before any traffic is seen.
    ///
    /// # Errors
    /// If a name or label breaks Prometheus' rules or stands twice: a mistake in this file.
    pub fn new(
        named_sites: usize,
        first_sites: impl IntoIterator<Item = String>,
    ) -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let r = &registry;
        let metrics = Self {
            sites: Labels::new(named_sites, first_sites),
            batches_received: counter(
                r,
                "foresight_batches_received_total",
                "Batches that arrived, whatever became of them.",
            )?,
            batches: counters(
                r,
                "foresight_batches_total",
                "Batches by outcome: accepted, duplicate, rejected.",
                &["outcome"],
            )?,
            batches_rejected: counters(
                r,
                "foresight_batches_rejected_total",
                "Rejected batches by the code of the answer.",
                &["code"],
            )?,
            events_accepted: counters(
                r,
                "foresight_events_accepted_total",
                "Events that were made durable, by kind.",
                &["kind"],
            )?,
            events_rejected: counters(
                r,
                "foresight_events_rejected_total",
                "Events that break a rule, by the code of the answer.",
                &["code"],
            )?,
            server_requests_received: counter(
                r,
                "foresight_server_requests_received_total",
                "Requests with server events that arrived, whatever became of them.",
            )?,
            server_requests: counters(
                r,
                "foresight_server_requests_total",
                "Requests with server events by outcome: accepted, rejected, abandoned.",
                &["outcome"],
            )?,
            server_requests_rejected: counters(
                r,
                "foresight_server_requests_rejected_total",
                "Rejected requests with server events by the code of the answer.",
                &["code"],
            )?,
            server_events_accepted: counters(
                r,
                "foresight_server_events_accepted_total",
                "Server events that were made durable, by kind.",
                &["kind"],
            )?,
            server_events_repeated: counter(
                r,
                "foresight_server_events_repeated_total",
                "Server events that had been accepted before, with the same content.",
            )?,
            merged_elsewhere: counters(
                r,
                "foresight_merged_elsewhere_total",
                "Batches and server events that another collector had merged before, which were left out.",
                &["what"],
            )?,
            clocks_wrong: counter(
                r,
                "foresight_batches_clock_wrong_total",
                "Accepted batches whose browser's clock is more than an hour off.",
            )?,
            limited_addresses: gauge(
                r,
                "foresight_limited_addresses",
                "Addresses that have a rate limit of their own just now.",
            )?,
            limited_together: counter(
                r,
                "foresight_limited_together_total",
                "Batches that were limited together with other addresses, as there were too many.",
            )?,
            ingest_seconds: histogram(
                r,
                "foresight_ingest_seconds",
                "Time from a batch's arrival to its answer, in seconds.",
                LATENCIES,
            )?,
            spool_quarantined: counter(
                r,
                "foresight_spool_quarantined_total",
                "Records of the spool that could not be read and were set aside.",
            )?,
            spool_quarantine_dropped: counter(
                r,
                "foresight_spool_quarantine_dropped_total",
                "Records that could not be read and were dropped, as too many are set aside.",
            )?,
            spool_errors: counter(r, "foresight_spool_errors_total", "Errors of the spool.")?,
            merged_records: counter(
                r,
                "foresight_merged_records_total",
                "Records that were merged into the database.",
            )?,
            merge_seconds: histogram(
                r,
                "foresight_merge_seconds",
                "Time that a merge took, in seconds.",
                LATENCIES,
            )?,
            merge_lag_seconds: gauge(
                r,
                "foresight_merge_lag_seconds",
                "Time from receipt to merge of the newest merged record, in seconds.",
            )?,
            store_errors: counters(
                r,
                "foresight_store_errors_total",
                "Errors of the database by operation.",
                &["operation"],
            )?,
            capped: counters(
                r,
                "foresight_capped_total",
                "Batches and events whose page, name or element was beyond a limit and is counted under (other).",
                &["what"],
            )?,
            page_views: counters(
                r,
                "foresight_page_views_total",
                "Page views.",
                &["site", "device"],
            )?,
            bot_views: counters(
                r,
                "foresight_bot_views_total",
                "Page views by robots, which are not among foresight_page_views_total.",
                &["site"],
            )?,
            shares: counters(
                r,
                "share_events_total",
                "Links that visitors shared.",
                &["site"],
            )?,
            referral_visits: counters(
                r,
                "referral_visits_total",
                "Visits through shared links.",
                &["site"],
            )?,
            leads: counters(
                r,
                "leads_total",
                "Leads; observed by a page, or confirmed by a server. The two are never added up.",
                &["site", "evidence"],
            )?,
            vitals: vitals(r)?,
            server: ServerMetrics::new(r)?,
            growth: GrowthMetrics::new(r)?,
            changes: changes::open_changes(r)?,
            registry,
        };
        let build = IntGauge::with_opts(
            Opts::new("foresight_build_info", "Always 1; the version is a label.")
                .const_label("version", env!("CARGO_PKG_VERSION")),
        )?;
        build.set(1);
        metrics.registry.register(Box::new(build))?;
        // Outcomes that have not happened yet are told as 0, so that a rate over them is right.
        for outcome in ["accepted", "duplicate", "rejected"] {
            metrics.batches.with_label_values(&[outcome]);
        }
        for outcome in ["accepted", "rejected"] {
            metrics.server_requests.with_label_values(&[outcome]);
        }
        for what in ["batch", "event"] {
            metrics.merged_elsewhere.with_label_values(&[what]);
        }
        for what in ["page", "name", "element"] {
            metrics.capped.with_label_values(&[what]);
        }
        Ok(metrics)
    }
}
