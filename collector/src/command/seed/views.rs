//! The page views of the demo fleet.
//!
//! In: the fleet's owners, a seed. Out: page views as `ingest` would accept them, hour by hour, and the
//! leads that servers confirm of them. What must never happen: a view of a site before it was generated.

use foresight_shared::{Fact, NavigationType, ServerEvent};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use rand_distr::{Distribution, Poisson};

use super::{
    measured::measure,
    model::{self, BROWSERS, DEVICES, NAVIGATIONS, of},
    owners::{Owners, event, visitor_country},
};
use crate::event::{Accepted, BOT_PAGE, DAY_MS, Device, Event, HOUR_MS, Kind, Millis, View};

/// Pages of a site, and their parts of its views.
const PAGES: [(&str, f64); 5] = [
    ("/", 0.5),
    ("/menu", 0.2),
    ("/about", 0.15),
    ("/contact", 0.1),
    ("/news/opening", 0.05),
];
/// Views by robots, for each one by a visitor.
const BOTS: f64 = 0.03;
/// The part of leads that servers confirm, after so many ms; their scores are even between these.
const CONFIRMED: f64 = 0.8;
const CONFIRMED_MS: Millis = 90_000;
const SCORES: std::ops::RangeInclusive<u32> = 30..=90;

/// What has been drawn so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Drawn {
    pub(super) views: u64,
    pub(super) visits: u64,
    pub(super) leads: u64,
    pub(super) confirmed: u64,
    pub(super) bots: u64,
    pub(super) opened: u64,
}

/// Draws page views.
pub(super) struct Visitors<'a> {
    owners: &'a Owners,
    opened_goal: &'a str,
    seed: u64,
    random: StdRng,
    /// The sites in the order of time, and their rates, added up.
    order: Vec<usize>,
    rates: Vec<f64>,
    /// Shares and visits through them in the order of time, and how many of each were told.
    shares: Vec<usize>,
    visits: Vec<usize>,
    told: (usize, usize),
    pub(super) drawn: Drawn,
    /// Leads that servers have confirmed.
    pub(super) leads: Vec<ServerEvent>,
}

impl<'a> Visitors<'a> {
    pub(super) fn new(owners: &'a Owners, seed: u64, opened_goal: &'a str) -> Self {
        let in_order = |count: usize, at: &dyn Fn(usize) -> Millis| {
            let mut order: Vec<usize> = (0..count).collect();
            order.sort_by_key(|one| (at(*one), *one));
            order
        };
        let order = in_order(owners.sites.len(), &|one| owners.sites[one].at_ms);
        let mut sum = 0.0;
        let rates = order.iter().map(|site| {
            sum += owners.sites[*site].rate;
            sum
        });
        Self {
            rates: rates.collect(),
            order,
            shares: in_order(owners.shares.len(), &|one| owners.shares[one].at_ms),
            visits: in_order(owners.visits.len(), &|one| owners.visits[one].at_ms),
            owners,
            opened_goal,
            seed,
            random: StdRng::seed_from_u64(seed.wrapping_add(1)),
            told: (0, 0),
            drawn: Drawn::default(),
            leads: Vec::new(),
        }
    }

    /// Hands each page view that begins in an hour to `take`.
    pub(super) fn hour(&mut self, hour_ms: Millis, mut take: impl FnMut(Accepted)) {
        let sites = &self.owners.sites;
        let active = self
            .order
            .partition_point(|site| sites[*site].at_ms < hour_ms);
        let rate = active.checked_sub(1).map_or(0.0, |last| self.rates[last]);
        let mean = rate / 24.0 * model::traffic(hour_ms);
        let views = Poisson::new(mean).map_or(0, |one| one.sample(&mut self.random) as usize);
        for _ in 0..views {
            let at = self.random.random::<f64>() * rate;
            let place = self.rates[..active]
                .partition_point(|sum| *sum <= at)
                .min(active - 1);
            let at_ms = hour_ms + self.random.random_range(0..HOUR_MS);
            let (site, random) = (self.order[place], self.random.random());
            let navigation = of(NAVIGATIONS, random, NavigationType::Navigate);
            let is_visit =
                navigation == NavigationType::Navigate && self.random.random_bool(model::VISITS);
            let more = is_visit
                .then(|| named(Kind::Visit, ""))
                .into_iter()
                .collect();
            self.view(site, at_ms, navigation, more, &mut take);
            if self.random.random_bool(BOTS) {
                take(self.bot(site, at_ms));
            }
        }
        self.shared(hour_ms + HOUR_MS, &mut take);
    }

