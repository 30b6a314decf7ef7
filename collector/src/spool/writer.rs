//! The spool's only writer: takes what waits, commits it in one transaction, then answers.

use std::{
    collections::HashSet,
    sync::{Arc, atomic::Ordering},
};

use sqlx::{Connection, QueryBuilder, Row, SqliteConnection};
use tokio::sync::{mpsc, oneshot};

use super::{Appended, Level, Record, SpoolError, Stored};
use crate::event::Millis;

/// Commands that share one commit at most. While one commit runs, the next group gathers, so no
/// time is spent on waiting for company.
const GROUP: usize = 256;

/// Records in one statement: a statement costs more than its rows. Statements are prepared once per
/// number of rows, so few numbers are best.
const ROWS: usize = 32;

/// Old batch ids are forgotten once in so many ms of received time.
const FORGET_EVERY_MS: Millis = 60_000;

type Reply<T> = oneshot::Sender<Result<T, SpoolError>>;

/// What the writer is asked to do.
pub(super) enum Command {
    Append(Record, Reply<Appended>),
    Discard(i64, Reply<()>),
    Quarantine(Stored, String, Reply<()>),
}

impl Command {
    fn record(&self) -> Option<&Record> {
        match self {
            Self::Append(record, _) => Some(record),
            Self::Discard(..) | Self::Quarantine(..) => None,
        }
    }
}

/// What a written command changes once the transaction is committed.
#[derive(Clone, Copy)]
enum Outcome {
    Appended(Appended),
    Removed { records: i64, bytes: u64 },
}

pub(super) struct Writer {
    connection: SqliteConnection,
    level: Arc<Level>,
    remember_ms: Millis,
    forgot_ms: Millis,
}

impl Writer {
    pub(super) fn new(
        connection: SqliteConnection,
        level: Arc<Level>,
        remember_ms: Millis,
    ) -> Self {
        Self {
            connection,
            level,
            remember_ms,
            forgot_ms: 0,
        }
    }

    /// Writes until every handle is gone.
    pub(super) async fn run(mut self, mut inbox: mpsc::Receiver<Command>) {
        let mut group = Vec::with_capacity(GROUP);
        while inbox.recv_many(&mut group, GROUP).await > 0 {
            match self.write(&group).await {
                Ok(outcomes) => self.answer(group.drain(..), outcomes),
                Err(error) => {
                    let error = SpoolError::from(error);
                    tracing::error!(%error, "spool could not be written");
                    group.drain(..).for_each(|command| refuse(command, &error));
                }
            }
        }
        if let Err(error) = self.connection.close().await {
            tracing::warn!(%error, "spool file was not closed cleanly");
        }
    }

    /// Writes a group in one transaction: all of it, or nothing.
    async fn write(&mut self, group: &[Command]) -> Result<Vec<Outcome>, sqlx::Error> {
        let records: Vec<_> = group.iter().filter_map(Command::record).collect();
        let newest_ms = records.iter().map(|record| record.received_ms).max();
        // Takes the write lock now, not in the middle of the group.
        let mut transaction = self.connection.begin_with("begin immediate").await?;
        let due = newest_ms.filter(|newest_ms| newest_ms - self.forgot_ms >= FORGET_EVERY_MS);
        if let Some(newest_ms) = due {
            forget(&mut transaction, newest_ms - self.remember_ms).await?;
        }
        let mut appended = append(&mut transaction, &records).await?.into_iter();
        let mut outcomes = Vec::with_capacity(group.len());
        for command in group {
            outcomes.push(match command {
                Command::Append(..) => {
                    Outcome::Appended(appended.next().ok_or(sqlx::Error::RowNotFound)?)
                }
                Command::Discard(position, _) => discard(&mut transaction, *position).await?,
                Command::Quarantine(record, reason, _) => {
                    quarantine(&mut transaction, record, reason).await?
                }
            });
        }
        transaction.commit().await?;
        self.forgot_ms = due.unwrap_or(self.forgot_ms);
        Ok(outcomes)
    }

