//! Which builds of the generator sites had, and since when.
//!
//! In: rollups. Out: the first page view of each build, by site. Builds come from signed tokens, so their
//! number is not a visitor's to choose. What must never happen: an older page view that is merged late
//! leaves a build later than it was.

use futures_util::TryStreamExt;

use super::{
    engine::{Column, Engine, Statement, Transaction, storable},
    error::StoreError,
};
use crate::{event::Millis, rollup::Rollup};

/// A build that was seen for the first time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    /// The template; none if page views did not tell it.
    pub template: Option<String>,
    /// The generator's build.
    pub build: String,
    /// When its first page view was received.
    pub first_ms: Millis,
    /// How many sites have had it by now.
    pub sites: u64,
}

/// A build of a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteBuild {
    /// The site's host.
    pub site: String,
    /// The template; none if page views did not tell it.
    pub template: Option<String>,
    /// The generator's build.
    pub build: String,
    /// When its first page view on the site was received.
    pub first_ms: Millis,
}

/// Adds the builds that a rollup has seen. Known ones are left as they are.
pub(super) async fn insert(
    transaction: &mut dyn Transaction,
    rollup: &Rollup,
) -> Result<(), StoreError> {
    let seen = rollup.builds.iter();
    let seen: Vec<_> = seen
        .flat_map(|(site, builds)| builds.iter().map(move |build| (site, build)))
        .collect();
    if seen.is_empty() {
        return Ok(());
    }
    let columns = [
        Column::Text(seen.iter().map(|(site, _)| storable(site)).collect()),
        Column::Text(
            seen.iter()
                .map(|(_, one)| storable(&one.template))
                .collect(),
        ),
        Column::Text(seen.iter().map(|(_, one)| storable(&one.build)).collect()),
        Column::Number(seen.iter().map(|(_, one)| one.first_ms).collect()),
    ];
    transaction
        .insert(include_str!("sql/insert_site_build.sql"), &columns)
        .await?;
    Ok(())
}

/// The builds that were seen for the first time in a range, of a site or anywhere.
pub(super) async fn builds(
    engine: &impl Engine,
    site: Option<&str>,
    from_ms: Millis,
    to_ms: Millis,
) -> Result<Vec<Build>, StoreError> {
    let select = Statement::new(if site.is_some() {
        include_str!("sql/select_builds_of_site.sql")
    } else {
        include_str!("sql/select_builds.sql")
    });
    let mut select = select.with(from_ms).with(to_ms);
    if let Some(site) = site {
        select = select.with(site);
    }
    let mut rows = engine.rows(select);
    let mut builds = Vec::new();
    while let Some(row) = rows.try_next().await? {
        builds.push(Build {
            template: told(row.text(0)?),
            build: row.text(1)?.to_owned(),
            first_ms: row.number(2)?,
            sites: row.number(3)?.unsigned_abs(),
        });
    }
    Ok(builds)
}

/// Which builds each site had before a time.
pub(super) async fn site_builds(
    engine: &impl Engine,
    before_ms: Millis,
) -> Result<Vec<SiteBuild>, StoreError> {
    let select = Statement::new(include_str!("sql/select_site_builds.sql")).with(before_ms);
    let mut rows = engine.rows(select);
    let mut builds = Vec::new();
    while let Some(row) = rows.try_next().await? {
        builds.push(SiteBuild {
            site: row.text(0)?.to_owned(),
            template: told(row.text(1)?),
            build: row.text(2)?.to_owned(),
            first_ms: row.number(3)?,
        });
    }
    Ok(builds)
}

/// A template, unless it is the empty text that stands for none in the key.
fn told(template: &str) -> Option<String> {
    (!template.is_empty()).then(|| template.to_owned())
}
