//! Mends a damaged file: what is whole moves to a new one, and the damaged one stays for a person.
//!
//! In: the path of a file that SQLite or a checksum finds damaged. Out: a sound file in its place,
//! with every record that is still whole, and how many are not. What must never happen: a damaged
//! file keeps the collector from taking batches, a whole record is lost on the way, or a record
//! of the new file is taken for one that was merged before.
//!
//! So the new file has an id of its own, and its positions begin far above the old ones. A record
//! that had been merged and not yet discarded moves too; the database knows its batch id or key.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use futures_util::TryStreamExt;
use sqlx::{
    ConnectOptions, Connection, Row, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteRow},
};

use super::{SpoolError, Stored, aside, open, seen, stored};
use crate::event::Millis;

/// How far above the old positions the new ones begin.
const APART: i64 = 1 << 32;

/// Records that are read at once; if one of them is damaged they are read one by one.
const AT_ONCE: i64 = 256;

/// Positions that are tried where the file cannot tell which were discarded.
const TRIED: i64 = 1 << 20;

/// Positions that are tried at most, should a damaged page tell of absurd ones: more records than a
/// spool of any sensible size has.
const MOST: i64 = 1 << 24;

/// What was lost, and where the damaged file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Damage {
    /// Records that were whole.
    pub(super) saved: u64,
    /// Records that were not.
    pub(super) lost: u64,
    /// Where the damaged file is now.
    pub(super) aside: PathBuf,
}

/// Mends the file. `last` is the newest position that is known to have been given, or 0.
pub(super) async fn mend(path: &Path, last: i64, reason: &str) -> Result<Damage, SpoolError> {
    tracing::error!(reason, "the spool's file is damaged; saving what is whole");
    let (mending, mended) = (beside(path, "mending"), beside(path, "mended"));
    remove(&mending)?;
    let mut new = open::options(&mending)
        .create_if_missing(true)
        // One file without a log, so that moving it is one step.
        .journal_mode(SqliteJournalMode::Delete)
        .connect()
        .await?;
    open::make_tables(&mut new).await?;
    let (saved, lost) = move_all(path, last, &mut new).await?;
    new.close().await?;
    fs::rename(&mending, &mended).map_err(disk)?;
    let aside = put_in_place(path, &mended)?;
    tracing::error!(saved, lost, aside = %aside.display(), "the spool has a new file");
    Ok(Damage { saved, lost, aside })
}

/// Ends a mending that was cut off after the new file was complete.
pub(super) fn finish(path: &Path) -> Result<(), SpoolError> {
    let mended = beside(path, "mended");
    if mended.exists() {
        put_in_place(path, &mended)?;
    }
    Ok(())
}

/// Puts the damaged file aside and the new one in its place.
fn put_in_place(path: &Path, mended: &Path) -> Result<PathBuf, SpoolError> {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let aside = aside::name_at(path, since.as_millis());
    for end in ["-wal", "-shm", ""] {
        let (from, to) = (aside::with_end(path, end), aside::with_end(&aside, end));
        if from.exists() {
            fs::rename(from, to).map_err(disk)?;
        }
    }
    fs::rename(mended, path).map_err(disk)?;
    // The names must be on disk before anything is acknowledged in the new file.
    let directory = path.parent().unwrap_or(Path::new("."));
    let synced = fs::File::open(directory).and_then(|directory| directory.sync_all());
    synced.map_err(disk)?;
    Ok(aside)
}

/// Moves what is whole. Returns how many records are, and how many are not.
async fn move_all(
    path: &Path,
    last: i64,
    new: &mut SqliteConnection,
) -> Result<(u64, u64), SpoolError> {
    let fresh_id = format!("{:032x}", rand::random::<u128>());
    let (mut saved, mut lost) = (Vec::new(), 0);
    let mut newest = last;
    // A file whose very head is damaged gives nothing back.
    let options = SqliteConnectOptions::new()
        .filename(path)
        // Of a file that is shorter than its head says, SQLite reads nothing at all without this
        // (https://sqlite.org/pragma.html#pragma_writable_schema); nothing is written here.
        .pragma("writable_schema", "on")
        .pragma("query_only", "on")
        .pragma("cell_size_check", "on");
    if let Ok(mut old) = options.connect().await {
        (saved, lost) = records(&mut old, last).await;
        newest = newest.max(newest_position(&mut old).await);
        copy_names(&mut old, new).await?;
        // Nothing can be done about a damaged file that does not close cleanly.
        old.close().await.ok();
    }
    newest = saved
        .iter()
        .fold(newest, |newest, one| newest.max(one.position));
    // A damaged file may tell of absurd positions.
    let base = newest.clamp(0, i64::MAX / 2) + APART;
    let number = saved.len() as u64;
    let mut transaction = new.begin().await?;
    sqlx::query("insert into spool (id, discarded) values ($1, $2)")
        .bind(fresh_id)
        .bind(base - 1)
        .execute(&mut *transaction)
        .await?;
    for (record, position) in saved.into_iter().zip(base..) {
        insert(&mut transaction, &record, position).await?;
    }
    sqlx::query(
        "insert into sqlite_sequence (name, seq) select 'record', $1 \
         where not exists (select 1 from sqlite_sequence where name = 'record')",
    )
    .bind(base - 1)
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok((number, lost))
}

