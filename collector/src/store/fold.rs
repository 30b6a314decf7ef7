//! Replaces what merges appended for finished hours by one row per cell.
//!
//! A transaction handles one site's hour: it deletes the rows it sees, adds them up and inserts the
//! sums. A merge may append to the same hour at the same time: its rows are not seen, stay beside
//! the sum, and the next fold adds both. What must never happen: a row is taken away and not in a
//! sum, or two folds take the same hour.

use std::collections::{HashMap, hash_map::Entry};

use futures_util::TryStreamExt;

use super::{
    engine::{Engine, Statement, Transaction},
    error::StoreError,
    merge::insert_sums,
    table::{SumRow, TABLES, Table, Writer},
};
use crate::event::Millis;

/// Folds the hours that began before `before_ms` and ended by then. Returns how many rows were
/// replaced. A site's hour with a damaged row is left as it is, the others are folded, and the
/// first damage is the answer.
pub(super) async fn fold_hours(engine: &impl Engine, before_ms: Millis) -> Result<u64, StoreError> {
    let mut replaced = 0;
    let mut damage = None;
    for (site, hour_ms) in unfolded(engine, before_ms).await? {
        match fold_hour(engine, &site, hour_ms).await {
            Ok(rows) => replaced += rows,
            Err(error) if error.is_of_rows() => damage = damage.or(Some(error)),
            Err(error) => return Err(error),
        }
    }
    damage.map_or(Ok(replaced), Err)
}

/// The sites and hours that have rows to fold, oldest first.
async fn unfolded(
    engine: &impl Engine,
    before_ms: Millis,
) -> Result<Vec<(String, Millis)>, StoreError> {
    let mut sql = include_str!("sql/select_unfolded.sql").to_owned();
    for table in ["vital", "activity", "cause", "share_visit"] {
        sql = sql.replace(
            &format!(":any_{table} "),
            &format!("{} ", engine.every_site(table)),
        );
    }
    let select = Statement {
        sql: sql.into(),
        // An hour that begins after this one has not ended before `before_ms`.
        values: vec![(before_ms - crate::event::HOUR_MS + 1).into()],
    };
    let mut rows = engine.rows(select);
    let mut hours = Vec::new();
    while let Some(row) = rows.try_next().await? {
        hours.push((row.text(0)?.to_owned(), row.number(1)?));
    }
    Ok(hours)
}

async fn fold_hour(engine: &impl Engine, site: &str, hour_ms: Millis) -> Result<u64, StoreError> {
    let mut transaction = engine.begin().await?;
    if !transaction.lock_hour(site, hour_ms).await? {
        return Ok(0);
    }
    let mut replaced = 0;
    for table in TABLES {
        let (taken, sums) = take(&mut *transaction, table, site, hour_ms).await?;
        insert_sums(&mut *transaction, table, sums, Writer::Fold).await?;
        replaced += taken;
    }
    transaction.commit().await?;
    Ok(replaced)
}

/// Deletes the rows to be replaced; how many they were, and their sums.
async fn take(
    transaction: &mut dyn Transaction,
    table: &Table,
    site: &str,
    hour_ms: Millis,
) -> Result<(u64, Vec<SumRow<'static>>), StoreError> {
    let take = Statement::new(table.take).with(site).with(hour_ms);
    let mut rows = transaction.rows(take);
    let mut taken = 0;
    let mut sums: HashMap<Vec<u8>, SumRow<'static>> = HashMap::new();
    while let Some(row) = rows.try_next().await? {
        taken += 1;
        let row = table.read(site, hour_ms, &row)?;
        match sums.entry(row.cell.clone()) {
            Entry::Occupied(mut sum) => sum.get_mut().sum.to_mut().add(&row.sum),
            Entry::Vacant(place) => {
                place.insert(row);
            }
        }
    }
    Ok((taken, sums.into_values().collect()))
}
