//! One page view of the demo fleet: whose it is, what it measures, and the lead that may come of it.
//!
//! In: a site, a time, what else the view tells. Out: what `ingest` would accept, in one batch or two.
//! What must never happen: a value that is not in what the truth is drawn from.

use foresight_shared::{Fact, Metric, NavigationType};
use rand::{RngExt, rngs::StdRng};

use super::{
    measured::measure,
    model::{self, BROWSERS, DEVICES, of},
    owners::{event, visitor_country},
    planted::{Planted, SCRIPTS, Words},
    views::{PAGES, Visitors},
};
use crate::event::{Accepted, Event, Kind, Millis, View};

/// The part of leads that servers confirm, after so many ms; their scores are even between these.
const CONFIRMED: f64 = 0.8;
const CONFIRMED_MS: Millis = 90_000;
const SCORES: std::ops::RangeInclusive<u32> = 30..=90;

/// The part of views with INP in which a script of a third party is named.
const SCRIPT_NAMED: f64 = 0.3;

impl Visitors<'_> {
    /// A view of a site with what it measures and perhaps a lead, in one batch or two.
    pub(super) fn view(
        &mut self,
        site: usize,
        at_ms: Millis,
        navigation: NavigationType,
        more: Vec<Event>,
        take: &mut impl FnMut(Accepted),
    ) {
        let words = self.words(site, at_ms);
        let view = self.seen(&words, navigation);
        let mut events = more;
        let (planted, random) = (self.planted, &mut self.random);
        let noises = planted.noises.as_ref();
        let outlier = noises.map_or(1.0, |noises| noises.outlier(&words, random));
        let slower = |metric| planted.factor(metric, &words) * outlier;
        let (lcp, later) = measure(words, slower, random, &mut events);
        let has_value = |one: &Event| {
            matches!(
                one,
                Event::Vital {
                    metric: Metric::Inp,
                    ..
                }
            )
        };
        if events.iter().any(has_value)
            && let Some(script) = script_of(planted, site, random)
        {
            events.push(named(Kind::Script, script));
        }
        let count = |kind| events.iter().filter(|one| is_named(one, kind)).count() as u64;
        self.drawn.views += 1;
        self.drawn.visits += count(Kind::Visit);
        self.drawn.opened += count(Kind::Conversion);
        if random.random_bool(model::lead(words.device, lcp)) {
            events.push(named(Kind::Lead, "contact"));
            self.lead(site, at_ms);
        }
        let second = later.map(|event| Accepted {
            view: View {
                counted: false,
                received_ms: at_ms + 60_000,
                ..view.clone()
            },
            events: vec![event],
        });
        take(Accepted { view, events });
        second.into_iter().for_each(take);
    }

    /// A lead that a page saw, and a server may confirm.
    fn lead(&mut self, site: usize, at_ms: Millis) {
        let number = self.drawn.leads;
        self.drawn.leads += 1;
        if !self.random.random_bool(CONFIRMED) {
            return;
        }
        self.drawn.confirmed += 1;
        let sources = [("form", 0.6), ("whatsapp", 0.3), ("phone", 0.1)];
        let fact = Fact::Lead {
            site: self.owners.sites[site].host.clone(),
            lead: format!("l_{}_{number}", self.seed),
            score: self.random.random_range(SCORES),
            source: of(sources, self.random.random(), "form").to_owned(),
        };
        let what = format!("lead-{number}");
        self.leads
            .push(event(self.seed, &what, at_ms + CONFIRMED_MS, fact));
    }

    /// What a view of a site is of.
    pub(super) fn words(&mut self, site: usize, at_ms: Millis) -> Words {
        let random = &mut self.random;
        let at = &self.owners.sites[site];
        let noises = self.planted.noises.as_ref();
        let parts = noises.and_then(|noises| noises.devices(at_ms));
        let parts = parts.unwrap_or([DEVICES[0].1, DEVICES[1].1, DEVICES[2].1]);
        let device = of((0..3).map(|n| (n, parts[n])), random.random(), 0);
        let page = of(PAGES, random.random(), "/");
        let country = visitor_country(at.country, random);
        let elsewhere = noises.and_then(|noises| noises.country(at_ms, random));
        Words {
            site,
            template: at.template,
            device,
            country: elsewhere.unwrap_or(country),
            browser: of(BROWSERS, random.random(), "unknown"),
            page,
            at_ms,
        }
    }

    pub(super) fn seen(&self, words: &Words, navigation: NavigationType) -> View {
        let at = &self.owners.sites[words.site];
        let build = self.planted.build(words.site, words.template, words.at_ms);
        View {
            site: at.host.clone(),
            template: Some(model::TEMPLATES[words.template].0.to_owned()),
            build: Some(build.to_owned()),
            page: words.page.to_owned(),
            device: DEVICES[words.device].0,
            country: words.country.to_owned(),
            browser: words.browser.to_owned(),
            navigation,
            start_ms: words.at_ms,
            received_ms: words.at_ms,
            counted: true,
        }
    }
}

/// Something that is counted by name.
pub(super) fn named(kind: Kind, name: &str) -> Event {
    Event::Named {
        kind,
        name: name.to_owned(),
    }
}

/// The script that ran longest in a view's slowest interaction, if one was long enough to be named.
fn script_of(planted: &Planted, site: usize, random: &mut StdRng) -> Option<&'static str> {
    let has = |script: &usize| planted.has_script(site, *script);
    let scripts: Vec<_> = (0..SCRIPTS.len()).filter(has).collect();
    let is_named = !scripts.is_empty() && random.random_bool(SCRIPT_NAMED);
    is_named.then(|| SCRIPTS[scripts[random.random_range(0..scripts.len())]].0)
}

fn is_named(event: &Event, wanted: Kind) -> bool {
    matches!(event, Event::Named { kind, .. } if *kind == wanted)
}
