//! Adds a rollup and moves its spool's position, in one transaction.
//!
//! Rows are only appended, in the order of their keys, after the spool's row was locked; sites and
//! shares, which other collectors may write at the same time, come in the order of theirs. So two
//! merges never wait for each other in a circle.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use foldhash::fast::RandomState;
use futures_util::TryStreamExt;

use super::{
    Merge,
    block::{Block, Lane, Shape},
    builds,
    engine::{Column, Engine, Statement, Transaction, storable},
    error::StoreError,
    growth,
    levels::{EVERY_LANE, FLUSH},
    money,
    rows::{self, Author, Line, Place},
    seen,
    visits::{self, Visits},
};
use crate::{event::Millis, rollup::Rollup};

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
    let author = Author {
        spool: spool.to_owned(),
        position: to,
    };
    // Before the transaction, in which it would hold up others.
    let mut lines = sums(rollup, &author);
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
    let rollup = without_forgotten(&mut *transaction, rollup).await?;
    if let Cow::Owned(rollup) = &rollup {
        lines = sums(rollup, &author);
    }
    let rollup = &*rollup;
    // First, as it ends the merge if another collector has some of it.
    if !seen::insert(&mut *transaction, rollup).await? {
        drop(transaction);
        return Ok(Merge::Known(seen::known(engine, rollup).await?));
    }
    insert_sites(&mut *transaction, rollup).await?;
    builds::insert(&mut *transaction, rollup).await?;
    insert_shares(&mut *transaction, rollup).await?;
    growth::insert(&mut *transaction, rollup).await?;
    money::insert(&mut *transaction, rollup).await?;
    rows::insert(&mut *transaction, lines).await?;
    visits::insert(&mut *transaction, visits(rollup), (FLUSH, spool, to)).await?;
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
        let has_events = || rollup.events.iter().any(|event| event.site() == host);
        if rollup.sites.contains_key(host) || has_events() {
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
    kept.builds.retain(|site, _| !forgotten.contains(site));
    kept.batches.retain(|(site, _)| !forgotten.contains(site));
    kept.events
        .retain(|event| !forgotten.contains(event.site()));
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
    transaction
        .insert(include_str!("sql/insert_site.sql"), &columns)
        .await?;
    Ok(())
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
        Column::Text(shares.values().map(|one| storable(&one.country)).collect()),
    ];
    transaction
        .insert(include_str!("sql/insert_share.sql"), &columns)
        .await?;
    Ok(())
}

fn maybe(text: &Option<String>) -> Option<Cow<'_, str>> {
    text.as_deref().map(storable)
}

/// The sums as rows: a block for each site and hour.
fn sums(rollup: &Rollup, author: &Author) -> Vec<Line> {
    let mut blocks: HashMap<(&str, Millis), Block, RandomState> = HashMap::default();
    for (cell, counts) in &rollup.cells {
        let block = blocks.entry((&cell.site, cell.hour_ms)).or_default();
        let words = [
            &*cell.page,
            cell.device.word(),
            &cell.country,
            &cell.browser,
            cell.navigation.word(),
        ];
        let unnamed = block.key(Shape::View, &words, "");
        for (metric, sum) in &counts.vitals {
            block.sum(Lane::vital(*metric), unnamed).add(sum);
        }
        for ((kind, name), count) in &counts.activity {
            let key = if name.is_empty() {
                unnamed
            } else {
                block.key(Shape::View, &words, name)
            };
            block.sum(Lane::activity(*kind), key).count += count;
        }
    }
    for (cause, sum) in &rollup.causes {
        let block = blocks.entry((&cause.site, cause.hour_ms)).or_default();
        let words = [&*cause.page, cause.device.word(), &cause.element];
        let key = block.key(Shape::Cause, &words, "");
        block.sum(Lane::cause(cause.metric), key).add(sum);
    }
    let row = |((site, start_ms), block): ((&str, Millis), Block)| {
        let place = Place {
            site: site.to_owned(),
            level: FLUSH,
            lane: EVERY_LANE,
            start_ms,
        };
        Some((place, author.clone(), block.to_bytes(None)?))
    };
    blocks.into_iter().filter_map(row).collect()
}

fn visits(rollup: &Rollup) -> Vec<Visits> {
    let visits = rollup.visits.iter();
    visits
        .map(|((site, id, hour_ms), count)| Visits::new(site, *hour_ms, id, *count))
        .collect()
}
