//! Answers questions: reads blocks, adds up what fits the question.
//!
//! In: a question. Out: sums. One statement reads all stretches of a question, so that a fold beside it
//! is seen wholly or not at all. Sums of nothing are left out, as a fold leaves them out. What must
//! never happen: a question about words that are no longer kept is answered with something else.

use foresight_shared::Metric;
use futures_util::TryStreamExt;

use super::{
    CauseSum, CountSum, Dimension, DistributionSum, RatingSum, Selection,
    block::{Lane, Shape},
    engine::{Engine, Statement},
    erase,
    error::StoreError,
    filter::Filter,
    gather::{Detail, Gather, Sums, Wanted},
    levels::{FLUSH, Grain, HOUR, HOUR_IN_DAY, Kept, Stretch, facet, grain, has_lanes},
    rows::{EACH_SITE, FLEET},
};
use crate::event::Kind;

/// Whose rows are read, of what was added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    /// Each site's own.
    Sites,
    /// The fleet's.
    Fleet,
    /// The fleet's by site.
    EachSite,
}

/// What is added to a level in rows that tell since when it is kept.
pub(super) const KEPT: i64 = 100;

/// A question, as its rows are read.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) selection: &'a Selection,
    /// Of which sites; none: of those that the selection is about.
    pub(super) sites: Option<&'a [&'a str]>,
    pub(super) by: Option<Dimension>,
    pub(super) lanes: &'a [Lane],
    pub(super) detail: Detail,
}

/// Which rows answer a question.
struct Route {
    stretches: Vec<Stretch>,
    whose: Whose,
    /// The shape of hours that were added up, and of days and weeks.
    shapes: (Shape, Shape),
}

/// Distributions by group and metric.
pub(super) async fn distributions(
    engine: &impl Engine,
    selection: &Selection,
    metric: Option<Metric>,
    by: Option<Dimension>,
) -> Result<Vec<DistributionSum>, StoreError> {
    let lanes: Vec<Lane> = match metric {
        Some(metric) => vec![Lane::vital(metric)],
        None => Metric::ALL.into_iter().map(Lane::vital).collect(),
    };
    let asked = Asked::new(selection, by, &lanes);
    let mut sums: Vec<_> = ask_views(engine, asked)
        .await?
        .into_iter()
        .filter_map(|((group, _, lane), distribution)| {
            Some(DistributionSum {
                group,
                metric: lane.metric()?,
                distribution,
            })
        })
        .collect();
    sums.sort_by(|a, b| (&a.group, a.metric).cmp(&(&b.group, b.metric)));
    Ok(sums)
}

/// How many values have each rating, by group and metric.
pub(super) async fn ratings(
    engine: &impl Engine,
    selection: &Selection,
    metrics: &[Metric],
    by: Option<Dimension>,
) -> Result<Vec<RatingSum>, StoreError> {
    let lanes: Vec<Lane> = metrics.iter().copied().map(Lane::vital).collect();
    let asked = Asked {
        detail: Detail::Ratings,
        ..Asked::new(selection, by, &lanes)
    };
    let mut sums: Vec<_> = ask_views(engine, asked)
        .await?
        .into_iter()
        .filter_map(|((group, _, lane), sum)| {
            Some(RatingSum {
                group,
                metric: lane.metric()?,
                ratings: sum.ratings,
            })
        })
        .collect();
    sums.sort_by(|a, b| (&a.group, a.metric).cmp(&(&b.group, b.metric)));
    Ok(sums)
}

