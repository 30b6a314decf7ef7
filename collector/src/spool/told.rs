//! Server events in the spool: their keys, and what a repeat of one is.
//!
//! In: the events of one request. Out: which of them are new, or the one whose key has other
//! content. What must never happen: a part of a request is kept, or a key is forgotten while its
//! event would still be young enough to be taken.

use std::collections::HashMap;

use sqlx::{QueryBuilder, Row, SqliteConnection};

use super::{Keyed, Told};
use crate::event::{DAY_MS, Millis};

/// How long keys are remembered: longer than the oldest event that is taken
/// ([`foresight_shared::limits::SERVER_AGE_MS`]), whatever the clock does meanwhile.
const REMEMBERED_MS: Millis = 35 * DAY_MS;

/// Keys in one question.
const KEYS: usize = 64;

/// Looks which records are new. Those that are must be written by the caller.
pub(super) async fn tell<'r>(
    connection: &mut SqliteConnection,
    records: &'r [Keyed],
) -> Result<(Told, Vec<&'r Keyed>), sqlx::Error> {
    let mut known = HashMap::new();
    for part in records.chunks(KEYS) {
        look_up(connection, part, &mut known).await?;
    }
    let (mut new, mut appended) = (Vec::new(), Vec::with_capacity(records.len()));
    for (at, record) in records.iter().enumerate() {
        match known.get(&record.key) {
            None => {
                known.insert(record.key.clone(), record.digest.clone());
                new.push(record);
                appended.push(true);
            }
            Some(digest) if *digest == record.digest => appended.push(false),
            Some(_) => return Ok((Told::Conflict(at), Vec::new())),
        }
    }
    for part in new.chunks(KEYS) {
        let mut insert = QueryBuilder::new("insert into event_key (key, digest, received_ms) ");
        insert.push_values(part, |mut row, record| {
            row.push_bind(&record.key)
                .push_bind(&record.digest)
                .push_bind(record.received_ms);
        });
        insert.build().execute(&mut *connection).await?;
    }
    Ok((Told::Kept(appended), new))
}

async fn look_up(
    connection: &mut SqliteConnection,
    records: &[Keyed],
    known: &mut HashMap<String, Vec<u8>>,
) -> Result<(), sqlx::Error> {
    let mut select = QueryBuilder::new("select key, digest from event_key where key in (");
    let mut keys = select.separated(", ");
    for record in records {
        keys.push_bind(&record.key);
    }
    select.push(")");
    for row in select.build().fetch_all(connection).await? {
        known.insert(row.try_get(0)?, row.try_get(1)?);
    }
    Ok(())
}

/// Forgets keys of long ago.
pub(super) async fn forget(
    connection: &mut SqliteConnection,
    now_ms: Millis,
) -> Result<(), sqlx::Error> {
    sqlx::query("delete from event_key where received_ms < $1")
        .bind(now_ms - REMEMBERED_MS)
        .execute(connection)
        .await
        .map(|_| ())
}
