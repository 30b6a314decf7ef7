//! A record as it lies in the file, and how it is known to be whole.
//!
//! In: rows of the table `record`. Out: records, or what is wrong with a row. What must never
//! happen: a record is handed out that is not, to the bit, the one that was acknowledged.

use sqlx::{Row, sqlite::SqliteRow};

use super::Stored;
use crate::event::Millis;

/// The checksum of a record: CRC-32, which notices every single flipped bit and every burst of up
/// to 32.
pub(super) fn checksum(position: i64, received_ms: Millis, batch_id: &str, payload: &[u8]) -> i64 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(&position.to_le_bytes());
    crc.update(&received_ms.to_le_bytes());
    crc.update(batch_id.as_bytes());
    crc.update(payload);
    // Never 0, which zeroed bytes would be.
    i64::from(crc.finalize()) + 1
}

/// The record in a row, or why it is none.
pub(super) fn read(row: &SqliteRow) -> Result<Stored, String> {
    let stored = Stored {
        position: row.try_get(0).map_err(|error| error.to_string())?,
        received_ms: row.try_get(1).map_err(|error| error.to_string())?,
        batch_id: row.try_get(2).map_err(|error| error.to_string())?,
        payload: row
            .try_get::<Vec<u8>, _>(4)
            .map_err(|error| error.to_string())?
            .into(),
    };
    let kept: i64 = row.try_get(3).map_err(|error| error.to_string())?;
    let found = checksum(
        stored.position,
        stored.received_ms,
        &stored.batch_id,
        &stored.payload,
    );
    if kept == found {
        Ok(stored)
    } else {
        Err("its checksum is another".to_owned())
    }
}
