//! One look: suspects one after the other, the one that explains most first, each taken out of the
//! values before the next is looked for.
//!
//! In: the history, what is usual, what is known to have changed. Out: what was found. A suspect that is
//! no finding is taken out as well: its parts and what it is a part of are not to be named for it. What
//! must never happen: two findings of one cause; a look without end.

use std::collections::HashSet;

use super::{
    Limits,
    cohort::Key,
    compare::{Evidence, Point, Refusal, Verdict},
    history::{History, METRICS},
    names::Names,
    offset::{Offset, shift_of},
    scan::{Suspect, WINDOW_HOURS, suspect},
    scores::{HourScores, Scorer, Usuals},
};

/// Suspects of one look: more are a fleet of which everything changed.
const MOST_SUSPECTS: usize = 24;

/// Hours before a change that are not taken for what was before: it may have come bit by bit.
const GAP_HOURS: i64 = 3;

/// A build that a site has for longer did not begin with a change.
const NEW_BUILD_HOURS: i64 = 24;

/// The least part of views that have a build which began with a change, for the build to be named.
const OF_BUILD: f64 = 0.9;

/// How strongly another metric must have moved as well, in spreads and in standard errors.
const ALSO_SPREADS: f32 = 0.1;
const ALSO_ERRORS: f32 = 4.0;

/// What a look sees.
pub(super) struct Sight<'a> {
    pub(super) names: &'a Names,
    pub(super) history: &'a History,
    pub(super) usuals: &'a Usuals,
    pub(super) limits: &'a Limits,
    /// What settled findings have moved.
    pub(super) known: &'a [Offset],
    /// The first hour of what is compared with, and the hour after the last one of all.
    pub(super) first: i64,
    pub(super) end: i64,
}

/// A suspect that is a finding.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Found {
    pub(super) metric: usize,
    pub(super) key: Key,
    pub(super) from: i64,
    pub(super) is_worse: bool,
    pub(super) verdict: Verdict,
    pub(super) offset: Offset,
}

/// Looks at the last days. `scores` has each of their hours without what is known to have changed.
pub(super) fn look(
    sight: &Sight<'_>,
    scorer: &mut Scorer,
    scores: &[(i64, HourScores)],
) -> Vec<Found> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    let mut offsets = sight.known.to_vec();
    let mut own: Vec<Option<HourScores>> = vec![None; scores.len()];
    for _ in 0..MOST_SUSPECTS {
        let hours: Vec<_> = scores
            .iter()
            .zip(&own)
            .map(|((hour, scores), own)| (*hour, own.as_ref().unwrap_or(scores)))
            .collect();
        let Some(suspect) = suspect(&hours, &scorer.index, &seen) else {
            break;
        };
        seen.insert((suspect.metric, suspect.number));
        let key = scorer.index.key(suspect.number);
        let alike = scorer.index.alike(&key);
        let offset = sight.offset(&key, suspect.from, &offsets);
        match sight.judge(&key, &suspect, alike, &offsets) {
            Ok(verdict) => found.push(Found {
                metric: suspect.metric,
                key: sight.named(key, suspect.from),
                from: suspect.from,
                is_worse: suspect.is_worse,
                verdict,
                offset,
            }),
            Err(refusal) => {
                tracing::trace!(?refusal, ?key, metric = suspect.metric, "no change");
            }
        }
        offsets.push(offset);
        for ((hour, _), own) in scores.iter().zip(&mut own) {
            if *hour >= suspect.from
                && let Some(values) = sight.history.hour(*hour)
            {
                *own = Some(scorer.hour(sight.names, sight.usuals, &offsets, (*hour, values)));
            }
        }
    }
    found
}

impl Sight<'_> {
    fn judge(
        &self,
        key: &Key,
        suspect: &Suspect,
        alike: f64,
        offsets: &[Offset],
    ) -> Result<Verdict, Refusal> {
        let mut evidence = self.evidence(key, suspect.metric, suspect.from, offsets);
        // Times to begin overlap, and are about as many as their doublings.
        evidence.looks = alike * (WINDOW_HOURS as f64).log2();
        evidence.judge(self.limits)
    }

    /// The values of a cohort before and after.
    pub(super) fn evidence(
        &self,
        key: &Key,
        metric: usize,
        from: i64,
        offsets: &[Offset],
    ) -> Evidence {
        let after = self.points(key, metric, from..self.end, offsets);
        let mut before = self.points(
            &without_build(key),
            metric,
            self.first..from - GAP_HOURS,
            offsets,
        );
        if key.build > 0 {
            // A build is compared with what the same sites had before it.
            let sites: HashSet<u32> = after.iter().map(|point| point.site).collect();
            before.retain(|point| {
                sites.contains(&point.site) && self.names.build(point.site, point.hour) != key.build
            });
        }
        Evidence {
            metric,
            looks: 1.0,
            is_of_one_site: key.is_of_one_site(),
            spread: self.usuals[metric].spread(),
            before,
            after,
        }
    }

    fn points(
        &self,
        key: &Key,
        metric: usize,
        hours: std::ops::Range<i64>,
        offsets: &[Offset],
    ) -> Vec<Point> {
        let mut points = Vec::new();
        for (hour, values) in self.history.range(hours) {
            for value in &values[metric] {
                let leaf = self.names.of(value.leaf);
                if !key.holds(self.names, leaf, hour) {
                    continue;
                }
                if let Some(usual) = self.usuals[metric].of(leaf, hour) {
                    let shift = shift_of(offsets, self.names, metric, leaf, hour);
                    points.push(Point {
                        hour,
                        site: leaf.site,
                        left: f32::from(value.bin) - usual - shift,
                        bin: value.bin,
                        count: value.count,
                    });
                }
            }
        }
        points
    }

    /// By how much each metric of a cohort moved, where it did.
    fn offset(&self, key: &Key, from: i64, offsets: &[Offset]) -> Offset {
        let mut shift = [0.0; METRICS];
        for (metric, shift) in shift.iter_mut().enumerate() {
            let evidence = self.evidence(key, metric, from, offsets);
            let moved = evidence.displacement();
            let spreads = moved.abs() / evidence.spread.max(1.0);
            let values: u32 = evidence.after.iter().map(|point| point.count).sum();
            if spreads >= ALSO_SPREADS && spreads * (values as f32).sqrt() >= ALSO_ERRORS {
                *shift = moved;
            }
        }
        Offset {
            key: *key,
            from,
            until: i64::MAX,
            shift,
        }
    }

    /// The cohort with the build that began with the change, if nearly all of its views have one.
    fn named(&self, key: Key, from: i64) -> Key {
        if key.is_of_one_site() || key.script > 0 {
            return key;
        }
        let mut builds = std::collections::HashMap::new();
        let (mut all, mut templates) = (0_u32, HashSet::new());
        for (hour, values) in self.history.range(from..self.end) {
            for value in values.iter().flatten() {
                let leaf = self.names.of(value.leaf);
                if key.holds(self.names, leaf, hour) {
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

fn without_build(key: &Key) -> Key {
    Key { build: 0, ..*key }
}
