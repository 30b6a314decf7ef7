//! The database: one trait of domain verbs, one adapter for SQLite and one for Postgres.
//!
//! In: rollups with the spool position they end at. Out: sums for reports. What must never happen:
//! a stretch of a spool is added twice, or its position moves without its sums.

mod engine;
mod table;
mod schema;
mod inspect;
mod merge;
mod fold;
mod erase;
mod filter;
mod questions;
mod adapter;
mod sqlite;
mod postgres;
mod error;
#[cfg(test)]
mod plans;

use std::{collections::HashSet, path::Path, sync::Arc};

use async_trait::async_trait;
use foresight_shared::{Metric, NavigationType};

pub use error::StoreError;
pub use inspect::{Inspection, inspect};

use self::{postgres::Postgres, sqlite::Sqlite};
use crate::{
    event::{Kind, Millis},
    rollup::{Distribution, Rollup},
};

/// What the collector asks of its database.
#[async_trait]
pub trait Store: Send + Sync {
    /// Whether the database answers.
    async fn ping(&self) -> Result<(), StoreError>;

    /// The position up to which a spool has been merged; 0 for a spool never seen.
    async fn position(&self, spool: &str) -> Result<i64, StoreError>;

    /// Adds a rollup of the spool's records after `from` up to and including `to`, and moves the
    /// spool's position to `to`, in one transaction. What is of forgotten sites is left out. If the position is not at `from`, adds nothing
    /// and says where it is.
    async fn merge(
        &self,
        spool: &str,
        from: i64,
        to: i64,
        rollup: &Rollup,
    ) -> Result<Merge, StoreError>;

    /// Replaces rows that flushes appended for hours that ended before `before_ms` by one row per
    /// cell, which is their sum. Returns how many rows it took away.
    async fn fold_hours(&self, before_ms: Millis) -> Result<u64, StoreError>;

    /// Replaces rows of hours, and rows that flushes appended late, of days (in UTC) that ended by
    /// `before_ms` by one row per cell and day, which is their sum. Returns how many rows it took
    /// away. From then on a selection that cuts through such a day counts it whole.
    async fn fold_days(&self, before_ms: Millis) -> Result<u64, StoreError>;

    /// Deletes the sums of days (in UTC) that ended by `before_ms`, and the shares of before that
    /// have no visits left. Returns how many rows it deleted.
    async fn delete_before(&self, before_ms: Millis) -> Result<u64, StoreError>;

    /// Adds a site, or renews its template and build. If it was forgotten, it is so no longer.
    async fn add_site(&self, site: &Site) -> Result<(), StoreError>;

    /// Erases a site: marks it as forgotten, so that what still waits in any collector's spool is
    /// not merged, and deletes all its rows. Returns how many it deleted of each table. If it is cut
    /// off, it can be called again.
    async fn forget_site(&self, host: &str, now_ms: Millis) -> Result<Vec<SiteRows>, StoreError>;

    /// How many rows of each table are of a site.
    async fn site_rows(&self, host: &str) -> Result<Vec<SiteRows>, StoreError>;

    /// The hosts of the forgotten sites.
    async fn forgotten_sites(&self) -> Result<HashSet<String>, StoreError>;

    /// Every site, by host.
    async fn sites(&self) -> Result<Vec<Site>, StoreError>;

    /// Refuses a token from now on.
    async fn revoke_token(&self, token_id: &str, now_ms: Millis) -> Result<(), StoreError>;

    /// The ids of the refused tokens.
    async fn revoked_tokens(&self) -> Result<HashSet<String>, StoreError>;

    /// The distributions of one metric, or of all, summed by a dimension, or over everything.
    async fn distributions(
        &self,
        selection: &Selection,
        metric: Option<Metric>,
        by: Option<Dimension>,
    ) -> Result<Vec<DistributionSum>, StoreError>;

    /// How often things of one kind happened, or of all kinds, by name and a dimension.
    async fn counts(
        &self,
        selection: &Selection,
        kind: Option<Kind>,
        by: Option<Dimension>,
    ) -> Result<Vec<CountSum>, StoreError>;

    /// The elements that caused most of a metric's values, most frequent first. Of the selection
    /// only range, site, page and device apply.
    async fn causes(
        &self,
        selection: &Selection,
        metric: Metric,
        limit: u32,
    ) -> Result<Vec<CauseSum>, StoreError>;

