//! One look: suspects one after the other, the one that explains most first, each taken out of the
//! values before the next is looked for.
//!
//! In: the history, what is usual, what is known to have changed. Out: what was found. A suspect that is
//! no finding is taken out as well: its parts and what it is a part of are not to be named for it. What
//! must never happen: two findings of one cause; a look without end.

use std::collections::HashSet;

use super::{
    Limits, Stop, Stopped,
    cohort::Key,
    compare::{Evidence, Point, Refusal, Verdict},
    history::{History, METRICS},
    members::Members,
    names::Names,
    offset::{Offset, Taken, shift_of},
    scan::{self, Suspect, WINDOW_HOURS},
    scores::{HourScores, Score, Scorer},
    usual::Usuals,
};

/// Suspects of one look: more are a fleet of which everything changed.
const MOST_SUSPECTS: usize = 24;

/// Hours before a change that are not taken for what was before: it may have come bit by bit.
const GAP_HOURS: i64 = 3;

/// A build that a site has for longer did not begin with a change.
const NEW_BUILD_HOURS: i64 = 24;

/// The least part of views that have a build which began with a change, for the build to be named.
const OF_BUILD: f64 = 0.9;

/// What a look sees.
pub(super) struct Sight<'a> {
    pub(super) names: &'a Names,
    pub(super) history: &'a History,
    pub(super) usuals: &'a Usuals,
    pub(super) limits: &'a Limits,
    /// The first hour of what is compared with, and the hour after the last one of all.
    pub(super) first: i64,
    pub(super) end: i64,
    pub(super) stop: Stop<'a>,
}

/// A suspect that is a finding.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Found {
    pub(super) metric: usize,
    pub(super) key: Key,
    pub(super) from: i64,
    pub(super) is_worse: bool,
    pub(super) verdict: Verdict,
    /// By how many bins each metric moved.
    pub(super) shift: [f32; METRICS],
}

/// Looks at the last days. `scores` has each of their hours, in the order of time.
pub(super) fn look(
    sight: &Sight<'_>,
    scorer: &mut Scorer,
    scores: &[(i64, HourScores)],
) -> Result<Vec<Found>, Stopped> {
    let mut explaining = Explaining {
        sight,
        scorer,
        scores,
        rest: vec![Default::default(); scores.len()],
        taken: Vec::new(),
        seen: HashSet::new(),
    };
    let mut found = Vec::new();
    let mut suspects = explaining.suspects(|_| true, [None; METRICS]);
    for _ in 0..MOST_SUSPECTS {
        let most = suspects.into_iter().flatten();
        let Some(suspect) = most.max_by(|a, b| a.gain.total_cmp(&b.gain)) else {
            break;
        };
        let (one, shift) = explaining.explain(&suspect)?;
        found.extend(one);
        let is_stale = |metric| metric == suspect.metric || shift[metric] != 0.0;
        suspects = explaining.suspects(is_stale, suspects);
    }
    Ok(found)
}

/// A look on its way.
struct Explaining<'a> {
    sight: &'a Sight<'a>,
    scorer: &'a mut Scorer,
    scores: &'a [(i64, HourScores)],
    /// By hour and metric, scores without what was taken out.
    rest: Vec<[Option<Vec<Score>>; METRICS]>,
    taken: Vec<Taken>,
    /// Suspects that were looked at, by metric and cohort.
    seen: HashSet<(usize, u32)>,
}

impl Explaining<'_> {
    /// The suspect of each metric, looked for anew where what was known is stale.
    fn suspects(
        &self,
        is_stale: impl Fn(usize) -> bool,
        known: [Option<Suspect>; METRICS],
    ) -> [Option<Suspect>; METRICS] {
        std::array::from_fn(|metric| {
            if !is_stale(metric) {
                return known[metric];
            }
            let hours = self.scores.iter().zip(&self.rest);
            let hours = hours.map(|((hour, scores), rest)| {
                (*hour, rest[metric].as_deref().unwrap_or(&scores[metric]))
            });
            let hours: Vec<_> = hours.collect();
            scan::suspect(&hours, &self.scorer.index, metric, &self.seen)
        })
    }

    /// Judges a suspect and takes it out: whether it is a finding, and by how much each metric moved.
    fn explain(&mut self, suspect: &Suspect) -> Result<(Option<Found>, [f32; METRICS]), Stopped> {
        let Suspect { metric, from, .. } = *suspect;
        self.seen.insert((metric, suspect.number));
        let key = self.scorer.index.key(suspect.number);
        let mut evidences = Vec::with_capacity(METRICS);
        for metric in 0..METRICS {
            evidences.push(self.sight.evidence(&key, metric, from, &self.taken)?);
        }
        let shift = std::array::from_fn(|metric| evidences[metric].also_moved());
        let judged = self.judge(&key, suspect, &mut evidences[metric])?;
        let found = match judged {
            Ok(verdict) => Some(Found {
                metric,
                key: self.sight.named(key, from),
                from,
                is_worse: suspect.is_worse,
                verdict,
                shift,
            }),
            Err(refusal) => {
                tracing::trace!(
                    ?refusal,
                    ?key,
                    metric,
                    from,
                    gain = suspect.gain,
                    "no change"
                );
                None
            }
        };
        self.take(Offset {
            key,
            from,
            until: i64::MAX,
            shift,
        });
        Ok((found, shift))
    }

    fn judge(
        &self,
        key: &Key,
        suspect: &Suspect,
        evidence: &mut Evidence,
    ) -> Result<Result<Verdict, Refusal>, Stopped> {
        let Suspect { metric, from, .. } = *suspect;
        // Times to begin overlap, and are about as many as their doublings.
        evidence.looks = self.scorer.index.alike(key) * (WINDOW_HOURS as f64).log2();
        let verdict = evidence.judge(self.sight.limits);
        // What moved the other way may have been a part of its cohort only (fast robots among visitors):
        // the rest, without the mean of all, is no finding.
        let is_same = |one: &&Taken| (one.offset.shift[metric] > 0.0) == suspect.is_worse;
        let alone: Vec<_> = self.taken.iter().filter(is_same).cloned().collect();
        if verdict.is_err() || alone.len() == self.taken.len() {
            return Ok(verdict);
        }
        let looks = evidence.looks;
        let mut evidence = self.sight.evidence(key, metric, from, &alone)?;
        evidence.looks = looks;
        Ok(evidence.judge(self.sight.limits).and(verdict))
    }

    /// Takes a shift out of the scores.
    fn take(&mut self, offset: Offset) {
        let sight = self.sight;
        let taken = Taken::new(sight.names, offset);
        let scores = self.scores.iter().zip(&mut self.rest);
        let scores = scores.filter(|((hour, _), _)| *hour >= offset.from);
        for ((number, scores), rest) in scores {
            let Some((_, hour)) = sight.history.range(*number..*number + 1).next() else {
                continue;
            };
            for metric in (0..METRICS).filter(|metric| offset.shift[*metric] != 0.0) {
                let scores = rest[metric].as_deref().unwrap_or(&scores[metric]);
                rest[metric] = Some(self.scorer.without(
                    (sight.names, sight.usuals[metric].spread()),
                    (*number, hour),
                    (metric, scores),
                    (&taken, &self.taken),
                ));
            }
        }
        self.taken.push(taken);
    }
}

