//! What the demo fleet is drawn from, and what must therefore be found of it. `docs/seed.md` says it in
//! words.
//!
//! In: nothing but numbers. Out: random values, and closed forms of their percentiles and rates. What
//! must never happen: a number that is drawn from, and is not in `docs/seed.md`.
//!
//! What makes a value slower for good is one factor ([`slowness`]); what is planted for the detector of
//! changes is another one, in `planted.rs`.

use foresight_shared::{Metric, NavigationType, Rating};

use crate::event::{DAY_MS, Device, HOUR_MS, Millis};

/// The templates: a name, how much slower than the first one's sites are, and their part of the sites.
pub(super) const TEMPLATES: [(&str, f64, f64); 4] = [
    ("aurora", 1.0, 0.4),
    ("nova", 1.25, 0.3),
    ("terra", 0.8, 0.2),
    ("retro", 1.7, 0.1),
];

/// Device classes: their part of the views, how slow they are beside phones, and how many views of a
/// good LCP have a lead.
pub(super) const DEVICES: [(Device, f64, f64, f64); 3] = [
    (Device::Phone, 0.60, 1.0, 0.012),
    (Device::Desktop, 0.34, 0.5, 0.024),
    (Device::Tablet, 0.06, 0.8, 0.016),
];

/// Of each metric: the median of phones with the first template, in its unit, the spread (the standard
/// deviation of the logarithm), and the part of the views that have a value.
pub(super) const VITALS: [(Metric, f64, f64, f64); 6] = [
    (Metric::Ttfb, 420.0, 0.6, 1.0),
    (Metric::Fcp, 1300.0, 0.5, 1.0),
    (Metric::Lcp, 1900.0, 0.55, 1.0),
    (Metric::Cls, 0.03, 1.2, 0.95),
    (Metric::Inp, 120.0, 0.7, 0.45),
    (Metric::Fid, 12.0, 0.6, 0.45),
];

/// How many leads views of each rating of LCP have, beside good ones: what slowness costs.
pub(super) const LEADS_BY_RATING: [f64; 3] = [1.0, 0.8, 0.6];

/// Ways to begin a view, and their parts of the views.
pub(super) const NAVIGATIONS: [(NavigationType, f64); 4] = [
    (NavigationType::Navigate, 0.75),
    (NavigationType::BackForwardCache, 0.12),
    (NavigationType::Reload, 0.08),
    (NavigationType::BackForward, 0.05),
];

/// The part of the views with [`NavigationType::Navigate`] that start a visit.
pub(super) const VISITS: f64 = 0.5;

pub(super) const BROWSERS: [(&str, f64); 5] = [
    ("Chrome", 0.64),
    ("Safari", 0.23),
    ("Edge", 0.06),
    ("Firefox", 0.05),
    ("unknown", 0.02),
];

pub(super) const CHANNELS: [(&str, f64); 4] = [
    ("whatsapp", 0.45),
    ("email", 0.20),
    ("copy", 0.20),
    ("native", 0.15),
];

/// Countries, by the sites that are at home there.
pub(super) const COUNTRIES: [(&str, f64); 6] = [
    ("DE", 0.40),
    ("AT", 0.15),
    ("CH", 0.10),
    ("US", 0.20),
    ("GB", 0.10),
    ("IN", 0.05),
];

/// The part of a site's visitors who are from its own country.
pub(super) const AT_HOME: f64 = 0.7;

/// What is drawn by parts: the first one whose parts, added up, exceed a number from 0 to 1.
pub(super) fn of<T: Copy>(parts: impl IntoIterator<Item = (T, f64)>, mut at: f64, last: T) -> T {
    for (one, part) in parts {
        at -= part;
        if at < 0.0 {
            return one;
        }
    }
    last
}

/// How much slower than the median a view is: by its site's template, its device and the metric.
pub(super) fn slowness(metric: Metric, template: usize, device: usize) -> f64 {
    match metric {
        // Layout does not depend on the processor.
        Metric::Cls => TEMPLATES[template].1,
        _ => TEMPLATES[template].1 * DEVICES[device].2,
    }
}

