//! What was told of the demo fleet, and what reports must find of it.
//!
//! In: what was drawn, and the model. Out: counts, which reports must have exactly, and the model's
//! values, which they must have within their intervals.

use std::{collections::BTreeMap, fmt};

use jiff::Timestamp;
use serde::Serialize;

use super::{
    model::{self, DEVICES, LEADS_BY_RATING, TEMPLATES, VITALS},
    money::Sums,
    noise::NAMES,
    owners::Owners,
    planted::Planted,
    process,
    regression::Regression,
    views::Drawn,
};
use crate::event::Millis;

/// A demo fleet.
#[derive(Debug, Serialize)]
pub struct Seeded {
    /// Its seed.
    pub seed: u64,
    /// The start of its time.
    pub from: Timestamp,
    /// The end.
    pub to: Timestamp,
    /// What was told of it.
    pub told: Told,
    /// What it was drawn from.
    pub truth: Truth,
}

/// What was told: reports must count as much.
#[derive(Debug, Serialize)]
pub struct Told {
    /// Sites.
    pub sites: usize,
    /// Owners, without robots.
    pub owners: usize,
    /// Page views.
    pub views: u64,
    /// Visits.
    pub visits: u64,
    /// Page views by robots.
    pub bots: u64,
    /// Shares.
    pub shares: usize,
    /// Visits through them.
    pub referrals: usize,
    /// How often a page saw the generator opened.
    pub opened: u64,
    /// New owners whom shares have brought.
    pub brought: usize,
    /// Leads that pages saw.
    pub leads: u64,
    /// Leads that servers confirmed, or will within minutes after the end.
    pub confirmed: u64,
    /// Money, by currency.
    pub money: BTreeMap<&'static str, Sums>,
}

/// The model's values.
#[derive(Debug, Serialize)]
pub struct Truth {
    /// The viral coefficient within 7, 14 and 30 days.
    pub k: BTreeMap<i64, f64>,
    /// Shares for each owner with one, within as many days.
    pub i: BTreeMap<i64, f64>,
    /// New owners for each share, within as many days.
    pub c: BTreeMap<i64, f64>,
    /// The 75th percentile of each metric by device class, in its unit.
    pub p75: BTreeMap<&'static str, BTreeMap<&'static str, f64>>,
    /// How much slower than the first one's the sites of each template are.
    pub templates: BTreeMap<&'static str, f64>,
    /// Leads that pages see in a hundred visits.
    pub observed_percent: f64,
    /// Leads of views whose LCP needs improvement, beside good ones: what slowness costs.
    pub lead_ratio_needs_improvement: f64,
    /// Leads of views whose LCP is poor, beside good ones.
    pub lead_ratio_poor: f64,
    /// Regressions that were planted: to be found by their cohorts. Percentiles above are without them.
    pub regressions: Vec<Regression>,
    /// Noises that were planted: not to be found.
    pub noises: Vec<&'static str>,
}

impl Seeded {
    pub(super) fn new(
        seed: u64,
        (from_ms, to_ms): (Millis, Millis),
        owners: &Owners,
        drawn: Drawn,
        templates: [f64; 4],
        money: BTreeMap<&'static str, Sums>,
        planted: &Planted,
    ) -> Self {
        let time = |ms| Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX);
        let first = owners.sites.iter().filter(|site| site.is_first);
        let brought = first.clone().filter(|site| site.brought_by.is_some());
        Self {
            seed,
            from: time(from_ms),
            to: time(to_ms),
            told: Told {
                sites: owners.sites.len(),
                owners: first.count(),
                views: drawn.views,
                visits: drawn.visits,
                bots: drawn.bots,
                shares: owners.shares.len(),
                referrals: owners.visits.len(),
                opened: drawn.opened,
                brought: brought.count(),
                leads: drawn.leads,
                confirmed: drawn.confirmed,
                money,
            },
            truth: Truth::new(drawn, &templates, planted),
        }
    }
}

impl Truth {
    fn new(drawn: Drawn, templates: &[f64; 4], planted: &Planted) -> Self {
        let windows = |of: fn(f64) -> f64| [7, 14, 30].map(|days| (days, of(days as f64))).into();
        let p75 = VITALS.into_iter().map(|(metric, ..)| {
            let devices = DEVICES.iter().enumerate();
            let of_device = devices.map(|(number, (device, ..))| {
                (device.word(), model::p75(metric, number, templates))
            });
            (metric.name(), of_device.collect())
        });
        let leads = model::leads_per_view(templates) * drawn.views as f64;
        Self {
            k: windows(process::k),
            i: windows(process::i),
            c: windows(process::c),
            p75: p75.collect(),
            templates: TEMPLATES.map(|(name, slower, _)| (name, slower)).into(),
            observed_percent: 100.0 * leads / drawn.visits.max(1) as f64,
            lead_ratio_needs_improvement: LEADS_BY_RATING[1],
            lead_ratio_poor: LEADS_BY_RATING[2],
            regressions: planted.regressions.clone(),
            noises: match planted.noises {
                Some(_) => NAMES.to_vec(),
                None => Vec::new(),
            },
        }
    }
}

impl fmt::Display for Seeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Told {
            sites,
            owners,
            views,
            shares,
            leads,
            ..
        } = &self.told;
        writeln!(
            f,
            "a demo fleet of seed {}, from {} to {}",
            self.seed, self.from, self.to
        )?;
        writeln!(
            f,
            "{sites} sites of {owners} owners, {views} page views, {shares} shares, {leads} leads"
        )?;
        for (currency, sums) in &self.told.money {
            let net = sums.revenue_minor - sums.refunded_minor;
            writeln!(
                f,
                "{} payments in {currency}, {net} minor units after refunds",
                sums.payments
            )?;
        }
        write!(f, "to be found:")?;
        for (days, k) in &self.truth.k {
            write!(f, " K({days}) {k:.3}")?;
        }
        write!(
            f,
            "; leads of 100 visits {:.2}",
            self.truth.observed_percent
        )
    }
}
