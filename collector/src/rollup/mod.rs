//! Rollups: what a stretch of accepted events adds to the database.
//!
//! In: [`Accepted`] page views. Out: a [`Rollup`], sums per [`Cell`]. Folding is addition, so it
//! does not matter in which order views are folded or how a stretch is cut. What must never happen:
//! anything that is not a sum (a mean, a percentile) gets in here.

mod varint;
mod histogram;
mod distribution;
mod band;
mod parts;

use std::collections::{BTreeMap, HashMap};

use foldhash::fast::RandomState;
use foresight_shared::{Metric, NavigationType};
use smallvec::SmallVec;

pub use band::Band;
pub use distribution::Distribution;
pub use histogram::{Histogram, HistogramError};
pub use parts::part_name;
pub use varint::{put_signed, put_varint, take_signed, take_varint};

use crate::event::{Accepted, Confirmed, Device, Event, Kind, Millis, View, hour_of};

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

/// What is known of the page views of a cell. Lists, as they are short, and most cells have one view.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// The values of each metric, in the order of metrics.
    pub vitals: Vec<(Metric, Distribution)>,
    /// How often each named thing happened, in the order of kinds and names.
    pub activity: SmallVec<[((Kind, String), i64); 1]>,
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
    /// The country of whoever shared.
    pub country: String,
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

/// A generator's build that a site's page views had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    /// The template that generated the site; empty if page views do not tell it.
    pub template: String,
    /// The generator's build.
    pub build: String,
    /// When a page view with it was received first.
    pub first_ms: Millis,
}

/// What a stretch of the spool adds to the database.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rollup {
    /// Sums per cell.
    pub cells: HashMap<Cell, Counts, RandomState>,
    /// Values per causing element.
    pub causes: HashMap<Cause, Distribution, RandomState>,
    /// Shares by site and id.
    pub shares: BTreeMap<(String, String), Share>,
    /// Visits through shared links by site, share id and hour.
    pub visits: BTreeMap<(String, String, Millis), i64>,
    /// The sites that were seen, by host.
    pub sites: BTreeMap<String, Origin>,
    /// The builds that were seen, by host. Few: a list for each site.
    pub builds: BTreeMap<String, Vec<Build>>,
    /// The batches that it sums up, by site and id: none of them may be added twice.
    pub batches: Vec<(String, String)>,
    /// What servers told, as they told it.
    pub events: Vec<Confirmed>,
    /// When it was made, by the server's clock.
    pub merged_ms: Millis,
    /// The goal that stands for an opened generator. Without one, no view counts as such.
    pub opened_goal: Option<String>,
}

impl Rollup {
    /// Whether there is nothing to add.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty() && self.sites.is_empty() && self.events.is_empty()
    }

    /// Adds a page view and its events.
    pub fn fold(&mut self, accepted: Accepted) {
        let Accepted { view, mut events } = accepted;
        for event in &mut events {
            self.fold_beside(&view, event);
        }
        self.see_site(&view);
        self.see_build(&view);
        let counted = view.counted;
        let counts = self.cells.entry(Cell::of(view)).or_default();
        if counted {
            counts.count(Kind::View, "", 1);
        }
        for (kind, name) in band::outcomes(&events, self.opened_goal.as_deref()) {
            counts.count(kind, &name, 1);
        }
        for event in events {
            counts.fold(event);
        }
    }

    /// Adds what an event says beside its cell: of elements, shares and visits.
    fn fold_beside(&mut self, view: &View, event: &mut Event) {
        match event {
            Event::Vital {
                metric,
                value,
                element,
                ..
            } => {
                if let Some(element) = element.take() {
                    self.causes
                        .entry(Cause::of(view, *metric, element))
                        .or_default()
                        // The value before may have had another element: here both are counted.
                        .record(*metric, *value, None);
                }
            }
            Event::Share {
                channel,
                id,
                parent,
            } => {
                let share = || Share {
                    parent: parent.take(),
                    channel: channel.clone(),
                    page: view.page.clone(),
                    country: view.country.clone(),
                    shared_ms: view.received_ms,
                };
                let key = (view.site.clone(), std::mem::take(id));
                self.shares.entry(key).or_insert_with(share);
            }
            Event::Referral { share } => {
                let key = (
                    view.site.clone(),
                    std::mem::take(share),
                    hour_of(view.start_ms),
                );
                *self.visits.entry(key).or_default() += 1;
            }
            Event::Named { .. }
            | Event::Several { .. }
            | Event::Parts { .. }
            | Event::Able { .. } => {}
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

    fn see_build(&mut self, view: &View) {
        let Some(build) = &view.build else { return };
        let template = view.template.as_deref().unwrap_or_default();
        let first_ms = view.received_ms;
        let is_it = |one: &&mut Build| one.build == *build && one.template == template;
        let seen = self.builds.get_mut(&view.site);
        if let Some(known) = seen.and_then(|seen| seen.iter_mut().find(is_it)) {
            known.first_ms = known.first_ms.min(first_ms);
            return;
        }
        let new = Build {
            template: template.to_owned(),
            build: build.clone(),
            first_ms,
        };
        self.builds.entry(view.site.clone()).or_default().push(new);
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
    /// Adds what an event says of its cell.
    fn fold(&mut self, event: Event) {
        match event {
            Event::Vital {
                metric, value, was, ..
            } => {
                let place = self.vitals.binary_search_by_key(&metric, |(one, _)| *one);
                let place = place.unwrap_or_else(|place| {
                    self.vitals.insert(place, (metric, Distribution::default()));
                    place
                });
                self.vitals[place].1.record(metric, value, was);
            }
            Event::Share { channel, .. } => self.count(Kind::Share, &channel, 1),
            Event::Referral { .. } => self.count(Kind::Referral, "", 1),
            Event::Named { kind, name } => self.count(kind, &name, 1),
            Event::Several { kind, name, count } => self.count(kind, &name, count.into()),
            Event::Parts { metric, parts } => {
                self.count(Kind::Part, metric.name(), 1);
                for (part, ms) in parts {
                    if let Some(name) = parts::name(metric, part) {
                        self.count(Kind::Part, name, ms.into());
                    }
                }
            }
            Event::Able { metrics } => {
                let names: Vec<_> = metrics.iter().map(|metric| metric.name()).collect();
                self.count(Kind::Able, &names.join(" "), 1);
            }
        }
    }

    fn count(&mut self, kind: Kind, name: &str, times: i64) {
        let place = self
            .activity
            .binary_search_by(|((of, named), _)| of.cmp(&kind).then_with(|| (**named).cmp(name)));
        match place {
            Ok(place) => self.activity[place].1 += times,
            Err(place) => {
                let key = (kind, name.to_owned());
                self.activity.insert(place, (key, times));
            }
        }
    }
}

#[cfg(test)]
mod tests;
