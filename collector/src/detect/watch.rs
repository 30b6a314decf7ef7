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
    look::{Found, Sight},
    names::{Names, start_of},
    offset::Offset,
    scan::WINDOW_HOURS,
};
use crate::{
    event::{HOUR_MS, Millis},
    store::{Change, Direction},
};

/// Hours for which a finding is found anew.
const YOUNG_HOURS: i64 = 48;

/// Hours without a finding after which a young one is over.
const LOST_HOURS: i64 = 12;

/// Hours after the end of a finding in which its cohort is not found again.
const AFTER_HOURS: i64 = 72;

/// Hours between the starts of two findings of one cause, at most.
const TOGETHER_HOURS: i64 = 24;

/// The part of the views of two cohorts that both have, from which on they are about the same.
const SAME_PART: f64 = 0.4;

/// The part of a settled effect that an end must undo.
const UNDONE_PART: f64 = 0.5;

/// What settled findings have moved.
pub(super) fn settled(names: &Names, known: &[Change], end: i64) -> Vec<Offset> {
    let settled = known.iter().filter(|one| is_settled(one, end));
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

/// One that has ended is settled too: what is usual must not learn it afterwards.
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
    let mut follow = Follow {
        sight,
        now_ms,
        known: known
            .iter()
            .map(|change| Known {
                key: sight.names.key(&change.cohort),
                change: change.clone(),
                is_touched: false,
            })
            .collect(),
        new: Vec::new(),
    };
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
    /// Finds what a finding is the news of, if of anything.
    fn take(&mut self, found: &Found) {
        if self.new.iter().any(|(key, change)| {
            self.are_one_cause((key, hour_of(change.since_ms)), (&found.key, found.from))
        }) {
            return;
        }
        let direction = direction_of(found);
        let end = self.sight.end;
        for at in 0..self.known.len() {
            let Known { change, key, .. } = &self.known[at];
            let Some(key) = key else { continue };
            let since = hour_of(change.since_ms);
            let is_same = self.are_same(key, &found.key);
            match change.until_ms {
                Some(until_ms) => {
                    if is_same && end - hour_of(until_ms) <= AFTER_HOURS {
                        return;
                    }
                }
                None if is_settled(change, end) => {
                    if !is_same {
                        continue;
                    }
                    if direction != change.direction && undoes(change, found) {
                        self.known[at].finish(start_of(found.from), self.now_ms);
                    }
                    return;
                }
                None => {
                    if self.are_one_cause((key, since), (&found.key, found.from)) {
                        if direction == change.direction && !self.known[at].is_touched {
                            self.renew(at, found);
                        }
                        return;
                    }
                }
            }
        }
        let change = self.change(found);
        self.new.push((found.key, change));
    }

    /// Whether two shifts that began about the same time are of cohorts that have much in common.
    fn are_one_cause(&self, (a, a_from): (&Key, i64), (b, b_from): (&Key, i64)) -> bool {
        (a_from - b_from).abs() <= TOGETHER_HOURS && (a.is_nested_with(b) || self.are_same(a, b))
    }

    /// Whether two cohorts have about the same views in the last days.
    fn are_same(&self, a: &Key, b: &Key) -> bool {
        if a == b {
            return true;
        }
        let (mut both, mut any) = (0_u64, 0_u64);
        let hours = self.sight.end - WINDOW_HOURS..self.sight.end;
        for (hour, values) in self.sight.history.range(hours) {
            for value in values.iter().flatten() {
                let leaf = self.sight.names.of(value.leaf);
                let holds = |key: &Key| key.holds(self.sight.names, leaf, hour);
                let (in_a, in_b) = (holds(a), holds(b));
                both += u64::from(in_a && in_b) * u64::from(value.count);
                any += u64::from(in_a || in_b) * u64::from(value.count);
            }
        }
        both as f64 >= SAME_PART * any.max(1) as f64
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
        for known in &mut self.known {
            if known.change.until_ms.is_some() || known.is_touched {
                continue;
            }
            if end - hour_of(known.change.since_ms) >= HISTORY_HOURS {
                known.finish(now_ms, now_ms);
            } else if is_settled(&known.change, end) {
                known.change.seen_ms = now_ms;
                known.is_touched = true;
            } else if now_ms - known.change.seen_ms >= LOST_HOURS * HOUR_MS {
                known.finish(known.change.seen_ms, known.change.seen_ms);
            }
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
        let to = found.verdict.to_p75;
        let from = |bins_moved: f64| to * ratio(-bins_moved);
        let shift = found.verdict.shift;
        let ratios = WATCHED.into_iter().zip(found.offset.shift);
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
            sites: i64::try_from(found.verdict.sites).unwrap_or(i64::MAX),
            views: i64::try_from(found.verdict.views).unwrap_or(i64::MAX),
        }
    }
}

impl Known {
    fn finish(&mut self, until_ms: Millis, seen_ms: Millis) {
        self.change.until_ms = Some(until_ms.max(self.change.since_ms));
        self.change.seen_ms = seen_ms;
        self.is_touched = true;
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
    f64::from(found.offset.shift[found.metric]).abs() >= UNDONE_PART * settled.abs()
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
