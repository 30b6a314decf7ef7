//! What changed: finds cohorts of page views whose values are not what they were.
//!
//! In: cells by the hour, what is known of sites, findings of before, and the time. Out: findings, each
//! with a cohort, an effect with its interval, and since when. Pure: no clock, no database. What must
//! never happen: two findings of one cause, a finding that chance or a change in traffic made, or a
//! baseline that learns a regression and then calls its end an improvement.
//!
//! 1. `names` and `cohort`: words as numbers, and the cohorts that they make; `members`: whose views;
//! 2. `history`: the values of some weeks, hour by hour;
//! 3. `usual`: what a view with these words has at such an hour, by what past weeks had;
//! 4. `scores`: how far each cohort's values of an hour are from that;
//! 5. `scan`: the cohort whose last hours are hardest to explain by chance;
//! 6. `sight` and `compare`: whether that is a finding, beside the cohort's own past; `quantile`: the effect;
//! 7. `look`: one after the other, each taken out of the rest (`offset`) before the next;
//! 8. `tie` and `watch`: what becomes of findings from one look to the next.
//!
//! Times to begin are found by likelihood over all hours at once, and seasons by effects of the hour:
//! augurs' detectors take one series of evenly sure values, and here are thousands of cohorts whose hours
//! have few values or none. `docs/changes.md` has the rules and what was measured.

mod names;
mod cohort;
mod members;
mod offset;
mod history;
mod usual;
mod scores;
mod scan;
mod quantile;
mod compare;
mod sight;
mod look;
mod tie;
mod watch;
#[cfg(test)]
mod tests;

use std::ops::Range;

use self::{
    history::History,
    names::{Names, start_of},
    offset::Offset,
    scan::WINDOW_HOURS,
    scores::{HourScores, Scorer},
    sight::Sight,
    usual::Usuals,
};
use crate::{
    event::{HOUR_MS, Millis},
    store::{CellSum, Change},
};

/// Weeks that values are compared with: whole ones, so that each hour of the week is there as often.
const WEEKS: i64 = 3;

/// Hours of history that are kept.
pub const HISTORY_HOURS: i64 = WEEKS * 7 * 24 + WINDOW_HOURS;

/// Hours of history before the last days without which there is no look: who has seen one weekend only
/// cannot tell it from a change.
const LEAST_HISTORY_HOURS: i64 = 2 * 7 * 24;

/// Batches of a view may come this many hours after it began: such hours are read again.
const LATE_HOURS: i64 = 3;

/// How often what is usual is fitted, in hours.
const FIT_EVERY_HOURS: i64 = 24;

/// A look that was told to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the look was told to stop")]
pub struct Stopped;

/// Asks now and then whether to stop.
#[derive(Clone, Copy)]
struct Stop<'a>(&'a dyn Fn() -> bool);

impl Stop<'_> {
    fn check(self) -> Result<(), Stopped> {
        if (self.0)() { Err(Stopped) } else { Ok(()) }
    }
}

/// What a finding must reach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Percent by which the 75th percentile must have moved.
    pub least_percent: f64,
    /// Values since then.
    pub least_views: u64,
    /// Sites, unless the finding is about one.
    pub least_sites: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            least_percent: 10.0,
            least_views: 40,
            least_sites: 5,
        }
    }
}

/// What is known of a site beside its cells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SiteFacts {
    /// Its host.
    pub host: String,
    /// Its template.
    pub template: Option<String>,
    /// Its builds, each with when it was seen first.
    pub builds: Vec<(Millis, String)>,
    /// Scripts that were slow on it lately, of those that other sites have too.
    pub scripts: Vec<String>,
}

/// Looks for changes. Keeps the history in memory, so that each look reads the newest hours only.
#[derive(Debug, Default)]
pub struct Detector {
    limits: Limits,
    names: Names,
    history: History,
    usuals: Usuals,
    scorer: Scorer,
    /// The scores of the last days, by hour.
    scores: Vec<(i64, HourScores)>,
    /// What is known to have changed, and is not in what is left of values.
    settled: Vec<Offset>,
    /// The hour in which what is usual was fitted last.
    fitted: Option<i64>,
}