/// How much traffic an hour has, beside the mean of a week: a day has most views at 20 h UTC and least
/// at 8 h, 5:1, and Saturday and Sunday have 70% of a weekday.
pub(super) fn traffic(hour_ms: Millis) -> f64 {
    let of_day = (hour_ms.rem_euclid(DAY_MS) / HOUR_MS) as f64;
    let day = 1.0 + 2.0 / 3.0 * ((of_day - 20.0) / 24.0 * std::f64::consts::TAU).cos();
    // 1970 began on a Thursday.
    let is_weekend = matches!(hour_ms.div_euclid(DAY_MS).rem_euclid(7), 2 | 3);
    day * if is_weekend { 0.7 } else { 1.0 } / (6.4 / 7.0)
}

/// The part of a metric's values that are at most `value`, where the templates have these parts of the
/// views.
fn up_to(metric: Metric, device: usize, templates: &[f64; 4], value: f64) -> f64 {
    let Some((_, median, spread, _)) = VITALS.into_iter().find(|vital| vital.0 == metric) else {
        return f64::NAN;
    };
    let part = |(template, part): (usize, &f64)| {
        let median = median * slowness(metric, template, device);
        part * normal((value / median).ln() / spread)
    };
    templates.iter().enumerate().map(part).sum()
}

/// The 75th percentile of a metric on a device class.
pub(super) fn p75(metric: Metric, device: usize, templates: &[f64; 4]) -> f64 {
    let (mut low, mut high) = (0.0, metric.largest());
    for _ in 0..80 {
        let middle = f64::midpoint(low, high);
        if up_to(metric, device, templates, middle) < 0.75 {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

/// The part of all views that have a lead.
pub(super) fn leads_per_view(templates: &[f64; 4]) -> f64 {
    let (good, poor) = Metric::Lcp.thresholds();
    let of_device = |(device, (_, part, _, base)): (usize, (Device, f64, f64, f64))| {
        let below = |bound| up_to(Metric::Lcp, device, templates, bound);
        let parts = [below(good), below(poor) - below(good), 1.0 - below(poor)];
        let by_rating = parts.iter().zip(LEADS_BY_RATING);
        part * base * by_rating.map(|(part, leads)| part * leads).sum::<f64>()
    };
    DEVICES.into_iter().enumerate().map(of_device).sum()
}

/// How likely a view has a lead.
pub(super) fn lead(device: usize, lcp: f64) -> f64 {
    let rating: Rating = Metric::Lcp.rate(lcp);
    DEVICES[device].3 * LEADS_BY_RATING[rating as usize]
}

/// The normal distribution, to seven digits: Abramowitz and Stegun 7.1.26.
fn normal(z: f64) -> f64 {
    let x = z.abs() / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let factors = [
        1.061_405_429,
        -1.453_152_027,
        1.421_413_741,
        -0.284_496_736,
        0.254_829_592,
    ];
    let sum = factors.iter().fold(0.0, |sum, factor| (sum + factor) * t);
    let upper = sum * (-x * x).exp() / 2.0;
    if z < 0.0 { upper } else { 1.0 - upper }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_add_up() {
        let sums = [
            TEMPLATES.iter().map(|one| one.2).sum::<f64>(),
            DEVICES.iter().map(|one| one.1).sum(),
            NAVIGATIONS.iter().map(|one| one.1).sum(),
            BROWSERS.iter().map(|one| one.1).sum(),
            CHANNELS.iter().map(|one| one.1).sum(),
            COUNTRIES.iter().map(|one| one.1).sum(),
        ];
        assert!(sums.iter().all(|sum| (sum - 1.0).abs() < 1e-9), "{sums:?}");
        let week: f64 = (0..168).map(|hour| traffic(hour * HOUR_MS)).sum();
        assert!((week / 168.0 - 1.0).abs() < 1e-9, "{week}");
    }

    #[test]
    fn the_percentile_of_one_template_is_that_of_a_log_normal() {
        let only = [1.0, 0.0, 0.0, 0.0];
        let expected = 1900.0 * 0.5 * (0.674_489_75 * 0.55_f64).exp();
        let found = p75(Metric::Lcp, 1, &only);
        assert!((found / expected - 1.0).abs() < 1e-5, "{found} {expected}");
        assert!((normal(1.959_964) - 0.975).abs() < 1e-6);
        assert!((normal(-1.0) - 0.158_655_3).abs() < 1e-6);
    }

    #[test]
    fn fewer_views_have_a_lead_than_if_all_were_good() {
        let most: f64 = DEVICES.iter().map(|one| one.1 * one.3).sum();
        let found = leads_per_view(&[0.4, 0.3, 0.2, 0.1]);
        assert!(found < most && found > 0.8 * most, "{found} {most}");
    }
}
