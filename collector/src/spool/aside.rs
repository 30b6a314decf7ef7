//! What is set aside for a person to look at: records that nobody can read, and damaged files.
//!
//! In: such a record, or the path of the file in use. Out: whether there was room. What must never
//! happen: what nobody looks at fills the disk, or something is dropped and not counted.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use sqlx::SqliteConnection;

use super::Stored;

/// Bytes of records that are set aside at most. The first ones stay: they show how it began.
pub(super) const RECORD_BYTES: u64 = 16 << 20;

/// Bytes of the records that are aside, for a statement.
pub(super) const HELD: &str =
    "select coalesce(sum(length(payload) + length(reason)), 0) from quarantine";

/// Copies a record aside, if there is room beside the `held` bytes. It stays in line too, and goes
/// with its stretch. Returns whether it is aside.
pub(super) async fn keep(
    connection: &mut SqliteConnection,
    record: &Stored,
    reason: &str,
    held: &mut u64,
) -> Result<bool, sqlx::Error> {
    let known = sqlx::query("select 1 from quarantine where position = $1").bind(record.position);
    if known.fetch_optional(&mut *connection).await?.is_some() {
        return Ok(true);
    }
    let bytes = (record.payload.len() + reason.len()) as u64;
    if *held + bytes > RECORD_BYTES {
        return Ok(false);
    }
    sqlx::query(
        "insert into quarantine (position, received_ms, reason, payload) values ($1, $2, $3, $4)",
    )
    .bind(record.position)
    .bind(record.received_ms)
    .bind(reason)
    .bind(&*record.payload)
    .execute(connection)
    .await?;
    *held += bytes;
    Ok(true)
}

/// The name of a damaged file: `spool.db` becomes `spool.damaged-<time>.db`.
pub(super) fn name_at(path: &Path, time_ms: u128) -> PathBuf {
    path.with_extension(format!("damaged-{time_ms}.db"))
}

/// Deletes the oldest damaged files until all are within `most_bytes` together. The newest stays in
/// any case. Returns how many went.
pub(super) fn drop_files(path: &Path, most_bytes: u64) -> u64 {
    match try_drop_files(path, most_bytes) {
        Ok(dropped) => dropped,
        Err(error) => {
            // No reason to take no batches: it is tried again at the next start.
            tracing::warn!(%error, "old damaged files cannot be deleted");
            0
        }
    }
}

fn try_drop_files(path: &Path, most_bytes: u64) -> io::Result<u64> {
    let mut damaged = damaged_files(path)?;
    damaged.sort();
    let (mut held, mut dropped) = (0_u64, 0);
    for (newer, (_, file)) in damaged.iter().rev().enumerate() {
        let parts = ["", "-wal", "-shm"].map(|end| with_end(file, end));
        let bytes = parts.iter().filter_map(|part| fs::metadata(part).ok());
        held = held.saturating_add(bytes.map(|part| part.len()).sum());
        if newer == 0 || held <= most_bytes {
            continue;
        }
        for part in parts.iter().filter(|part| part.exists()) {
            fs::remove_file(part)?;
        }
        tracing::warn!(file = %file.display(), "an old damaged file makes room and is deleted");
        dropped += 1;
    }
    Ok(dropped)
}

/// The damaged files beside a spool, each with its time.
fn damaged_files(path: &Path) -> io::Result<Vec<(u128, PathBuf)>> {
    let directory = path.parent().unwrap_or(Path::new("."));
    let prefix = path.with_extension("damaged-");
    let prefix = prefix.file_name().unwrap_or_default().to_string_lossy();
    let mut damaged = Vec::new();
    for entry in fs::read_dir(directory)? {
        let file = entry?.path();
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let time = name.strip_prefix(&*prefix);
        let time = time.and_then(|rest| rest.strip_suffix(".db")?.parse().ok());
        damaged.extend(time.map(|time| (time, file.clone())));
    }
    Ok(damaged)
}

/// A file of SQLite's beside its database.
pub(super) fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}
