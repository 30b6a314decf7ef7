//! The owners of the demo fleet: who comes, whose site is shared, who comes through a share.
//!
//! In: a time, a seed, how many sites. Out: sites, shares, visits through them and what servers tell of
//! generations, in no order. What must never happen: something that is after the end of the time.
//!
//! A branching process. Owners come by themselves, evenly over the time. An owner's rate of shares is
//! drawn from a gamma distribution, so a few have many; each share comes after an exponential time, brings
//! a Poisson number of visits, and a Poisson number of new owners, each after another exponential time.
//! Robots generate within seconds of a share, and some owners through a share of their own.

use foresight_shared::{Fact, ServerEvent};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use rand_distr::{Distribution, Exp, Gamma, LogNormal, Poisson};

use super::{
    model::{AT_HOME, CHANNELS, COUNTRIES, TEMPLATES, of},
    process::{FOLLOW_DAYS, K, LEAST_DAYS, SHAPE, SHARE_DAYS, SHARES},
};
use crate::event::{DAY_MS, Millis};

/// Visits that a share brings on average, and the part of them in which the generator is opened.
const VISITS: f64 = 5.0;
const OPENED: f64 = 0.12;
/// The part of shares by a visitor who came through another share of the site.
const ON: f64 = 0.3;
/// The part of shares that a robot follows, and of those through which their owner generates again.
const FRAUD: f64 = 0.02;
/// Generations that fail, for each one that does not.
const FAILURES: f64 = 0.05;
/// The spread of sites' traffic: the standard deviation of its logarithm.
const TRAFFIC_SPREAD: f64 = 1.0;

/// A site.
#[derive(Clone, Debug)]
pub(super) struct Site {
    pub(super) host: String,
    pub(super) owner: String,
    /// The number of its template.
    pub(super) template: usize,
    pub(super) country: &'static str,
    /// When it was generated.
    pub(super) at_ms: Millis,
    /// Views of a mean day; none if a robot generated it.
    pub(super) rate: f64,
    /// Whether it is the first one of a person.
    pub(super) is_first: bool,
    /// The share that brought that person, by number, if one did.
    pub(super) brought_by: Option<usize>,
}

/// A share of a site.
#[derive(Clone, Debug)]
pub(super) struct Share {
    pub(super) site: usize,
    pub(super) id: String,
    pub(super) parent: Option<usize>,
    pub(super) channel: &'static str,
    pub(super) at_ms: Millis,
}

/// A visit through a share.
#[derive(Clone, Copy, Debug)]
pub(super) struct Visit {
    pub(super) share: usize,
    pub(super) at_ms: Millis,
    /// Whether its visitor opened the generator.
    pub(super) opened: bool,
}

/// What became of the owners.
#[derive(Debug, Default)]
pub(super) struct Owners {
    pub(super) sites: Vec<Site>,
    pub(super) shares: Vec<Share>,
    pub(super) visits: Vec<Visit>,
    pub(super) events: Vec<ServerEvent>,
}

/// What is drawn.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'a> {
    pub(super) seed: u64,
    /// About so many sites.
    pub(super) sites: u32,
    /// Views of a mean day of a site, on average.
    pub(super) views: f64,
    /// The goal that stands for an opened generator.
    pub(super) opened_goal: &'a str,
    pub(super) from_ms: Millis,
    pub(super) to_ms: Millis,
}

/// Draws what becomes of the owners.
pub(super) fn draw(wanted: &Wanted<'_>) -> Owners {
    let mut run = Run {
        wanted,
        random: StdRng::seed_from_u64(wanted.seed),
        owners: Owners::default(),
        to_do: Vec::new(),
    };
    // Of all who come, a part of 1 - K comes by itself, if one waits for ever.
    let founders = (f64::from(wanted.sites) * (1.0 - K)).ceil() as u32;
    for _ in 0..founders {
        let at_ms = run.random.random_range(wanted.from_ms..wanted.to_ms);
        run.come(at_ms, None);
    }
    while let Some(site) = run.to_do.pop() {
        run.share(site);
    }
    run.failures();
    run.owners
}

struct Run<'a> {
    wanted: &'a Wanted<'a>,
    random: StdRng,
    owners: Owners,
    /// Sites of owners who have not shared yet.
    to_do: Vec<usize>,
}

