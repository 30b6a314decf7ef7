//! Adds a rollup and moves its spool's position, in one transaction.
//!
//! Rows are only appended, in the order of their keys, after the spool's row was locked; sites and
//! shares, which other collectors may write at the same time, come in the order of theirs. So two
//! merges never wait for each other in a circle.

use std::{borrow::Cow, collections::HashSet};

use futures_util::TryStreamExt;

use super::{
    Merge,
    engine::{Column, Engine, Statement, Transaction, storable},
    error::StoreError,
    table::{ACTIVITY, CAUSE, SHARE_VISIT, SumRow, Table, VITAL, Writer, counted},
};
use crate::rollup::Rollup;

/// Adds the rollup of the records after `from` up to `to`, if the spool's position is `from`.
pub(super) async fn merge(
    engine: &impl Engine,
    spool: &str,
    from: i64,
    to: i64,
    rollup: &Rollup,
) -> Result<Merge, StoreError> {
    if to <= from {
        return Err(StoreError::Stretch { from, to });
    }
    let mut transaction = engine.begin().await?;
    transaction.lock_forgotten(false).await?;
    let add = Statement::new(include_str!("sql/add_spool.sql")).with(spool);
    transaction.run(add).await?;
    let moved = Statement::new(include_str!("sql/move_position.sql"))
        .with(spool)
        .with(from)
        .with(to);
    if transaction.run(moved).await? == 0 {
        drop(transaction);
        return Ok(Merge::At(position(engine, spool).await?));
    }
    let rollup = &*without_forgotten(&mut *transaction, rollup).await?;
    let writer = Writer::Merge {
        spool,
        position: to,
    };
    insert_sites(&mut *transaction, rollup).await?;
    insert_shares(&mut *transaction, rollup).await?;
    for (table, rows) in [
        (&VITAL, vitals(rollup)),
        (&ACTIVITY, activity(rollup)),
        (&CAUSE, causes(rollup)),
        (&SHARE_VISIT, visits(rollup)),
    ] {
        insert_sums(&mut *transaction, table, rows, writer).await?;
    }
    transaction.commit().await?;
    Ok(Merge::Added)
}

/// The rollup without what it has of forgotten sites: their records may have waited in the spool.
async fn without_forgotten<'a>(
    transaction: &mut dyn Transaction,
    rollup: &'a Rollup,
) -> Result<Cow<'a, Rollup>, StoreError> {
    let select = Statement::new(include_str!("sql/select_forgotten_sites.sql"));
    let mut rows = transaction.rows(select);
    let mut forgotten = HashSet::new();
    while let Some(row) = rows.try_next().await? {
        let host = row.text(0)?;
        if rollup.sites.contains_key(host) {
            tracing::info!(site = host, "records of a forgotten site are not merged");
            forgotten.insert(host.to_owned());
        }
    }
    if forgotten.is_empty() {
        return Ok(Cow::Borrowed(rollup));
    }
    let mut kept = rollup.clone();
    kept.cells.retain(|cell, _| !forgotten.contains(&cell.site));
    kept.causes
        .retain(|cause, _| !forgotten.contains(&cause.site));
    kept.shares.retain(|(site, _), _| !forgotten.contains(site));
    kept.visits
        .retain(|(site, _, _), _| !forgotten.contains(site));
    kept.sites.retain(|site, _| !forgotten.contains(site));
    Ok(Cow::Owned(kept))
}

/// The position up to which a spool has been merged; 0 for a spool never seen.
pub(super) async fn position(engine: &impl Engine, spool: &str) -> Result<i64, StoreError> {
    let select = Statement::new(include_str!("sql/select_position.sql")).with(spool);
    match engine.rows(select).try_next().await? {
        Some(row) => Ok(row.number(0)?),
        None => Ok(0),
    }
}

