//! Looks at a spool without changing it: for `foresight doctor`, also while a collector uses it.

use std::path::Path;

use sqlx::{ConnectOptions, Connection, Row, sqlite::SqliteConnectOptions};

use super::SpoolError;
use crate::event::Millis;

/// What a look at a spool found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Inspection {
    /// Records that wait for the database.
    pub records: i64,
    /// Their bytes.
    pub bytes: i64,
    /// When the oldest of them was received.
    pub oldest_ms: Option<Millis>,
    /// Records that were set aside because they cannot be read.
    pub quarantined: i64,
}

/// Looks at the spool in a file. `None` if there is no file yet.
///
/// # Errors
/// If the file cannot be read or is not a spool.
pub async fn inspect(path: &Path) -> Result<Option<Inspection>, SpoolError> {
    if !path.exists() {
        return Ok(None);
    }
    let options = SqliteConnectOptions::new().filename(path).read_only(true);
    let mut connection = options.connect().await?;
    let row = sqlx::query(
        "select count(*), coalesce(sum(length(payload)), 0), min(received_ms), \
         (select count(*) from quarantine) from record",
    )
    .fetch_one(&mut connection)
    .await?;
    let found = Inspection {
        records: row.try_get(0)?,
        bytes: row.try_get(1)?,
        oldest_ms: row.try_get(2)?,
        quarantined: row.try_get(3)?,
    };
    connection.close().await?;
    Ok(Some(found))
}
