//! Takes rows away for good.
//!
//! In: a time, or a site. Out: how many rows are gone. Transactions are short: each deletes what a few
//! sites, or a few periods, have, by ranges of the key, so that merges go on beside them, and a
//! deletion that was cut off is taken up by the next. There are no partitions by time: a day of a
//! fleet is some ten thousand rows, and every key begins with the site. (Deletes were not measured
//! against partitions yet.) What must never happen: a row of a day that is to be kept is deleted, one of a forgotten
//! site comes back or stays in the fleet's sums, or a question is answered from hours of which some
//! are gone.

use std::collections::BTreeSet;

use futures_util::TryStreamExt;

use super::{
    SiteRows,
    additions::{Additions, Care, readable},
    block::Projection,
    engine::{Engine, Statement, Transaction},
    error::StoreError,
    forget,
    levels::{
        DAY, DAY_IN_WEEK, EVERY_LANE, FLUSH, HOUR, HOUR_IN_DAY, Kept, SITES, WEEK, WEEK_MS,
        has_lanes,
    },
    money,
    rows::{FLEET, Place, of_sites, take},
    visits,
};
use crate::event::{Millis, day_of, week_of};

/// Sites, or periods of one site, that one transaction deletes.
const AT_ONCE: usize = 100;

/// Tables with rows of each site, and the column that names it. The site itself goes last: as long
/// as it is listed, it is not erased.
const TABLES: [(&str, &str); 12] = [
    ("sums", "site"),
    ("share_visit", "site"),
    ("share", "site"),
    ("merged_batch", "site"),
    ("server_event", "site"),
    ("generation", "site"),
    ("referred_goal", "site"),
    ("confirmed_lead", "site"),
    (PAYMENT, "site"),
    ("site_build", "site"),
    ("change", "site"),
    ("site", "host"),
];

/// The table whose rows stay without the site's name: what was paid is part of the fleet's accounts.
const PAYMENT: &str = "payment";

/// Since when sums are kept.
pub(super) async fn kept(engine: &impl Engine) -> Result<Kept, StoreError> {
    let mut rows = engine.rows(Statement::new(include_str!("sql/select_kept.sql")));
    let mut kept = Kept::default();
    while let Some(row) = rows.try_next().await? {
        keep(&mut kept, row.small(0)?.into(), row.number(1)?)?;
    }
    Ok(kept)
}

/// Notes since when a level is kept.
pub(super) fn keep(kept: &mut Kept, level: i64, since_ms: Millis) -> Result<(), StoreError> {
    match level {
        HOUR_IN_DAY => kept.hours_ms = since_ms,
        DAY_IN_WEEK => kept.days_ms = since_ms,
        FLUSH => kept.all_ms = since_ms,
        SITES => kept.sites_ms = since_ms,
        other => return Err(StoreError::Row(format!("level {other} is not kept"))),
    }
    Ok(())
}

/// Deletes the hours of days that ended by `before_ms`; their days stay.
pub(super) async fn drop_hours(engine: &impl Engine, before_ms: Millis) -> Result<u64, StoreError> {
    let before_ms = day_of(before_ms);
    move_kept(engine, HOUR_IN_DAY, before_ms).await?;
    let folded = visits::fold(engine, visits::DAY, before_ms).await?;
    Ok(folded + delete_levels(engine, &[(HOUR_IN_DAY, before_ms)]).await?)
}

/// Deletes the days of weeks that ended by `before_ms`; their weeks stay.
pub(super) async fn drop_days(engine: &impl Engine, before_ms: Millis) -> Result<u64, StoreError> {
    let before_ms = week_of(before_ms);
    move_kept(engine, DAY_IN_WEEK, before_ms).await?;
    delete_levels(engine, &[(DAY_IN_WEEK, before_ms)]).await
}

/// Deletes sums of days that ended by `before_ms`, those of weeks that did, shares of before that
/// have no visits left, server events of before that are about no site, and builds that sites had left
/// by then.
pub(super) async fn delete_before(
    engine: &impl Engine,
    before_ms: Millis,
) -> Result<u64, StoreError> {
    let before_ms = day_of(before_ms);
    move_kept(engine, FLUSH, before_ms).await?;
    let mut levels = [FLUSH, HOUR, HOUR_IN_DAY, DAY, DAY_IN_WEEK]
        .map(|one| (one, before_ms))
        .to_vec();
    levels.push((WEEK, before_ms - WEEK_MS + 1));
    let mut deleted = delete_levels(engine, &levels).await?;
    let mut transaction = engine.begin().await?;
    for sql in [
        include_str!("sql/delete_old_events.sql"),
        include_str!("sql/delete_old_builds.sql"),
    ] {
        deleted += transaction.run(Statement::new(sql).with(before_ms)).await?;
    }
    transaction.commit().await?;
    Ok(deleted + delete_shares(engine, before_ms).await?)
}

async fn move_kept(engine: &impl Engine, level: i64, since_ms: Millis) -> Result<(), StoreError> {
    let mut transaction = engine.begin().await?;
    let move_kept = Statement::new(include_str!("sql/move_kept.sql"))
        .with(level)
        .with(since_ms);
    transaction.run(move_kept).await?;
    Ok(transaction.commit().await?)
}