    /// Shared links with visits or shared in the range, most visited first. Of the selection only
    /// range, site and page apply.
    async fn links(&self, selection: &Selection, limit: u32) -> Result<Vec<Link>, StoreError>;

    /// Visits in the range by the channel of the link they came through; `unknown` for links that
    /// nobody reported. Of the selection only range, site and page apply.
    async fn visits_by_channel(
        &self,
        selection: &Selection,
    ) -> Result<Vec<(String, i64)>, StoreError>;
}

/// Which page views a question is about. Absent means any. A folded day is counted whole if the
/// selection has any of its hours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// The start of the first hour.
    pub from_ms: Millis,
    /// The end of the last hour.
    pub to_ms: Millis,
    /// The site's host.
    pub site: Option<String>,
    /// The page's path.
    pub page: Option<String>,
    /// The device's word.
    pub device: Option<String>,
    /// The country.
    pub country: Option<String>,
    /// The browser.
    pub browser: Option<String>,
    /// How the views began.
    pub navigation: Option<NavigationType>,
}

/// What sums can be grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dimension {
    /// The site's host.
    Site,
    /// Site and page: two sites may have the same path.
    Page,
    /// The start of the hour; of the day, for what was folded into days.
    Hour,
    /// The device's class.
    Device,
    /// The country.
    Country,
    /// The browser.
    Browser,
    /// How the views began.
    Navigation,
}

/// The value of a dimension in a sum.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// No dimension was asked for.
    All,
    /// A site, device, country, browser or navigation type.
    Word(String),
    /// A page of a site.
    Page {
        /// The site's host.
        site: String,
        /// The page's path.
        page: String,
    },
    /// The start of an hour, or of a folded day.
    Hour(Millis),
}

/// The distribution of a metric in a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DistributionSum {
    /// The group.
    pub group: Group,
    /// The metric.
    pub metric: Metric,
    /// The sum.
    pub distribution: Distribution,
}

/// How often something happened in a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountSum {
    /// The group.
    pub group: Group,
    /// What it is.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// How often.
    pub count: i64,
}

/// The values of a metric that one element caused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CauseSum {
    /// The element's selector.
    pub element: String,
    /// The sum.
    pub distribution: Distribution,
}

/// A shared link and its visits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The site's host.
    pub site: String,
    /// The share's id.
    pub id: String,
    /// Where to it was shared; `unknown` if nobody reported it.
    pub channel: String,
    /// The page on which it was shared, if it was reported.
    pub page: Option<String>,
    /// The share that had brought the sharing visitor.
    pub parent: Option<String>,
    /// When it was shared, if it was reported.
    pub shared_ms: Option<Millis>,
    /// Visits in the range.
    pub visits: i64,
}

/// A site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// Its host.
    pub host: String,
    /// The template that generated it.
    pub template: Option<String>,
    /// The generator's build.
    pub build: Option<String>,
    /// When it was added or first seen.
    pub added_ms: Millis,
}

/// Rows of a site in one table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SiteRows {
    /// The table.
    pub table: &'static str,
    /// How many rows.
    pub rows: u64,
}

impl SiteRows {
    const fn new(table: &'static str, rows: u64) -> Self {
        Self { table, rows }
    }
}

/// What became of a merge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merge {
    /// The rollup was added.
    Added,
    /// The spool's position was elsewhere; nothing was added.
    At(i64),
}

/// Opens the database at `postgres://…` or `sqlite:<path>`, and brings its schema up to date.
///
/// # Errors
/// If the URL names no database, it is out of reach, or a newer Foresight has changed its schema.
pub async fn open(url: &str) -> Result<Arc<dyn Store>, StoreError> {
    let (scheme, rest) = url.split_once(':').unwrap_or((url, ""));
    let path = rest.strip_prefix("//").unwrap_or(rest);
    match scheme {
        "postgres" | "postgresql" => Ok(Arc::new(Postgres::open(url).await?)),
        "sqlite" if !matches!(path, "" | ":memory:") => {
            Ok(Arc::new(Sqlite::open(Path::new(path)).await?))
        }
        _ => Err(StoreError::Scheme(scheme.to_owned())),
    }
}