    /// The views in which somebody shares or comes through a share, until a time.
    fn shared(&mut self, to_ms: Millis, take: &mut impl FnMut(Accepted)) {
        let owners = self.owners;
        while let Some(number) = self.shares.get(self.told.0)
            && owners.shares[*number].at_ms < to_ms
        {
            self.told.0 += 1;
            let share = &owners.shares[*number];
            let parent = share.parent.map(|parent| owners.shares[parent].id.clone());
            let more = vec![Event::Share {
                channel: share.channel.to_owned(),
                id: share.id.clone(),
                parent,
            }];
            let (site, at_ms) = (share.site, share.at_ms);
            self.view(site, at_ms, NavigationType::Navigate, more, take);
        }
        while let Some(number) = self.visits.get(self.told.1)
            && owners.visits[*number].at_ms < to_ms
        {
            self.told.1 += 1;
            let visit = owners.visits[*number];
            let share = &owners.shares[visit.share];
            let mut more = vec![
                Event::Referral {
                    share: share.id.clone(),
                },
                named(Kind::Visit, ""),
            ];
            if visit.opened {
                more.push(named(Kind::Conversion, self.opened_goal));
            }
            self.view(
                share.site,
                visit.at_ms,
                NavigationType::Navigate,
                more,
                take,
            );
        }
    }

    /// A view of a site with what it measures and perhaps a lead, in one batch or two.
    fn view(
        &mut self,
        site: usize,
        at_ms: Millis,
        navigation: NavigationType,
        more: Vec<Event>,
        take: &mut impl FnMut(Accepted),
    ) {
        let random = &mut self.random;
        let at = &self.owners.sites[site];
        let device = of((0..3).map(|n| (n, DEVICES[n].1)), random.random(), 0);
        let page = of(PAGES, random.random(), "/");
        let view = View {
            site: at.host.clone(),
            template: Some(model::TEMPLATES[at.template].0.to_owned()),
            build: Some("2.3.1".to_owned()),
            page: page.to_owned(),
            device: DEVICES[device].0,
            country: visitor_country(at.country, random).to_owned(),
            browser: of(BROWSERS, random.random(), "unknown").to_owned(),
            navigation,
            start_ms: at_ms,
            received_ms: at_ms,
            counted: true,
        };
        let mut events = more;
        let (lcp, later) = measure(device, at.template, page, random, &mut events);
        let count = |kind| events.iter().filter(|one| is_named(one, kind)).count() as u64;
        self.drawn.views += 1;
        self.drawn.visits += count(Kind::Visit);
        self.drawn.opened += count(Kind::Conversion);
        if random.random_bool(model::lead(device, lcp)) {
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

    fn bot(&mut self, site: usize, at_ms: Millis) -> Accepted {
        self.drawn.bots += 1;
        let unknown = || "unknown".to_owned();
        let names = [("googlebot", 0.6), ("bingbot", 0.3), ("lighthouse", 0.1)];
        Accepted {
            view: View {
                site: self.owners.sites[site].host.clone(),
                template: Some(
                    model::TEMPLATES[self.owners.sites[site].template]
                        .0
                        .to_owned(),
                ),
                build: Some("2.3.1".to_owned()),
                page: BOT_PAGE.to_owned(),
                device: Device::Unknown,
                country: unknown(),
                browser: unknown(),
                navigation: NavigationType::Navigate,
                start_ms: at_ms,
                received_ms: at_ms,
                counted: false,
            },
            events: vec![named(
                Kind::Bot,
                of(names, self.random.random(), "googlebot"),
            )],
        }
    }

    /// How many views each template's sites are expected to have, as parts of all, until a time.
    pub(super) fn templates(&self, (from_ms, to_ms): (Millis, Millis)) -> [f64; 4] {
        let mut sums = [0.0; 4];
        for site in &self.owners.sites {
            let days = (to_ms - site.at_ms.max(from_ms)) as f64 / DAY_MS as f64;
            sums[site.template] += site.rate * days;
        }
        let all: f64 = sums.iter().sum();
        sums.map(|sum| if all > 0.0 { sum / all } else { 0.25 })
    }
}

/// Something that is counted by name.
pub(super) fn named(kind: Kind, name: &str) -> Event {
    Event::Named {
        kind,
        name: name.to_owned(),
    }
}

fn is_named(event: &Event, wanted: Kind) -> bool {
    matches!(event, Event::Named { kind, .. } if *kind == wanted)
}
