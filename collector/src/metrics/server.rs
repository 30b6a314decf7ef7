//! What the platform's servers told, for Prometheus. The names are those of the operator's alerts.
//!
//! In: a fact that was merged. Out: counters and histograms. What must never happen: a label has
//! more values than its limit; a server that puts an id into a route's name gets `other`.
//!
//! What an alert counts together has no label, as its expression looks at each series by itself, and is there
//! from the start, as Prometheus sees no increase in a series that begins at 1. The parts have another name.

use foresight_shared::{CommissionState, Fact, Payment};
use prometheus::{Histogram, IntCounter, IntCounterVec, Registry};

use super::{
    labels::Labels,
    register::{counter, counters, histogram},
    requests::Requests,
};

/// Values of a label that servers choose; the others are `other`.
const NAMES: usize = 100;

/// Bounds of a generation's duration, in seconds.
const GENERATION: &[f64] = &[
    1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 45.0, 60.0, 90.0, 120.0, 180.0, 300.0, 600.0,
];

/// What servers told.
pub(super) struct ServerMetrics {
    names: Labels,
    generation_failures: IntCounter,
    failures_by_stage: IntCounterVec,
    generation_seconds: Histogram,
    ai_seconds: Histogram,
    conversions: IntCounterVec,
    revenue: IntCounterVec,
    refunds: IntCounterVec,
    commissions_paid: IntCounterVec,
    auth_failed: IntCounter,
    auth_failed_by_reason: IntCounterVec,
    rate_limited: IntCounterVec,
    requests: Requests,
}

impl ServerMetrics {
    pub(super) fn new(r: &Registry) -> Result<Self, prometheus::Error> {
        Ok(Self {
            names: Labels::new(NAMES, []),
            generation_failures: counter(
                r,
                "site_generation_failures_total",
                "Sites that could not be generated.",
            )?,
            failures_by_stage: counters(
                r,
                "site_generation_failures_by_stage_total",
                "Sites that could not be generated, by the stage where it ended.",
                &["stage"],
            )?,
            generation_seconds: histogram(
                r,
                "site_generation_duration_seconds",
                "Time that the generation of a site took, in seconds.",
                GENERATION,
            )?,
            ai_seconds: histogram(
                r,
                "ai_service_duration_seconds",
                "Time that the AI service took in the generation of a site, in seconds.",
                GENERATION,
            )?,
            conversions: counters(
                r,
                "conversions_total",
                "Goals that servers confirm to have been reached.",
                &["goal"],
            )?,
            revenue: counters(
                r,
                "revenue_minor_units_total",
                "Money that came in, in the currency's smallest unit; refunds are not taken off.",
                &["kind", "currency"],
            )?,
            refunds: counters(
                r,
                "refunds_minor_units_total",
                "Money that went back, in the currency's smallest unit, as it was told: also what is more than came in.",
                &["kind", "currency"],
            )?,
            commissions_paid: counters(
                r,
                "commissions_paid_minor_units_total",
                "Commissions that were paid, in the currency's smallest unit, as it was told: also what is more than was payable.",
                &["currency"],
            )?,
            auth_failed: counter(
                r,
                "failed_auth_attempts_total",
                "Attempts of somebody to prove who they are that failed.",
            )?,
            auth_failed_by_reason: counters(
                r,
                "failed_auth_attempts_by_reason_total",
                "Attempts of somebody to prove who they are that failed, by realm and reason.",
                &["realm", "reason"],
            )?,
            rate_limited: counters(
                r,
                "rate_limit_violations_total",
                "Requests that were refused because there were too many.",
                &["route"],
            )?,
            requests: Requests::register(r)?,
        })
    }

    /// Counts a fact. Leads are counted by their site, which [`super::Metrics`] knows.
    pub(super) fn count(&self, fact: &Fact) {
        let name = |word| self.names.label(word);
        match fact {
            Fact::SiteGenerated {
                duration_ms,
                ai_duration_ms,
                ..
            } => {
                self.generation_seconds.observe(duration_ms / 1000.0);
                if let Some(ms) = ai_duration_ms {
                    self.ai_seconds.observe(ms / 1000.0);
                }
            }
            Fact::SiteGenerationFailed { stage, .. } => {
                self.generation_failures.inc();
                self.failures_by_stage
                    .with_label_values(&[name(stage)])
                    .inc();
            }
            Fact::Lead { .. } => {}
            Fact::Conversion { name: goal, .. } => {
                self.conversions.with_label_values(&[name(goal)]).inc();
            }
            Fact::Revenue(payment) => self.pay(&self.revenue, payment),
            Fact::Refund(payment) => self.pay(&self.refunds, payment),
            Fact::Commission {
                state,
                amount_minor,
                currency,
                ..
            } => {
                if *state == CommissionState::Paid {
                    self.commissions_paid
                        .with_label_values(&[name(currency)])
                        .inc_by(*amount_minor);
                }
            }
            Fact::AuthFailed { realm, reason } => {
                self.auth_failed.inc();
                self.auth_failed_by_reason
                    .with_label_values(&[name(realm), name(reason)])
                    .inc();
            }
            Fact::RateLimited { route } => {
                self.rate_limited.with_label_values(&[name(route)]).inc();
            }
            Fact::HttpRequests {
                route,
                status,
                counts,
                sum_ms,
            } => self.requests.add(name(route), *status, counts, *sum_ms),
        }
    }

    fn pay(&self, counter: &IntCounterVec, payment: &Payment) {
        let (kind, currency) = (
            self.names.label(&payment.kind),
            self.names.label(&payment.currency),
        );
        counter
            .with_label_values(&[kind, currency])
            .inc_by(payment.amount_minor);
    }
}
