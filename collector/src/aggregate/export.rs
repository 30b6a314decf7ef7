//! What merged views tell Prometheus. Noted while a stretch is folded, told once it is merged, so
//! that a stretch that is tried twice is told once.

use foresight_shared::Metric;

use super::{Window, cap::Capped};
use crate::{
    event::{Accepted, Device, Event, Kind, Millis},
    metrics::Metrics,
};

/// What a stretch's views have to tell.
#[derive(Default)]
pub(super) struct Observations {
    views: Vec<Observed>,
    capped: Capped,
}

struct Observed {
    site: String,
    device: Device,
    received_ms: Millis,
    counted: bool,
    vitals: Vec<(Metric, f64, Option<f64>)>,
    shares: u64,
    referrals: u64,
    leads: u64,
    bots: u64,
}

impl Observations {
    /// Notes a view, and what of it was beyond a limit.
    pub(super) fn note(&mut self, accepted: &Accepted, capped: Capped) {
        self.capped.pages += capped.pages;
        self.capped.names += capped.names;
        self.capped.elements += capped.elements;
        let view = &accepted.view;
        let mut observed = Observed {
            site: view.site.clone(),
            device: view.device,
            received_ms: view.received_ms,
            counted: view.counted,
            vitals: Vec::new(),
            shares: 0,
            referrals: 0,
            leads: 0,
            bots: 0,
        };
        for event in &accepted.events {
            match event {
                Event::Vital {
                    metric, value, was, ..
                } => observed.vitals.push((*metric, *value, *was)),
                Event::Share { .. } => observed.shares += 1,
                Event::Referral { .. } => observed.referrals += 1,
                Event::Named {
                    kind: Kind::Lead, ..
                } => observed.leads += 1,
                Event::Named {
                    kind: Kind::Bot, ..
                } => observed.bots += 1,
                Event::Named { .. } => {}
            }
        }
        self.views.push(observed);
    }

    /// Tells it all. Prometheus' histograms cannot take a value back, so they count the first one;
    /// the window behind the gauges replaces it.
    pub(super) fn export(self, metrics: &Metrics, window: &Window, now_ms: Millis) {
        for (what, times) in [
            ("page", self.capped.pages),
            ("name", self.capped.names),
            ("element", self.capped.elements),
        ] {
            metrics.capped.with_label_values(&[what]).inc_by(times);
        }
        for view in self.views {
            let device = view.device.word();
            for (metric, value, was) in view.vitals {
                window.record(view.received_ms, now_ms, view.device, (metric, value, was));
                if was.is_none() {
                    metrics.observe_vital(metric, value, &view.site, device);
                }
            }
            let site = metrics.site_label(&view.site);
            let by_site = [
                (&metrics.shares, view.shares),
                (&metrics.referral_visits, view.referrals),
                (&metrics.bot_views, view.bots),
            ];
            for (counter, times) in by_site {
                if times > 0 {
                    counter.with_label_values(&[site]).inc_by(times);
                }
            }
            if view.leads > 0 {
                metrics
                    .leads
                    .with_label_values(&[site, "observed"])
                    .inc_by(view.leads);
            }
            if view.counted {
                metrics.page_views.with_label_values(&[site, device]).inc();
            }
        }
    }
}
