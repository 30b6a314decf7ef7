//! Copies a spool into a file, also while a collector uses it: for `foresight backup`.
//!
//! In: the spool's file. Out: a spool of one moment. What must never happen: what the database's copy has
//! is in the spool's copy too, and would be counted twice.

use std::path::Path;

use sqlx::{ConnectOptions, Connection, SqliteConnection};

use super::{SpoolError, open::options};

/// Copies the spool in a file into a new one, and returns its id. `None` if there is no file yet.
///
/// The spool is copied before the database, so that no record is between the two: what it holds and the
/// database's copy has as well is taken out by [`trim`].
///
/// # Errors
/// If the spool cannot be read, or the copy not written.
pub async fn copy(path: &Path, into: &Path) -> Result<Option<String>, SpoolError> {
    if !path.exists() {
        return Ok(None);
    }
    let mut connection = options(path).connect().await?;
    sqlx::query("vacuum into $1")
        .bind(into.display().to_string())
        .execute(&mut connection)
        .await?;
    connection.close().await?;
    let mut copied = open(into).await?;
    let id = sqlx::query_scalar("select id from spool")
        .fetch_one(&mut copied)
        .await?;
    copied.close().await?;
    Ok(Some(id))
}

/// Takes out of a copy what the database's copy has: records up to a position. Later records will have
/// higher positions. Returns how many are left.
///
/// # Errors
/// If the copy cannot be changed.
pub async fn trim(path: &Path, position: i64) -> Result<u64, SpoolError> {
    let mut connection = open(path).await?;
    let mut change = connection.begin().await?;
    for statement in [
        "delete from record where position <= $1",
        "update spool set discarded = max(discarded, $1)",
        "insert into sqlite_sequence (name, seq) select 'record', $1 \
         where not exists (select 1 from sqlite_sequence where name = 'record')",
        "update sqlite_sequence set seq = max(seq, $1) where name = 'record'",
    ] {
        sqlx::query(statement)
            .bind(position)
            .execute(&mut *change)
            .await?;
    }
    let left: i64 = sqlx::query_scalar("select count(*) from record")
        .fetch_one(&mut *change)
        .await?;
    change.commit().await?;
    connection.close().await?;
    Ok(left.unsigned_abs())
}

/// Opens a copy. Not with the journal of a spool in use: the copy is one file.
async fn open(path: &Path) -> Result<SqliteConnection, SpoolError> {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
    Ok(options.connect().await?)
}
