//! The viral coefficient of some owners, its parts, and the cycle time.
//!
//! In: owners, a window of w days, the time. Out, over those owners who could be watched for w days:
//!
//! ```text
//! K(w) = qualified new owners whom they brought within w days of their first site / owners
//!      = active / owners  x  i  x  c
//! i    = shares of their sites within w days / active owners: those with such a share
//! c    = qualified new owners / shares
//! ```
//!
//! Time goes on, so what the newest owners will bring is not known yet (right-censored). Each owner
//! counts only when all of the w days have passed: then nothing of the window is missing, and an
//! owner's date says nothing of how many they bring, so those who count stand for all. A cohort with
//! some such owners is `partial`, one without is `immature` and has no coefficient. (Formula: Skok,
//! <https://www.forentrepreneurs.com/lessons-learnt-viral-marketing/>; censoring: Lawless and Nadeau,
//! <https://doi.org/10.1080/00401706.1995.10484300>.)
//!
//! What must never happen: a window that has not passed is counted as one without conversions.

use std::{borrow::Cow, collections::BTreeMap};

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    attribution::Conversion,
    cohort::{Period, cohorts},
    fleet::{Fleet, Share},
    funnel::Facet,
    interval::mean_interval,
    rules::WINDOWS_DAYS,
};
use crate::event::{DAY_MS, Millis};

/// How far back the newest mature cohort is looked for.
pub const NEWEST_DAYS: i64 = 90;

/// How much of a window has passed for some owners.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = WindowState)]
pub enum State {
    /// All of it, for all of them.
    Mature,
    /// All of it, for some of them.
    Partial,
    /// All of it for none of them.
    Immature,
}

/// The viral coefficient of some owners within a window.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// The window's length.
    pub window_days: i64,
    /// Whether it has passed.
    pub state: State,
    /// The owners.
    pub owners: usize,
    /// Qualified new owners whom they brought within the window up to now, whether it has passed or
    /// not. To be divided by nothing.
    pub conversions_so_far: usize,
    /// Those for whom all of the window has passed. What follows is about them.
    pub observed: usize,
    /// Those of them whose sites were shared.
    pub active: usize,
    /// Shares of their sites.
    pub shares: usize,
    /// Qualified new owners whom they brought.
    pub conversions: usize,
    /// The viral coefficient.
    pub k: Option<f64>,
    /// Its 95% interval.
    pub interval: Option<(f64, f64)>,
    /// Shares for each active owner.
    pub i: Option<f64>,
    /// Qualified new owners for each share.
    pub c: Option<f64>,
}

/// How long it takes from an owner's first site to the first site of one whom they brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cycle {
    /// How many were brought.
    pub conversions: usize,
    /// Half of them took at most that long.
    pub p50_ms: Option<Millis>,
    /// Nine of ten took at most that long.
    pub p90_ms: Option<Millis>,
}

/// Estimates the viral coefficient of `members`, who came until `end_ms`: more may come as long as that
/// has not passed. Only shares that `counts` allows are counted, and conversions through them: so the
/// parts of a whole add up.
#[must_use]
pub fn estimate(
    fleet: &Fleet<'_>,
    members: &[usize],
    window_days: i64,
    (end_ms, now_ms): (Millis, Millis),
    counts: impl Fn(&Share<'_>) -> bool,
) -> Estimate {
    let window_ms = window_days * DAY_MS;
    let observed: Vec<usize> = observed(fleet, members, window_ms, now_ms).collect();
    let shares = observed.iter().map(|owner| {
        let shares = shared(fleet, *owner, window_ms);
        shares.filter(|share| counts(share)).count()
    });
    let (active, shares) = shares
        .filter(|shares| *shares > 0)
        .fold((0, 0), |(owners, sum), shares| (owners + 1, sum + shares));
    let brought_by = |owner: &usize| {
        within(fleet, *owner, window_ms)
            .filter(|(conversion, _)| {
                let share = conversion.share.map(|share| &fleet.shares[share]);
                share.is_some_and(&counts)
            })
            .count()
    };
    let brought: Vec<usize> = observed.iter().map(brought_by).collect();
    let conversions = brought.iter().sum();
    let ratio = |part: usize, whole: usize| (whole > 0).then(|| part as f64 / whole as f64);
    Estimate {
        window_days,
        state: if end_ms + window_ms <= now_ms {
            State::Mature
        } else if observed.is_empty() {
            State::Immature
        } else {
            State::Partial
        },
        owners: members.len(),
        conversions_so_far: members.iter().map(brought_by).sum(),
        observed: observed.len(),
        active,
        shares,
        conversions,
        k: ratio(conversions, observed.len()),
        interval: mean_interval(brought),
        i: ratio(shares, active),
        c: ratio(conversions, shares),
    }
}

/// What shares of `members` have in common, with the conversions and shares that an estimate would
/// count of each: so the largest parts can be told without estimating all of them, and pages can
/// invent many.
#[must_use]
pub fn parts<'a>(
    fleet: &Fleet<'a>,
    members: &[usize],
    window_days: i64,
    now_ms: Millis,
    facet: Facet,
) -> BTreeMap<Cow<'a, str>, (usize, usize)> {
    let window_ms = window_days * DAY_MS;
    let mut parts: BTreeMap<_, (usize, usize)> = BTreeMap::new();
    for owner in observed(fleet, members, window_ms, now_ms) {
        for (conversion, _) in within(fleet, owner, window_ms) {
            if let Some(share) = conversion.share {
                parts.entry(facet.of(&fleet.shares[share])).or_default().0 += 1;
            }
        }
        for share in shared(fleet, owner, window_ms) {
            parts.entry(facet.of(share)).or_default().1 += 1;
        }
    }
    parts
}

