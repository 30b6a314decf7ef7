//! The database: one trait of domain verbs, one adapter for SQLite and one for Postgres.
//!
//! In: rollups with the spool position they end at. Out: sums for reports. What must never happen:
//! a stretch of a spool is added twice, or its position moves without its sums.

mod engine;
mod block;
mod levels;
mod schema;
mod inspect;
pub mod copy;
mod rows;
mod additions;
mod visits;
mod builds;
mod merge;
mod seen;
mod fold;
mod erase;
mod forget;
mod filter;
mod gather;
mod questions;
mod pages;
mod links;
mod growth;
mod money;
mod accounts;
mod changes;
mod cells;
mod adapter;
mod sqlite;
mod postgres;
mod error;
#[cfg(test)]
mod plans;
#[cfg(feature = "fuzzing")]
pub mod probe;

use std::{
    collections::{HashMap, HashSet},
    path::Path,
    sync::Arc,
};

use async_trait::async_trait;
use foresight_shared::{Metric, NavigationType};

pub use accounts::{
    Accounts, ApiToken, Changed, Entry, Listed, NoRole, Person, PersonChange, Role, Scope, SignedIn,
};
pub use builds::{Build, SiteBuild};
pub use changes::{Change, Cohort, Direction};
pub use error::StoreError;
pub use growth::{Facts, Generation, Goal, Lead, SharedLink};
pub use inspect::{Inspection, inspect};
pub use levels::Kept;
pub use money::{Commission, Payment, Way};
pub use pages::PageSum;
pub use seen::Known;

use self::{postgres::Postgres, sqlite::Sqlite};
use crate::{
    event::{Kind, Millis},
    rollup::{Cell, Distribution, Rollup},
};

/// What the collector asks of its database; beside the path of a batch, what [`Accounts`] asks.
#[async_trait]
pub trait Store: Accounts + Send + Sync {
    /// Whether the database answers.
    async fn ping(&self) -> Result<(), StoreError>;

    /// The position up to which a spool has been merged; 0 for a spool never seen.
    async fn position(&self, spool: &str) -> Result<i64, StoreError>;

    /// Adds a rollup of the spool's records after `from` up to and including `to`, and moves the
    /// spool's position to `to`, in one transaction. What is of forgotten sites is left out. If the position is not at `from`, adds nothing
    /// and says where it is. If some of its batches or server events are there already, adds nothing
    /// and says which.
    async fn merge(
        &self,
        spool: &str,
        from: i64,
        to: i64,
        rollup: &Rollup,
    ) -> Result<Merge, StoreError>;

    /// The digests of those server events that are in the database, by site and idempotency key.
    async fn known_events(
        &self,
        keys: &[(String, String)],
    ) -> Result<HashMap<(String, String), Vec<u8>>, StoreError>;

    /// Forgets the ids of batches that were merged before a time. Returns how many.
    async fn forget_batches(&self, before_ms: Millis) -> Result<u64, StoreError>;

    /// Adds up what merges appended for hours that ended by `before_ms`. Returns how many rows it took
    /// away. While another process folds, it does nothing; so do the two below.
    async fn fold_hours(&self, before_ms: Millis) -> Result<u64, StoreError>;

    /// Adds hours that ended by `before_ms`, and what merges appended for them, to their days (in UTC).
    /// The hours are kept beside.
    async fn fold_days(&self, before_ms: Millis) -> Result<u64, StoreError>;

    /// Adds days of weeks that ended by `before_ms` to their weeks. The days are kept beside.
    async fn fold_weeks(&self, before_ms: Millis) -> Result<u64, StoreError>;

    /// Deletes the hours of days that ended by `before_ms`; their days stay. Of a page view's words
    /// only one beside the device is known from then on. Returns how many rows it took away.
    async fn drop_hours(&self, before_ms: Millis) -> Result<u64, StoreError>;

    /// Deletes the days of weeks that ended by `before_ms`; their weeks stay.
    async fn drop_days(&self, before_ms: Millis) -> Result<u64, StoreError>;

    /// Deletes the sums of days (in UTC) that ended by `before_ms`, of weeks that did, and the shares
    /// of before that have no visits left. Returns how many rows it deleted.
    async fn delete_before(&self, before_ms: Millis) -> Result<u64, StoreError>;

    /// Since when sums are kept.
    async fn kept(&self) -> Result<Kept, StoreError>;

    /// Adds a site, or renews its template and build. If it was forgotten, it is so no longer.
    async fn add_site(&self, site: &Site) -> Result<(), StoreError>;

    /// Erases a site: marks it as forgotten, so that what still waits in any collector's spool is
    /// not merged, and deletes all its rows; payments stay, without its name and its owners' ids.
    /// Returns how many rows of each table were its. If it is cut
    /// off, it can be called again.
    async fn forget_site(&self, host: &str, now_ms: Millis) -> Result<Vec<SiteRows>, StoreError>;

    /// How many rows of each table are of a site.
    async fn site_rows(&self, host: &str) -> Result<Vec<SiteRows>, StoreError>;

    /// The hosts of the forgotten sites.
    async fn forgotten_sites(&self) -> Result<HashSet<String>, StoreError>;

    /// Every site, by host.
    async fn sites(&self) -> Result<Vec<Site>, StoreError>;

    /// The builds that were seen for the first time in a range, of one site or anywhere, oldest first.
    async fn builds(
        &self,
        site: Option<&str>,
        from_ms: Millis,
        to_ms: Millis,
    ) -> Result<Vec<Build>, StoreError>;

