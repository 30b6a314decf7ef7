//! What is planted in the demo fleet for the detector of changes: five regressions, to be found, and ten
//! noises, which are none.
//!
//! In: the fleet's owners, a seed. Out: by how much a view's values are multiplied, which build and
//! scripts its site has, and what traffic is more than usual. `docs/seed.md` has the list. What must never
//! happen: a regression that the truth does not name.

use foresight_shared::Metric;
use jiff::Timestamp;
use rand::{RngExt, SeedableRng, rngs::StdRng, seq::SliceRandom};
use serde::Serialize;

use super::{
    model::{BROWSERS, COUNTRIES, DEVICES, TEMPLATES},
    noise::Noises,
    owners::Owners,
};
use crate::{
    event::{DAY_MS, Device, HOUR_MS, Millis, hour_of},
    store::Cohort,
};

/// The build of every site, and those that two templates get.
pub(super) const BUILD: &str = "2.3.1";
const BAD_BUILD: &str = "2.4.0";
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

/// Views in a day that a page with a regression has, at least, if there is one.
const PAGE_VIEWS: f64 = 80.0;

/// A regression, to be found.
#[derive(Clone, Debug, Serialize)]
pub struct Regression {
    /// What it is of: `build`, `country`, `browser`, `page` or `script`.
    pub kind: &'static str,
    /// The views that have it.
    pub cohort: Cohort,
    /// Since when.
    pub since: Timestamp,
    /// What values are multiplied with.
    pub factors: Vec<(Metric, f64)>,
    #[serde(skip)]
    pub(super) since_ms: Millis,
    #[serde(skip)]
    wanted: Wanted,
}

/// The words of a view with a regression, by number.
#[derive(Clone, Copy, Debug, Default)]
struct Wanted {
    template: Option<usize>,
    device: Option<usize>,
    country: Option<&'static str>,
    browser: Option<&'static str>,
    site: Option<usize>,
    page: Option<&'static str>,
    script: Option<usize>,
}

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
        let drawn = [
            build(templates[0], &mut random),
            country(&mut random),
            browser(&mut random),
            page(owners, pages, times[3], &mut random),
            script(&mut random),
        ];
        let regressions = drawn
            .into_iter()
            .zip(times)
            .map(|(drawn, since_ms)| Regression {
                since: Timestamp::from_millisecond(since_ms).unwrap_or(Timestamp::MAX),
                since_ms,
                ..drawn
            });
        Self {
            regressions: regressions.collect(),
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
        fn is<T: PartialEq + Copy>(wanted: Option<T>, has: T) -> bool {
            wanted.is_none_or(|wanted| wanted == has)
        }
        let wanted = regression.wanted;
        let since_ms = if regression.kind == "build" {
            regression.since_ms + self.delay_ms(words.site)
        } else {
            regression.since_ms
        };
        words.at_ms >= since_ms
            && is(wanted.template, words.template)
            && is(wanted.device, words.device)
            && is(wanted.country, words.country)
            && is(wanted.browser, words.browser)
            && is(wanted.site, words.site)
            && is(wanted.page, words.page)
            && wanted
                .script
                .is_none_or(|script| self.has_script(words.site, script))
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

fn regression(kind: &'static str, cohort: Cohort, wanted: Wanted) -> Regression {
    Regression {
        kind,
        cohort,
        since: Timestamp::UNIX_EPOCH,
        factors: Vec::new(),
        since_ms: 0,
        wanted,
    }
}

/// A build of a template that paints late, on all devices or on phones.
fn build(template: usize, random: &mut StdRng) -> Regression {
    let on_phones = random.random_bool(0.5);
    let cohort = Cohort {
        template: Some(TEMPLATES[template].0.to_owned()),
        build: Some(BAD_BUILD.to_owned()),
        device: on_phones.then(|| Device::Phone.word().to_owned()),
        ..Cohort::default()
    };
    let phone = DEVICES.iter().position(|one| one.0 == Device::Phone);
    let wanted = Wanted {
        template: Some(template),
        device: phone.filter(|_| on_phones),
        ..Wanted::default()
    };
    let factors = vec![
        (Metric::Lcp, random.random_range(1.3..1.5)),
        (Metric::Fcp, random.random_range(1.15..1.3)),
    ];
    Regression {
        factors,
        ..regression("build", cohort, wanted)
    }
}

/// A country whose network is slow.
fn country(random: &mut StdRng) -> Regression {
    let country = COUNTRIES[random.random_range(0..COUNTRIES.len())].0;
    let cohort = Cohort {
        country: Some(country.to_owned()),
        ..Cohort::default()
    };
    let wanted = Wanted {
        country: Some(country),
        ..Wanted::default()
    };
    let factors = vec![
        (Metric::Ttfb, random.random_range(1.8..2.4)),
        (Metric::Fcp, random.random_range(1.3..1.4)),
        (Metric::Lcp, random.random_range(1.25..1.35)),
    ];
    Regression {
        factors,
        ..regression("country", cohort, wanted)
    }
}

/// A browser that answers late. The last name stands for those that are not known.
fn browser(random: &mut StdRng) -> Regression {
    let browser = BROWSERS[random.random_range(0..BROWSERS.len() - 1)].0;
    let cohort = Cohort {
        browser: Some(browser.to_owned()),
        ..Cohort::default()
    };
    let wanted = Wanted {
        browser: Some(browser),
        ..Wanted::default()
    };
    Regression {
        factors: vec![(Metric::Inp, random.random_range(1.4..1.8))],
        ..regression("browser", cohort, wanted)
    }
}

/// A page of a site that has been there for some time and is visited often.
fn page(
    owners: &Owners,
    pages: &[(&'static str, f64)],
    since_ms: Millis,
    random: &mut StdRng,
) -> Regression {
    let old = |site: &usize| owners.sites[*site].at_ms < since_ms - 21 * DAY_MS;
    let sites: Vec<_> = (0..owners.sites.len()).filter(old).collect();
    let of_site = |site: usize| pages.iter().map(move |(page, part)| (site, *page, *part));
    let views = |(site, _, part): &(usize, &str, f64)| owners.sites[*site].rate * part;
    let mut all: Vec<_> = sites.into_iter().flat_map(of_site).collect();
    all.sort_by(|a, b| views(b).total_cmp(&views(a)));
    let often = all.partition_point(|page| views(page) >= PAGE_VIEWS).max(1);
    let (site, page, _) = all
        .get(random.random_range(0..often))
        .copied()
        .unwrap_or((0, pages[0].0, 0.0));
    let cohort = Cohort {
        site: Some(owners.sites[site].host.clone()),
        page: Some(page.to_owned()),
        ..Cohort::default()
    };
    let wanted = Wanted {
        site: Some(site),
        page: Some(page),
        ..Wanted::default()
    };
    Regression {
        factors: vec![(Metric::Lcp, random.random_range(1.7..2.2))],
        ..regression("page", cohort, wanted)
    }
}

/// A script of a third party that runs long when visitors click.
fn script(random: &mut StdRng) -> Regression {
    let script = random.random_range(0..SCRIPTS.len());
    let cohort = Cohort {
        script: Some(SCRIPTS[script].0.to_owned()),
        ..Cohort::default()
    };
    let wanted = Wanted {
        script: Some(script),
        ..Wanted::default()
    };
    Regression {
        factors: vec![(Metric::Inp, random.random_range(1.5..2.0))],
        ..regression("script", cohort, wanted)
    }
}
