//! The gauges of growth. They are computed from the database now and then, so a restart changes none.
//!
//! In: figures. Out: gauges. A figure that is not known has no gauge, so that silence is not read as a
//! zero.

use prometheus::{GaugeVec, Opts, Registry};

/// How the fleet spreads.
pub(super) struct GrowthMetrics {
    coefficient: GaugeVec,
    coefficient_low: GaugeVec,
    coefficient_high: GaugeVec,
    lead_rate: GaugeVec,
}

impl GrowthMetrics {
    pub(super) fn new(r: &Registry) -> Result<Self, prometheus::Error> {
        let gauges = |name: &str, help: &str, labels: &[&str]| {
            let gauges = GaugeVec::new(Opts::new(name, help), labels)?;
            r.register(Box::new(gauges.clone()))?;
            Ok::<_, prometheus::Error>(gauges)
        };
        Ok(Self {
            coefficient: gauges(
                "viral_coefficient",
                "Qualified new owners whom an owner brought within 7 days of their first site: those \
                 who came through the newest week's owners, for all of whom 7 days have passed, divided by these owners. No \
                 such week in 90 days: no value.",
                &[],
            )?,
            coefficient_low: gauges(
                "viral_coefficient_low",
                "Lower end of the 95% interval of viral_coefficient; none if there are too few owners.",
                &[],
            )?,
            coefficient_high: gauges(
                "viral_coefficient_high",
                "Upper end of the 95% interval of viral_coefficient; none if there are too few owners.",
                &[],
            )?,
            lead_rate: gauges(
                "lead_capture_rate",
                "Leads of the last 7 days for a hundred visits, in percent: observed by pages, or \
                 confirmed by servers. A visit is a page view that was not reached from the site itself. \
                 Without visits, or without any lead of the kind in 90 days: no value.",
                &["evidence"],
            )?,
        })
    }

    pub(super) fn set_coefficient(&self, value: Option<(f64, Option<(f64, f64)>)>) {
        let interval = value.and_then(|(_, interval)| interval);
        set(&self.coefficient, &[], value.map(|(value, _)| value));
        set(&self.coefficient_low, &[], interval.map(|(low, _)| low));
        set(&self.coefficient_high, &[], interval.map(|(_, high)| high));
    }

    pub(super) fn set_lead_rate(&self, evidence: &str, percent: Option<f64>) {
        set(&self.lead_rate, &[evidence], percent);
    }
}

fn set(gauges: &GaugeVec, labels: &[&str], value: Option<f64>) {
    match value {
        Some(value) => gauges.with_label_values(labels).set(value),
        // One that was never set cannot be removed, and need not be.
        None => drop(gauges.remove_label_values(labels)),
    }
}
