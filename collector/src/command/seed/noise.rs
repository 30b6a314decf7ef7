//! Ten noises in the demo fleet: what looks like a change to who looks at percentiles alone, and is none.
//!
//! In: a seed, the fleet's owners. Out: factors of values, traffic besides, parts of devices. What must
//! never happen: a noise that makes a cohort with a past slower for good.

use foresight_shared::Metric;
use rand::{RngExt, rngs::StdRng};

use super::{
    model::{COUNTRIES, DEVICES},
    owners::Owners,
    planted::Words,
};
use crate::event::{DAY_MS, HOUR_MS, Millis, hour_of};

/// The names of the noises, as the truth tells them.
pub(super) const NAMES: [&str; 10] = [
    "a template's sites have three times the traffic for three days",
    "weekends are slower by 8%",
    "four days with more phones",
    "one site has 30 times the traffic for six hours",
    "a build without effect",
    "one view of a hundred takes 15 times as long, on a template's sites, for five days",
    "a country without a past has a few slow views",
    "evenings are slower by 15% in one country",
    "a wave of robots, of which some pass for fast visitors",
    "a template's sites become faster on phones",
];

/// A country that has no views before.
const NEW_COUNTRY: &str = "BR";
const NEW_COUNTRY_PART: f64 = 0.002;

const WEEKEND: f64 = 1.08;
const EVENING: f64 = 1.15;
const FASTER: f64 = 0.7;
const OUTLIERS: f64 = 0.01;
const OUTLIER: f64 = 15.0;
const ROBOTS_SPEED: f64 = 0.4;

/// Parts of phones, desktops and tablets in the days with more phones.
const MORE_PHONES: [f64; 3] = [0.85, 0.12, 0.03];

/// When and where the noises are.
#[derive(Clone, Debug)]
pub(super) struct Noises {
    /// The template whose sites get a build without effect, and since when.
    pub(super) template: usize,
    pub(super) build_ms: Millis,
    busy_template: usize,
    busy_ms: Millis,
    phones_ms: Millis,
    burst_site: usize,
    burst_ms: Millis,
    outlier_template: usize,
    outlier_ms: Millis,
    new_country_ms: Millis,
    evening_country: &'static str,
    robots_ms: Millis,
    faster_template: usize,
    faster_ms: Millis,
}

/// Traffic besides the usual: which sites, and how much of what they have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Besides {
    Template(usize, f64),
    Site(usize, f64),
    /// Robots that pass for visitors: views for each usual one of the whole fleet.
    Robots(f64),
}

impl Noises {
    pub(super) fn draw(
        random: &mut StdRng,
        owners: &Owners,
        templates: &[usize],
        (from_ms, to_ms): (Millis, Millis),
    ) -> Self {
        let mut any = |count: usize| random.random_range(0..count);
        let (busy, outlier) = (any(4), any(4));
        let country = any(COUNTRIES.len());
        // One that has been there from early on.
        let old: Vec<_> = (0..owners.sites.len())
            .filter(|site| owners.sites[*site].at_ms < from_ms && owners.sites[*site].rate > 0.0)
            .collect();
        let site = old.get(any(old.len().max(1))).copied().unwrap_or(0);
        let mut when = || hour_of(random.random_range(from_ms..to_ms));
        Self {
            template: templates[0],
            build_ms: when(),
            busy_template: busy,
            busy_ms: when(),
            phones_ms: when(),
            burst_site: site,
            burst_ms: when(),
            outlier_template: outlier,
            outlier_ms: when(),
            new_country_ms: when(),
            evening_country: COUNTRIES[country].0,
            robots_ms: when(),
            faster_template: templates[1],
            faster_ms: when(),
        }
    }

    /// What a value is multiplied with.
    pub(super) fn factor(&self, metric: Metric, words: &Words) -> f64 {
        let mut factor = 1.0;
        let at_ms = words.at_ms;
        if metric == Metric::Cls {
            return factor;
        }
        // 1970 began on a Thursday.
        if matches!(at_ms.div_euclid(DAY_MS).rem_euclid(7), 2 | 3) {
            factor *= WEEKEND;
        }
        let hour = at_ms.rem_euclid(DAY_MS) / HOUR_MS;
        if words.country == self.evening_country && (17..22).contains(&hour) {
            factor *= EVENING;
        }
        if words.template == self.faster_template && words.device == 0 && at_ms >= self.faster_ms {
            factor *= FASTER;
        }
        if words.country == NEW_COUNTRY {
            factor *= 3.0;
        }
        factor
    }

    /// What one view's values are multiplied with, by chance.
    pub(super) fn outlier(&self, words: &Words, random: &mut StdRng) -> f64 {
        let is_there = words.template == self.outlier_template
            && lasts(self.outlier_ms, 5 * DAY_MS, words.at_ms);
        if is_there && random.random_bool(OUTLIERS) {
            OUTLIER
        } else {
            1.0
        }
    }

    /// The parts of device classes, if they are other than usual.
    pub(super) fn devices(&self, at_ms: Millis) -> Option<[f64; 3]> {
        let parts = [MORE_PHONES[0], MORE_PHONES[1], MORE_PHONES[2]];
        debug_assert_eq!(DEVICES.len(), parts.len());
        lasts(self.phones_ms, 4 * DAY_MS, at_ms).then_some(parts)
    }

    /// The country of a view, if it is from the one without a past.
    pub(super) fn country(&self, at_ms: Millis, random: &mut StdRng) -> Option<&'static str> {
        let is_there = at_ms >= self.new_country_ms && random.random_bool(NEW_COUNTRY_PART);
        is_there.then_some(NEW_COUNTRY)
    }

    /// Traffic besides the usual in an hour.
    pub(super) fn besides(&self, hour_ms: Millis) -> Vec<Besides> {
        let mut besides = Vec::new();
        if lasts(self.busy_ms, 3 * DAY_MS, hour_ms) {
            besides.push(Besides::Template(self.busy_template, 2.0));
        }
        if lasts(self.burst_ms, 6 * HOUR_MS, hour_ms) {
            besides.push(Besides::Site(self.burst_site, 29.0));
        }
        if lasts(self.robots_ms, 12 * HOUR_MS, hour_ms) {
            besides.push(Besides::Robots(0.3));
        }
        besides
    }

    /// How fast robots are that pass for visitors.
    pub(super) const fn robots_speed() -> f64 {
        ROBOTS_SPEED
    }
}

fn lasts(from_ms: Millis, length_ms: Millis, at_ms: Millis) -> bool {
    (from_ms..from_ms + length_ms).contains(&at_ms)
}
