//! The words of page views as numbers: each word once, 0 for none.
//!
//! In: words of cells, and what is known of sites. Out: numbers, and words again. A word that says
//! nothing (`unknown`, `(other)`) is none. What must never happen: two words have one number.

use foldhash::fast::RandomState;
use indexmap::IndexSet;

use super::{SiteFacts, cohort::Key};
use crate::{
    event::{Device, HOUR_MS, Millis},
    rollup::Cell,
    store::Cohort,
};

/// Words that stand for many.
const NOTHING: [&str; 2] = ["unknown", "(other)"];

/// Hours in which a build is new.
const NEW_BUILD_HOURS: i64 = 120;

/// What describes a page view, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Leaf {
    pub(super) site: u32,
    /// Of one site: two sites' pages of the same path are two.
    pub(super) page: u32,
    pub(super) country: u16,
    pub(super) browser: u16,
    pub(super) device: u8,
    pub(super) navigation: u8,
}

/// What is known of a site, by number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct OfSite {
    template: u16,
    /// The first hour of each build, oldest first.
    builds: Vec<(i64, u16)>,
    scripts: Vec<u16>,
}

/// Numbers of words.
#[derive(Debug, Default)]
pub(super) struct Names {
    templates: Words,
    builds: Words,
    countries: Words,
    browsers: Words,
    scripts: Words,
    sites: Words,
    pages: IndexSet<(u32, Box<str>), RandomState>,
    leaves: IndexSet<Leaf, RandomState>,
    of_sites: Vec<OfSite>,
}

#[derive(Debug, Default)]
struct Words(IndexSet<Box<str>, RandomState>);

impl Words {
    fn number(&mut self, word: &str) -> u32 {
        if NOTHING.contains(&word) {
            return 0;
        }
        let known = self.0.get_index_of(word);
        known.unwrap_or_else(|| self.0.insert_full(word.into()).0) as u32 + 1
    }

    /// More words than a small number can tell apart are none.
    fn small(&mut self, word: &str) -> u16 {
        u16::try_from(self.number(word)).unwrap_or(0)
    }

    fn known(&self, word: &str) -> Option<u32> {
        self.0.get_index_of(word).map(|place| place as u32 + 1)
    }

    fn word(&self, number: u32) -> Option<String> {
        let place = number.checked_sub(1)? as usize;
        self.0.get_index(place).map(ToString::to_string)
    }
}

impl Names {
    /// The number of a cell's words.
    pub(super) fn leaf(&mut self, cell: &Cell) -> u32 {
        let site = self.sites.number(&cell.site);
        let page = if NOTHING.contains(&&*cell.page) {
            0
        } else {
            let (place, _) = self.pages.insert_full((site, cell.page.as_str().into()));
            place as u32 + 1
        };
        let leaf = Leaf {
            site,
            page,
            country: self.countries.small(&cell.country),
            browser: self.browsers.small(&cell.browser),
            device: device_number(cell.device),
            navigation: cell.navigation as u8,
        };
        self.leaves.insert_full(leaf).0 as u32
    }

    /// The words of a number.
    pub(super) fn of(&self, leaf: u32) -> &Leaf {
        &self.leaves[leaf as usize]
    }

    /// The words of each number.
    pub(super) fn leaves(&self) -> impl Iterator<Item = &Leaf> {
        self.leaves.iter()
    }

    /// Learns what is known of a site. Whether something else was known before.
    pub(super) fn learn(&mut self, facts: &SiteFacts) -> bool {
        let number = self.sites.number(&facts.host) as usize;
        if self.of_sites.len() <= number {
            self.of_sites.resize(number + 1, OfSite::default());
        }
        let template = facts.template.as_deref();
        let template = template.map_or(0, |word| self.templates.small(word));
        let builds = facts.builds.iter();
        let builds =
            builds.map(|(since_ms, word)| (since_ms.div_euclid(HOUR_MS), self.builds.small(word)));
        let mut builds: Vec<_> = builds.collect();
        builds.sort_unstable();
        let scripts = facts.scripts.iter();
        let scripts = scripts.map(|word| self.scripts.small(word)).collect();
        let of_site = OfSite {
            template,
            builds,
            scripts,
        };
        let before = std::mem::replace(&mut self.of_sites[number], of_site);
        before != OfSite::default() && before != self.of_sites[number]
    }

