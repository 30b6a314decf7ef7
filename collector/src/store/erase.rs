//! Takes rows away for good.
//!
//! In: a time, or a site. Out: how many rows are gone. Transactions are short: each deletes a bounded
//! number of hours, so that merges go on beside them, and a deletion that was cut off is taken up by
//! the next. What must never happen: a row of a day that is to be kept is deleted, or one of a
//! forgotten site comes back.

use std::collections::BTreeSet;

use futures_util::TryStreamExt;

use super::{
    SiteRows,
    engine::{Engine, Statement},
    error::StoreError,
    table::{TABLES, Table},
};
use crate::event::{Millis, day_of};

/// Hours (or folded days) of sites that one transaction deletes.
const HOURS: usize = 100;

/// Tables with a few rows of each site, and the column that names it. The site itself goes last: as
/// long as it is listed, it is not erased.
const SMALL: [(&str, &str); 2] = [("share", "site"), ("site", "host")];

/// Deletes sums of days that ended by `before_ms`, and shares of before that have no visits left.
pub(super) async fn delete_before(
    engine: &impl Engine,
    before_ms: Millis,
) -> Result<u64, StoreError> {
    let before_ms = day_of(before_ms);
    let mut deleted = 0;
    for table in TABLES {
        let hours = old_hours(engine, table, None, before_ms).await?;
        deleted += delete_hours(engine, table, &hours).await?;
    }
    Ok(deleted + delete_shares(engine, before_ms).await?)
}

async fn old_hours(
    engine: &impl Engine,
    table: &Table,
    site: Option<&str>,
    before_ms: Millis,
) -> Result<Vec<(String, Millis)>, StoreError> {
    let condition = match site {
        Some(_) => "site = $2".into(),
        None => engine.every_site(table.name),
    };
    let sql = include_str!("sql/select_old.sql")
        .replace(":table", table.name)
        .replace(":site", &condition);
    let mut values = vec![before_ms.into()];
    values.extend(site.map(Into::into));
    let select = Statement {
        sql: sql.into(),
        values,
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
    let mut sites = BTreeSet::new();
    let mut rows = engine.rows(select);
    while let Some(row) = rows.try_next().await? {
        sites.insert(row.text(0)?.to_owned());
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

/// Marks a site as forgotten and deletes all that is known of it. Returns how many rows of each
/// table were deleted.
pub(super) async fn forget_site(
    engine: &impl Engine,
    host: &str,
    now_ms: Millis,
) -> Result<Vec<SiteRows>, StoreError> {
    // From the end of this transaction on no merge adds a row, and none is under way.
    let mut transaction = engine.begin().await?;
    transaction.lock_forgotten(true).await?;
    let mark = Statement::new(include_str!("sql/forget_site.sql"))
        .with(host)
        .with(now_ms);
    transaction.run(mark).await?;
    transaction.commit().await?;
    let mut deleted = Vec::new();
    for table in TABLES {
        let mut rows = 0;
        loop {
            let hours = old_hours(engine, table, Some(host), Millis::MAX).await?;
            if hours.is_empty() {
                break;
            }
            // A fold that is under way puts its sum in the place of rows that were deleted here:
            // so it is looked again.
            rows += delete_hours(engine, table, &hours).await?;
        }
        deleted.push(SiteRows::new(table.name, rows));
    }
    for (table, column) in SMALL {
        let mut transaction = engine.begin().await?;
        let sql = include_str!("sql/delete_site.sql");
        let rows = transaction.run(of_site(sql, table, column, host)).await?;
        transaction.commit().await?;
        deleted.push(SiteRows::new(table, rows));
    }
    Ok(deleted)
}

/// How many rows of each table are of a site.
pub(super) async fn site_rows(
    engine: &impl Engine,
    host: &str,
) -> Result<Vec<SiteRows>, StoreError> {
    let sums = TABLES.iter().map(|table| (table.name, "site"));
    let mut counts = Vec::new();
    for (table, column) in sums.chain(SMALL) {
        let count = of_site(include_str!("sql/count_site.sql"), table, column, host);
        let rows = match engine.rows(count).try_next().await? {
            Some(row) => row.number(0)?,
            None => 0,
        };
        counts.push(SiteRows::new(table, rows.unsigned_abs()));
    }
    Ok(counts)
}

fn of_site(sql: &str, table: &str, column: &str, host: &str) -> Statement {
    let sql = sql.replace(":table", table).replace(":column", column);
    Statement {
        sql: sql.into(),
        values: vec![host.into()],
    }
}