    fn answer(&self, group: impl Iterator<Item = Command>, outcomes: Vec<Outcome>) {
        for (command, outcome) in group.zip(outcomes) {
            if let Outcome::Removed { records, bytes } = outcome {
                self.level.records.fetch_sub(records, Ordering::Relaxed);
                self.level.bytes.fetch_sub(bytes, Ordering::Relaxed);
            }
            // Whoever asked may be gone, as a client that hung up: the record stays.
            let _ = match (command, outcome) {
                (Command::Append(record, reply), Outcome::Appended(appended)) => {
                    if appended == Appended::New {
                        let bytes = record.payload.len() as u64;
                        self.level.records.fetch_add(1, Ordering::Relaxed);
                        self.level.bytes.fetch_add(bytes, Ordering::Relaxed);
                    }
                    reply.send(Ok(appended)).is_ok()
                }
                (Command::Append(_, reply), Outcome::Removed { .. }) => {
                    reply.send(Err(SpoolError::Closed)).is_ok()
                }
                (Command::Discard(_, reply) | Command::Quarantine(_, _, reply), _) => {
                    reply.send(Ok(())).is_ok()
                }
            };
        }
    }
}

fn refuse(command: Command, error: &SpoolError) {
    // Whoever asked may be gone.
    let _ = match command {
        Command::Append(_, reply) => reply.send(Err(error.clone())).is_ok(),
        Command::Discard(_, reply) | Command::Quarantine(_, _, reply) => {
            reply.send(Err(error.clone())).is_ok()
        }
    };
}

/// Appends those records whose ids are new. One outcome per record, in order.
async fn append(
    connection: &mut SqliteConnection,
    records: &[&Record],
) -> Result<Vec<Appended>, sqlx::Error> {
    let mut outcomes = Vec::with_capacity(records.len());
    for part in records.chunks(ROWS) {
        let mut new = remember(connection, part).await?;
        let mut kept = Vec::with_capacity(part.len());
        for record in part {
            // Taken out, so that an id that stands twice in one group is new once.
            if new.remove(record.batch_id.as_str()) {
                kept.push(*record);
                outcomes.push(Appended::New);
            } else {
                outcomes.push(Appended::Duplicate);
            }
        }
        keep(connection, &kept).await?;
    }
    Ok(outcomes)
}

/// Remembers batch ids; returns those that were not known.
async fn remember(
    connection: &mut SqliteConnection,
    records: &[&Record],
) -> Result<HashSet<String>, sqlx::Error> {
    let mut insert = QueryBuilder::new("insert into seen (batch_id, received_ms) ");
    insert.push_values(records, |mut row, record| {
        row.push_bind(record.batch_id.as_str())
            .push_bind(record.received_ms);
    });
    insert.push(" on conflict do nothing returning batch_id");
    insert
        .build_query_scalar()
        .fetch_all(connection)
        .await
        .map(HashSet::from_iter)
}

async fn keep(connection: &mut SqliteConnection, records: &[&Record]) -> Result<(), sqlx::Error> {
    if records.is_empty() {
        return Ok(());
    }
    let mut insert = QueryBuilder::new("insert into record (received_ms, payload) ");
    insert.push_values(records, |mut row, record| {
        row.push_bind(record.received_ms)
            .push_bind(&record.payload[..]);
    });
    insert.build().execute(connection).await.map(|_| ())
}

async fn discard(connection: &mut SqliteConnection, position: i64) -> Result<Outcome, sqlx::Error> {
    let row = sqlx::query(
        "select count(*), coalesce(sum(length(payload)), 0) from record where position <= $1",
    )
    .bind(position)
    .fetch_one(&mut *connection)
    .await?;
    sqlx::query("delete from record where position <= $1")
        .bind(position)
        .execute(connection)
        .await?;
    Ok(Outcome::Removed {
        records: row.try_get(0)?,
        bytes: row.try_get::<i64, _>(1)?.unsigned_abs(),
    })
}

/// Copies a record aside. It stays in line too, and goes with its stretch.
async fn quarantine(
    connection: &mut SqliteConnection,
    record: &Stored,
    reason: &str,
) -> Result<Outcome, sqlx::Error> {
    sqlx::query(
        "insert into quarantine (position, received_ms, reason, payload) \
         values ($1, $2, $3, $4) on conflict do nothing",
    )
    .bind(record.position)
    .bind(record.received_ms)
    .bind(reason)
    .bind(&record.payload)
    .execute(connection)
    .await?;
    Ok(Outcome::Removed {
        records: 0,
        bytes: 0,
    })
}

async fn forget(connection: &mut SqliteConnection, before_ms: Millis) -> Result<(), sqlx::Error> {
    sqlx::query("delete from seen where received_ms < $1")
        .bind(before_ms)
        .execute(connection)
        .await
        .map(|_| ())
}