    pub(super) fn template(&self, site: u32) -> u16 {
        self.of_sites
            .get(site as usize)
            .map_or(0, |one| one.template)
    }

    pub(super) fn scripts(&self, site: u32) -> &[u16] {
        let known = self.of_sites.get(site as usize);
        known.map_or(&[], |one| &one.scripts)
    }

    /// The build of a site in an hour: the one that began in it, or last before.
    pub(super) fn build(&self, site: u32, hour: i64) -> u16 {
        let Some(known) = self.of_sites.get(site as usize) else {
            return 0;
        };
        let after = known.builds.partition_point(|(first, _)| *first <= hour);
        after.checked_sub(1).map_or(0, |at| known.builds[at].1)
    }

    /// The same, but none if the site has had no other one, or has had it for long: then a change is not
    /// the build's, and the build is another name for its sites.
    pub(super) fn new_build(&self, site: u32, hour: i64) -> u16 {
        let builds = self.of_sites.get(site as usize).map(|one| &one.builds[..]);
        let had = builds.unwrap_or_default();
        let had = &had[..had.partition_point(|(first, _)| *first <= hour)];
        match had {
            [_, .., (first, build)] if hour - first <= NEW_BUILD_HOURS => *build,
            _ => 0,
        }
    }

    /// Whether one of two cohorts is a part of the other by its words. A page is a part of its site.
    pub(super) fn are_nested(&self, a: &Key, b: &Key) -> bool {
        let with_site = |key: &Key| Key {
            site: self.site_of(key),
            ..*key
        };
        let (a, b) = (with_site(a), with_site(b));
        a.is_within(&b) || b.is_within(&a)
    }

    /// The site that a cohort is about, or whose page.
    fn site_of(&self, key: &Key) -> u32 {
        let page = key.page.checked_sub(1);
        let page = page.and_then(|place| self.pages.get_index(place as usize));
        page.map_or(key.site, |(site, _)| *site)
    }

    /// The words of a cohort.
    pub(super) fn cohort(&self, key: &Key) -> Cohort {
        let page = key.page.checked_sub(1);
        let page = page.and_then(|place| self.pages.get_index(place as usize));
        let device = Device::ALL.into_iter();
        let mut device = device.filter(|one| device_number(*one) == key.device && key.device > 0);
        Cohort {
            template: self.templates.word(key.template.into()),
            build: self.builds.word(key.build.into()),
            device: device.next().map(|one| one.word().to_owned()),
            country: self.countries.word(key.country.into()),
            browser: self.browsers.word(key.browser.into()),
            site: self.sites.word(self.site_of(key)),
            page: page.map(|(_, path)| path.to_string()),
            script: self.scripts.word(key.script.into()),
        }
    }

    /// The numbers of a cohort's words; `None` if one of them was never seen here.
    pub(super) fn key(&self, cohort: &Cohort) -> Option<Key> {
        fn small(words: &Words, word: Option<&String>) -> Option<u16> {
            let Some(word) = word else { return Some(0) };
            u16::try_from(words.known(word)?).ok()
        }
        let device = match &cohort.device {
            None => 0,
            Some(word) => device_number(Device::ALL.into_iter().find(|one| one.word() == word)?),
        };
        let site = match &cohort.site {
            None => 0,
            Some(host) => self.sites.known(host)?,
        };
        let page = match &cohort.page {
            None => 0,
            Some(path) => {
                let page = (site, Box::from(path.as_str()));
                self.pages.get_index_of(&page)? as u32 + 1
            }
        };
        Some(Key {
            template: small(&self.templates, cohort.template.as_ref())?,
            build: small(&self.builds, cohort.build.as_ref())?,
            device,
            country: small(&self.countries, cohort.country.as_ref())?,
            browser: small(&self.browsers, cohort.browser.as_ref())?,
            script: small(&self.scripts, cohort.script.as_ref())?,
            // A page says which site.
            site: if page > 0 { 0 } else { site },
            page,
        })
    }
}

fn device_number(device: Device) -> u8 {
    match device {
        Device::Unknown => 0,
        Device::Phone => 1,
        Device::Tablet => 2,
        Device::Desktop => 3,
    }
}

/// The start of an hour, by its number.
pub(super) const fn start_of(hour: i64) -> Millis {
    hour * HOUR_MS
}
