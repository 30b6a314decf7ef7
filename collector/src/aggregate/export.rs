//! What merged views tell Prometheus. Noted while a stretch is folded, told once it is merged, so
//! that a stretch that is tried twice is told once.

use foresight_shared::{Fact, Metric};

use super::{Window, cap::Capped, window::Value};
use crate::{
    event::{Accepted, Device, Event, Kind, Millis},
    metrics::Metrics,
};

/// What a stretch's views have to tell.
#[derive(Default)]
pub(super) struct Observations {
    views: Vec<Observed>,
    capped: Capped,
    facts: Vec<Fact>,
    elsewhere: Elsewhere,
}

/// What was left out because another collector had merged it before.
#[derive(Default)]
struct Elsewhere {
    batches: u64,
    events: u64,
}

struct Observed {
    site: String,
    device: Device,
    received_ms: Millis,
    counted: bool,
    vitals: Vec<Value>,
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
                Event::Named { .. }
                | Event::Several { .. }
                | Event::Parts { .. }
                | Event::Able { .. } => {}
            }
        }
        self.views.push(observed);
    }

    /// Notes what a server told.
    pub(super) fn note_fact(&mut self, fact: &Fact) {
        self.facts.push(fact.clone());
    }

    /// Notes that a batch is left out.
    pub(super) fn note_known_batch(&mut self) {
        self.elsewhere.batches += 1;
    }

    /// Notes that a server event is left out.
    pub(super) fn note_known_event(&mut self) {
        self.elsewhere.events += 1;
    }

    /// Tells it all. Prometheus' histograms cannot take a value back, so they count the first one;
    /// the window behind the gauges replaces it.
    pub(super) fn export(mut self, metrics: &Metrics, window: &Window, now_ms: Millis) {
        for (what, times) in [
            ("page", self.capped.pages),
            ("name", self.capped.names),
            ("element", self.capped.elements),
        ] {
            metrics.capped.with_label_values(&[what]).inc_by(times);
        }
        for (what, times) in [
            ("batch", self.elsewhere.batches),
            ("event", self.elsewhere.events),
        ] {
            metrics
                .merged_elsewhere
                .with_label_values(&[what])
                .inc_by(times);
        }
        self.facts.iter().for_each(|fact| metrics.count_fact(fact));
        // By label, so that each counter is looked up once for all its views.
        self.views.sort_by(|a, b| a.label().cmp(&b.label()));
        for views in self.views.chunk_by(|a, b| a.label() == b.label()) {
            window.record(now_ms, views.iter().flat_map(Observed::values));
            count_views(metrics, views);
        }
    }
}

impl Observed {
    fn label(&self) -> (&str, Device) {
        (&self.site, self.device)
    }

    /// Its values as the window takes them.
    fn values(&self) -> impl Iterator<Item = (Millis, Device, Value)> {
        let values = self.vitals.iter();
        values.map(|value| (self.received_ms, self.device, *value))
    }
}

/// Counts views of one site and device class. A counter that has nothing to count is left alone, as
/// its first look-up makes a line of the answer.
fn count_views(metrics: &Metrics, views: &[Observed]) {
    let Some(first) = views.first() else {
        return;
    };
    let (site, device) = (metrics.site_label(&first.site), first.device.word());
    for metric in Metric::ALL {
        let values = views.iter().flat_map(|view| &view.vitals);
        let mut first_ones = values
            .filter(|(of, _, was)| *of == metric && was.is_none())
            .map(|(_, value, _)| *value)
            .peekable();
        if first_ones.peek().is_some() {
            metrics.observe_vitals(metric, first_ones, site, device);
        }
    }
    let sum = |of: fn(&Observed) -> u64| views.iter().map(of).sum::<u64>();
    for (counter, labels, times) in [
        (&metrics.shares, &[site][..], sum(|view| view.shares)),
        (
            &metrics.referral_visits,
            &[site][..],
            sum(|view| view.referrals),
        ),
        (&metrics.bot_views, &[site][..], sum(|view| view.bots)),
        (
            &metrics.leads,
            &[site, "observed"][..],
            sum(|view| view.leads),
        ),
        (
            &metrics.page_views,
            &[site, device][..],
            sum(|view| view.counted.into()),
        ),
    ] {
        if times > 0 {
            counter.with_label_values(labels).inc_by(times);
        }
    }
}