async fn insert(
    connection: &mut SqliteConnection,
    record: &Stored,
    position: i64,
) -> Result<(), SpoolError> {
    let Stored {
        received_ms,
        batch_id,
        payload,
        ..
    } = record;
    sqlx::query(
        "insert into record (position, received_ms, batch_id, checksum, payload) \
         values ($1, $2, $3, $4, $5)",
    )
    .bind(position)
    .bind(received_ms)
    .bind(batch_id)
    .bind(stored::checksum(position, *received_ms, batch_id, payload))
    .bind(&**payload)
    .execute(connection)
    .await?;
    Ok(())
}

/// The newest position that the file knows of; 0 if it cannot tell.
async fn newest_position(old: &mut SqliteConnection) -> i64 {
    for sql in [
        "select max(seq) from sqlite_sequence where name = 'record'",
        "select max(position) from record",
    ] {
        if let Ok(Some(newest)) = sqlx::query_scalar(sql).fetch_one(&mut *old).await {
            return newest;
        }
    }
    0
}

/// The records that are whole, in order, and how many are not. Positions have no gaps, so one
/// without a record had one.
async fn records(old: &mut SqliteConnection, last: i64) -> (Vec<Stored>, u64) {
    let newest = last.max(newest_position(old).await);
    let mut at = first_position(old, newest).await;
    let newest = newest.min(at.saturating_add(MOST));
    let (mut saved, mut lost) = (Vec::new(), 0);
    while at <= newest {
        let end = at.saturating_add(AT_ONCE).min(newest + 1);
        let whole = range(old, at, end).await;
        if whole.len() as i64 == end - at {
            saved.extend(whole);
        } else {
            for position in at..end {
                let one = range(old, position, position + 1).await;
                lost += u64::from(one.is_empty());
                saved.extend(one);
            }
        }
        at = end;
    }
    (saved, lost)
}

/// The lowest position that may still have a record.
async fn first_position(old: &mut SqliteConnection, newest: i64) -> i64 {
    for sql in [
        "select discarded + 1 from spool",
        "select min(position) from record",
    ] {
        if let Ok(Some(first)) = sqlx::query_scalar(sql).fetch_one(&mut *old).await {
            return first;
        }
    }
    newest.saturating_sub(TRIED).max(1)
}

/// The records from a position until before another. None at all if one of them is not whole.
async fn range(old: &mut SqliteConnection, from: i64, until: i64) -> Vec<Stored> {
    let sql = "select position, received_ms, batch_id, checksum, payload from record \
               where position >= $1 and position < $2 order by position";
    let rows = sqlx::query(sql).bind(from).bind(until).fetch_all(old).await;
    let rows = rows.unwrap_or_default();
    let whole: Result<Vec<_>, _> = rows.iter().map(stored::read).collect();
    whole.unwrap_or_default()
}

/// Copies the ids and keys that are remembered, as far as they can be read from either end.
async fn copy_names(
    old: &mut SqliteConnection,
    new: &mut SqliteConnection,
) -> Result<(), SpoolError> {
    for (select, insert) in [
        (
            "select batch_id, received_ms, null from seen order by batch_id asc",
            "insert into seen (batch_id, received_ms) values ($1, $2) on conflict do nothing",
        ),
        (
            "select batch_id, received_ms, null from seen order by batch_id desc",
            "insert into seen (batch_id, received_ms) values ($1, $2) on conflict do nothing",
        ),
        (
            "select key, received_ms, digest from event_key order by key asc",
            "insert into event_key (key, received_ms, digest) values ($1, $2, $3) \
             on conflict do nothing",
        ),
        (
            "select key, received_ms, digest from event_key order by key desc",
            "insert into event_key (key, received_ms, digest) values ($1, $2, $3) \
             on conflict do nothing",
        ),
    ] {
        let mut transaction = new.begin().await?;
        let mut rows = sqlx::query(select).fetch(&mut *old);
        // Ends at the first row that cannot be read; the other direction reads on from there.
        while let Ok(Some(row)) = rows.try_next().await {
            let Ok((name, received_ms, digest)) = name(&row) else {
                break;
            };
            let mut add = sqlx::query(insert).bind(name).bind(received_ms);
            if let Some(digest) = digest {
                add = add.bind(digest);
            }
            add.execute(&mut *transaction).await?;
        }
        drop(rows);
        transaction.commit().await?;
    }
    copy_fresh(old, new).await
}

/// Copies the groups of ids that are not in `seen` yet, as far as they can be read from either end.
async fn copy_fresh(
    old: &mut SqliteConnection,
    new: &mut SqliteConnection,
) -> Result<(), SpoolError> {
    let mut transaction = new.begin().await?;
    for select in [
        "select ids, received_ms, null from fresh order by number asc",
        "select ids, received_ms, null from fresh order by number desc",
    ] {
        let mut rows = sqlx::query(select).fetch(&mut *old);
        while let Ok(Some(row)) = rows.try_next().await {
            let Ok((ids, received_ms, _)) = name(&row) else {
                break;
            };
            seen::insert(&mut transaction, ids.split(' ').map(|id| (id, received_ms))).await?;
        }
    }
    transaction.commit().await?;
    Ok(())
}

fn name(row: &SqliteRow) -> Result<(String, Millis, Option<Vec<u8>>), sqlx::Error> {
    Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?))
}

/// `spool.db` becomes `spool.<word>.db`.
fn beside(path: &Path, word: &str) -> PathBuf {
    path.with_extension(format!("{word}.db"))
}

fn remove(path: &Path) -> Result<(), SpoolError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(disk(error)),
        _ => Ok(()),
    }
}

fn disk(error: io::Error) -> SpoolError {
    sqlx::Error::Io(error).into()
}
