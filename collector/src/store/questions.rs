//! Answers questions: reads rows, adds them up.
//!
//! Counts are added by the database; distributions here, row by row as they come, because their
//! histograms are bytes that no database adds. Empty sums are left out, as a fold leaves them out.

use std::collections::HashMap;

use foresight_shared::Metric;
use futures_util::TryStreamExt;

use super::{
    CauseSum, CountSum, Dimension, DistributionSum, Group, Link, Selection,
    engine::{Engine, Row},
    error::StoreError,
    filter::{Filter, columns},
    table::add_values,
};
use crate::{event::Kind, rollup::Distribution};

/// Distributions by group and metric.
pub(super) async fn distributions(
    engine: &impl Engine,
    selection: &Selection,
    metric: Option<Metric>,
    by: Option<Dimension>,
) -> Result<Vec<DistributionSum>, StoreError> {
    let mut filter = Filter::default();
    let conditions = [
        filter.hours(engine, "vital", selection),
        filter.number("metric", metric.map(|metric| metric as u8)),
        filter.view(selection),
    ]
    .concat();
    let select = filter.statement(
        include_str!("sql/select_vital.sql"),
        &[(":where", &conditions), (":group", columns(by))],
    );
    let mut rows = engine.rows(select);
    let mut sums: HashMap<(Group, Metric), Distribution> = HashMap::new();
    while let Some(row) = rows.try_next().await? {
        let key = (group(&row, 7, by)?, metric_of(row.small(0)?)?);
        add_values(sums.entry(key).or_default(), &row, 1)?;
    }
    let mut sums: Vec<_> = sums
        .into_iter()
        .filter(|(_, distribution)| !distribution.is_empty())
        .map(|((group, metric), distribution)| DistributionSum {
            group,
            metric,
            distribution,
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
    let mut filter = Filter::default();
    let conditions = [
        filter.hours(engine, "activity", selection),
        filter.number("kind", kind.map(|kind| kind as u8)),
        filter.view(selection),
    ]
    .concat();
    let select = filter.statement(
        include_str!("sql/select_activity.sql"),
        &[(":where", &conditions), (":group", columns(by))],
    );
    let mut rows = engine.rows(select);
    let mut sums = Vec::new();
    while let Some(row) = rows.try_next().await? {
        let count = row.number(2)?;
        if count != 0 {
            sums.push(CountSum {
                group: group(&row, 3, by)?,
                kind: kind_of(row.small(0)?)?,
                name: row.text(1)?.to_owned(),
                count,
            });
        }
    }
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
    let mut filter = Filter::default();
    let conditions = [
        filter.hours(engine, "cause", selection),
        filter.number("metric", Some(metric as u8)),
        filter.text("page", selection.page.as_deref()),
        filter.text("device", selection.device.as_deref()),
    ]
    .concat();
    let limit = filter.value(i64::from(limit));
    let select = filter.statement(
        include_str!("sql/select_causes.sql"),
        &[(":where", &conditions), (":limit", &limit)],
    );
    let mut rows = engine.rows(select);
    let mut sums: HashMap<String, Distribution> = HashMap::new();
    while let Some(row) = rows.try_next().await? {
        let element = row.text(0)?.to_owned();
        add_values(sums.entry(element).or_default(), &row, 1)?;
    }
    let mut sums: Vec<_> = sums
        .into_iter()
        .map(|(element, distribution)| CauseSum {
            element,
            distribution,
        })
        .collect();
    sums.sort_by(|a, b| {
        let by_count = b.distribution.count.cmp(&a.distribution.count);
        by_count.then_with(|| a.element.cmp(&b.element))
    });
    Ok(sums)
}

/// Shared links with visits or shared in the range.
pub(super) async fn links(
    engine: &impl Engine,
    selection: &Selection,
    limit: u32,
) -> Result<Vec<Link>, StoreError> {
    let mut filter = Filter::default();
    let visited = filter.hours(engine, "share_visit", selection);
    let from = filter.value(selection.from_ms);
    let to = filter.value(selection.to_ms);
    let shared = [
        format!("shared_ms >= {from} and shared_ms < {to}"),
        filter.text("site", selection.site.as_deref()),
    ]
    .concat();
    let page = format!(
        "true{}",
        filter.text("share.page", selection.page.as_deref())
    );
    let limit = filter.value(i64::from(limit));
    let select = filter.statement(
        include_str!("sql/select_links.sql"),
        &[
            (":visited", &visited),
            (":shared", &shared),
            (":page", &page),
            (":limit", &limit),
        ],
    );
    let mut rows = engine.rows(select);
    let mut links = Vec::new();
    while let Some(row) = rows.try_next().await? {
        links.push(Link {
            site: row.text(0)?.to_owned(),
            id: row.text(1)?.to_owned(),
            channel: row.text(2)?.to_owned(),
            page: row.maybe(3)?,
            parent: row.maybe(4)?,
            shared_ms: row.maybe_number(5)?,
            visits: row.number(6)?,
        });
    }
    Ok(links)
}

/// Visits by the channel of their link.
pub(super) async fn visits_by_channel(
    engine: &impl Engine,
    selection: &Selection,
) -> Result<Vec<(String, i64)>, StoreError> {
    let mut filter = Filter::default();
    let visited = filter.hours(engine, "share_visit", selection);
    let page = format!(
        "true{}",
        filter.text("share.page", selection.page.as_deref())
    );
    let select = filter.statement(
        include_str!("sql/select_visits.sql"),
        &[(":visited", &visited), (":page", &page)],
    );
    let mut rows = engine.rows(select);
    let mut channels = Vec::new();
    while let Some(row) = rows.try_next().await? {
        channels.push((row.text(0)?.to_owned(), row.number(1)?));
    }
    Ok(channels)
}

/// The group in a row's columns from `column` on.
fn group(row: &Row, column: usize, by: Option<Dimension>) -> Result<Group, StoreError> {
    Ok(match by {
        None => Group::All,
        Some(Dimension::Hour) => Group::Hour(row.number(column)?),
        Some(Dimension::Page) => Group::Page {
            site: row.text(column)?.to_owned(),
            page: row.text(column + 1)?.to_owned(),
        },
        Some(_) => Group::Word(row.text(column)?.to_owned()),
    })
}

fn metric_of(number: i16) -> Result<Metric, StoreError> {
    u8::try_from(number)
        .ok()
        .and_then(Metric::from_number)
        .ok_or_else(|| StoreError::Row(format!("metric {number} is unknown")))
}

fn kind_of(number: i16) -> Result<Kind, StoreError> {
    u8::try_from(number)
        .ok()
        .and_then(Kind::from_number)
        .ok_or_else(|| StoreError::Row(format!("kind {number} is unknown")))
}
