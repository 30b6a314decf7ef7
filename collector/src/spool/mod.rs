//! The spool: what was accepted is kept here, on disk, until the database has it.
//!
//! In: records with their batch ids, and server events with their keys. Out: the same records, in
//! order, each with its position. One task writes; it commits whatever waits in one transaction, so
//! that many batches share one sync of the disk. What must never happen: an append is acknowledged
//! before it would survive a power cut, two records get the same position, even after old ones were
//! discarded, or a record is handed out that is not the one that was acknowledged.

mod writer;
mod rows;
mod seen;
mod told;
mod stored;
mod inspect;
mod copy;
mod open;
mod mend;
mod aside;
mod level;
mod recent;
mod error;
mod gauges;

use std::{
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
};

use bytes::Bytes;
use sqlx::SqlitePool;
use tokio::{
    runtime::Handle,
    sync::{mpsc, oneshot},
    task::{JoinHandle, spawn_blocking},
};

pub use copy::{copy, trim};
pub use error::SpoolError;
pub use gauges::Gauges;
pub use inspect::{Inspection, inspect};

use crate::event::Millis;
use level::Level;
use recent::Recent;
use writer::{Command, Writer};

/// How a spool behaves.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The spool's file.
    pub path: PathBuf,
    /// Bytes of records that may wait.
    pub max_bytes: u64,
    /// How long a record may wait, in ms, before no more are taken.
    pub max_age_ms: Millis,
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

/// A server event to append.
#[derive(Debug)]
pub struct Keyed {
    /// What a repeat has in common with it.
    pub key: String,
    /// Stands for its content: a repeat has the same.
    pub digest: Vec<u8>,
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
    /// The batch's id; empty for a server event, whose key is in it.
    pub batch_id: String,
    /// What was kept.
    pub payload: Bytes,
}

/// What became of an append. Either way the batch is durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appended {
    /// It is new.
    New,
    /// A batch with this id was appended before; nothing was added.
    Duplicate,
}

/// What became of the server events of one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// All of them are durable; for each, in order, whether it is new.
    Kept(Vec<bool>),
    /// None was added: the one at this place has a key that was used with other content.
    Conflict(usize),
}

/// The file that is in use. A damaged one is replaced.
#[derive(Clone)]
struct File {
    id: Arc<str>,
    reader: SqlitePool,
}

/// A handle to the spool. Cheap to clone.
#[derive(Clone)]
pub struct Spool {
    commands: mpsc::Sender<Command>,
    file: Arc<RwLock<File>>,
    level: Arc<Level>,
    recent: Arc<Recent>,
    max_bytes: u64,
    max_age_ms: Millis,
}

impl Spool {
    /// Opens a spool, or makes it, and starts its writer. The writer ends when every handle is
    /// gone; await the returned task to know that its last commit is done. A damaged file is mended
    /// first.
    ///
    /// # Errors
    /// If the file cannot be opened, or a newer Foresight wrote it.
    pub async fn open(settings: Settings) -> Result<(Self, JoinHandle<()>), SpoolError> {
        let opened = open::open(&settings).await?;
        let level = Arc::new(Level::default());
        level.begin(&opened);
        let recent = Arc::new(Recent::default());
        recent.begin(opened.last);
        let file = Arc::new(RwLock::new(File {
            id: opened.id.as_str().into(),
            reader: opened.reader.clone(),
        }));
        // As many appends as may wait for one commit; beyond it, senders wait for a place.
        let (commands, inbox) = mpsc::channel(1024);
        let (max_bytes, max_age_ms) = (settings.max_bytes, settings.max_age_ms);
        let of_all = (level.clone(), recent.clone(), file.clone());
        let writer = Writer::new(opened, of_all, settings);
        // On a thread of its own: a commit has several steps, and in the runtime each of them would
        // wait for the requests that are ready.
        let runtime = Handle::current();
        let task = spawn_blocking(move || runtime.block_on(writer.run(inbox)));
        let spool = Self {
            commands,
            file,
            level,
            recent,
            max_bytes,
            max_age_ms,
        };
        Ok((spool, task))
    }

    /// The random id of the spool's file, made with it.
    #[must_use]
    pub fn id(&self) -> Arc<str> {
        self.file().id
    }

