//! What changed: findings of the detector, as the database keeps them.
//!
//! In: findings, each under its id. Out: those that are open or ended in a range. What must never
//! happen: two collectors look at the same time, and both write; a look that was cut off leaves a part
//! of its findings.

use foresight_shared::Metric;
use futures_util::TryStreamExt;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    engine::{Column, Engine, Row, Statement, storable},
    error::StoreError,
};
use crate::event::Millis;

/// Parts of a unit in which figures are kept, as integers.
const PARTS: f64 = 10_000.0;

/// Page views that have all the given words. Without any: all of the fleet's.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[schema(as = ChangeCohort)]
pub struct Cohort {
    /// The template of their site.
    pub template: Option<String>,
    /// The build of their site at that time.
    pub build: Option<String>,
    /// The device's word.
    pub device: Option<String>,
    /// The country.
    pub country: Option<String>,
    /// The browser.
    pub browser: Option<String>,
    /// The site's host.
    pub site: Option<String>,
    /// The page's path, beside the site.
    pub page: Option<String>,
    /// A script that was slow on their site.
    pub script: Option<String>,
}

/// Which way values went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = ChangeDirection)]
pub enum Direction {
    /// Up: slower, or more shift.
    Worse,
    /// Down.
    Better,
}

impl Direction {
    /// The word in reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Worse => "worse",
            Self::Better => "better",
        }
    }
}

/// A finding: values of a cohort are not what they were.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Its id.
    pub id: String,
    /// The metric in which it shows most.
    pub metric: Metric,
    /// Of each metric that moved, `metric` among them: what was multiplied with what.
    pub ratios: Vec<(Metric, f64)>,
    /// Whose values.
    pub cohort: Cohort,
    /// Which way.
    pub direction: Direction,
    /// The 75th percentile, had the same views been like those of before, in the metric's unit.
    pub from_p75: f64,
    /// The 75th percentile since then.
    pub to_p75: f64,
    /// The 95% interval of the difference.
    pub difference_low: f64,
    /// Its upper end.
    pub difference_high: f64,
    /// The start of the first hour.
    pub since_ms: Millis,
    /// When it was found.
    pub found_ms: Millis,
    /// When it was last seen.
    pub seen_ms: Millis,
    /// When it was over, if it is.
    pub until_ms: Option<Millis>,
    /// Sites with such views since then.
    pub sites: i64,
    /// Such views with a value since then.
    pub views: i64,
}

/// Writes findings: new ones, and known ones anew.
pub(super) async fn save(engine: &impl Engine, changes: &[Change]) -> Result<(), StoreError> {
    if changes.is_empty() {
        return Ok(());
    }
    let mut transaction = engine.begin().await?;
    transaction
        .insert(include_str!("sql/upsert_change.sql"), &columns(changes))
        .await?;
    Ok(transaction.commit().await?)
}

/// The findings that are open, or ended at or after a time, oldest first.
pub(super) async fn since(
    engine: &impl Engine,
    from_ms: Millis,
) -> Result<Vec<Change>, StoreError> {
    let select = Statement::new(include_str!("sql/select_changes.sql")).with(from_ms);
    let mut rows = engine.rows(select);
    let mut changes = Vec::new();
    while let Some(row) = rows.try_next().await? {
        changes.push(read(&row)?);
    }
    Ok(changes)
}

/// Claims a look, and says when the one before was claimed; 0 if none was. `None` if some collector has
/// claimed one after `after_ms`.
pub(super) async fn claim(
    engine: &impl Engine,
    now_ms: Millis,
    after_ms: Millis,
) -> Result<Option<Millis>, StoreError> {
    let mut transaction = engine.begin().await?;
    let select = Statement::new(include_str!("sql/select_look.sql"));
    let before_ms = match transaction.rows(select).try_next().await? {
        Some(row) => row.number(0)?,
        None => 0,
    };
    let claim = Statement::new(include_str!("sql/claim_look.sql"))
        .with(now_ms)
        .with(after_ms);
    let is_claimed = transaction.run(claim).await? > 0;
    transaction.commit().await?;
    Ok(is_claimed.then_some(before_ms))
}

