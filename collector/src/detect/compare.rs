//! Whether a suspect is a finding: the cohort's values since then, beside its own of past weeks.
//!
//! In: values of a cohort before and after. Out: a [`Verdict`], or the rule that it breaks. The scan
//! compares with what is usual for the words; here the cohort is compared with itself, and chance is
//! measured by how its own hours of past weeks went up and down. What must never happen: a finding of
//! few values, of few sites (unless it names one), of an hour or two, or too small to matter.

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use foldhash::fast::RandomState;
use foresight_shared::bins;

use super::{
    Limits,
    history::{METRICS, WATCHED},
    quantile::{Shift, p75, shift},
    scores::distance,
};

/// A value of a cohort.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Point {
    pub(super) hour: i64,
    pub(super) leaf: u32,
    pub(super) site: u32,
    /// What is left beside the usual value, in bins.
    pub(super) left: f32,
    pub(super) bin: u16,
    pub(super) count: u32,
}

/// What a suspect is judged by.
pub(super) struct Evidence {
    pub(super) metric: usize,
    pub(super) is_of_one_site: bool,
    /// A standard deviation of values, in bins.
    pub(super) spread: f32,
    /// The variance of what is usual at the hours after, in squared spreads.
    pub(super) doubt_of_hours: f64,
    /// In the order of time.
    pub(super) before: Vec<Point>,
    pub(super) after: Vec<Point>,
}

/// What is said of a suspect.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claim {
    /// Whether values went up.
    pub(super) is_worse: bool,
    /// By how many cohorts and times to begin the odds of chance are multiplied.
    pub(super) looks: f64,
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Verdict {
    /// From the 75th percentile before to the one after, in bins, for the same views.
    pub(super) shift: Shift,
    /// The 75th percentile after, in the metric's unit.
    pub(super) to_p75: f64,
}

/// Kinds of cohorts, and looks in a year.
const KINDS: f64 = 30.0;
const LOOKS: f64 = 9000.0;

/// With so many tests of one kind and metric, chance makes at most one finding in a year (Bonferroni).
const RARELY: f64 = KINDS * METRICS as f64 * LOOKS;

/// Values before, for each one that is needed after.
const TIMES_BEFORE: u64 = 2;

/// Parts in time, and how many of them must have moved the same way.
const PARTS: usize = 6;
const PARTS_MOVED: usize = 5;

/// Fewer values before cannot tell how much their hours differ.
const FEWEST_BLOCKS: usize = 5;

/// The least difference, as a part of the threshold for good values.
const LEAST_PART: f64 = 1.0 / 20.0;

/// The part of the least effect that the interval's near end must reach.
const SURE_PART: f64 = 0.5;

/// How strongly a metric must have moved as well, in spreads and in standard errors.
const ALSO_SPREADS: f32 = 0.1;
const ALSO_ERRORS: f32 = 4.0;

/// Why a suspect is no finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    FewViews,
    FewSites,
    Chance,
    OtherWay,
    NotThroughout,
    OneSite,
    Small,
}

impl Evidence {
    /// Judges it.
    pub(super) fn judge(&self, limits: &Limits, claim: Claim) -> Result<Verdict, Refusal> {
        let views = count(&self.after);
        if views < limits.least_views || count(&self.before) < TIMES_BEFORE * limits.least_views {
            return Err(Refusal::FewViews);
        }
        let sites = self.sites();
        if !self.is_of_one_site && sites.len() < limits.least_sites {
            return Err(Refusal::FewSites);
        }
        let before = self.mean(&self.before);
        let moved = self.mean(&self.after) - before;
        let spread_out = self.spread_out(before);
        let error = (spread_out
            * self.variance(before)
            * (1.0 / views as f64 + self.doubt_of_before(&sites) + self.doubt_of_hours))
            .sqrt();
        if (moved > 0.0) != claim.is_worse {
            return Err(Refusal::OtherWay);
        }
        let z = moved.abs() / error.max(1e-9);
        if -ln_chance(z) < (claim.looks * RARELY).ln() {
            return Err(Refusal::Chance);
        }
        if !self.moves_throughout(before, moved) {
            return Err(Refusal::NotThroughout);
        }
        if !self.is_of_one_site && !self.moves_without_the_first(&sites, before, moved) {
            return Err(Refusal::OneSite);
        }
        let shift = self.shift(spread_out).ok_or(Refusal::FewViews)?;
        let to_p75 = raw_p75(&self.after).ok_or(Refusal::FewViews)?;
        if !self.matters(limits, shift, to_p75, moved) {
            return Err(Refusal::Small);
        }
        Ok(Verdict { shift, to_p75 })
    }

