//! The rows that the writer writes and deletes, inside its transaction.
//!
//! In: records, or a position. Out: what became of them. What must never happen: a position is given
//! twice.

use bytes::Bytes;
use sqlx::{QueryBuilder, Row, SqliteConnection};

use super::{Keyed, Record, Stored, stored};
use crate::event::Millis;

/// Records in one statement: a statement costs more than its rows. Statements are prepared once per
/// number of rows, so few numbers are best.
const ROWS: usize = 32;

/// What a discard took away, and the oldest record that is left.
pub(super) struct Removed {
    pub(super) records: i64,
    pub(super) bytes: u64,
    pub(super) oldest_ms: Option<Millis>,
}

/// What a row of the table `record` is made of, beside its position.
pub(super) struct Line<'a> {
    received_ms: Millis,
    batch_id: &'a str,
    payload: &'a Bytes,
}

impl<'a> From<&'a Record> for Line<'a> {
    fn from(record: &'a Record) -> Self {
        Self {
            received_ms: record.received_ms,
            batch_id: &record.batch_id,
            payload: &record.payload,
        }
    }
}

impl<'a> From<&'a Keyed> for Line<'a> {
    fn from(event: &'a Keyed) -> Self {
        Self {
            received_ms: event.received_ms,
            batch_id: "",
            payload: &event.payload,
        }
    }
}

/// Writes rows at the positions after `last`, moves it, and adds them to `kept`.
pub(super) async fn keep(
    connection: &mut SqliteConnection,
    lines: &[Line<'_>],
    last: &mut i64,
    kept: &mut Vec<Stored>,
) -> Result<(), sqlx::Error> {
    for part in lines.chunks(ROWS) {
        let mut insert = QueryBuilder::new(
            "insert into record (position, received_ms, batch_id, checksum, payload) ",
        );
        let numbered = part.iter().zip(*last + 1..);
        insert.push_values(numbered, |mut row, (line, position)| {
            let Line {
                received_ms,
                batch_id,
                payload,
            } = *line;
            row.push_bind(position)
                .push_bind(received_ms)
                .push_bind(batch_id)
                .push_bind(stored::checksum(position, received_ms, batch_id, payload))
                .push_bind(&**payload);
        });
        insert.build().execute(&mut *connection).await?;
        kept.extend(part.iter().zip(*last + 1..).map(|(line, position)| Stored {
            position,
            received_ms: line.received_ms,
            batch_id: line.batch_id.to_owned(),
            payload: line.payload.clone(),
        }));
        *last += part.len() as i64;
    }
    Ok(())
}

/// Counts the records up to a position, which are discarded next, and looks for the oldest after them.
pub(super) async fn count(
    connection: &mut SqliteConnection,
    position: i64,
) -> Result<Removed, sqlx::Error> {
    let row = sqlx::query(
        "select count(*), coalesce(sum(length(payload)), 0), \
         (select received_ms from record where position > $1 order by position limit 1) \
         from record where position <= $1",
    )
    .bind(position)
    .fetch_one(connection)
    .await?;
    Ok(Removed {
        records: row.try_get(0)?,
        bytes: row.try_get::<i64, _>(1)?.unsigned_abs(),
        oldest_ms: row.try_get(2)?,
    })
}

/// Deletes the records up to a position.
pub(super) async fn discard(
    connection: &mut SqliteConnection,
    position: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query("delete from record where position <= $1")
        .bind(position)
        .execute(&mut *connection)
        .await?;
    sqlx::query("update spool set discarded = max(discarded, $1)")
        .bind(position)
        .execute(connection)
        .await?;
    Ok(())
}
