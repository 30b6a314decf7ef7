//! Opening the spool's file: pragmas, tables, and what an earlier process left.

use std::time::Duration;

use sqlx::{
    ConnectOptions, Row, SqliteConnection, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{Settings, SpoolError};

/// The tables. `autoincrement` keeps positions rising when the newest record was discarded;
/// `seen` is clustered by its key, so that a look-up is one descent.
const SCHEMA: &str = "
create table if not exists spool (id text primary key) without rowid;
create table if not exists record (
    position integer primary key autoincrement,
    received_ms integer not null,
    payload blob not null
);
create table if not exists seen (
    batch_id text primary key,
    received_ms integer not null
) without rowid;
create index if not exists seen_by_time on seen (received_ms);
create table if not exists quarantine (
    position integer primary key,
    received_ms integer not null,
    reason text not null,
    payload blob not null
);
";

/// An opened file.
pub(super) struct Opened {
    pub(super) id: String,
    pub(super) writer: SqliteConnection,
    pub(super) reader: SqlitePool,
    pub(super) records: i64,
    pub(super) bytes: u64,
}

pub(super) async fn open(settings: &Settings) -> Result<Opened, SpoolError> {
    let options = SqliteConnectOptions::new()
        .filename(&settings.path)
        .create_if_missing(true)
        // Readers go on while the writer commits, and a commit is one append to one file.
        .journal_mode(SqliteJournalMode::Wal)
        // Each commit is synced to disk before it returns: NORMAL may lose the last commits at a
        // power cut (https://sqlite.org/pragma.html#pragma_synchronous).
        .synchronous(SqliteSynchronous::Full)
        // Another process may hold the file for a moment (a backup, a person looking).
        .busy_timeout(Duration::from_secs(5));
    let mut writer = options.connect().await?;
    sqlx::raw_sql(SCHEMA).execute(&mut writer).await?;
    let fresh_id = format!("{:032x}", rand::random::<u128>());
    sqlx::query("insert into spool (id) select $1 where not exists (select 1 from spool)")
        .bind(fresh_id)
        .execute(&mut writer)
        .await?;
    let id = sqlx::query("select id from spool")
        .fetch_one(&mut writer)
        .await?
        .try_get(0)?;
    let level = sqlx::query("select count(*), coalesce(sum(length(payload)), 0) from record")
        .fetch_one(&mut writer)
        .await?;
    let reader = SqlitePoolOptions::new()
        .max_connections(2)
        .connect_with(options.read_only(true))
        .await?;
    Ok(Opened {
        id,
        writer,
        reader,
        records: level.try_get(0)?,
        bytes: level.try_get::<i64, _>(1)?.unsigned_abs(),
    })
}
