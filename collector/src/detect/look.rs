//! One look: suspects one after the other, the one that explains most first, each taken out of the
//! values before the next is looked for.
//!
//! In: the history, what is usual, what is known to have changed. Out: what was found. A suspect that is
//! no finding is taken out as well: its parts and what it is a part of are not to be named for it. What
//! must never happen: two findings of one cause; a look without end.

use std::collections::HashSet;

use super::{
    Stopped,
    cohort::Key,
    compare::{Claim, Evidence, Refusal, Verdict},
    history::METRICS,
    offset::{Offset, Taken},
    scan::{self, Suspect, WINDOW_HOURS},
    scores::{HourScores, Score, Scorer},
    sight::Sight,
};

/// Suspects of one look: more are a fleet of which everything changed.
const MOST_SUSPECTS: usize = 24;

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
        let judged = self.judge(&key, suspect, &evidences[metric])?;
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
        evidence: &Evidence,
    ) -> Result<Result<Verdict, Refusal>, Stopped> {
        let Suspect { metric, from, .. } = *suspect;
        let claim = Claim {
            is_worse: suspect.is_worse,
            // Times to begin overlap, and are about as many as their doublings.
            looks: self.scorer.index.alike(key) * (WINDOW_HOURS as f64).log2(),
        };
        let verdict = evidence.judge(self.sight.limits, claim);
        // What moved the other way may have been a part of its cohort only (fast robots among visitors):
        // the rest, without the mean of all, is no finding.
        let is_same = |one: &&Taken| {
            let shift = one.offset.shift[metric];
            shift == 0.0 || (shift > 0.0) == suspect.is_worse
        };
        let alone: Vec<_> = self.taken.iter().filter(is_same).cloned().collect();
        if verdict.is_err() || alone.len() == self.taken.len() {
            return Ok(verdict);
        }
        let evidence = self.sight.evidence(key, metric, from, &alone)?;
        Ok(evidence.judge(self.sight.limits, claim).and(verdict))
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