impl Detector {
    /// One without history.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            ..Self::default()
        }
    }

    /// The hours that a look needs and does not have yet, or that may have changed: from the start of
    /// the first one to the end of the last one that is over.
    #[must_use]
    pub fn wanted(&self, now_ms: Millis) -> Range<Millis> {
        let end = now_ms.div_euclid(HOUR_MS);
        let first = end - HISTORY_HOURS;
        let from = self
            .history
            .end()
            .map_or(first, |known| (known - LATE_HOURS).max(first));
        start_of(from.min(end))..start_of(end)
    }

    /// Takes what is known of sites.
    pub fn learn(&mut self, sites: &[SiteFacts]) {
        let learned = sites.iter().map(|facts| self.names.learn(facts));
        // Else the scores of one cohort would be of two sets of sites.
        if learned.fold(false, |any, is_other| any | is_other) {
            self.scorer = Scorer::default();
            self.scores.clear();
        }
    }

    /// Takes every cell of some hours, in place of what was known of these.
    pub fn put(&mut self, hours: Range<Millis>, cells: &[CellSum]) {
        let hours = hours.start.div_euclid(HOUR_MS)..hours.end.div_euclid(HOUR_MS);
        self.scores.retain(|(hour, _)| !hours.contains(hour));
        self.history.put(&mut self.names, hours, cells);
    }

    /// Looks at the time. `known` are the findings that are open, or that ended within the history.
    /// Returns those that are new or have changed.
    ///
    /// # Errors
    /// If `is_stopping` says so before it is done. Then nothing was found, and the next look is as good.
    pub fn look(
        &mut self,
        now_ms: Millis,
        known: &[Change],
        is_stopping: &dyn Fn() -> bool,
    ) -> Result<Vec<Change>, Stopped> {
        let stop = Stop(is_stopping);
        let Some(end) = self.history.end() else {
            return Ok(Vec::new());
        };
        self.history.drop_before(end - HISTORY_HOURS);
        let first = self.history.first().unwrap_or(end);
        if end - WINDOW_HOURS - first < LEAST_HISTORY_HOURS {
            return Ok(Vec::new());
        }
        self.compare(first..end, watch::settled(&self.names, known, end), stop)?;
        self.score(end, stop)?;
        let sight = Sight {
            names: &self.names,
            history: &self.history,
            usuals: &self.usuals,
            limits: &self.limits,
            first,
            end,
            stop,
        };
        let found = look::look(&sight, &mut self.scorer, &self.scores)?;
        Ok(watch::follow(&sight, now_ms, known, &found))
    }

    /// Computes what is left of values beside what is usual, which is fitted once a day, and where other
    /// changes are known than before.
    fn compare(
        &mut self,
        hours: Range<i64>,
        settled: Vec<Offset>,
        stop: Stop<'_>,
    ) -> Result<(), Stopped> {
        let is_due = self
            .fitted
            .is_none_or(|at| hours.end - at >= FIT_EVERY_HOURS);
        if is_due || settled != self.settled {
            self.settled = settled;
            if self.fitted.take().is_none() {
                // The first time, or a fit that was stopped halfway.
                self.usuals = Usuals::default();
            }
            for (metric, usual) in self.usuals.iter_mut().enumerate() {
                let past = self.history.range(hours.start..hours.end - WINDOW_HOURS);
                usual.fit(&self.names, metric, past, &self.settled, stop)?;
            }
            self.history.is_outdated();
            self.scores.clear();
            // Cohorts that are no longer met cost room and make chance look greater.
            self.scorer = Scorer::default();
            self.fitted = Some(hours.end);
        }
        self.history
            .compare(&self.names, &self.usuals, &self.settled, stop)
    }

    /// Brings the scores of the last days up to date.
    fn score(&mut self, end: i64, stop: Stop<'_>) -> Result<(), Stopped> {
        let first = end - WINDOW_HOURS;
        self.scores.retain(|(hour, _)| *hour >= first);
        let spreads = std::array::from_fn(|metric| self.usuals[metric].spread());
        for (number, hour) in self.history.range(first..end) {
            if self.scores.iter().any(|(known, _)| *known == number) {
                continue;
            }
            stop.check()?;
            let scores = self.scorer.hour(&self.names, &spreads, (number, hour));
            self.scores.push((number, scores));
        }
        self.scores.sort_unstable_by_key(|(hour, _)| *hour);
        Ok(())
    }
}
