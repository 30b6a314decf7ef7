//! The gauges `web_vitals_*_p75`: the 75th percentile over the last minutes, by device class.
//!
//! In: values with their time of receipt. Out: gauges, computed when Prometheus scrapes. A class
//! without values has no gauge, so that silence is not read as a zero.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use foresight_shared::{Metric, Unit};
use prometheus::{
    GaugeVec, Opts,
    core::{Collector, Desc},
    proto::MetricFamily,
};

use crate::{
    event::{Clock, Device, Millis},
    metrics::vital_name,
    rollup::Distribution,
};

const MINUTE_MS: Millis = 60_000;

/// A value, and the one that it replaces.
pub(super) type Value = (Metric, f64, Option<f64>);

type Slot = HashMap<(Metric, Device), Distribution>;

/// The values of the last minutes. Cheap to clone; all clones share them.
#[derive(Clone)]
pub struct Window {
    /// Oldest minute first.
    slots: Arc<Mutex<VecDeque<(Millis, Slot)>>>,
    minutes: Millis,
}

impl Window {
    /// An empty window over so many minutes.
    #[must_use]
    pub fn new(minutes: u32) -> Self {
        Self {
            slots: Arc::default(),
            minutes: minutes.into(),
        }
    }

    /// Records values of views that were received at a time. Values from before the window, which
    /// come from a spool that had to wait, are passed over.
    pub(super) fn record(
        &self,
        now_ms: Millis,
        values: impl Iterator<Item = (Millis, Device, Value)>,
    ) {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        self.drop_old(&mut slots, now_ms);
        let first = now_ms.div_euclid(MINUTE_MS) - self.minutes + 1;
        for (received_ms, device, (metric, value, was)) in values {
            let minute = received_ms.div_euclid(MINUTE_MS);
            if minute < first {
                continue;
            }
            let place = match slots.binary_search_by_key(&minute, |(minute, _)| *minute) {
                Ok(place) => place,
                Err(place) => {
                    slots.insert(place, (minute, Slot::new()));
                    place
                }
            };
            slots[place]
                .1
                .entry((metric, device))
                .or_default()
                .record(metric, value, was);
        }
    }

    /// The sums over the window that ends now.
    fn sums(&self, now_ms: Millis) -> Slot {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        self.drop_old(&mut slots, now_ms);
        let mut sums = Slot::new();
        for (key, distribution) in slots.iter().flat_map(|(_, slot)| slot) {
            sums.entry(*key).or_default().add(distribution);
        }
        sums
    }

    fn drop_old(&self, slots: &mut VecDeque<(Millis, Slot)>, now_ms: Millis) {
        let first = now_ms.div_euclid(MINUTE_MS) - self.minutes + 1;
        while slots.front().is_some_and(|(minute, _)| *minute < first) {
            slots.pop_front();
        }
    }
}

/// The gauges over a window.
pub struct Gauges {
    window: Window,
    clock: Clock,
    gauges: Vec<(Metric, GaugeVec)>,
}

impl Window {
    /// The window's gauges, to be registered with the metrics.
    ///
    /// # Errors
    /// If a name breaks Prometheus' rules: a mistake in this file.
    pub fn gauges(&self, clock: Clock) -> Result<Gauges, prometheus::Error> {
        let minutes = self.minutes;
        let gauges = Metric::ALL
            .into_iter()
            .map(|metric| {
                let unit = match metric.unit() {
                    Unit::Milliseconds => "in seconds",
                    Unit::Score => "a score without unit",
                };
                let help = format!(
                    "75th percentile of {} over the last {minutes} minutes, {unit}.",
                    metric.name()
                );
                let name = format!("{}_p75", vital_name(metric));
                Ok((metric, GaugeVec::new(Opts::new(name, help), &["device"])?))
            })
            .collect::<Result<_, prometheus::Error>>()?;
        Ok(Gauges {
            window: self.clone(),
            clock,
            gauges,
        })
    }
}

impl Collector for Gauges {
    fn desc(&self) -> Vec<&Desc> {
        self.gauges
            .iter()
            .flat_map(|(_, gauge)| gauge.desc())
            .collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let sums = self.window.sums((self.clock)());
        let mut families = Vec::new();
        for (metric, gauge) in &self.gauges {
            gauge.reset();
            for ((_, device), sum) in sums.iter().filter(|((of, _), _)| of == metric) {
                if let Some(p75) = sum.p75() {
                    let base = match metric.unit() {
                        Unit::Milliseconds => p75 / 1000.0,
                        Unit::Score => p75,
                    };
                    gauge.with_label_values(&[device.word()]).set(base);
                }
            }
            families.extend(
                gauge
                    .collect()
                    .into_iter()
                    .filter(|family| !family.get_metric().is_empty()),
            );
        }
        families
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicI64, Ordering};

    #[test]
    fn the_gauge_looks_back_over_its_minutes_only() {
        let now = Arc::new(AtomicI64::new(100 * MINUTE_MS));
        let window = Window::new(15);
        let read = now.clone();
        let gauges = window
            .gauges(Arc::new(move || read.load(Ordering::Relaxed)))
            .unwrap();
        let value = || {
            let families = gauges.collect();
            let family = families
                .iter()
                .find(|family| family.name() == "web_vitals_lcp_p75")?;
            Some(family.get_metric()[0].get_gauge().get_value())
        };
        assert_eq!(value(), None);
        let record = |minute: Millis, ms: f64, was| {
            let (received, now) = (minute * MINUTE_MS, now.load(Ordering::Relaxed));
            let value = (Metric::Lcp, ms, was);
            window.record(now, [(received, Device::Phone, value)].into_iter());
        };
        record(80, 9000.0, None);
        record(100, 1000.0, None);
        assert!((value().unwrap() - 1.0).abs() < 0.01);
        record(100, 3000.0, Some(1000.0));
        assert!((value().unwrap() - 3.0).abs() < 0.03);
        now.store(116 * MINUTE_MS, Ordering::Relaxed);
        assert_eq!(value(), None);
    }
}