    /// Values after and the sum of their distances, by site.
    fn sites(&self) -> HashMap<u32, (f64, f64), RandomState> {
        let mut sites: HashMap<u32, (f64, f64), RandomState> = HashMap::default();
        for point in &self.after {
            let site = sites.entry(point.site).or_default();
            site.0 += f64::from(point.count);
            site.1 += self.distance(point) * f64::from(point.count);
        }
        sites
    }

    /// How sure the mean before is, where each site has the part of the views that it has after: what is
    /// usual of a site with few values is in doubt, and a burst of its views would carry that doubt.
    fn doubt_of_before(&self, sites: &HashMap<u32, (f64, f64), RandomState>) -> f64 {
        let mut before: HashMap<u32, f64, RandomState> = HashMap::default();
        for point in &self.before {
            *before.entry(point.site).or_default() += f64::from(point.count);
        }
        let after: f64 = sites.values().map(|(count, _)| count).sum();
        let doubt = |(site, (count, _)): (&u32, &(f64, f64))| {
            let known = before.get(site).copied().unwrap_or(1.0);
            (count / after).powi(2) / known
        };
        sites.iter().map(doubt).sum()
    }

    fn distance(&self, point: &Point) -> f64 {
        f64::from(distance(point.left, self.spread))
    }

    fn mean(&self, points: &[Point]) -> f64 {
        let sum: f64 = points
            .iter()
            .map(|point| self.distance(point) * f64::from(point.count))
            .sum();
        sum / count(points).max(1) as f64
    }

    fn variance(&self, mean: f64) -> f64 {
        let sum: f64 = self
            .before
            .iter()
            .map(|point| (self.distance(point) - mean).powi(2) * f64::from(point.count))
            .sum();
        sum / count(&self.before).max(1) as f64
    }

    /// By how much the means of stretches as long as the one after vary more than those of independent
    /// values do.
    fn spread_out(&self, mean: f64) -> f64 {
        let (Some(first), Some(last)) = (self.after.first(), self.after.last()) else {
            return 1.0;
        };
        let length = (last.hour - first.hour + 1).clamp(6, 24);
        let mut blocks: HashMap<i64, (f64, f64), RandomState> = HashMap::default();
        for point in &self.before {
            let block = blocks.entry(point.hour.div_euclid(length)).or_default();
            block.0 += f64::from(point.count);
            block.1 += (self.distance(point) - mean) * f64::from(point.count);
        }
        if blocks.len() < FEWEST_BLOCKS {
            return 2.0;
        }
        let sum: f64 = blocks.values().map(|(count, sum)| sum * sum / count).sum();
        let ratio = sum / blocks.len() as f64 / self.variance(mean).max(1e-9);
        ratio.max(1.0)
    }

    /// Whether almost every part of the time after moved.
    fn moves_throughout(&self, before: f64, moved: f64) -> bool {
        let of_part = count(&self.after).div_ceil(PARTS as u64).max(1);
        let mut parts = [(0.0, 0.0); PARTS];
        let mut seen = 0;
        for point in &self.after {
            let part = &mut parts[((seen / of_part) as usize).min(PARTS - 1)];
            part.0 += f64::from(point.count);
            part.1 += (self.distance(point) - before) * f64::from(point.count);
            seen += u64::from(point.count);
        }
        let same = |(count, sum): &&(f64, f64)| *count > 0.0 && sum / count * moved.signum() > 0.0;
        parts.iter().filter(same).count() >= PARTS_MOVED
    }

