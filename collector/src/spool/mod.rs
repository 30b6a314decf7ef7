//! The spool: what was accepted is kept here, on disk, until the database has it.
//!
//! In: records with their batch ids. Out: the same records, in order, each with its position. One
//! task writes; it commits whatever waits in one transaction, so that many batches share one sync
//! of the disk. What must never happen: an append is acknowledged before it would survive a power
//! cut, or two records get the same position, even after old ones were discarded.

mod writer;
mod inspect;
mod open;
mod gauges;

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use bytes::Bytes;
use sqlx::{Row, SqlitePool};
use tokio::sync::{mpsc, oneshot};

pub use gauges::Gauges;
pub use inspect::{Inspection, inspect};

use crate::event::Millis;
use writer::{Command, Writer};

/// How a spool behaves.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The spool's file.
    pub path: PathBuf,
    /// Bytes of records that may wait.
    pub max_bytes: u64,
    /// How long batch ids are remembered, in ms.
    pub remember_ms: Millis,
}

/// A record to append.
#[derive(Debug)]
pub struct Record {
    /// The id by which a repeat is noticed.
    pub batch_id: String,
    /// When it was received.
    pub received_ms: Millis,
    /// What is kept.
    pub payload: Bytes,
}

/// A record that was read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its position: larger than that of every record before it.
    pub position: i64,
    /// When it was received.
    pub received_ms: Millis,
    /// What was kept.
    pub payload: Vec<u8>,
}

/// What became of an append. Either way the batch is durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appended {
    /// It is new.
    New,
    /// A batch with this id was appended before; nothing was added.
    Duplicate,
}

/// Why a record was not taken, or cannot be read.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SpoolError {
    /// Too many bytes wait for the database.
    #[error("spool holds {held} bytes, its limit is {limit} bytes")]
    Full {
        /// Bytes that wait.
        held: u64,
        /// Bytes that may wait.
        limit: u64,
    },
    /// The file cannot be written or read.
    #[error("spool: {0}")]
    Disk(Arc<sqlx::Error>),
    /// The spool was closed.
    #[error("spool is closed")]
    Closed,
}

impl From<sqlx::Error> for SpoolError {
    fn from(error: sqlx::Error) -> Self {
        Self::Disk(Arc::new(error))
    }
}

/// How much waits in a spool.
#[derive(Debug, Default)]
struct Level {
    records: AtomicI64,
    bytes: AtomicU64,
}

/// A handle to the spool. Cheap to clone.
#[derive(Clone)]
pub struct Spool {
    id: Arc<str>,
    commands: mpsc::Sender<Command>,
    reader: SqlitePool,
    level: Arc<Level>,
    max_bytes: u64,
}

impl Spool {
    /// Opens a spool, or makes it, and starts its writer. The writer ends when every handle is
    /// gone; await the returned task to know that its last commit is done.
    ///
    /// # Errors
    /// If the file cannot be opened or is not a spool.
    pub async fn open(
        settings: Settings,
    ) -> Result<(Self, tokio::task::JoinHandle<()>), SpoolError> {
        let opened = open::open(&settings).await?;
        let level = Arc::new(Level {
            records: AtomicI64::new(opened.records),
            bytes: AtomicU64::new(opened.bytes),
        });
        // As many appends as may wait for one commit; beyond it, senders wait for a place.
        let (commands, inbox) = mpsc::channel(1024);
        let writer = Writer::new(opened.writer, level.clone(), settings.remember_ms);
        let task = tokio::spawn(writer.run(inbox));
        let spool = Self {
            id: opened.id.into(),
            commands,
            reader: opened.reader,
            level,
            max_bytes: settings.max_bytes,
        };
        Ok((spool, task))
    }

    /// The spool's random id, made with its file.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Makes a record durable.
    ///
    /// # Errors
    /// If the spool is full, or the disk refuses; then the record is not kept.
    pub async fn append(&self, record: Record) -> Result<Appended, SpoolError> {
        let held = self.bytes();
        if held >= self.max_bytes {
            return Err(SpoolError::Full {
                held,
                limit: self.max_bytes,
            });
        }
        let (reply, answer) = oneshot::channel();
        self.send(Command::Append(record, reply)).await?;
        answer.await.map_err(|_| SpoolError::Closed)?
    }

    /// Reads at most `limit` records after a position, oldest first.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub async fn read_after(&self, position: i64, limit: u32) -> Result<Vec<Stored>, SpoolError> {
        let rows = sqlx::query(
            "select position, received_ms, payload from record where position > $1 \
             order by position limit $2",
        )
        .bind(position)
        .bind(limit)
        .fetch_all(&self.reader)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Stored {
                    position: row.try_get(0)?,
                    received_ms: row.try_get(1)?,
                    payload: row.try_get(2)?,
                })
            })
            .collect()
    }

    /// Forgets the records up to and including a position: the database has them.
    ///
    /// # Errors
    /// If the disk refuses; then they are still there.
    pub async fn discard(&self, position: i64) -> Result<(), SpoolError> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Discard(position, reply)).await?;
        answer.await.map_err(|_| SpoolError::Closed)?
    }

    /// Sets a record aside that cannot be read, with the reason, for a person to look at.
    ///
    /// # Errors
    /// If the disk refuses.
    pub async fn quarantine(&self, record: Stored, reason: String) -> Result<(), SpoolError> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Quarantine(record, reason, reply))
            .await?;
        answer.await.map_err(|_| SpoolError::Closed)?
    }

    /// When the oldest waiting record was received.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub async fn oldest_ms(&self) -> Result<Option<Millis>, SpoolError> {
        let row = sqlx::query("select received_ms from record order by position limit 1")
            .fetch_optional(&self.reader)
            .await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }

    /// Records that wait.
    #[must_use]
    pub fn depth(&self) -> i64 {
        self.level.records.load(Ordering::Relaxed)
    }

    /// Bytes of the records that wait.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.level.bytes.load(Ordering::Relaxed)
    }

    async fn send(&self, command: Command) -> Result<(), SpoolError> {
        self.commands
            .send(command)
            .await
            .map_err(|_| SpoolError::Closed)
    }
}

#[cfg(test)]
mod tests;
