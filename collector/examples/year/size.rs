//! How large a year is, level by level.
//!
//! In: the database, past the store. Out: rows and bytes of each level, per million views of the days
//! that it holds.

use anyhow::Result;
use sqlx::{Connection, PgConnection, Row as _, SqliteConnection};

use crate::fill::KEEP_DAYS;

const LEVELS: [&str; 6] = [
    "0: flushes",
    "1: hours not yet in days",
    "2: hours",
    "3: days not yet in weeks",
    "4: days",
    "5: weeks",
];

/// Prints it. `days` has the views of each day.
pub(crate) async fn print(url: &str, days: &[i64]) -> Result<()> {
    let (levels, each_site, whole) = if url.starts_with("sqlite:") {
        of_sqlite(url).await?
    } else {
        of_postgres(url).await?
    };
    let views = |last: i64| days.iter().rev().take(last as usize).sum::<i64>() as f64 / 1e6;
    println!("| level | rows | MiB | of days | MiB per million of their views |");
    println!("|---|---|---|---|---|");
    for (level, rows, bytes) in levels {
        let level = level as usize;
        let of_days = match level {
            2 => KEEP_DAYS[0],
            // Whole weeks are kept: up to six days more.
            4 => KEEP_DAYS[1] + 3,
            5 => days.len() as i64,
            _ => 7,
        };
        let mib = bytes as f64 / f64::from(1 << 20);
        println!(
            "| {} | {rows} | {mib:.1} | {of_days} | {:.2} |",
            LEVELS[level],
            mib / views(of_days)
        );
    }
    for (level, rows, bytes) in each_site {
        let mib = bytes as f64 / f64::from(1 << 20);
        println!(
            "| {}, of these the fleet's by site | {rows} | {mib:.1} | | |",
            LEVELS[level as usize]
        );
    }
    let mib = whole as f64 / f64::from(1 << 20);
    let all = views(days.len() as i64);
    println!(
        "\nThe whole database, with keys and free pages: {mib:.0} MiB, {:.2} per million views.",
        mib / all
    );
    Ok(())
}

type Levels = Vec<(i64, i64, i64)>;

async fn of_sqlite(url: &str) -> Result<(Levels, Levels, i64)> {
    let mut connection = SqliteConnection::connect(url).await?;
    let (mut all, mut each_site) = (Vec::new(), Vec::new());
    for (levels, found) in [("", &mut all), ("where site = '*'", &mut each_site)] {
        let sql = format!(
            "select level, count(*), sum(length(block)) from sums {levels} group by level order by level"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(&mut connection);
        for row in rows.await? {
            found.push((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?));
        }
    }
    let whole = "select page_count * page_size from pragma_page_count, pragma_page_size";
    let whole = sqlx::query_scalar(whole).fetch_one(&mut connection).await?;
    Ok((all, each_site, whole))
}

async fn of_postgres(url: &str) -> Result<(Levels, Levels, i64)> {
    let mut connection = PgConnection::connect(url).await?;
    let (mut all, mut each_site) = (Vec::new(), Vec::new());
    for (levels, found) in [("", &mut all), ("where site = '*'", &mut each_site)] {
        let sql = format!(
            "select level::bigint, count(*), sum(length(block))::bigint \
             from sums {levels} group by level order by level"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(&mut connection);
        for row in rows.await? {
            found.push((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?));
        }
    }
    let whole = sqlx::query_scalar("select pg_database_size(current_database())")
        .fetch_one(&mut connection)
        .await?;
    Ok((all, each_site, whole))
}