fn columns(changes: &[Change]) -> Vec<Column<'_>> {
    let text = |of: fn(&Change) -> &str| {
        Column::Text(changes.iter().map(|one| storable(of(one))).collect())
    };
    let word = |of: fn(&Cohort) -> &Option<String>| {
        let words = changes.iter().map(|one| of(&one.cohort).as_deref());
        Column::Maybe(words.map(|word| word.map(storable)).collect())
    };
    let number = |of: fn(&Change) -> i64| Column::Number(changes.iter().map(of).collect());
    let ratios = changes.iter().map(|one| ratios_text(&one.ratios).into());
    vec![
        text(|one| &one.id),
        text(|one| one.metric.name()),
        Column::Text(ratios.collect()),
        text(|one| one.direction.word()),
        word(|cohort| &cohort.template),
        word(|cohort| &cohort.build),
        word(|cohort| &cohort.device),
        word(|cohort| &cohort.country),
        word(|cohort| &cohort.browser),
        word(|cohort| &cohort.site),
        word(|cohort| &cohort.page),
        word(|cohort| &cohort.script),
        number(|one| parts(one.from_p75)),
        number(|one| parts(one.to_p75)),
        number(|one| parts(one.difference_low)),
        number(|one| parts(one.difference_high)),
        number(|one| one.since_ms),
        number(|one| one.found_ms),
        number(|one| one.seen_ms),
        // One that is open has no end: the latest time stands for it, so that one index finds both.
        number(|one| one.until_ms.unwrap_or(i64::MAX)),
        number(|one| one.sites),
        number(|one| one.views),
    ]
}

fn parts(value: f64) -> i64 {
    (value * PARTS).round() as i64
}

/// `LCP=1.3100 FCP=1.2200`.
fn ratios_text(ratios: &[(Metric, f64)]) -> String {
    let words = ratios
        .iter()
        .map(|(metric, ratio)| format!("{}={ratio:.4}", metric.name()));
    words.collect::<Vec<_>>().join(" ")
}

fn read(row: &Row) -> Result<Change, StoreError> {
    let damaged = |what: &str| StoreError::Row(format!("a change has the {what}"));
    let metric =
        |name: &str| Metric::from_name(name).ok_or_else(|| damaged(&format!("metric {name:?}")));
    let ratio = |word: &str| {
        let (name, ratio) = word.split_once('=')?;
        Some((Metric::from_name(name)?, ratio.parse().ok()?))
    };
    let ratios = row.text(2)?;
    let ratios: Option<Vec<_>> = ratios.split_whitespace().map(ratio).collect();
    let direction = match row.text(3)? {
        "worse" => Direction::Worse,
        "better" => Direction::Better,
        other => return Err(damaged(&format!("direction {other:?}"))),
    };
    let value = |column| Ok::<_, StoreError>(row.number(column)? as f64 / PARTS);
    let until_ms = row.number(19)?;
    Ok(Change {
        id: row.text(0)?.to_owned(),
        metric: metric(row.text(1)?)?,
        ratios: ratios.ok_or_else(|| damaged("ratios of no metric"))?,
        direction,
        cohort: Cohort {
            template: row.maybe(4)?,
            build: row.maybe(5)?,
            device: row.maybe(6)?,
            country: row.maybe(7)?,
            browser: row.maybe(8)?,
            site: row.maybe(9)?,
            page: row.maybe(10)?,
            script: row.maybe(11)?,
        },
        from_p75: value(12)?,
        to_p75: value(13)?,
        difference_low: value(14)?,
        difference_high: value(15)?,
        since_ms: row.number(16)?,
        found_ms: row.number(17)?,
        seen_ms: row.number(18)?,
        until_ms: (until_ms != i64::MAX).then_some(until_ms),
        sites: row.number(20)?,
        views: row.number(21)?,
    })
}
