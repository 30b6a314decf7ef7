//! What a look sees: the values of a cohort, before and after, and what it is best called.
//!
//! In: the history, what is usual. Out: evidence for a suspect, its name, and how many sites and views it
//! has. What must never happen: a value is counted among those of a cohort whose words it has not.

use std::collections::HashSet;

use super::{
    Limits, Stop, Stopped,
    cohort::Key,
    compare::{Evidence, Point},
    history::History,
    members::Members,
    names::Names,
    offset::{Taken, shift_of},
    usual::Usuals,
};

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

impl Sight<'_> {
    /// The values of a cohort before and after.
    pub(super) fn evidence(
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
        let views: Vec<_> = views.collect();
        Ok(Evidence {
            metric,
            doubt_of_hours: self.usuals[metric].doubt_of_hours(&views),
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
    pub(super) fn named(&self, key: Key, from: i64) -> Key {
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
