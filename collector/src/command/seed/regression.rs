//! The five regressions that are planted in the demo fleet: of a build, a country, a browser, a page, a
//! script.
//!
//! In: a seed, the fleet's owners. Out: regressions, each with the cohort that the detector is to name.
//! What must never happen: a regression of views that its cohort does not hold.

use foresight_shared::Metric;
use jiff::Timestamp;
use rand::{RngExt, rngs::StdRng};
use serde::Serialize;

use super::{
    model::{BROWSERS, COUNTRIES, DEVICES, TEMPLATES},
    owners::Owners,
    planted::{BAD_BUILD, SCRIPTS, Words},
};
use crate::{
    event::{DAY_MS, Device, Millis},
    store::Cohort,
};

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
    pub(super) wanted: Wanted,
}

/// The words of a view with a regression, by number.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wanted {
    pub(super) template: Option<usize>,
    device: Option<usize>,
    country: Option<&'static str>,
    browser: Option<&'static str>,
    site: Option<usize>,
    page: Option<&'static str>,
    pub(super) script: Option<usize>,
}

impl Wanted {
    /// Whether a view has the words, its site's build and scripts aside.
    pub(super) fn has(&self, words: &Words) -> bool {
        fn is<T: PartialEq + Copy>(wanted: Option<T>, has: T) -> bool {
            wanted.is_none_or(|wanted| wanted == has)
        }
        is(self.template, words.template)
            && is(self.device, words.device)
            && is(self.country, words.country)
            && is(self.browser, words.browser)
            && is(self.site, words.site)
            && is(self.page, words.page)
    }
}

/// Draws one of each kind, with its time.
pub(super) fn draw(
    owners: &Owners,
    pages: &[(&'static str, f64)],
    template: usize,
    times: [Millis; 5],
    random: &mut StdRng,
) -> Vec<Regression> {
    let drawn = [
        build(template, random),
        country(random),
        browser(random),
        page(owners, pages, times[3], random),
        script(random),
    ];
    let at = |(regression, since_ms)| Regression {
        since: Timestamp::from_millisecond(since_ms).unwrap_or(Timestamp::MAX),
        since_ms,
        ..regression
    };
    drawn.into_iter().zip(times).map(at).collect()
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