impl Sight<'_> {
    /// The values of a cohort before and after.
    fn evidence(
        &self,
        key: &Key,
        metric: usize,
        from: i64,
        taken: &[Taken],
    ) -> Result<Evidence, Stopped> {
        self.stop.check()?;
        let after = self.points(key, metric, from..self.end, taken);
        let before = Key { build: 0, ..*key };
        let mut before = self.points(&before, metric, self.first..from - GAP_HOURS, taken);
        if key.build > 0 {
            // A build is compared with what the same sites had before it.
            let sites: HashSet<u32> = after.iter().map(|point| point.site).collect();
            before.retain(|point| {
                sites.contains(&point.site) && self.names.build(point.site, point.hour) != key.build
            });
        }
        let views = after.iter().map(|point| {
            let leaf = self.names.of(point.leaf);
            (leaf, point.hour, f64::from(point.count))
        });
        Ok(Evidence {
            metric,
            looks: 1.0,
            doubt_of_hours: self.usuals[metric].doubt_of_hours(views),
            is_of_one_site: key.is_of_one_site(),
            spread: self.usuals[metric].spread(),
            before,
            after,
        })
    }

    fn points(
        &self,
        key: &Key,
        metric: usize,
        hours: std::ops::Range<i64>,
        taken: &[Taken],
    ) -> Vec<Point> {
        let members = Members::of(self.names, key);
        let mut points = Vec::new();
        for (hour, values) in self.history.range(hours) {
            let taken: Vec<_> = taken.iter().filter(|one| one.is_of(metric, hour)).collect();
            for seen in values.of(metric) {
                if let Some(left) = seen.left()
                    && members.hold(self.names, seen.leaf, hour)
                {
                    points.push(Point {
                        hour,
                        leaf: seen.leaf,
                        site: self.names.of(seen.leaf).site,
                        left: left - shift_of(&taken, self.names, metric, seen.leaf, hour),
                        bin: seen.bin,
                        count: seen.count,
                    });
                }
            }
        }
        points
    }

    /// The sites and views of a cohort with a value in some hours.
    pub(super) fn reach(
        &self,
        key: &Key,
        metric: usize,
        hours: std::ops::Range<i64>,
    ) -> (i64, i64) {
        let members = Members::of(self.names, key);
        let (mut sites, mut views) = (HashSet::new(), 0);
        for (hour, values) in self.history.range(hours) {
            for seen in values.of(metric) {
                if members.hold(self.names, seen.leaf, hour) {
                    sites.insert(self.names.of(seen.leaf).site);
                    views += i64::from(seen.count);
                }
            }
        }
        (sites.len() as i64, views)
    }

    /// The cohort with the build that began with the change, if nearly all of its views have one.
    fn named(&self, key: Key, from: i64) -> Key {
        if key.is_of_one_site() || key.script > 0 {
            return key;
        }
        let mut builds = std::collections::HashMap::new();
        let (mut all, mut templates) = (0_u32, HashSet::new());
        let members = Members::of(self.names, &key);
        for (hour, values) in self.history.range(from..self.end) {
            for value in values.all() {
                let leaf = self.names.of(value.leaf);
                if members.hold(self.names, value.leaf, hour) {
                    all += value.count;
                    let build = self.names.build(leaf.site, hour);
                    let is_new = self.names.build(leaf.site, from - NEW_BUILD_HOURS) != build;
                    *builds.entry((build, is_new)).or_insert(0_u32) += value.count;
                    templates.insert(self.names.template(leaf.site));
                }
            }
        }
        let most = builds.into_iter().max_by_key(|(_, count)| *count);
        let mut key = key;
        if let Some(((build @ 1.., true), count)) = most
            && f64::from(count) >= OF_BUILD * f64::from(all)
        {
            key.build = build;
        }
        if key.build > 0
            && let [template] = templates.into_iter().collect::<Vec<_>>()[..]
        {
            key.template = template;
        }
        key
    }
}