/// Deletes rows of levels that began before a time, and with level 0 the visits of before.
async fn delete_levels(engine: &impl Engine, levels: &[(i64, Millis)]) -> Result<u64, StoreError> {
    let mut deleted = 0;
    for sites in every_site(engine).await?.chunks(AT_ONCE) {
        let mut transaction = engine.begin().await?;
        transaction.lock_fold().await?;
        let sites: Vec<_> = sites.iter().map(String::as_str).collect();
        for (level, before_ms) in levels {
            let sql = include_str!("sql/delete_sums.sql");
            let delete = of_sites(sql, *level, &[*level, *before_ms], &sites);
            deleted += transaction.run(delete).await?;
            if *level == FLUSH {
                let sql = include_str!("sql/delete_visits.sql");
                let visits = of_sites(sql, *level, &[*before_ms], &sites);
                deleted += transaction.run(visits).await?;
            }
        }
        transaction.commit().await?;
    }
    Ok(deleted)
}

/// Every site, and the fleet.
async fn every_site(engine: &impl Engine) -> Result<Vec<String>, StoreError> {
    let mut rows = engine.rows(Statement::new(include_str!("sql/select_every_site.sql")));
    let mut sites = Vec::new();
    while let Some(row) = rows.try_next().await? {
        sites.push(row.text(0)?.to_owned());
    }
    Ok(sites)
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

/// Marks a site as forgotten and deletes all that is known of it, out of the fleet's sums too; its
/// payments lose its name and its owners' ids. Returns how many rows of each table were its.
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
    let unnamed = Statement::new(include_str!("sql/forget_audit.sql")).with(host);
    transaction.run(unnamed).await?;
    transaction.commit().await?;
    let mut sums = 0;
    loop {
        let starts = starts(engine, host).await?;
        if starts.is_empty() {
            break;
        }
        // A fold that was under way may have moved rows to another level: so it is looked again.
        for some in starts.chunks(AT_ONCE) {
            sums += forget_sums(engine, host, some).await?;
        }
    }
    forget::in_each_site(engine, host).await?;
    let mut deleted = vec![SiteRows::new("sums", sums)];
    for (table, column) in &TABLES[1..] {
        let mut transaction = engine.begin().await?;
        // A fold of visits that is under way would put its sum in the place of rows deleted here.
        transaction.lock_fold().await?;
        let rows = if *table == PAYMENT {
            money::forget(&mut *transaction, host).await?
        } else {
            let sql = include_str!("sql/delete_site.sql");
            transaction.run(of_site(sql, table, column, host)).await?
        };
        transaction.commit().await?;
        deleted.push(SiteRows::new(table, rows));
    }
    Ok(deleted)
}

/// The levels and starts of a site's rows.
pub(super) async fn starts(
    engine: &impl Engine,
    host: &str,
) -> Result<Vec<(i64, Millis)>, StoreError> {
    let select = Statement::new(include_str!("sql/select_starts.sql")).with(host);
    let mut rows = engine.rows(select);
    let mut starts = Vec::new();
    while let Some(row) = rows.try_next().await? {
        starts.push((row.small(0)?.into(), row.number(1)?));
    }
    Ok(starts)
}

/// Deletes a site's rows of some periods, and takes them out of the fleet's sums of the same level.
async fn forget_sums(
    engine: &impl Engine,
    host: &str,
    starts: &[(i64, Millis)],
) -> Result<u64, StoreError> {
    let mut transaction = engine.begin().await?;
    transaction.lock_fold().await?;
    // A site is erased, whatever damage there is in the fleet's sums.
    let mut fleet = Additions::new(Care::Thorough);
    let mut deleted = 0;
    for (level, start_ms) in starts {
        deleted += forget_period(&mut *transaction, host, (*level, *start_ms), &mut fleet).await?;
    }
    fleet.put(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(deleted)
}

async fn forget_period(
    transaction: &mut dyn Transaction,
    host: &str,
    (level, start_ms): (i64, Millis),
    fleet: &mut Additions,
) -> Result<u64, StoreError> {
    let rows = take(transaction, &[host], level, start_ms..start_ms + 1).await?;
    for row in &rows {
        if level == FLUSH {
            // Not in the fleet's sums yet.
            continue;
        }
        let place = Place {
            site: FLEET.to_owned(),
            level,
            lane: if has_lanes(level) {
                row.lane
            } else {
                EVERY_LANE
            },
            start_ms,
        };
        // Read whole first, so that no sum is taken out of the fleet's alone.
        match readable(&row.block) {
            Ok(parsed) => fleet.add(place, &row.block, &parsed, Projection::Fleet, -1)?,
            Err(error) => tracing::warn!(site = host, %error, "a damaged row is forgotten"),
        }
    }
    Ok(rows.len() as u64)
}

/// How many rows of each table are of a site.
pub(super) async fn site_rows(
    engine: &impl Engine,
    host: &str,
) -> Result<Vec<SiteRows>, StoreError> {
    let mut counts = Vec::new();
    for (table, column) in TABLES {
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
