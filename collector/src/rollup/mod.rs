//! Rollups: what a stretch of accepted events adds to the database.
//!
//! In: [`Accepted`] page views. Out: a [`Rollup`], sums per [`Cell`]. Folding is addition, so it
//! does not matter in which order views are folded or how a stretch is cut. What must never happen:
//! anything that is not a sum (a mean, a percentile) gets in here.

mod histogram;
mod distribution;

use std::collections::{BTreeMap, HashMap};

use foresight_shared::{Metric, NavigationType};

pub use distribution::Distribution;
pub use histogram::{Histogram, HistogramError};

use crate::event::{Accepted, Device, Event, Kind, Millis, View, hour_of};

/// What page views of one hour have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    /// The site's host.
    pub site: String,
    /// The start of the hour in which the views began.
    pub hour_ms: Millis,
    /// The page's path.
    pub page: String,
    /// The device's class.
    pub device: Device,
    /// The country.
    pub country: String,
    /// The browser.
    pub browser: String,
    /// How the views began.
    pub navigation: NavigationType,
}

/// What is known of the page views of a cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// The values of each metric.
    pub vitals: BTreeMap<Metric, Distribution>,
    /// How often each named thing happened.
    pub activity: BTreeMap<(Kind, String), i64>,
}

/// The values of a metric that one element caused.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cause {
    /// The site's host.
    pub site: String,
    /// The start of the hour in which the views began.
    pub hour_ms: Millis,
    /// The page's path.
    pub page: String,
    /// The device's class.
    pub device: Device,
    /// The metric.
    pub metric: Metric,
    /// The element's selector.
    pub element: String,
}

/// A shared link. It is told once; a repeat changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// The share that had brought the sharing visitor.
    pub parent: Option<String>,
    /// Where to it was shared.
    pub channel: String,
    /// The page on which it was shared.
    pub page: String,
    /// When it was received.
    pub shared_ms: Millis,
}

/// What the newest token of a site says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The template that generated it.
    pub template: Option<String>,
    /// The generator's build.
    pub build: Option<String>,
    /// When that was seen last.
    pub seen_ms: Millis,
}

/// What a stretch of the spool adds to the database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rollup {
    /// Sums per cell.
    pub cells: HashMap<Cell, Counts>,
    /// Values per causing element.
    pub causes: HashMap<Cause, Distribution>,
    /// Shares by site and id.
    pub shares: BTreeMap<(String, String), Share>,
    /// Visits through shared links by site, share id and hour.
    pub visits: BTreeMap<(String, String, Millis), i64>,
    /// The sites that were seen, by host.
    pub sites: BTreeMap<String, Origin>,
}

impl Rollup {
    /// Whether there is nothing to add.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty() && self.sites.is_empty()
    }

    /// Adds a page view and its events.
    pub fn fold(&mut self, accepted: Accepted) {
        let Accepted { view, events } = accepted;
        let mut counts = Counts::default();
        if view.counted {
            counts.count(Kind::View, String::new());
        }
        for event in events {
            self.fold_event(&view, event, &mut counts);
        }
        self.see_site(&view);
        self.cells.entry(Cell::of(view)).or_default().add(counts);
    }

    fn fold_event(&mut self, view: &View, event: Event, counts: &mut Counts) {
        match event {
            Event::Vital {
                metric,
                value,
                was,
                element,
            } => {
                let vital = counts.vitals.entry(metric).or_default();
                vital.record(metric, value, was);
                if let Some(element) = element {
                    self.causes
                        .entry(Cause::of(view, metric, element))
                        .or_default()
                        // The value before may have had another element: here both are counted.
                        .record(metric, value, None);
                }
            }
            Event::Share {
                channel,
                id,
                parent,
            } => {
                counts.count(Kind::Share, channel.clone());
                let share = Share {
                    parent,
                    channel,
                    page: view.page.clone(),
                    shared_ms: view.received_ms,
                };
                self.shares.entry((view.site.clone(), id)).or_insert(share);
            }
            Event::Referral { share } => {
                counts.count(Kind::Referral, String::new());
                let hour_ms = hour_of(view.start_ms);
                *self
                    .visits
                    .entry((view.site.clone(), share, hour_ms))
                    .or_default() += 1;
            }
            Event::Named { kind, name } => counts.count(kind, name),
        }
    }

    fn see_site(&mut self, view: &View) {
        let newer = self
            .sites
            .get(&view.site)
            .is_none_or(|known| known.seen_ms <= view.received_ms);
        if newer {
            let origin = Origin {
                template: view.template.clone(),
                build: view.build.clone(),
                seen_ms: view.received_ms,
            };
            self.sites.insert(view.site.clone(), origin);
        }
    }
}

impl Cell {
    fn of(view: View) -> Self {
        Self {
            hour_ms: hour_of(view.start_ms),
            site: view.site,
            page: view.page,
            device: view.device,
            country: view.country,
            browser: view.browser,
            navigation: view.navigation,
        }
    }
}

impl Cause {
    fn of(view: &View, metric: Metric, element: String) -> Self {
        Self {
            site: view.site.clone(),
            hour_ms: hour_of(view.start_ms),
            page: view.page.clone(),
            device: view.device,
            metric,
            element,
        }
    }
}

impl Counts {
    fn count(&mut self, kind: Kind, name: String) {
        *self.activity.entry((kind, name)).or_default() += 1;
    }

    fn add(&mut self, other: Self) {
        for (metric, distribution) in other.vitals {
            self.vitals.entry(metric).or_default().add(&distribution);
        }
        for (key, count) in other.activity {
            *self.activity.entry(key).or_default() += count;
        }
    }
}

#[cfg(test)]
mod tests;