    /// Makes a record durable.
    ///
    /// # Errors
    /// If the spool is full, or the disk refuses; then the record is not kept.
    pub async fn append(&self, record: Record) -> Result<Appended, SpoolError> {
        self.check_room(record.received_ms)?;
        self.ask(|reply| Command::Append(record, reply)).await
    }

    /// Makes the server events of one request durable: all of them, or none.
    ///
    /// # Errors
    /// If the spool is full, or the disk refuses; then none is kept.
    pub async fn tell(&self, events: Vec<Keyed>) -> Result<Told, SpoolError> {
        let now_ms = events.first().map_or(0, |event| event.received_ms);
        self.check_room(now_ms)?;
        self.ask(|reply| Command::Tell(events, reply)).await
    }

    /// Reads at most `limit` records after a position, oldest first.
    ///
    /// # Errors
    /// If the file cannot be read, or is damaged: see [`mend`](Self::mend).
    pub async fn read_after(&self, position: i64, limit: u32) -> Result<Vec<Stored>, SpoolError> {
        if let Some(recent) = self.recent.read_after(position, limit as usize) {
            return Ok(recent);
        }
        let rows = sqlx::query(
            "select position, received_ms, batch_id, checksum, payload from record \
             where position > $1 order by position limit $2",
        )
        .bind(position)
        .bind(limit)
        .fetch_all(&self.file().reader)
        .await?;
        rows.iter()
            .map(|row| stored::read(row).map_err(SpoolError::Damaged))
            .collect()
    }

    /// Forgets the records up to and including a position: the database has them.
    ///
    /// # Errors
    /// If the disk refuses; then they are still there.
    pub async fn discard(&self, position: i64) -> Result<(), SpoolError> {
        self.ask(|reply| Command::Discard(position, reply)).await
    }

    /// Sets a record aside that cannot be read, with the reason, for a person to look at. `false` if
    /// too many are aside already.
    ///
    /// # Errors
    /// If the disk refuses.
    pub async fn quarantine(&self, record: Stored, reason: String) -> Result<bool, SpoolError> {
        self.ask(|reply| Command::Quarantine(record, reason, reply))
            .await
    }

    /// Moves what is whole of a damaged file to a new one, which has another id and other
    /// positions. Does nothing if the file `id` is not in use any more.
    ///
    /// # Errors
    /// If there is no room for another file, or the disk refuses.
    pub async fn mend(&self, id: Arc<str>, reason: String) -> Result<(), SpoolError> {
        self.ask(|reply| Command::Mend(id, reason, reply)).await
    }

    /// Whether the file can be read.
    ///
    /// # Errors
    /// If it cannot.
    pub async fn ping(&self) -> Result<(), SpoolError> {
        sqlx::query("select position from record limit 1")
            .fetch_optional(&self.file().reader)
            .await?;
        Ok(())
    }

    /// Records that wait.
    #[must_use]
    pub fn depth(&self) -> i64 {
        self.level.records()
    }

    /// Bytes of the records that wait.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.level.bytes()
    }

    /// When the oldest waiting record was received.
    #[must_use]
    pub fn oldest_ms(&self) -> Option<Millis> {
        self.level.oldest_ms()
    }

    /// The newest position that the file has given.
    #[must_use]
    pub fn last_position(&self) -> i64 {
        self.level.last_position()
    }

    fn file(&self) -> File {
        self.file
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn check_room(&self, now_ms: Millis) -> Result<(), SpoolError> {
        let held = self.bytes();
        if held >= self.max_bytes {
            return Err(SpoolError::Full {
                held,
                limit: self.max_bytes,
            });
        }
        match self.oldest_ms() {
            Some(oldest_ms) if now_ms - oldest_ms > self.max_age_ms => Err(SpoolError::Old {
                age_ms: now_ms - oldest_ms,
                limit_ms: self.max_age_ms,
            }),
            _ => Ok(()),
        }
    }

    async fn ask<T>(
        &self,
        command: impl FnOnce(oneshot::Sender<Result<T, SpoolError>>) -> Command,
    ) -> Result<T, SpoolError> {
        let (reply, answer) = oneshot::channel();
        self.commands
            .send(command(reply))
            .await
            .map_err(|_| SpoolError::Closed)?;
        answer.await.map_err(|_| SpoolError::Closed)?
    }
}

#[cfg(test)]
mod tests;
