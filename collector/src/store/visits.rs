//! Visits through shared links: rows of their own, to be joined with the shares.
//!
//! In: counts by site, link and hour. Out: rows that merges append, and folds replace by their sum for
//! an hour, later for a day. What must never happen: a visit is taken away and not in a sum.

use std::collections::HashMap;

use futures_util::TryStreamExt;
use sha2::{Digest, Sha256};

use super::{
    engine::{Column, Engine, Statement, Transaction, storable},
    error::StoreError,
};
use crate::event::{DAY_MS, HOUR_MS, Millis};

/// What a row sums up once it is folded.
#[derive(Clone, Copy)]
pub(super) struct Period {
    level: i64,
    length_ms: Millis,
}

/// A finished hour.
pub(super) const HOUR: Period = Period {
    level: 1,
    length_ms: HOUR_MS,
};

/// A day of UTC.
pub(super) const DAY: Period = Period {
    level: 2,
    length_ms: DAY_MS,
};

/// Visits through a link.
pub(super) struct Visits {
    pub(super) site: String,
    pub(super) hour_ms: Millis,
    /// Stands for the link in the key: see [`cell`].
    cell: Vec<u8>,
    id: String,
    count: i64,
}

impl Visits {
    pub(super) fn new(site: &str, hour_ms: Millis, id: &str, count: i64) -> Self {
        Self {
            site: storable(site).into_owned(),
            hour_ms,
            cell: cell(id),
            id: storable(id).into_owned(),
            count,
        }
    }
}

/// The first half of the SHA-256 of a link's id.
fn cell(id: &str) -> Vec<u8> {
    Sha256::digest(id)[..16].to_vec()
}

/// Inserts visits in the order of their keys, at level 0 for a merge of a spool up to a position, or
/// at the level of a fold. Sums of nothing make no row.
pub(super) async fn insert(
    transaction: &mut dyn Transaction,
    mut visits: Vec<Visits>,
    (level, spool, position): (i64, &str, i64),
) -> Result<(), StoreError> {
    visits.retain(|one| one.count != 0);
    if visits.is_empty() {
        return Ok(());
    }
    visits.sort_by(|a, b| (&a.site, a.hour_ms, &a.cell).cmp(&(&b.site, b.hour_ms, &b.cell)));
    let columns = [
        Column::Text(visits.iter().map(|one| storable(&one.site)).collect()),
        Column::Number(vec![level; visits.len()]),
        Column::Number(visits.iter().map(|one| one.hour_ms).collect()),
        Column::Bytes(visits.iter().map(|one| one.cell.clone()).collect()),
        Column::Text(visits.iter().map(|_| storable(spool)).collect()),
        Column::Number(vec![position; visits.len()]),
        Column::Text(visits.iter().map(|one| storable(&one.id)).collect()),
        Column::Number(visits.iter().map(|one| one.count).collect()),
    ];
    transaction
        .insert(include_str!("sql/insert_share_visit.sql"), &columns)
        .await?;
    Ok(())
}

/// Folds the periods that ended by `before_ms`. Returns how many rows were taken.
pub(super) async fn fold(
    engine: &impl Engine,
    period: Period,
    before_ms: Millis,
) -> Result<u64, StoreError> {
    let mut taken = 0;
    for (site, start_ms) in unfolded(engine, period, before_ms).await? {
        let mut transaction = engine.begin().await?;
        if !transaction.try_lock_fold().await? {
            break;
        }
        let (rows, sums) = take(&mut *transaction, period, &site, start_ms).await?;
        insert(&mut *transaction, sums, (period.level, "", 0)).await?;
        transaction.commit().await?;
        taken += rows;
    }
    Ok(taken)
}

/// The sites and periods that have rows to fold, oldest first.
async fn unfolded(
    engine: &impl Engine,
    period: Period,
    before_ms: Millis,
) -> Result<Vec<(String, Millis)>, StoreError> {
    let length_ms = period.length_ms;
    let select = Statement::new(include_str!("sql/select_unfolded.sql"))
        // The end of the last period that has ended.
        .with(before_ms - before_ms.rem_euclid(length_ms))
        .with(period.level)
        .with(length_ms);
    let mut rows = engine.rows(select);
    let mut periods = Vec::new();
    while let Some(row) = rows.try_next().await? {
        periods.push((row.text(0)?.to_owned(), row.number(1)?));
    }
    Ok(periods)
}

/// Deletes the rows to be replaced; how many they were, and their sums.
async fn take(
    transaction: &mut dyn Transaction,
    period: Period,
    site: &str,
    start_ms: Millis,
) -> Result<(u64, Vec<Visits>), StoreError> {
    let take = Statement::new(include_str!("sql/take_share_visit.sql"))
        .with(site)
        .with(start_ms)
        .with(start_ms + period.length_ms)
        .with(period.level);
    let mut rows = transaction.rows(take);
    let mut taken = 0;
    let mut sums: HashMap<Vec<u8>, Visits> = HashMap::new();
    while let Some(row) = rows.try_next().await? {
        taken += 1;
        let cell = row.bytes(0)?.to_vec();
        let sum = sums.entry(cell.clone()).or_insert(Visits {
            site: site.to_owned(),
            hour_ms: start_ms,
            cell,
            id: row.text(1)?.to_owned(),
            count: 0,
        });
        sum.count += row.number(2)?;
    }
    Ok((taken, sums.into_values().collect()))
}