/// Inserts rows of one table in the order of their keys. Sums of nothing make no row.
pub(super) async fn insert_sums(
    transaction: &mut dyn Transaction,
    table: &Table,
    mut rows: Vec<SumRow<'_>>,
    writer: Writer<'_>,
) -> Result<(), StoreError> {
    rows.retain(|row| !row.sum.is_empty());
    rows.sort_by(|a, b| (&a.site, a.hour_ms, &a.cell).cmp(&(&b.site, b.hour_ms, &b.cell)));
    if rows.is_empty() {
        return Ok(());
    }
    let columns = table.columns(&rows, writer);
    Ok(transaction.insert(table.insert, &columns).await?)
}

async fn insert_sites(
    transaction: &mut dyn Transaction,
    rollup: &Rollup,
) -> Result<(), StoreError> {
    let sites = &rollup.sites;
    if sites.is_empty() {
        return Ok(());
    }
    let columns = [
        Column::Text(sites.keys().map(|host| storable(host)).collect()),
        Column::Maybe(sites.values().map(|site| maybe(&site.template)).collect()),
        Column::Maybe(sites.values().map(|site| maybe(&site.build)).collect()),
        Column::Number(sites.values().map(|site| site.seen_ms).collect()),
    ];
    Ok(transaction
        .insert(include_str!("sql/insert_site.sql"), &columns)
        .await?)
}

async fn insert_shares(
    transaction: &mut dyn Transaction,
    rollup: &Rollup,
) -> Result<(), StoreError> {
    let shares = &rollup.shares;
    if shares.is_empty() {
        return Ok(());
    }
    let columns = [
        Column::Text(shares.keys().map(|(site, _)| storable(site)).collect()),
        Column::Text(shares.keys().map(|(_, id)| storable(id)).collect()),
        Column::Maybe(shares.values().map(|share| maybe(&share.parent)).collect()),
        Column::Text(shares.values().map(|one| storable(&one.channel)).collect()),
        Column::Text(shares.values().map(|one| storable(&one.page)).collect()),
        Column::Number(shares.values().map(|share| share.shared_ms).collect()),
    ];
    Ok(transaction
        .insert(include_str!("sql/insert_share.sql"), &columns)
        .await?)
}

fn maybe(text: &Option<String>) -> Option<Cow<'_, str>> {
    text.as_deref().map(storable)
}

fn vitals(rollup: &Rollup) -> Vec<SumRow<'_>> {
    let mut rows = Vec::new();
    for (cell, counts) in &rollup.cells {
        let texts = [
            &*cell.page,
            cell.device.word(),
            &cell.country,
            &cell.browser,
            cell.navigation.word(),
        ];
        for (metric, distribution) in &counts.vitals {
            let sum = Cow::Borrowed(distribution);
            let number = Some(i16::from(*metric as u8));
            rows.push(SumRow::new(&cell.site, cell.hour_ms, number, &texts, sum));
        }
    }
    rows
}

fn activity(rollup: &Rollup) -> Vec<SumRow<'_>> {
    let mut rows = Vec::new();
    for (cell, counts) in &rollup.cells {
        for ((kind, name), count) in &counts.activity {
            let texts = [
                &*cell.page,
                cell.device.word(),
                &cell.country,
                &cell.browser,
                cell.navigation.word(),
                name,
            ];
            let number = Some(i16::from(*kind as u8));
            let sum = counted(*count);
            rows.push(SumRow::new(&cell.site, cell.hour_ms, number, &texts, sum));
        }
    }
    rows
}

fn causes(rollup: &Rollup) -> Vec<SumRow<'_>> {
    let mut rows = Vec::new();
    for (cause, distribution) in &rollup.causes {
        let texts = [&*cause.page, cause.device.word(), &cause.element];
        let number = Some(i16::from(cause.metric as u8));
        let sum = Cow::Borrowed(distribution);
        rows.push(SumRow::new(&cause.site, cause.hour_ms, number, &texts, sum));
    }
    rows
}

fn visits(rollup: &Rollup) -> Vec<SumRow<'_>> {
    let mut rows = Vec::new();
    for ((site, id, hour_ms), count) in &rollup.visits {
        rows.push(SumRow::new(site, *hour_ms, None, &[id], counted(*count)));
    }
    rows
}
