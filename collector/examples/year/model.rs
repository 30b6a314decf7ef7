//! A fleet and its visitors, at random from a seed.
//!
//! In: how many sites, views and days. Out: page views in the order of time, the same for the same
//! seed. What is assumed, and only that:
//! - views of sites and pages follow Zipf's law with exponent 1: the first site has about 13% of all
//!   views of 1,000 sites; a site has 5 to 200 pages;
//! - a day has most views at 20 h UTC and least at 8 h, 5:1; Saturday and Sunday have 70% of a
//!   weekday; traffic grows evenly, to two and a third of the first day's at the end;
//! - 60% phones, 34% desktops, 6% tablets; 70% of a site's visitors are from its own country, the
//!   others from 24 countries by Zipf's law; 6 browsers; 5 ways to begin a view;
//! - vitals are log-normal, the median by site (0.5 to 2 times) and device (desktop half of a phone),
//!   their spread 0.6; 45% of views have INP and FID, 95% CLS, all others the rest;
//! - LCP names one of two elements of its page, poor CLS and slow INP one of three of the site;
//! - 1 in 100 views leads to a lead, 1 in 200 has an error (of 8 messages), 1 in 500 a share.

use foresight::event::{Accepted, DAY_MS, Device, Event, HOUR_MS, Kind, Millis, View};
use foresight_shared::{Metric, NavigationType};
use rand::{RngExt, SeedableRng, rngs::SmallRng};

/// Countries that are not a site's own, most visitors first.
const COUNTRIES: [&str; 24] = [
    "DE", "US", "GB", "FR", "AT", "CH", "NL", "PL", "ES", "IT", "SE", "BE", "DK", "CZ", "BR", "IN",
    "CA", "AU", "JP", "TR", "PT", "FI", "NO", "unknown",
];

const BROWSERS: [(&str, f64); 6] = [
    ("Chrome", 0.62),
    ("Safari", 0.84),
    ("Edge", 0.91),
    ("Firefox", 0.96),
    ("Samsung Internet", 0.99),
    ("unknown", 1.0),
];

const NAVIGATIONS: [(NavigationType, f64); 5] = [
    (NavigationType::Navigate, 0.74),
    (NavigationType::BackForwardCache, 0.86),
    (NavigationType::Reload, 0.93),
    (NavigationType::BackForward, 0.98),
    (NavigationType::Prerender, 1.0),
];

/// Medians on a phone, in the metric's unit, and the share of views that have a value.
const VITALS: [(Metric, f64, f64); 6] = [
    (Metric::Ttfb, 420.0, 1.0),
    (Metric::Fcp, 1300.0, 1.0),
    (Metric::Lcp, 1900.0, 1.0),
    (Metric::Cls, 0.03, 0.95),
    (Metric::Inp, 120.0, 0.45),
    (Metric::Fid, 12.0, 0.45),
];

/// How far values are spread: the standard deviation of their logarithm.
const SPREAD: f64 = 0.6;

/// A fleet of sites, and the random numbers that its visitors come from.
pub(crate) struct Fleet {
    sites: Vec<Site>,
    /// The share of views that the sites up to each one have.
    shares: Vec<f64>,
    random: SmallRng,
    from_ms: Millis,
    days: u32,
    views: u64,
}

struct Site {
    host: String,
    template: String,
    country: &'static str,
    pages: Vec<String>,
    page_shares: Vec<f64>,
    /// The elements that are LCP, by page.
    heroes: Vec<[String; 2]>,
    slowness: f64,
}

/// Elements that shift, and that are slow to answer.
const BANNERS: [&str; 3] = ["div.banner-0", "div.banner-1", "div.banner-2"];
const BUTTONS: [&str; 3] = ["nav>button.b-0", "nav>button.b-1", "nav>button.b-2"];

impl Fleet {
    /// A fleet that has so many views in the days from a time on.
    pub(crate) fn new(seed: u64, sites: u32, views: u64, from_ms: Millis, days: u32) -> Self {
        let mut random = SmallRng::seed_from_u64(seed);
        let sites: Vec<_> = (0..sites).map(|number| site(number, &mut random)).collect();
        Self {
            shares: zipf(sites.len()),
            sites,
            random,
            from_ms,
            days,
            views,
        }
    }

    /// The hosts, most visited first.
    pub(crate) fn hosts(&self) -> impl Iterator<Item = &str> {
        self.sites.iter().map(|site| &*site.host)
    }

    /// How many views begin in each hour.
    pub(crate) fn hours(&self) -> Vec<(Millis, u64)> {
        let hours = i64::from(self.days) * 24;
        let weights: Vec<f64> = (0..hours).map(|hour| self.weight(hour)).collect();
        let total: f64 = weights.iter().sum();
        let (mut sum, mut before) = (0.0, 0);
        let mut all = Vec::new();
        for (hour, weight) in (0..hours).zip(weights) {
            sum += weight;
            // Rounded as a running sum: so all hours together have every view.
            let until = (sum / total * self.views as f64).round() as u64;
            all.push((self.from_ms + hour * HOUR_MS, until - before));
            before = until;
        }
        all
    }