/// Counts by group, kind and name.
pub(super) async fn counts(
    engine: &impl Engine,
    selection: &Selection,
    kind: Option<Kind>,
    by: Option<Dimension>,
) -> Result<Vec<CountSum>, StoreError> {
    let lanes: Vec<Lane> = match kind {
        Some(kind) => vec![Lane::activity(kind)],
        None => Kind::ALL.into_iter().map(Lane::activity).collect(),
    };
    let asked = Asked::new(selection, by, &lanes);
    let mut sums: Vec<_> = ask_views(engine, asked)
        .await?
        .into_iter()
        .filter_map(|((group, name, lane), sum)| {
            Some(CountSum {
                group,
                kind: lane.kind()?,
                name,
                count: sum.count,
            })
        })
        .collect();
    sums.sort_by(|a, b| (&a.group, a.kind, &a.name).cmp(&(&b.group, b.kind, &b.name)));
    Ok(sums)
}

/// The elements that caused most of a metric's values.
pub(super) async fn causes(
    engine: &impl Engine,
    selection: &Selection,
    metric: Metric,
    limit: u32,
) -> Result<Vec<CauseSum>, StoreError> {
    let selection = Selection {
        country: None,
        browser: None,
        navigation: None,
        ..selection.clone()
    };
    let route = |kept: &Kept, selection: &Selection| {
        Ok(Route {
            stretches: kept.by_period(selection.from_ms, selection.to_ms, Grain::Week),
            whose: Whose::Sites,
            shapes: (Shape::Cause, Shape::Cause),
        })
    };
    let lanes = [Lane::cause(metric)];
    let sums = ask(engine, Asked::new(&selection, None, &lanes), route).await?;
    let mut sums: Vec<_> = sums
        .into_iter()
        .map(|((_, element, _), distribution)| CauseSum {
            element,
            distribution,
        })
        .collect();
    sums.sort_by(|a, b| {
        let by_count = b.distribution.count.cmp(&a.distribution.count);
        by_count.then_with(|| a.element.cmp(&b.element))
    });
    sums.truncate(limit as usize);
    Ok(sums)
}

impl<'a> Asked<'a> {
    /// All that is known of what a selection is about.
    pub(super) const fn new(
        selection: &'a Selection,
        by: Option<Dimension>,
        lanes: &'a [Lane],
    ) -> Self {
        Self {
            selection,
            sites: None,
            by,
            lanes,
            detail: Detail::Whole,
        }
    }
}

/// Adds up what is asked of page views, by group, name and lane.
pub(super) async fn ask_views(engine: &impl Engine, asked: Asked<'_>) -> Result<Sums, StoreError> {
    let route = |kept: &Kept, selection: &Selection| route(kept, selection, &asked);
    ask(engine, asked, route).await
}

/// The rows that answer a question about page views, or the time since when they are kept.
fn route(kept: &Kept, selection: &Selection, asked: &Asked<'_>) -> Result<Route, StoreError> {
    let facet = facet(selection, asked.by);
    let grain = grain(asked.by);
    let needed_ms = match (facet, grain) {
        (None, _) | (_, Grain::Hour) => kept.hours_ms,
        (Some(_), Grain::Day) => kept.days_ms,
        (Some(_), Grain::Week) => i64::MIN,
    };
    if selection.from_ms < needed_ms {
        return Err(StoreError::Coarse {
            since_ms: needed_ms,
        });
    }
    let (from_ms, to_ms) = (selection.from_ms, selection.to_ms);
    let Some(facet) = facet else {
        return Ok(Route {
            stretches: Kept::by_hour(from_ms, to_ms),
            whose: Whose::Sites,
            shapes: (Shape::View, Shape::View),
        });
    };
    let whose = whose(kept, selection, asked, facet);
    let (hours, days) = match whose {
        Whose::Sites => (Shape::View, facet),
        Whose::Fleet => (facet, facet),
        Whose::EachSite => (Shape::Site, Shape::Site),
    };
    Ok(Route {
        stretches: kept.by_period(from_ms, to_ms, grain),
        whose,
        shapes: (hours, days),
    })
}

