//! What becomes of findings from one look to the next.
//!
//! In: findings of before, and what a look found. Out: findings that are new, are renewed, or have ended.
//! A finding is young for two days: its cohort, its start and its effect are found anew with each look, as
//! more is known. Then it is settled, and its effect is taken out of all values: it is not found again,
//! what is usual does not learn it, and its end shows as a shift the other way. What must never happen: a
//! finding of which only the metric, or a part, or a whole of its cohort is new.

use foresight_shared::bins;
use sha2::{Digest, Sha256};

use super::{
    HISTORY_HOURS,
    cohort::Key,
    compare::ratio,
    history::{METRICS, WATCHED},
    look::Found,
    names::{Names, start_of},
    offset::{Offset, YOUNG_HOURS},
    sight::Sight,
    tie::{Tie, tie},
};
use crate::{
    event::{HOUR_MS, Millis},
    store::{Change, Direction},
};

/// Hours without a finding after which a young one is over.
const LOST_HOURS: i64 = 12;

/// Hours after the end of a finding in which its cohort is not found again.
const AFTER_HOURS: i64 = 72;

/// Hours between the starts of two findings of one cause, at most.
const TOGETHER_HOURS: i64 = 24;

/// The part of a settled effect that an end must undo.
const UNDONE_PART: f64 = 0.5;

/// What settled findings have moved. Of those whose start is before the history, what is usual has learned.
pub(super) fn settled(names: &Names, known: &[Change], end: i64) -> Vec<Offset> {
    let first = end - HISTORY_HOURS;
    let settled = known
        .iter()
        .filter(|one| is_settled(one, end) && hour_of(one.since_ms) > first);
    settled
        .filter_map(|one| {
            let mut shift = [0.0; METRICS];
            for (metric, ratio) in &one.ratios {
                let at = WATCHED.iter().position(|watched| watched == metric)?;
                shift[at] = (ratio.ln() / bins::GAMMA.ln()) as f32;
            }
            Some(Offset {
                key: names.key(&one.cohort)?,
                from: hour_of(one.since_ms),
                until: one.until_ms.map_or(i64::MAX, hour_of),
                shift,
            })
        })
        .collect()
}

fn hour_of(time_ms: Millis) -> i64 {
    time_ms.div_euclid(HOUR_MS)
}

/// One that is over is settled too: what is usual must not learn it afterwards.
fn is_settled(change: &Change, end: i64) -> bool {
    change.until_ms.is_some() || end - hour_of(change.since_ms) >= YOUNG_HOURS
}

/// Findings that are new, are renewed, or have ended.
pub(super) fn follow(
    sight: &Sight<'_>,
    now_ms: Millis,
    known: &[Change],
    found: &[Found],
) -> Vec<Change> {
    let known = known.iter().map(|change| Known {
        key: sight.names.key(&change.cohort),
        change: change.clone(),
        is_touched: false,
    });
    let mut follow = Follow {
        sight,
        now_ms,
        known: known.collect(),
        new: Vec::new(),
    };
    let mut found: Vec<_> = found.iter().collect();
    // The surest ties first: another's name is not taken by what only overlaps with it.
    for tie in [Tie::Same, Tie::Nested, Tie::Alike] {
        found.retain(|one| !follow.renews(one, tie));
    }
    for one in found {
        follow.take(one);
    }
    follow.age();
    follow.end()
}

struct Known {
    change: Change,
    key: Option<Key>,
    is_touched: bool,
}

struct Follow<'a> {
    sight: &'a Sight<'a>,
    now_ms: Millis,
    known: Vec<Known>,
    new: Vec<(Key, Change)>,
}