    fn weight(&self, hour: i64) -> f64 {
        let time_ms = self.from_ms + hour * HOUR_MS;
        let of_day = (time_ms.rem_euclid(DAY_MS) / HOUR_MS) as f64;
        let day = 3.0 + 2.0 * ((of_day - 20.0) / 24.0 * std::f64::consts::TAU).cos();
        // 1970 began on a Thursday.
        let weekday = time_ms.div_euclid(DAY_MS).rem_euclid(7);
        let week = if matches!(weekday, 2 | 3) { 0.7 } else { 1.0 };
        let grown = 0.6 + 0.8 * hour as f64 / (f64::from(self.days) * 24.0);
        day * week * grown
    }

    /// A view that begins in an hour, and the number of its site.
    pub(crate) fn view(&mut self, hour_ms: Millis) -> (usize, Accepted) {
        let random = &mut self.random;
        let number = pick(&self.shares, random.random());
        let site = &self.sites[number];
        let page = pick(&site.page_shares, random.random());
        let device = match random.random::<f64>() {
            part if part < 0.6 => Device::Phone,
            part if part < 0.94 => Device::Desktop,
            _ => Device::Tablet,
        };
        let country = if random.random::<f64>() < 0.7 {
            site.country
        } else {
            // By Zipf's law, near enough: the logarithm is even.
            let place = (25_f64.powf(random.random()) - 1.0) as usize;
            COUNTRIES[place.min(COUNTRIES.len() - 1)]
        };
        let start_ms = hour_ms + random.random_range(0..HOUR_MS);
        let view = View {
            site: site.host.clone(),
            template: Some(site.template.clone()),
            build: Some("2.3.1".to_owned()),
            page: site.pages[page].clone(),
            device,
            country: country.to_owned(),
            browser: of(&BROWSERS, random.random()).to_owned(),
            navigation: of(&NAVIGATIONS, random.random()),
            start_ms,
            received_ms: start_ms + 20_000,
            counted: true,
        };
        let events = events(site, page, device, random);
        (number, Accepted { view, events })
    }
}

fn site(number: u32, random: &mut SmallRng) -> Site {
    let pages = (5.0 * 40_f64.powf(random.random())) as usize;
    let path = |page| match page {
        0 => "/".to_owned(),
        page => format!("/section-{}/page-{page}", page % 7),
    };
    Site {
        host: format!("site-{number:04}.4site.example"),
        template: format!("template-{}", number % 12),
        country: COUNTRIES[random.random_range(0..8)],
        pages: (0..pages).map(path).collect(),
        page_shares: zipf(pages),
        heroes: (0..pages)
            .map(|page| [0, 1].map(|hero| format!("main>section.s-{page}>img.hero-{hero}")))
            .collect(),
        slowness: 4_f64.powf(random.random::<f64>() - 0.5),
    }
}

fn events(site: &Site, page: usize, device: Device, random: &mut SmallRng) -> Vec<Event> {
    let slowness = site.slowness
        * match device {
            Device::Desktop => 0.5,
            Device::Tablet => 0.8,
            Device::Phone | Device::Unknown => 1.0,
        };
    let mut events = Vec::with_capacity(8);
    for (metric, median, share) in VITALS {
        if random.random::<f64>() >= share {
            continue;
        }
        let value = median * slowness * (SPREAD * normal(random)).exp();
        let value = value.min(600_000.0);
        let number = random.random_range(0..3_usize);
        let element = match metric {
            Metric::Lcp => Some(site.heroes[page][number % 2].clone()),
            Metric::Cls if value > 0.1 => Some(BANNERS[number].to_owned()),
            Metric::Inp if value > 200.0 => Some(BUTTONS[number].to_owned()),
            _ => None,
        };
        events.push(Event::Vital {
            metric,
            value,
            was: None,
            element,
        });
    }
    let named = |kind, name: String| Event::Named { kind, name };
    if random.random::<f64>() < 0.01 {
        events.push(named(Kind::Lead, "contact".to_owned()));
    }
    if random.random::<f64>() < 0.005 {
        let number = random.random_range(0..8);
        events.push(named(
            Kind::Error,
            format!("TypeError: cannot read property {number} of undefined"),
        ));
    }
    if random.random::<f64>() < 0.002 {
        events.push(Event::Share {
            channel: "whatsapp".to_owned(),
            id: format!("{:016x}", random.random::<u64>()),
            parent: None,
        });
    }
    events
}

/// A value of the normal distribution, by Box and Muller.
fn normal(random: &mut SmallRng) -> f64 {
    let (a, b): (f64, f64) = (random.random(), random.random());
    (-2.0 * (1.0 - a).ln()).sqrt() * (std::f64::consts::TAU * b).cos()
}

/// The shares of the first `count` ranks, added up.
fn zipf(count: usize) -> Vec<f64> {
    let total: f64 = (1..=count).map(|rank| 1.0 / rank as f64).sum();
    let mut sum = 0.0;
    (1..=count)
        .map(|rank| {
            sum += 1.0 / rank as f64 / total;
            sum
        })
        .collect()
}

/// The rank at which the added shares pass a number from 0 to 1.
fn pick(shares: &[f64], at: f64) -> usize {
    shares
        .partition_point(|share| *share <= at)
        .min(shares.len() - 1)
}

/// The word of a list of words with added shares.
fn of<T: Copy>(words: &[(T, f64)], at: f64) -> T {
    let found = words.iter().find(|(_, share)| at < *share);
    found.unwrap_or(&words[words.len() - 1]).0
}
