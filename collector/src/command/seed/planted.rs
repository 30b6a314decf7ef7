//! What is planted in the demo fleet for the detector of changes: five regressions, to be found, and ten
//! noises, which are none.
//!
//! In: the fleet's owners, a seed. Out: by how much a view's values are multiplied, which build and
//! scripts its site has, and what traffic is more than usual. `docs/seed.md` has the list. What must never
//! happen: a regression that the truth does not name.

use foresight_shared::Metric;
use rand::{RngExt, SeedableRng, rngs::StdRng, seq::SliceRandom};

use super::{
    noise::Noises,
    owners::Owners,
    regression::{self, Regression},
};
use crate::event::{DAY_MS, HOUR_MS, Millis, hour_of};

/// The build of every site, and those that two templates get.
pub(super) const BUILD: &str = "2.3.1";
pub(super) const BAD_BUILD: &str = "2.4.0";
pub(super) const HARMLESS_BUILD: &str = "2.4.1";

/// Hours in which a template's sites get a build.
const ROLL_OUT_HOURS: u64 = 5;

/// Scripts of third parties, and of a hundred sites how many have each.
pub(super) const SCRIPTS: [(&str, u64); 3] = [
    ("https://chat.example/widget.js", 35),
    ("https://tags.example/t.js", 60),
    ("https://ads.example/show.js", 20),
];

/// Fewer days or sites have too little past to be compared with: nothing is planted.
const LEAST_DAYS: i64 = 35;
const LEAST_SITES: usize = 60;

/// Days before a regression, and after it until the end, at least.
const DAYS_BEFORE: i64 = 26;
const DAYS_AFTER: i64 = 2;

/// What a view is of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Words {
    pub(super) site: usize,
    pub(super) template: usize,
    pub(super) device: usize,
    pub(super) country: &'static str,
    pub(super) browser: &'static str,
    pub(super) page: &'static str,
    pub(super) at_ms: Millis,
}

/// What is planted in a fleet.
#[derive(Clone, Debug, Default)]
pub(super) struct Planted {
    seed: u64,
    pub(super) regressions: Vec<Regression>,
    pub(super) noises: Option<Noises>,
}

impl Planted {
    /// Draws what is planted, if the fleet has enough past.
    pub(super) fn draw(
        seed: u64,
        owners: &Owners,
        pages: &[(&'static str, f64)],
        (from_ms, to_ms): (Millis, Millis),
    ) -> Self {
        let none = Self {
            seed,
            ..Self::default()
        };
        if to_ms - from_ms < LEAST_DAYS * DAY_MS || owners.sites.len() < LEAST_SITES {
            return none;
        }
        let mut random = StdRng::seed_from_u64(seed.wrapping_add(2));
        let first_ms = from_ms + DAYS_BEFORE * DAY_MS;
        let last_ms = to_ms - DAYS_AFTER * DAY_MS;
        let mut templates = [0, 1, 2, 3];
        templates.shuffle(&mut random);
        let mut when = || hour_of(random.random_range(first_ms..last_ms));
        let times = [when(), when(), when(), when(), when()];
        let regressions = regression::draw(owners, pages, templates[0], times, &mut random);
        Self {
            regressions,
            noises: Some(Noises::draw(
                &mut random,
                owners,
                &templates[1..],
                (first_ms, last_ms),
            )),
            ..none
        }
    }

    /// What a value of a view is multiplied with.
    pub(super) fn factor(&self, metric: Metric, words: &Words) -> f64 {
        let of = |regression: &Regression| {
            let mut factors = regression.factors.iter();
            let factor = factors
                .find(|(of, _)| *of == metric)
                .map(|(_, factor)| *factor);
            factor.filter(|_| self.has(regression, words))
        };
        let slower: f64 = self.regressions.iter().filter_map(of).product();
        let noise = self.noises.as_ref();
        slower * noise.map_or(1.0, |noises| noises.factor(metric, words))
    }

    fn has(&self, regression: &Regression, words: &Words) -> bool {
        let wanted = &regression.wanted;
        // A build comes to one site after the other.
        let late_ms = if regression.kind == "build" {
            self.delay_ms(words.site)
        } else {
            0
        };
        let script = wanted.script;
        words.at_ms >= regression.since_ms + late_ms
            && wanted.has(words)
            && script.is_none_or(|script| self.has_script(words.site, script))
    }

    /// The builds of a site after the first one, each with its time, oldest first.
    pub(super) fn builds(&self, site: usize, template: usize) -> Vec<(Millis, &'static str)> {
        let bad = self.regressions.iter().find(|one| one.kind == "build");
        let bad = bad.filter(|one| one.wanted.template == Some(template));
        let bad = bad.map(|one| (one.since_ms, BAD_BUILD));
        let harmless = self
            .noises
            .as_ref()
            .filter(|noises| noises.template == template);
        let harmless = harmless.map(|noises| (noises.build_ms, HARMLESS_BUILD));
        let mut builds: Vec<_> = bad.into_iter().chain(harmless).collect();
        for (since_ms, _) in &mut builds {
            *since_ms += self.delay_ms(site);
        }
        builds
    }

    /// The build of a site at a time.
    pub(super) fn build(&self, site: usize, template: usize, at_ms: Millis) -> &'static str {
        let builds = self.builds(site, template).into_iter().rev();
        let mut had = builds.filter(|(since_ms, _)| *since_ms <= at_ms);
        had.next().map_or(BUILD, |(_, build)| build)
    }

    /// Whether a site has a script of a third party.
    pub(super) fn has_script(&self, site: usize, script: usize) -> bool {
        let number = self.number(site, script as u64 + 1);
        number % 100 < SCRIPTS[script].1
    }

    /// How long after the first site of its template a site gets a build.
    fn delay_ms(&self, site: usize) -> Millis {
        (self.number(site, 0) % (ROLL_OUT_HOURS * 60)) as Millis * HOUR_MS / 60
    }

    /// A number by chance that stays the same for a site.
    fn number(&self, site: usize, what: u64) -> u64 {
        let seed = self.seed.wrapping_mul(1_000_003);
        let of = seed.wrapping_add((site as u64) << 8).wrapping_add(what);
        StdRng::seed_from_u64(of).random()
    }
}
