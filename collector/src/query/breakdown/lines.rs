//! The parts that a breakdown divides page views into.
//!
//! In: a question. Out: views and values by part. Templates are those that sites have now; a build counts
//! for the views of a site since its first view. What must never happen: percentiles are added up.

use std::collections::{BTreeMap, HashMap};

use foresight_shared::Metric;

use super::{By, Own, Part, Value};
use crate::{
    event::{DAY_MS, HOUR_MS, Kind, Millis},
    store::{
        CountSum, Dimension, DistributionSum, Group, Kept, Selection, SiteBuild, Store, StoreError,
    },
};

/// What a site is counted under whose template or build is not known.
const UNKNOWN: &str = "unknown";

/// The longest selection whose builds are told by the hour: a day, and the hour that a range until now
/// touches twice.
const HOURLY_MS: Millis = DAY_MS + HOUR_MS;

/// Views and values by part.
pub(super) type Parts = HashMap<Value, Part>;

/// The parts of a selection; of `only` some, if they are named: others may be left out.
pub(super) async fn parts(
    store: &dyn Store,
    own: &Own,
    (selection, kept): (&Selection, &Kept),
    only: Option<&[&Value]>,
) -> Result<Parts, StoreError> {
    let metric = own.metric;
    match own.by {
        By::Page => pages(store, own, selection, only).await,
        By::Device => by(store, selection, metric, Dimension::Device, value).await,
        By::Country => by(store, selection, metric, Dimension::Country, value).await,
        By::Browser => by(store, selection, metric, Dimension::Browser, value).await,
        By::Navigation => by(store, selection, metric, Dimension::Navigation, value).await,
        By::Site => by(store, selection, metric, Dimension::Site, value).await,
        By::Template => {
            let sites = store.sites().await?.into_iter();
            let templates: HashMap<_, _> = sites
                .filter_map(|site| Some((site.host, site.template?)))
                .collect();
            let template = |group| match group {
                Group::Word(site) => templates.get(&site).cloned(),
                _ => None,
            };
            by(store, selection, metric, Dimension::Site, template).await
        }
        By::Build => {
            let step = Step::of(selection, kept);
            let builds = Builds::of(store.site_builds(selection.to_ms).await?);
            let build = |group| match group {
                Group::SiteTime { site, start_ms } => builds.at(&site, start_ms + step.length_ms),
                _ => None,
            };
            by(store, selection, metric, step.by, build).await
        }
    }
}

/// The value of a group that is a word.
fn value(group: Group) -> Option<String> {
    match group {
        Group::Word(word) => Some(word),
        _ => None,
    }
}

async fn pages(
    store: &dyn Store,
    own: &Own,
    selection: &Selection,
    only: Option<&[&Value]>,
) -> Result<Parts, StoreError> {
    let pages = match only {
        None => {
            let most = own.limit.0 as usize;
            store.pages(selection, Some(own.metric), most).await?
        }
        Some(values) => {
            let page = |value: &&Value| Some((value.site.clone()?, value.value.clone()));
            let pages: Vec<_> = values.iter().filter_map(page).collect();
            store.those_pages(selection, own.metric, &pages).await?
        }
    };
    let part = |sum: crate::store::PageSum| {
        let value = Value {
            value: sum.page,
            site: Some(sum.site),
        };
        let part = Part {
            views: sum.views,
            values: sum.distribution,
        };
        (value, part)
    };
    Ok(pages.into_iter().map(part).collect())
}

/// Views and values by a dimension, added up by what `name` makes of its groups.
async fn by(
    store: &dyn Store,
    selection: &Selection,
    metric: Metric,
    dimension: Dimension,
    name: impl Fn(Group) -> Option<String>,
) -> Result<Parts, StoreError> {
    let (views, values) = tokio::try_join!(
        store.counts(selection, Some(Kind::View), Some(dimension)),
        store.distributions(selection, Some(metric), Some(dimension)),
    )?;
    let value = |group| Value {
        value: name(group).unwrap_or_else(|| UNKNOWN.to_owned()),
        site: None,
    };
    let mut parts = Parts::new();
    for CountSum { group, count, .. } in views {
        parts.entry(value(group)).or_default().views += count;
    }
    for DistributionSum {
        group,
        distribution,
        ..
    } in values
    {
        let part = parts.entry(value(group)).or_default();
        part.values.add(&distribution);
    }
    Ok(parts)
}

/// How exactly the change from one build to the next is told: an hour, a day or a week counts for the build
/// that the site had at its end.
struct Step {
    by: Dimension,
    length_ms: Millis,
}

impl Step {
    fn of(selection: &Selection, kept: &Kept) -> Self {
        let is_short = selection.to_ms - selection.from_ms <= HOURLY_MS;
        let (by, length_ms) = if is_short && selection.from_ms >= kept.hours_ms {
            (Dimension::SiteHour, HOUR_MS)
        } else if selection.from_ms >= kept.days_ms {
            (Dimension::SiteDay, DAY_MS)
        } else {
            (Dimension::SiteWeek, 7 * DAY_MS)
        };
        Self { by, length_ms }
    }
}

/// The builds of each site, by when they were seen first.
struct Builds(HashMap<String, BTreeMap<Millis, String>>);

impl Builds {
    fn of(builds: Vec<SiteBuild>) -> Self {
        let mut of_site: HashMap<String, BTreeMap<Millis, String>> = HashMap::new();
        for one in builds {
            let builds = of_site.entry(one.site).or_default();
            builds.insert(one.first_ms, one.build);
        }
        Self(of_site)
    }

    /// The build that a site had just before a time.
    fn at(&self, site: &str, end_ms: Millis) -> Option<String> {
        let (_, build) = self.0.get(site)?.range(..end_ms).next_back()?;
        Some(build.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_counts_from_its_first_view_until_the_next() {
        let one = |site: &str, build: &str, first_ms| SiteBuild {
            site: site.to_owned(),
            template: None,
            build: build.to_owned(),
            first_ms,
        };
        let builds = Builds::of(vec![
            one("a", "1", 10),
            one("b", "9", 15),
            one("a", "2", 20),
        ]);
        let at = |site, end_ms| builds.at(site, end_ms);
        assert_eq!((at("a", 10), at("c", 99)), (None, None));
        assert_eq!(at("a", 11).as_deref(), Some("1"));
        assert_eq!(at("a", 20).as_deref(), Some("1"));
        assert_eq!(at("a", 21).as_deref(), Some("2"));
        assert_eq!(at("b", 99).as_deref(), Some("9"));
    }
}
