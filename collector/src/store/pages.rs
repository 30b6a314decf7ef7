//! The most viewed pages of a site, or of all sites.
//!
//! In: a question, and how many pages. Out: these pages, with their views and values. A fleet has more
//! pages than can be read in a moment, but no page has more views than its site: so sites are read, most
//! viewed first, until no page of those that are left can be among the wanted ones. What must never
//! happen: a page is left out that has more views than one that is answered.

use std::collections::{HashMap, HashSet};

use foresight_shared::Metric;

use super::{
    Dimension, Group, Selection,
    block::Lane,
    engine::Engine,
    error::StoreError,
    gather::Detail,
    questions::{Asked, ask_views},
};
use crate::{event::Kind, rollup::Distribution};

/// Sites that are read at once, at first; twice as many with each turn.
const SITES: usize = 32;

/// Sites that are read at once at most.
const MOST_SITES: usize = 512;

/// A page of a site: how often it was viewed, and what these views measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageSum {
    /// The site's host.
    pub site: String,
    /// The page's path.
    pub page: String,
    /// Its views.
    pub views: i64,
    /// Their values of the metric.
    pub distribution: Distribution,
}

/// A page: site and path.
type Page = (String, String);

/// The most viewed pages, most viewed first.
pub(super) async fn pages(
    engine: &impl Engine,
    selection: &Selection,
    metric: Option<Metric>,
    limit: usize,
) -> Result<Vec<PageSum>, StoreError> {
    let most = match &selection.site {
        Some(_) => views(engine, selection, None).await?,
        None => views_of_fleet(engine, selection, limit).await?,
    };
    let most = first(most, limit);
    let wanted: Vec<_> = most.iter().map(|(page, _)| page.clone()).collect();
    let mut values = match metric {
        Some(metric) => values(engine, selection, metric, &wanted).await?,
        None => HashMap::new(),
    };
    let sum = |((site, page), views): (Page, i64)| {
        let key = (site, page);
        let distribution = values.remove(&key).unwrap_or_default();
        let (site, page) = key;
        PageSum {
            site,
            page,
            views,
            distribution,
        }
    };
    Ok(most.into_iter().map(sum).collect())
}

/// Certain pages that have views or values.
pub(super) async fn those_pages(
    engine: &impl Engine,
    selection: &Selection,
    metric: Metric,
    pages: &[Page],
) -> Result<Vec<PageSum>, StoreError> {
    if pages.is_empty() {
        return Ok(Vec::new());
    }
    let sites = sites_of(pages);
    let views: HashMap<_, _> = views(engine, selection, Some(&sites))
        .await?
        .into_iter()
        .collect();
    let mut values = values(engine, selection, metric, pages).await?;
    let sum = |page: &Page| {
        let (views, distribution) = (views.get(page), values.remove(page));
        if views.is_none() && distribution.is_none() {
            return None;
        }
        Some(PageSum {
            site: page.0.clone(),
            page: page.1.clone(),
            views: views.copied().unwrap_or_default(),
            distribution: distribution.unwrap_or_default(),
        })
    };
    Ok(pages.iter().filter_map(sum).collect())
}

/// The views of pages of all sites: of every page that has more than all but `limit` others.
async fn views_of_fleet(
    engine: &impl Engine,
    selection: &Selection,
    limit: usize,
) -> Result<Vec<(Page, i64)>, StoreError> {
    let lanes = [Lane::activity(Kind::View)];
    // Without the words that only a part of a site's views has: an upper bound, read from fewer rows.
    let whole = Selection {
        page: None,
        country: None,
        browser: None,
        navigation: None,
        ..selection.clone()
    };
    let asked = Asked::new(&whole, Some(Dimension::Site), &lanes);
    let sums = ask_views(engine, asked).await?.into_iter();
    let mut sites: Vec<(String, i64)> = sums
        .filter_map(|((group, ..), sum)| match group {
            Group::Word(site) => Some((site, sum.count)),
            _ => None,
        })
        .collect();
    sites.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let (mut found, mut at, mut step) = (Vec::new(), 0, SITES);
    while at < sites.len() {
        let some = &sites[at..sites.len().min(at + step)];
        let hosts: Vec<&str> = some.iter().map(|(site, _)| site.as_str()).collect();
        found.extend(views(engine, selection, Some(&hosts)).await?);
        found = first(found, limit);
        at += some.len();
        step = (2 * step).min(MOST_SITES);
        let least = found.get(limit.saturating_sub(1)).map(|(_, views)| *views);
        let next = sites.get(at).map_or(0, |(_, views)| *views);
        // A page of the next site could have as many views, and a name that comes before.
        if least.is_some_and(|least| least > next) {
            break;
        }
    }
    Ok(found)
}

/// The views of each page of some sites.
async fn views(
    engine: &impl Engine,
    selection: &Selection,
    sites: Option<&[&str]>,
) -> Result<Vec<(Page, i64)>, StoreError> {
    let lanes = [Lane::activity(Kind::View)];
    let asked = Asked {
        sites,
        ..Asked::new(selection, Some(Dimension::Page), &lanes)
    };
    let sums = ask_views(engine, asked).await?.into_iter();
    let page = |((group, ..), sum): ((Group, String, Lane), Distribution)| match group {
        Group::Page { site, page } => Some(((site, page), sum.count)),
        _ => None,
    };
    Ok(sums.filter_map(page).collect())
}

/// The values of pages.
async fn values(
    engine: &impl Engine,
    selection: &Selection,
    metric: Metric,
    pages: &[Page],
) -> Result<HashMap<Page, Distribution>, StoreError> {
    if pages.is_empty() {
        return Ok(HashMap::new());
    }
    let (lanes, sites) = ([Lane::vital(metric)], sites_of(pages));
    let asked = Asked {
        selection,
        sites: Some(&sites),
        by: Some(Dimension::Page),
        lanes: &lanes,
        detail: Detail::Whole,
    };
    let wanted: HashSet<&Page> = pages.iter().collect();
    let mut values = HashMap::new();
    for ((group, ..), sum) in ask_views(engine, asked).await? {
        if let Group::Page { site, page } = group {
            let page = (site, page);
            if wanted.contains(&page) {
                values.insert(page, sum);
            }
        }
    }
    Ok(values)
}

/// The first pages by views, then by site and path.
fn first(mut pages: Vec<(Page, i64)>, limit: usize) -> Vec<(Page, i64)> {
    pages.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    pages.truncate(limit);
    pages
}

/// The sites of pages, each once.
fn sites_of(pages: &[Page]) -> Vec<&str> {
    let mut sites: Vec<_> = pages.iter().map(|(site, _)| site.as_str()).collect();
    sites.sort_unstable();
    sites.dedup();
    sites
}
