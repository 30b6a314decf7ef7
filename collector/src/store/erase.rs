//! Takes rows away for good.
//!
//! In: a time. Out: how many rows are gone. Transactions are short: each deletes a bounded number of
//! hours, so that merges go on beside them, and a deletion that was cut off is taken up by the next.
//! What must never happen: a row of a day that is to be kept is deleted.

use futures_util::TryStreamExt;

use super::{
    engine::{Engine, Statement},
    error::StoreError,
    table::{TABLES, Table},
};
use crate::event::{Millis, day_of};

/// Hours (or folded days) of sites that one transaction deletes.
const HOURS: usize = 100;

/// Deletes sums of days that ended by `before_ms`, and shares of before that have no visits left.
pub(super) async fn delete_before(
    engine: &impl Engine,
    before_ms: Millis,
) -> Result<u64, StoreError> {
    let before_ms = day_of(before_ms);
    let mut deleted = 0;
    for table in TABLES {
        let hours = old_hours(engine, table, before_ms).await?;
        deleted += delete_hours(engine, table, &hours).await?;
    }
    Ok(deleted + delete_shares(engine, before_ms).await?)
}

async fn old_hours(
    engine: &impl Engine,
    table: &Table,
    before_ms: Millis,
) -> Result<Vec<(String, Millis)>, StoreError> {
    let sql = include_str!("sql/select_old.sql")
        .replace(":table", table.name)
        .replace(":site", &engine.every_site(table.name));
    let select = Statement {
        sql: sql.into(),
        values: vec![before_ms.into()],
    };
    let mut rows = engine.rows(select);
    let mut hours = Vec::new();
    while let Some(row) = rows.try_next().await? {
        hours.push((row.text(0)?.to_owned(), row.number(1)?));
    }
    Ok(hours)
}

async fn delete_hours(
    engine: &impl Engine,
    table: &Table,
    hours: &[(String, Millis)],
) -> Result<u64, StoreError> {
    let sql = include_str!("sql/delete_hour.sql").replace(":table", table.name);
    let mut deleted = 0;
    for some in hours.chunks(HOURS) {
        let mut transaction = engine.begin().await?;
        for (site, hour_ms) in some {
            let delete = Statement {
                sql: sql.clone().into(),
                values: vec![site.as_str().into(), (*hour_ms).into()],
            };
            deleted += transaction.run(delete).await?;
        }
        transaction.commit().await?;
    }
    Ok(deleted)
}

/// Site after site: what belongs to one fits into a transaction.
async fn delete_shares(engine: &impl Engine, before_ms: Millis) -> Result<u64, StoreError> {
    let select = Statement::new(include_str!("sql/select_old_share_sites.sql")).with(before_ms);
    let mut sites = Vec::new();
    let mut rows = engine.rows(select);
    while let Some(row) = rows.try_next().await? {
        sites.push(row.text(0)?.to_owned());
    }
    drop(rows);
    let mut deleted = 0;
    for site in sites {
        let mut transaction = engine.begin().await?;
        let delete = Statement::new(include_str!("sql/delete_old_shares.sql"))
            .with(site.as_str())
            .with(before_ms);
        deleted += transaction.run(delete).await?;
        transaction.commit().await?;
    }
    Ok(deleted)
}