/// The cycle time of those whom `members` brought within the longest window. Only members for whom
/// all of it has passed count: of the others' conversions only the fast ones would be known yet, and
/// the cycle would look shorter than it is.
#[must_use]
pub fn cycle(fleet: &Fleet<'_>, members: &[usize], now_ms: Millis) -> Cycle {
    let window_ms = WINDOWS_DAYS[WINDOWS_DAYS.len() - 1] * DAY_MS;
    let mut times: Vec<Millis> = observed(fleet, members, window_ms, now_ms)
        .flat_map(|owner| within(fleet, owner, window_ms))
        .map(|(_, after_ms)| after_ms)
        .collect();
    times.sort_unstable();
    // The first time at which the part of the times that is not later is large enough.
    let at = |tenths: usize| {
        let place = (times.len() * tenths).div_ceil(10);
        times.get(place.checked_sub(1)?).copied()
    };
    Cycle {
        conversions: times.len(),
        p50_ms: at(5),
        p90_ms: at(9),
    }
}

/// The viral coefficient within seven days of the newest week's owners for whom all of it has passed, if
/// any came in the last 90 days.
#[must_use]
pub fn newest(fleet: &Fleet<'_>, now_ms: Millis) -> Option<Estimate> {
    let weeks = cohorts(fleet, Period::Week, now_ms - NEWEST_DAYS * DAY_MS, now_ms);
    weeks
        .iter()
        .rev()
        .map(|week| {
            let times = (week.end_ms, now_ms);
            estimate(fleet, &week.members, WINDOWS_DAYS[0], times, |_| true)
        })
        .find(|found| found.state == State::Mature && found.owners > 0)
}

/// The members for whom a window has passed.
fn observed(
    fleet: &Fleet<'_>,
    members: &[usize],
    window_ms: Millis,
    now_ms: Millis,
) -> impl Iterator<Item = usize> {
    let is_over = move |owner: &usize| fleet.owners[*owner].first_ms + window_ms <= now_ms;
    members.iter().copied().filter(is_over)
}

/// The shares of an owner's sites within a window.
fn shared<'a, 'b>(
    fleet: &'b Fleet<'a>,
    owner: usize,
    window_ms: Millis,
) -> impl Iterator<Item = &'b Share<'a>> {
    let owner = &fleet.owners[owner];
    let until_ms = owner.first_ms + window_ms;
    let shares = owner.shares.iter().map(|share| &fleet.shares[*share]);
    shares.filter(move |share| share.link.shared_ms < until_ms)
}

/// Whom an owner brought within a window, and after what time.
fn within<'a>(
    fleet: &'a Fleet<'_>,
    owner: usize,
    window_ms: Millis,
) -> impl Iterator<Item = (&'a Conversion, Millis)> {
    let owner = &fleet.owners[owner];
    let conversions = owner.conversions.iter();
    conversions
        .map(|number| &fleet.conversions[*number])
        .map(|conversion| (conversion, conversion.at_ms - owner.first_ms))
        .filter(move |(_, after_ms)| *after_ms < window_ms)
}