/// Whose rows have what is asked for: the fewest that do.
fn whose(kept: &Kept, selection: &Selection, asked: &Asked<'_>, facet: Shape) -> Whose {
    let is_of_all = asked.sites.is_none() && selection.site.is_none();
    let is_by_site = matches!(
        asked.by,
        Some(Dimension::Site | Dimension::SiteHour | Dimension::SiteDay | Dimension::SiteWeek)
    );
    let has = |has: fn(Lane) -> bool| is_of_all && asked.lanes.iter().all(|lane| has(*lane));
    if is_by_site {
        let is_known = selection.from_ms >= kept.sites_ms
            && facet == Shape::Navigation
            && selection.navigation.is_none();
        if is_known && has(Lane::is_of_each_site) {
            return Whose::EachSite;
        }
    } else if facet != Shape::Page && has(Lane::is_of_the_fleet) {
        return Whose::Fleet;
    }
    Whose::Sites
}

/// Adds up the rows of a route, by group, name (or element) and lane.
async fn ask(
    engine: &impl Engine,
    asked: Asked<'_>,
    route: impl Fn(&Kept, &Selection) -> Result<Route, StoreError>,
) -> Result<Sums, StoreError> {
    let mut kept = erase::kept(engine).await?;
    loop {
        let selection = kept.widened(asked.selection.clone());
        let route = route(&kept, &selection)?;
        let widened = Asked {
            selection: &selection,
            ..asked
        };
        let (sums, since) = read(engine, &widened, &route).await?;
        // Hours or days were dropped in between, perhaps some of those that were read.
        if since == kept {
            return Ok(sums);
        }
        kept = since;
    }
}

/// The sums of a route, and since when sums were kept at the moment of reading.
async fn read(
    engine: &impl Engine,
    asked: &Asked<'_>,
    route: &Route,
) -> Result<(Sums, Kept), StoreError> {
    let mut rows = engine.rows(statement(asked, route));
    let mut gather = Gather::default();
    let mut kept = Kept::default();
    while let Some(row) = rows.try_next().await? {
        let level = i64::from(row.small(1)?);
        if level >= KEPT {
            erase::keep(&mut kept, level - KEPT, row.number(2)?)?;
            continue;
        }
        let shape = match level {
            FLUSH if route.shapes.1 == Shape::Cause => Shape::Cause,
            FLUSH => Shape::View,
            HOUR | HOUR_IN_DAY => route.shapes.0,
            _ => route.shapes.1,
        };
        let wanted = Wanted {
            selection: asked.selection,
            by: asked.by,
            lanes: asked.lanes,
            detail: asked.detail,
            shape,
        };
        gather.add(&wanted, row.text(0)?, row.number(2)?, row.bytes(3)?)?;
    }
    Ok((gather.sums(asked.by), kept))
}

/// Reads every stretch of a route.
fn statement(asked: &Asked<'_>, route: &Route) -> Statement {
    let mut filter = Filter::default();
    let numbers: Vec<_> = asked
        .lanes
        .iter()
        .map(|lane| lane.number().to_string())
        .collect();
    let lanes = numbers.join(", ");
    let sites = match asked.sites {
        Some(sites) => filter.sites(sites),
        None => filter.site(asked.selection.site.as_deref()),
    };
    let mut parts = Vec::new();
    for stretch in &route.stretches {
        let of_whom = match route.whose {
            // What merges append is not in the fleet's rows yet.
            _ if stretch.level == FLUSH => sites.clone(),
            Whose::Sites => sites.clone(),
            Whose::Fleet => format!("site = '{FLEET}'"),
            Whose::EachSite => format!("site = '{EACH_SITE}'"),
        };
        let part = include_str!("sql/select_sums.sql")
            .replace(":site", &of_whom)
            .replace(":level", &stretch.level.to_string())
            .replace(
                ":lanes",
                if has_lanes(stretch.level) {
                    &lanes
                } else {
                    "-1"
                },
            )
            .replace(":from", &filter.value(stretch.from_ms))
            .replace(":to", &filter.value(stretch.to_ms));
        parts.push(part);
    }
    parts.push(include_str!("sql/select_kept_beside.sql").to_owned());
    filter.statement(&parts.join("union all\n"), &[])
}