impl Follow<'_> {
    /// Renews the young finding that one is the news of, by a tie.
    fn renews(&mut self, found: &Found, wanted: Tie) -> bool {
        let end = self.sight.end;
        let place = self.known.iter().position(|known| {
            let change = &known.change;
            !known.is_touched
                && change.until_ms.is_none()
                && !is_settled(change, end)
                && change.direction == direction_of(found)
                && (found.from - hour_of(change.since_ms)).abs() <= TOGETHER_HOURS
                && known
                    .key
                    .is_some_and(|key| tie(self.sight, &key, &found.key) == wanted)
        });
        if let Some(at) = place {
            self.renew(at, found);
        }
        place.is_some()
    }

    /// Takes what is the news of no finding: a new one, the end of one, or what is left of one.
    fn take(&mut self, found: &Found) {
        let mut renewed = self.known.iter().filter(|known| known.is_touched);
        let is_left = |key: &Key, change: &Change| {
            change.until_ms.is_none()
                && (found.from - hour_of(change.since_ms)).abs() <= TOGETHER_HOURS
                && tie(self.sight, key, &found.key) <= Tie::Nested
        };
        if self.new.iter().any(|(key, change)| is_left(key, change))
            || renewed.any(|known| known.key.is_some_and(|key| is_left(&key, &known.change)))
        {
            return;
        }
        for at in 0..self.known.len() {
            let Known { change, key, .. } = &self.known[at];
            if key.is_none_or(|key| tie(self.sight, &key, &found.key) != Tie::Same) {
                continue;
            }
            match change.until_ms {
                Some(until_ms) if self.sight.end - hour_of(until_ms) > AFTER_HOURS => {}
                None if is_settled(change, self.sight.end)
                    && change.direction != direction_of(found)
                    && undoes(change, found) =>
                {
                    self.finish(at, found.from);
                    return;
                }
                _ => return,
            }
        }
        let change = self.change(found);
        self.new.push((found.key, change));
    }

    fn renew(&mut self, at: usize, found: &Found) {
        let change = self.change(found);
        let known = &mut self.known[at];
        known.key = Some(found.key);
        known.is_touched = true;
        known.change = Change {
            id: known.change.id.clone(),
            found_ms: known.change.found_ms,
            since_ms: change.since_ms.min(known.change.found_ms),
            ..change
        };
    }

    /// What was not found again: settled ones go on; young ones are lost after a while, and old ones are
    /// what is usual by now.
    fn age(&mut self) {
        let (end, now_ms) = (self.sight.end, self.now_ms);
        for at in 0..self.known.len() {
            let Known {
                change, is_touched, ..
            } = &self.known[at];
            if change.until_ms.is_some() || *is_touched {
                continue;
            }
            if end - hour_of(change.since_ms) >= HISTORY_HOURS {
                self.finish(at, end);
            } else if is_settled(change, end) {
                self.count(at, end);
                self.known[at].change.seen_ms = now_ms;
            } else if now_ms - change.seen_ms >= LOST_HOURS * HOUR_MS {
                let seen_ms = change.seen_ms;
                self.finish(at, hour_of(seen_ms));
                self.known[at].change.seen_ms = seen_ms;
            }
        }
    }

    fn finish(&mut self, at: usize, until: i64) {
        self.count(at, until);
        let change = &mut self.known[at].change;
        change.until_ms = Some(start_of(until).max(change.since_ms));
        change.seen_ms = self.now_ms;
    }

    /// Counts the sites and views of a finding until an hour. What is no longer in the history stays
    /// counted.
    fn count(&mut self, at: usize, until: i64) {
        let Known {
            change,
            key,
            is_touched,
        } = &mut self.known[at];
        *is_touched = true;
        let metric = WATCHED.iter().position(|metric| *metric == change.metric);
        let since = hour_of(change.since_ms);
        if let (Some(key), Some(metric)) = (key, metric)
            && since < until
        {
            let (sites, views) = self.sight.reach(key, metric, since..until);
            change.sites = change.sites.max(sites);
            change.views = change.views.max(views);
        }
    }

    fn end(self) -> Vec<Change> {
        let known = self.known.into_iter().filter(|known| known.is_touched);
        let new = self.new.into_iter().map(|(_, change)| change);
        known.map(|known| known.change).chain(new).collect()
    }

    fn change(&self, found: &Found) -> Change {
        let metric = WATCHED[found.metric];
        let cohort = self.sight.names.cohort(&found.key);
        let since_ms = start_of(found.from);
        let hours = found.from..self.sight.end;
        let (sites, views) = self.sight.reach(&found.key, found.metric, hours);
        let to = found.verdict.to_p75;
        let from = |bins_moved: f64| to * ratio(-bins_moved);
        let shift = found.verdict.shift;
        let ratios = WATCHED.into_iter().zip(found.shift);
        let ratios = ratios.filter(|(_, moved)| *moved != 0.0);
        Change {
            id: id(metric.name(), &format!("{cohort:?}"), since_ms, self.now_ms),
            metric,
            ratios: ratios
                .map(|(metric, moved)| (metric, ratio(moved.into())))
                .collect(),
            cohort,
            direction: direction_of(found),
            from_p75: from(shift.value),
            to_p75: to,
            difference_low: to - from(shift.low),
            difference_high: to - from(shift.high),
            since_ms,
            found_ms: self.now_ms,
            seen_ms: self.now_ms,
            until_ms: None,
            sites,
            views,
        }
    }
}

const fn direction_of(found: &Found) -> Direction {
    if found.is_worse {
        Direction::Worse
    } else {
        Direction::Better
    }
}

/// Whether a shift takes back enough of a settled one.
fn undoes(change: &Change, found: &Found) -> bool {
    let of_metric = change
        .ratios
        .iter()
        .find(|(metric, _)| *metric == WATCHED[found.metric]);
    let settled = of_metric.map_or(0.0, |(_, ratio)| ratio.ln() / bins::GAMMA.ln());
    f64::from(found.shift[found.metric]).abs() >= UNDONE_PART * settled.abs()
}

/// Of what makes a finding one, so that it needs no counter.
fn id(metric: &str, cohort: &str, since_ms: Millis, found_ms: Millis) -> String {
    let text = format!("{metric} {cohort} {since_ms} {found_ms}");
    let digest = Sha256::digest(text.as_bytes());
    digest[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
