//! Replaces what merges appended by sums: flushes by hours, hours by days.
//!
//! A transaction handles one site's hour or day: it deletes the rows it sees, adds them up and
//! inserts the sums. A merge may append to the same hour at the same time: its rows are not seen,
//! stay beside the sum, and the next fold adds both. What must never happen: a row is taken away and
//! not in a sum, or two folds take the same day.

use std::collections::{HashMap, hash_map::Entry};

use futures_util::TryStreamExt;

use super::{
    engine::{Engine, Statement, Transaction},
    error::StoreError,
    merge::insert_sums,
    table::{SumRow, TABLES, Table, Writer},
};
use crate::event::{DAY_MS, HOUR_MS, Millis, day_of};

/// What a row sums up once it is folded.
#[derive(Clone, Copy)]
pub(super) struct Period {
    level: i64,
    length_ms: Millis,
}

/// A finished hour: one row for all that was flushed.
pub(super) const HOUR: Period = Period {
    level: 1,
    length_ms: HOUR_MS,
};

/// A day of UTC: one row for its hours, and for what was flushed late.
pub(super) const DAY: Period = Period {
    level: 2,
    length_ms: DAY_MS,
};

/// Folds the periods that ended by `before_ms`. Returns how many rows were replaced. A site's
/// period with a damaged row is left as it is, the others are folded, and the first damage is the
/// answer.
pub(super) async fn fold(
    engine: &impl Engine,
    period: Period,
    before_ms: Millis,
) -> Result<u64, StoreError> {
    let mut replaced = 0;
    let mut damage = None;
    for (site, start_ms) in unfolded(engine, period, before_ms).await? {
        match fold_one(engine, period, &site, start_ms).await {
            Ok(rows) => replaced += rows,
            Err(error) if error.is_of_rows() => damage = damage.or(Some(error)),
            Err(error) => return Err(error),
        }
    }
    damage.map_or(Ok(replaced), Err)
}

/// The sites and periods that have rows to fold, oldest first.
async fn unfolded(
    engine: &impl Engine,
    period: Period,
    before_ms: Millis,
) -> Result<Vec<(String, Millis)>, StoreError> {
    let mut sql = include_str!("sql/select_unfolded.sql").to_owned();
    for Table { name, .. } in TABLES {
        sql = sql.replace(
            &format!(":any_{name} "),
            &format!("{} ", engine.every_site(name)),
        );
    }
    let length_ms = period.length_ms;
    let select = Statement {
        sql: sql.into(),
        values: vec![
            // The end of the last period that has ended.
            (before_ms - before_ms.rem_euclid(length_ms)).into(),
            period.level.into(),
            length_ms.into(),
        ],
    };
    let mut rows = engine.rows(select);
    let mut periods = Vec::new();
    while let Some(row) = rows.try_next().await? {
        periods.push((row.text(0)?.to_owned(), row.number(1)?));
    }
    Ok(periods)
}

async fn fold_one(
    engine: &impl Engine,
    period: Period,
    site: &str,
    start_ms: Millis,
) -> Result<u64, StoreError> {
    let mut transaction = engine.begin().await?;
    // The same lock for a day and its hours: a fold of either would wait for rows of the other.
    if !transaction.lock_day(site, day_of(start_ms)).await? {
        return Ok(0);
    }
    let mut replaced = 0;
    for table in TABLES {
        let (taken, sums) = take(&mut *transaction, table, period, site, start_ms).await?;
        let writer = Writer::Fold {
            level: period.level,
        };
        insert_sums(&mut *transaction, table, sums, writer).await?;
        replaced += taken;
    }
    transaction.commit().await?;
    Ok(replaced)
}

/// Deletes the rows to be replaced; how many they were, and their sums.
async fn take(
    transaction: &mut dyn Transaction,
    table: &Table,
    period: Period,
    site: &str,
    start_ms: Millis,
) -> Result<(u64, Vec<SumRow<'static>>), StoreError> {
    let take = Statement::new(table.take)
        .with(site)
        .with(start_ms)
        .with(start_ms + period.length_ms)
        .with(period.level);
    let mut rows = transaction.rows(take);
    let mut taken = 0;
    let mut sums: HashMap<Vec<u8>, SumRow<'static>> = HashMap::new();
    while let Some(row) = rows.try_next().await? {
        taken += 1;
        let row = table.read(site, start_ms, &row)?;
        match sums.entry(row.cell.clone()) {
            Entry::Occupied(mut sum) => sum.get_mut().sum.to_mut().add(&row.sum),
            Entry::Vacant(place) => {
                place.insert(row);
            }
        }
    }
    Ok((taken, sums.into_values().collect()))
}
