//! A branching process of owners: what happens is drawn, and what must be found of it is known.
//!
//! In: the mean number of shares, conversions for each share, delays, fraud, a seed. Out: facts as the
//! store has them, and the truth by closed forms. An owner's rate of shares is drawn from a gamma
//! distribution, so a few owners share much and most hardly; each share comes after an exponential
//! time from the owner's first site, and brings a Poisson number of new owners, each after another
//! exponential time. Fraud: owners who generate once more through a share of their own, and robots who
//! generate within seconds of a share.

use foresight::{
    event::{DAY_MS, Millis},
    store::{Facts, Generation, SharedLink},
};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use rand_distr::{Distribution, Exp, Gamma, Poisson};

/// The start of a week: a Monday.
pub(crate) const START_MS: Millis = 1_795_392_000_000;

/// The gamma distribution's shape: the smaller, the more a few owners share most.
const SHAPE: f64 = 0.7;

/// Shares that a robot follows, and owners who refer themselves.
const FRAUD: f64 = 0.05;

/// The time that a person takes at least: the rule's, and a little.
const LEAST_DAYS: f64 = 61.0 / 86_400.0;

/// A branching process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Process {
    /// Shares of an owner's sites, in all, on average.
    pub(crate) shares: f64,
    /// New owners that a share brings on average.
    pub(crate) conversions: f64,
    /// Days from an owner's first site to a share, on average.
    pub(crate) share_days: f64,
    /// Days from a share to a new owner's first site, on average.
    pub(crate) follow_days: f64,
    /// Owners who come by themselves in the first week.
    pub(crate) seeds: usize,
    /// Days after which owners come but bring nobody any more.
    pub(crate) until_days: f64,
}

impl Process {
    /// One with a viral coefficient of `k`, if one waits for ever.
    pub(crate) fn with_k(k: f64, seeds: usize) -> Self {
        Self {
            shares: 3.0,
            conversions: k / 3.0,
            share_days: 2.5,
            follow_days: 1.5,
            seeds,
            until_days: 10.0,
        }
    }

    /// The part of shares that come within so many days.
    fn shared_within(&self, days: f64) -> f64 {
        1.0 - (-days / self.share_days).exp()
    }

    /// The part of conversions whose whole cycle takes at most so many days: a sum of two exponential
    /// times.
    pub(crate) fn cycled_within(&self, days: f64) -> f64 {
        let days = days - LEAST_DAYS;
        let (one, two) = (1.0 / self.share_days, 1.0 / self.follow_days);
        1.0 - (two * (-one * days).exp() - one * (-two * days).exp()) / (two - one)
    }

    /// The viral coefficient within so many days.
    pub(crate) fn k(&self, days: f64) -> f64 {
        self.shares * self.conversions * self.cycled_within(days)
    }

    /// Shares for each active owner within so many days.
    pub(crate) fn i(&self, days: f64) -> f64 {
        let shares = self.shares * self.shared_within(days);
        let inactive = (1.0 + shares / SHAPE).powf(-SHAPE);
        shares / (1.0 - inactive)
    }

    /// Conversions for each share within so many days.
    pub(crate) fn c(&self, days: f64) -> f64 {
        self.k(days) / (self.shares * self.shared_within(days))
    }

    /// The time in days that a part of the cycles of at most 30 days take at most.
    pub(crate) fn cycle_days(&self, part: f64) -> f64 {
        let wanted = part * self.cycled_within(30.0);
        let (mut low, mut high) = (0.0, 30.0);
        for _ in 0..60 {
            let middle = f64::midpoint(low, high);
            if self.cycled_within(middle) < wanted {
                low = middle;
            } else {
                high = middle;
            }
        }
        low
    }

    /// Draws what happens.
    pub(crate) fn run(&self, seed: u64) -> Facts {
        let mut run = Run {
            process: self,
            random: StdRng::seed_from_u64(seed),
            facts: Facts::default(),
            to_do: Vec::new(),
        };
        for _ in 0..self.seeds {
            let days = run.random.random_range(0.0..7.0);
            run.come(days, None);
        }
        while let Some((owner, days)) = run.to_do.pop() {
            run.share(owner, days);
        }
        run.facts
    }
}

struct Run<'a> {
    process: &'a Process,
    random: StdRng,
    facts: Facts,
    /// Owners who have not shared yet, with the day of their first site.
    to_do: Vec<(usize, f64)>,
}

impl Run<'_> {
    /// A new owner comes, through a share or by themselves.
    fn come(&mut self, days: f64, share: Option<String>) {
        let owner = self.facts.generations.len();
        self.generate(owner, owner, days, share);
        if days < self.process.until_days {
            self.to_do.push((owner, days));
        }
    }

    /// A site is generated; sites and owners have the number of the generation.
    fn generate(&mut self, site: usize, owner: usize, days: f64, share: Option<String>) {
        self.facts.generations.push(Generation {
            site: format!("s{site}.example"),
            owner: format!("o{owner}"),
            at_ms: at(days),
            template: None,
            referred_by: share,
        });
    }

    /// All shares of an owner, and who comes through them.
    fn share(&mut self, owner: usize, first_days: f64) {
        let process = *self.process;
        let rate = Gamma::new(SHAPE, process.shares / SHAPE).unwrap();
        let rate = rate.sample(&mut self.random);
        for _ in 0..self.poisson(rate) {
            let days = first_days + self.exponential(process.share_days);
            let id = format!("share-{:08}", self.facts.shares.len());
            self.facts.shares.push(SharedLink {
                site: format!("s{owner}.example"),
                id: id.clone(),
                parent: None,
                channel: "copy".into(),
                country: None,
                shared_ms: at(days),
            });
            for _ in 0..self.poisson(process.conversions) {
                let follow = LEAST_DAYS + self.exponential(process.follow_days);
                self.come(days + follow, Some(id.clone()));
            }
            if self.random.random_bool(FRAUD) {
                // A robot: new, but within five seconds.
                let robot = self.facts.generations.len();
                self.generate(robot, robot, days + 5.0 / 86_400.0, Some(id.clone()));
            }
            if self.random.random_bool(FRAUD) {
                let another = self.facts.generations.len();
                self.generate(another, owner, days + 0.5, Some(id));
            }
        }
    }

    fn poisson(&mut self, mean: f64) -> usize {
        // A mean of nothing has no distribution of the crate's.
        Poisson::new(mean).map_or(0, |one| one.sample(&mut self.random) as usize)
    }

    fn exponential(&mut self, mean: f64) -> f64 {
        Exp::new(1.0 / mean).unwrap().sample(&mut self.random)
    }
}

/// The time that is so many days after the start.
pub(crate) fn at(days: f64) -> Millis {
    START_MS + (days * DAY_MS as f64) as Millis
}