    /// Whether the rest moved too, without the site that moved most.
    fn moves_without_the_first(
        &self,
        sites: &HashMap<u32, (f64, f64), RandomState>,
        before: f64,
        moved: f64,
    ) -> bool {
        let moved_by = |(count, sum): &(f64, f64)| (sum - before * count) * moved.signum();
        let all: f64 = sites.values().map(moved_by).sum();
        let values: f64 = sites.values().map(|(count, _)| count).sum();
        let first = sites
            .values()
            .max_by(|a, b| moved_by(a).total_cmp(&moved_by(b)));
        let Some(first) = first else { return false };
        let rest = values - first.0;
        rest > 0.0 && (all - moved_by(first)) / rest >= moved.abs() / 2.0
    }

    fn shift(&self, spread_out: f64) -> Option<Shift> {
        let left = |points: &[Point]| -> Vec<_> {
            points
                .iter()
                .map(|point| (point.left, point.count))
                .collect()
        };
        let before = p75(&mut left(&self.before), spread_out)?;
        let after = p75(&mut left(&self.after), spread_out)?;
        Some(shift(before, after))
    }

    /// Whether the effect is large enough, in percent and in the metric's unit, and surely there.
    fn matters(&self, limits: &Limits, shift: Shift, to_p75: f64, moved: f64) -> bool {
        let least = (1.0 + limits.least_percent / 100.0).ln() / bins::GAMMA.ln();
        let near = if moved > 0.0 { shift.low } else { -shift.high };
        let difference = to_p75 * (1.0 - ratio(-shift.value));
        shift.value * moved.signum() >= least
            && near >= SURE_PART * least
            && difference.abs() >= WATCHED[self.metric].thresholds().0 * LEAST_PART
    }

    /// By how many bins the metric moved, if it surely did; else 0.
    pub(super) fn also_moved(&self) -> f32 {
        let moved = self.displacement();
        let spreads = moved.abs() / self.spread.max(1.0);
        let is_sure =
            spreads >= ALSO_SPREADS && spreads * (count(&self.after) as f32).sqrt() >= ALSO_ERRORS;
        if is_sure { moved } else { 0.0 }
    }

    /// By how many bins values after moved, such that without it their mean is that of before.
    fn displacement(&self) -> f32 {
        let before = self.mean(&self.before) as f32;
        let mut moved = 0.0_f32;
        for _ in 0..4 {
            let mut sum = 0.0_f32;
            for point in &self.after {
                sum += distance(point.left - moved, self.spread) * point.count as f32;
            }
            moved += self.spread * (sum / count(&self.after).max(1) as f32 - before);
        }
        moved
    }
}

/// The logarithm of the odds that chance alone moves a mean so many standard errors, either way: an upper
/// bound by Mills' ratio (Gordon, 1941: <https://doi.org/10.1214/aoms/1177731721>).
fn ln_chance(z: f64) -> f64 {
    let density = -z * z / 2.0 - (2.0 * std::f64::consts::PI).sqrt().ln();
    (2.0_f64.ln() + density - z.max(1e-9).ln()).min(0.0)
}

/// What a value is multiplied with that moves by so many bins.
pub(super) fn ratio(bins_moved: f64) -> f64 {
    bins::GAMMA.powf(bins_moved)
}

fn count(points: &[Point]) -> u64 {
    points.iter().map(|point| u64::from(point.count)).sum()
}

fn raw_p75(points: &[Point]) -> Option<f64> {
    let mut values: Vec<_> = points
        .iter()
        .map(|point| (f32::from(point.bin), point.count))
        .collect();
    let bin = p75(&mut values, 1.0)?.value as u16;
    Some(bins::value_of(bin))
}