    /// Which builds each site had before a time, oldest first: the one that it had at a moment is the last
    /// that was seen first by then.
    async fn site_builds(&self, before_ms: Millis) -> Result<Vec<SiteBuild>, StoreError>;

    /// Refuses a token from now on.
    async fn revoke_token(&self, token_id: &str, now_ms: Millis) -> Result<(), StoreError>;

    /// The ids of the refused tokens.
    async fn revoked_tokens(&self) -> Result<HashSet<String>, StoreError>;

    /// The distributions of one metric, or of all, summed by a dimension, or over everything. A
    /// question that what is kept cannot answer is [`StoreError::Coarse`].
    async fn distributions(
        &self,
        selection: &Selection,
        metric: Option<Metric>,
        by: Option<Dimension>,
    ) -> Result<Vec<DistributionSum>, StoreError>;

    /// How many values of each of some metrics have each rating, by a dimension. Exact, and less to be read
    /// than [`distributions`](Self::distributions).
    async fn ratings(
        &self,
        selection: &Selection,
        metrics: &[Metric],
        by: Option<Dimension>,
    ) -> Result<Vec<RatingSum>, StoreError>;

    /// The most viewed pages, most viewed first, and their values of a metric if one is asked for.
    async fn pages(
        &self,
        selection: &Selection,
        metric: Option<Metric>,
        limit: usize,
    ) -> Result<Vec<PageSum>, StoreError>;

    /// The same of certain pages, by site and path; of those that have views or values.
    async fn those_pages(
        &self,
        selection: &Selection,
        metric: Metric,
        pages: &[(String, String)],
    ) -> Result<Vec<PageSum>, StoreError>;

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

    /// Visits in the range through each link, by site and id. Of the selection only range and site
    /// apply.
    async fn visits_by_link(
        &self,
        selection: &Selection,
    ) -> Result<HashMap<(String, String), i64>, StoreError>;

    /// What is known of growth: every generation and every goal with a share, the shares told in a
    /// range, and those that a generation or a goal names, whenever they were told.
    async fn facts(&self, from_ms: Millis, to_ms: Millis) -> Result<Facts, StoreError>;

    /// The leads that servers confirmed in a range, oldest first.
    async fn leads(&self, from_ms: Millis, to_ms: Millis) -> Result<Vec<Lead>, StoreError>;

    /// The payments of a range, in any order; and those of before that a refund of the range may go
    /// back on.
    async fn payments(&self, from_ms: Millis, to_ms: Millis) -> Result<Vec<Payment>, StoreError>;

    /// What became of commissions before a time, of a partner or of all, in any order.
    async fn commissions(
        &self,
        partner: Option<&str>,
        before_ms: Millis,
    ) -> Result<Vec<Commission>, StoreError>;

    /// The hosts of sites with confirmed leads.
    async fn sites_with_leads(&self) -> Result<HashSet<String>, StoreError>;

    /// Every cell of a range of hours with its distributions, in any order: all that is known of page
    /// views. Hours that are no longer kept are [`StoreError::Coarse`].
    async fn cells(&self, from_ms: Millis, to_ms: Millis) -> Result<Vec<CellSum>, StoreError>;

    /// Writes findings: new ones, and known ones anew, by their id.
    async fn save_changes(&self, changes: &[Change]) -> Result<(), StoreError>;

    /// The findings that are open, or ended at or after a time, oldest first.
    async fn changes(&self, from_ms: Millis) -> Result<Vec<Change>, StoreError>;

    /// Claims to look for changes, for all collectors, and says when that was claimed before; 0 if
    /// never. `None` if one has claimed it after `after_ms`.
    async fn claim_look(
        &self,
        now_ms: Millis,
        after_ms: Millis,
    ) -> Result<Option<Millis>, StoreError>;
}

/// A cell, and the values of each metric in it.
pub type CellSum = (Cell, Vec<(Metric, Distribution)>);

/// Which page views a question is about. Absent means any. Days that are no longer kept by the hour,
/// and weeks that are no longer kept by the day, are counted whole: see [`Kept::widened`].
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

impl Selection {
    /// Whether it is narrowed down by more than a time and a site.
    #[must_use]
    pub const fn is_filtered(&self) -> bool {
        self.page.is_some()
            || self.device.is_some()
            || self.country.is_some()
            || self.browser.is_some()
            || self.navigation.is_some()
    }

    /// Every page view of a time.
    #[must_use]
    pub const fn between(from_ms: Millis, to_ms: Millis) -> Self {
        Self {
            from_ms,
            to_ms,
            site: None,
            page: None,
            device: None,
            country: None,
            browser: None,
            navigation: None,
        }
    }
}

/// What sums can be grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dimension {
    /// The site's host.
    Site,
    /// Site and page: two sites may have the same path.
    Page,
    /// The start of the hour.
    Hour,
    /// The start of the day.
    Day,
    /// The start of the week.
    Week,
    /// Site and start of the hour.
    SiteHour,
    /// Site and start of the day.
    SiteDay,
    /// Site and start of the week.
    SiteWeek,
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
    /// The start of an hour, a day or a week.
    Hour(Millis),
    /// The start of an hour, a day or a week of a site.
    SiteTime {
        /// The site's host.
        site: String,
        /// The start.
        start_ms: Millis,
    },
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

/// How many values of a metric in a group have each rating.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RatingSum {
    /// The group.
    pub group: Group,
    /// The metric.
    pub metric: Metric,
    /// How many are good, need improvement, are poor.
    pub ratings: [i64; 3],
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Merge {
    /// The rollup was added.
    Added,
    /// The spool's position was elsewhere; nothing was added.
    At(i64),
    /// Some of it had been added before, through another collector; nothing was added.
    Known(Known),
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
