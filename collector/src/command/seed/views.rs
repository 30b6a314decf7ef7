//! Which page views the demo fleet has in an hour; `view.rs` has what each one is.
//!
//! In: the fleet's owners, a seed. Out: page views as `ingest` would accept them, hour by hour, and the
//! leads that servers confirm of them. What must never happen: a view of a site before it was generated.

use foresight_shared::{NavigationType, ServerEvent};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use rand_distr::{Distribution, Poisson};

use super::{
    measured::measure,
    model::{self, NAVIGATIONS, of},
    noise::{Besides, Noises},
    owners::Owners,
    planted::{Planted, Words},
    robots::bot,
    view::named,
};
use crate::event::{Accepted, DAY_MS, Event, HOUR_MS, Kind, Millis};

/// Pages of a site, and their parts of its views.
pub(super) const PAGES: [(&str, f64); 5] = [
    ("/", 0.5),
    ("/menu", 0.2),
    ("/about", 0.15),
    ("/contact", 0.1),
    ("/news/opening", 0.05),
];
/// Views by robots, for each one by a visitor.
const BOTS: f64 = 0.03;

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
    pub(super) owners: &'a Owners,
    pub(super) planted: &'a Planted,
    pub(super) opened_goal: &'a str,
    pub(super) seed: u64,
    pub(super) random: StdRng,
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
    pub(super) fn new(
        owners: &'a Owners,
        planted: &'a Planted,
        seed: u64,
        opened_goal: &'a str,
    ) -> Self {
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
            planted,
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
            self.visit(self.order[place], hour_ms, &mut take);
        }
        if let Some(noises) = &self.planted.noises {
            for besides in noises.besides(hour_ms) {
                self.besides(besides, (hour_ms, active, mean), &mut take);
            }
        }
        self.shared(hour_ms + HOUR_MS, &mut take);
    }

    /// A view of a site in an hour.
    fn visit(&mut self, site: usize, hour_ms: Millis, take: &mut impl FnMut(Accepted)) {
        let at_ms = hour_ms + self.random.random_range(0..HOUR_MS);
        let navigation = of(NAVIGATIONS, self.random.random(), NavigationType::Navigate);
        let is_visit =
            navigation == NavigationType::Navigate && self.random.random_bool(model::VISITS);
        let more = is_visit.then(|| named(Kind::Visit, ""));
        self.view(site, at_ms, navigation, more.into_iter().collect(), take);
        if self.random.random_bool(BOTS) {
            self.drawn.bots += 1;
            take(bot(
                self.owners,
                self.planted,
                site,
                at_ms,
                &mut self.random,
            ));
        }
    }

    /// Traffic besides the usual.
    fn besides(
        &mut self,
        besides: Besides,
        (hour_ms, active, mean): (Millis, usize, f64),
        take: &mut impl FnMut(Accepted),
    ) {
        let of_day = model::traffic(hour_ms) / 24.0;
        for at in 0..active {
            let site = self.order[at];
            let one = &self.owners.sites[site];
            let part = match besides {
                Besides::Template(template, part) if one.template == template => part,
                Besides::Site(wanted, part) if wanted == site => part,
                _ => continue,
            };
            let views = Poisson::new(one.rate * of_day * part);
            let views = views.map_or(0, |one| one.sample(&mut self.random) as usize);
            for _ in 0..views {
                self.visit(site, hour_ms, take);
            }
        }
        if let Besides::Robots(part) = besides
            && active > 0
        {
            for _ in 0..(mean * part) as usize {
                let site = self.order[self.random.random_range(0..active)];
                self.robot(site, hour_ms, take);
            }
        }
    }

    /// Two views by robots, one of which passes for a visitor's.
    fn robot(&mut self, site: usize, hour_ms: Millis, take: &mut impl FnMut(Accepted)) {
        let at_ms = hour_ms + self.random.random_range(0..HOUR_MS);
        self.drawn.bots += 1;
        take(bot(
            self.owners,
            self.planted,
            site,
            at_ms,
            &mut self.random,
        ));
        let words = self.words(site, at_ms);
        let words = Words {
            device: 1,
            country: "US",
            browser: "Chrome",
            ..words
        };
        let mut events = Vec::new();
        let slower = |_| Noises::robots_speed();
        measure(words, slower, &mut self.random, &mut events);
        self.drawn.views += 1;
        take(Accepted {
            view: self.seen(&words, NavigationType::Navigate),
            events,
        });
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
