//! Opening the spool's file: pragmas, tables, and what an earlier process left.

use std::{path::Path, time::Duration};

use sqlx::{
    ConnectOptions, Row, SqliteConnection, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{Settings, SpoolError, aside, mend, seen::Seen, stored};
use crate::event::Millis;

/// The version of the tables, as `user_version` in the file.
const VERSION: i64 = 2;

/// The tables. `autoincrement` keeps positions rising when the newest record was discarded; `seen`
/// and `event_key` are clustered by their keys, so that a look-up is one descent.
const SCHEMA: &str = "
create table if not exists spool (
    id text primary key,
    -- Records up to this position are gone because the database has them; others only if damaged.
    discarded integer not null default 0
) without rowid;
create table if not exists record (
    position integer primary key autoincrement,
    received_ms integer not null,
    payload blob not null,
    batch_id text not null default '',
    -- CRC-32 of all of the above: SQLite has none of its own for what lies in the file.
    checksum integer not null default 0
);
create table if not exists seen (
    batch_id text primary key,
    received_ms integer not null
) without rowid;
create index if not exists seen_by_time on seen (received_ms);
-- Ids of a group, with spaces between, which are not in `seen` yet.
create table if not exists fresh (
    number integer primary key,
    received_ms integer not null,
    ids text not null
);
create table if not exists event_key (
    key text primary key,
    digest blob not null,
    received_ms integer not null
) without rowid;
create index if not exists event_key_by_time on event_key (received_ms);
create table if not exists quarantine (
    position integer primary key,
    received_ms integer not null,
    reason text not null,
    payload blob not null
);
pragma user_version = 2;
";

/// Brings a file of before the first version up to date, but for the checksums.
const FROM_0: &str = "
alter table spool add column discarded integer not null default 0;
alter table record add column batch_id text not null default '';
alter table record add column checksum integer not null default 0;
update spool set discarded = coalesce(
    (select min(position) - 1 from record),
    (select max(seq) from sqlite_sequence where name = 'record'),
    0
);
";

/// An opened file.
pub(super) struct Opened {
    pub(super) id: String,
    pub(super) writer: SqliteConnection,
    pub(super) reader: SqlitePool,
    pub(super) records: i64,
    pub(super) bytes: u64,
    pub(super) oldest_ms: Option<Millis>,
    /// The position of the newest record that was ever written.
    pub(super) last: i64,
    /// What was found damaged, if anything was.
    pub(super) damage: Option<mend::Damage>,
    /// Bytes of the records that are aside.
    pub(super) aside_bytes: u64,
    /// The ids that are remembered.
    pub(super) seen: Seen,
    /// Old damaged files that were deleted.
    pub(super) dropped_files: u64,
}

/// Opens the spool's file. A damaged one is mended first.
pub(super) async fn open(settings: &Settings) -> Result<Opened, SpoolError> {
    mend::finish(&settings.path)?;
    match open_file(&settings.path).await {
        Err(error) if error.is_damage() => mend(settings, 0, &error.to_string()).await,
        opened => opened,
    }
}

/// Mends the file and opens what it has become. `last` is the newest position that is known to have
/// been given, or 0. Nobody else may have the file open.
pub(super) async fn mend(
    settings: &Settings,
    last: i64,
    reason: &str,
) -> Result<Opened, SpoolError> {
    let damage = mend::mend(&settings.path, last, reason).await?;
    let opened = open_file(&settings.path).await?;
    Ok(Opened {
        damage: Some(damage),
        // As much room as for what waits.
        dropped_files: aside::drop_files(&settings.path, settings.max_bytes),
        ..opened
    })
}

/// One more connection that writes, and the newest position that the file has given.
pub(super) async fn writer(path: &Path) -> Result<(SqliteConnection, i64), SpoolError> {
    let mut connection = options(path).connect().await?;
    let last = sqlx::query_scalar("select max(seq) from sqlite_sequence where name = 'record'");
    let last: Option<i64> = last.fetch_one(&mut connection).await?;
    Ok((connection, last.unwrap_or(0)))
}

pub(super) fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        // Readers go on while the writer commits, and a commit is one append to one file.
        .journal_mode(SqliteJournalMode::Wal)
        // Each commit is synced to disk before it returns: NORMAL may lose the last commits at a
        // power cut (https://sqlite.org/pragma.html#pragma_synchronous).
        .synchronous(SqliteSynchronous::Full)
        // Another process may hold the file for a moment (a backup, a person looking).
        .busy_timeout(Duration::from_secs(5))
        // A page that is damaged in a way that SQLite can notice is an error, not a wrong answer
        // (https://sqlite.org/pragma.html#pragma_cell_size_check).
        .pragma("cell_size_check", "on")
        // After an outage the log file shrinks again; 64 MiB are reused without being given back.
        .pragma("journal_size_limit", "67108864")
}

/// Makes the tables where they are missing.
pub(super) async fn make_tables(connection: &mut SqliteConnection) -> Result<(), SpoolError> {
    let version: i64 = sqlx::query_scalar("pragma user_version")
        .fetch_one(&mut *connection)
        .await?;
    if version > VERSION {
        return Err(SpoolError::Newer {
            found: version,
            known: VERSION,
        });
    }
    if version == VERSION {
        return Ok(());
    }
    let is_old: i64 =
        sqlx::query_scalar("select count(*) from sqlite_schema where name = 'record'")
            .fetch_one(&mut *connection)
            .await?;
    if version == 0 && is_old > 0 {
        sqlx::raw_sql(FROM_0).execute(&mut *connection).await?;
        add_checksums(connection).await?;
    }
    sqlx::raw_sql(SCHEMA).execute(connection).await?;
    Ok(())
}

async fn add_checksums(connection: &mut SqliteConnection) -> Result<(), SpoolError> {
    let rows = sqlx::query("select position, received_ms, payload from record")
        .fetch_all(&mut *connection)
        .await?;
    for row in rows {
        let position = row.try_get(0)?;
        let checksum = stored::checksum(position, row.try_get(1)?, "", row.try_get(2)?);
        sqlx::query("update record set checksum = $1 where position = $2")
            .bind(checksum)
            .bind(position)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Opens a file that is sound, or makes it.
async fn open_file(path: &Path) -> Result<Opened, SpoolError> {
    let options = options(path);
    let mut writer = options.clone().create_if_missing(true).connect().await?;
    make_tables(&mut writer).await?;
    let fresh_id = format!("{:032x}", rand::random::<u128>());
    sqlx::query("insert into spool (id) select $1 where not exists (select 1 from spool)")
        .bind(fresh_id)
        .execute(&mut writer)
        .await?;
    let id = sqlx::query("select id from spool")
        .fetch_one(&mut writer)
        .await?
        .try_get(0)?;
    // Reads every record's page, so that most damage shows now.
    let level = sqlx::query(
        "select count(*), coalesce(sum(length(payload)), 0), min(received_ms), \
         (select max(seq) from sqlite_sequence where name = 'record') from record",
    )
    .fetch_one(&mut writer)
    .await?;
    let aside_bytes: i64 = sqlx::query_scalar(aside::HELD)
        .fetch_one(&mut writer)
        .await?;
    let seen = Seen::load(&mut writer).await?;
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
        oldest_ms: level.try_get(2)?,
        last: level.try_get::<Option<i64>, _>(3)?.unwrap_or(0),
        damage: None,
        aside_bytes: aside_bytes.unsigned_abs(),
        seen,
        dropped_files: 0,
    })
}