impl Run<'_> {
    /// A new owner comes, through a share or by themselves.
    fn come(&mut self, at_ms: Millis, share: Option<usize>) {
        let owner = format!("o_{}_{}", self.wanted.seed, self.owners.sites.len());
        // The mean of a log-normal distribution is not its median.
        let mean = self.wanted.views.ln() - TRAFFIC_SPREAD * TRAFFIC_SPREAD / 2.0;
        let rate =
            LogNormal::new(mean, TRAFFIC_SPREAD).map_or(0.0, |one| one.sample(&mut self.random));
        if let Some(number) = self.generate(owner, rate, at_ms, share) {
            let site = &mut self.owners.sites[number];
            (site.is_first, site.brought_by) = (true, share);
            self.to_do.push(number);
        }
    }

    /// A site is generated, unless that is after the end; its number.
    fn generate(
        &mut self,
        owner: String,
        rate: f64,
        at_ms: Millis,
        share: Option<usize>,
    ) -> Option<usize> {
        if at_ms >= self.wanted.to_ms {
            return None;
        }
        let number = self.owners.sites.len();
        let seed = self.wanted.seed;
        let site = Site {
            host: format!("site-{number:04}.seed-{seed}.example"),
            owner,
            template: of((0..4).map(|n| (n, TEMPLATES[n].2)), self.random.random(), 3),
            country: of(COUNTRIES, self.random.random(), "DE"),
            at_ms,
            rate,
            is_first: false,
            brought_by: None,
        };
        let duration_ms = 40_000.0 * self.random.random_range(0.5..3.0);
        let fact = Fact::SiteGenerated {
            site: site.host.clone(),
            owner: site.owner.clone(),
            template: Some(TEMPLATES[site.template].0.to_owned()),
            build: Some("2.3.1".to_owned()),
            duration_ms,
            ai_duration_ms: Some(duration_ms * self.random.random_range(0.4..0.9)),
            referred_by: share.map(|share| self.owners.shares[share].id.clone()),
        };
        self.tell(&format!("generation-{number}"), at_ms, fact);
        self.owners.sites.push(site);
        Some(number)
    }

    /// All shares of an owner's first site, and who comes through them.
    fn share(&mut self, site: usize) {
        let rate =
            Gamma::new(SHAPE, SHARES / SHAPE).map_or(0.0, |one| one.sample(&mut self.random));
        let first = self.owners.shares.len();
        for _ in 0..self.poisson(rate) {
            let at_ms = self.owners.sites[site].at_ms + self.days(SHARE_DAYS);
            if at_ms >= self.wanted.to_ms {
                continue;
            }
            let number = self.owners.shares.len();
            let mut before = (first..number).filter(|one| self.owners.shares[*one].at_ms < at_ms);
            let parent = before.next_back().filter(|_| self.random.random_bool(ON));
            self.owners.shares.push(Share {
                site,
                id: format!("seed-{}-{number}", self.wanted.seed),
                parent,
                channel: of(CHANNELS, self.random.random(), "copy"),
                at_ms,
            });
            self.follow(number, site);
        }
    }

    /// Who visits and generates through a share.
    fn follow(&mut self, share: usize, site: usize) {
        let shared_ms = self.owners.shares[share].at_ms;
        for _ in 0..self.poisson(VISITS) {
            let at_ms = shared_ms + self.days(FOLLOW_DAYS);
            let opened = self.random.random_bool(OPENED);
            if at_ms < self.wanted.to_ms {
                self.owners.visits.push(Visit {
                    share,
                    at_ms,
                    opened,
                });
                if opened {
                    self.opened(share, at_ms);
                }
            }
        }
        for _ in 0..self.poisson(K / SHARES) {
            let at_ms = shared_ms + (LEAST_DAYS * DAY_MS as f64) as Millis + self.days(FOLLOW_DAYS);
            self.come(at_ms, Some(share));
        }
        if self.random.random_bool(FRAUD) {
            let robot = format!("o_{}_robot_{share}", self.wanted.seed);
            self.generate(robot, 0.0, shared_ms + 5000, Some(share));
        }
        if self.random.random_bool(FRAUD) {
            let owner = self.owners.sites[site].owner.clone();
            let rate = self.owners.sites[site].rate;
            self.generate(owner, rate, shared_ms + DAY_MS / 2, Some(share));
        }
    }

    fn opened(&mut self, share: usize, at_ms: Millis) {
        let Share { site, id, .. } = &self.owners.shares[share];
        let fact = Fact::Conversion {
            site: self.owners.sites[*site].host.clone(),
            name: self.wanted.opened_goal.to_owned(),
            lead: None,
            share: Some(id.clone()),
        };
        let visit = self.owners.visits.len();
        self.tell(&format!("opened-{visit}"), at_ms, fact);
    }

    fn failures(&mut self) {
        let count = self.poisson(FAILURES * self.owners.sites.len() as f64);
        for number in 0..count {
            let at_ms = self
                .random
                .random_range(self.wanted.from_ms..self.wanted.to_ms);
            let stages = [("images", 0.5), ("text", 0.3), ("publish", 0.2)];
            let fact = Fact::SiteGenerationFailed {
                stage: of(stages, self.random.random(), "text").to_owned(),
                reason: "timeout".to_owned(),
                duration_ms: 120_000.0,
            };
            self.tell(&format!("failure-{number}"), at_ms, fact);
        }
    }

    fn tell(&mut self, what: &str, at_ms: Millis, fact: Fact) {
        self.owners
            .events
            .push(event(self.wanted.seed, what, at_ms, fact));
    }

    fn poisson(&mut self, mean: f64) -> usize {
        // A mean of nothing has no distribution of the crate's.
        Poisson::new(mean).map_or(0, |one| one.sample(&mut self.random) as usize)
    }

    /// An exponential time with a mean of so many days.
    fn days(&mut self, mean: f64) -> Millis {
        let days = Exp::new(1.0 / mean).map_or(mean, |one| one.sample(&mut self.random));
        (days * DAY_MS as f64) as Millis
    }
}

/// The country of a visitor of a site that is at home in one.
pub(super) fn visitor_country(home: &'static str, random: &mut StdRng) -> &'static str {
    if random.random_bool(AT_HOME) {
        home
    } else {
        of(COUNTRIES, random.random(), "unknown")
    }
}

/// A server's event, with a key that says what it is of.
pub(super) fn event(seed: u64, what: &str, at_ms: Millis, fact: Fact) -> ServerEvent {
    ServerEvent {
        id: format!("seed-{seed}-{what}"),
        at: u64::try_from(at_ms).unwrap_or(0),
        fact,
    }
}
