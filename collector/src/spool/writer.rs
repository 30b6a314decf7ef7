//! The spool's only writer: takes what waits, commits it in one transaction, then answers.

use std::{
    sync::{Arc, PoisonError, RwLock},
    thread,
    time::Duration,
};

use sqlx::{Connection, SqliteConnection};
use tokio::sync::{mpsc, oneshot};

use super::{
    Appended, File, Keyed, Level, Record, Settings, SpoolError, Stored, Told, aside,
    open::{self, Opened},
    recent::Recent,
    rows::{self, Line, Removed},
    seen::{Change, Seen},
    told,
};
use crate::event::Millis;

/// Commands that share one commit at most.
const GROUP: usize = 256;

/// While one commit runs, the next group gathers. One that is larger than a few shows that many send: then it
/// waits for more, as a commit costs more than what is in it. Whoever sends alone never waits.
const FEW: usize = 8;
const ENOUGH: usize = GROUP / 2;
const NAP: Duration = Duration::from_millis(1);
const NAPS: u32 = 4;

/// Old batch ids are forgotten once in so many ms of received time.
const FORGET_EVERY_MS: Millis = 60_000;

type Reply<T> = oneshot::Sender<Result<T, SpoolError>>;

/// What the writer is asked to do.
pub(super) enum Command {
    Append(Record, Reply<Appended>),
    Tell(Vec<Keyed>, Reply<Told>),
    Discard(i64, Reply<()>),
    Quarantine(Stored, String, Reply<bool>),
    Mend(Arc<str>, String, Reply<()>),
}

impl Command {
    fn record(&self) -> Option<&Record> {
        match self {
            Self::Append(record, _) => Some(record),
            _ => None,
        }
    }

    fn received_ms(&self) -> Option<Millis> {
        match self {
            Self::Append(record, _) => Some(record.received_ms),
            Self::Tell(events, _) => events.first().map(|event| event.received_ms),
            _ => None,
        }
    }
}

/// What a written command changes once the transaction is committed.
enum Outcome {
    Appended(Appended),
    Told(Told),
    Removed(Removed),
    Quarantined(bool),
    Done,
}

pub(super) struct Writer {
    /// None after the file could not be opened; the next group tries again.
    connection: Option<SqliteConnection>,
    level: Arc<Level>,
    recent: Arc<Recent>,
    file: Arc<RwLock<File>>,
    settings: Settings,
    /// The newest position that was committed.
    last: i64,
    /// Bytes of the records that are aside.
    aside_bytes: u64,
    seen: Seen,
    forgot_ms: Millis,
}

impl Writer {
    pub(super) fn new(
        opened: Opened,
        (level, recent, file): (Arc<Level>, Arc<Recent>, Arc<RwLock<File>>),
        settings: Settings,
    ) -> Self {
        Self {
            connection: Some(opened.writer),
            level,
            recent,
            file,
            settings,
            last: opened.last,
            aside_bytes: opened.aside_bytes,
            seen: opened.seen,
            forgot_ms: 0,
        }
    }

    /// Writes until every handle is gone.
    pub(super) async fn run(mut self, mut inbox: mpsc::Receiver<Command>) {
        let mut group = Vec::with_capacity(GROUP);
        while gather(&mut inbox, &mut group).await {
            match self.write_whole(&group).await {
                Ok(outcomes) => self.answer(group.drain(..), outcomes),
                Err(error) => {
                    tracing::error!(%error, "spool could not be written");
                    group.drain(..).for_each(|command| refuse(command, &error));
                    // The next group opens it anew: the disk may be back by then, and what an old
                    // connection holds may not lead there.
                    self.close().await;
                }
            }
        }
        self.close().await;
    }

    /// Writes a group; a damaged file is mended first.
    async fn write_whole(&mut self, group: &[Command]) -> Result<Vec<Outcome>, SpoolError> {
        for command in group {
            if let Command::Mend(id, reason, _) = command
                && *id == self.current().id
            {
                self.mend(reason).await?;
            }
        }
        match self.write(group).await {
            Err(error) if error.is_damage() => {
                self.mend(&error.to_string()).await?;
                self.write(group).await
            }
            written => written,
        }
    }

    /// Replaces the file by one with all that is whole of it.
    async fn mend(&mut self, reason: &str) -> Result<(), SpoolError> {
        // The last connection that closes deletes the log by its name, which must not be that of
        // the new file (https://sqlite.org/howtocorrupt.html, 2.5).
        self.current().reader.close().await;
        self.close().await;
        let opened = open::mend(&self.settings, self.last, reason).await?;
        self.begin(opened);
        Ok(())
    }

    fn begin(&mut self, opened: Opened) {
        self.level.begin(&opened);
        self.recent.begin(opened.last);
        (self.last, self.aside_bytes) = (opened.last, opened.aside_bytes);
        self.seen = opened.seen;
        *self.file.write().unwrap_or_else(PoisonError::into_inner) = File {
            id: opened.id.into(),
            reader: opened.reader,
        };
        self.connection = Some(opened.writer);
    }

    fn current(&self) -> File {
        self.file
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    async fn close(&mut self) {
        let Some(connection) = self.connection.take() else {
            return;
        };
        if let Err(error) = connection.close().await {
            tracing::warn!(%error, "spool file was not closed cleanly");
        }
    }

    /// Opens the file anew if the last group could not be written.
    async fn open(&mut self) -> Result<(), SpoolError> {
        if self.connection.is_some() {
            return Ok(());
        }
        if !self.current().reader.is_closed() {
            let (connection, last) = open::writer(&self.settings.path).await?;
            // A commit that failed may be on disk all the same: then everything is counted anew.
            if last == self.last {
                self.connection = Some(connection);
                return Ok(());
            }
        }
        let opened = open::open(&self.settings).await?;
        self.begin(opened);
        Ok(())
    }

    /// Writes a group in one transaction: all of it, or nothing.
    async fn write(&mut self, group: &[Command]) -> Result<Vec<Outcome>, SpoolError> {
        let records: Vec<_> = group.iter().filter_map(Command::record).collect();
        let newest_ms = group.iter().filter_map(Command::received_ms).max();
        let due = newest_ms.filter(|newest_ms| newest_ms - self.forgot_ms >= FORGET_EVERY_MS);
        self.open().await?;
        let (mut last, mut aside_bytes) = (self.last, self.aside_bytes);
        let remember_ms = self.settings.remember_ms;
        let connection = self.connection.as_mut().ok_or(SpoolError::Closed)?;
        // Takes the write lock now, not in the middle of the group.
        let mut transaction = connection.begin_with("begin immediate").await?;
        let mut change = Change::default();
        if let Some(newest_ms) = due {
            Seen::forget(&mut transaction, newest_ms - remember_ms, &mut change).await?;
            told::forget(&mut transaction, newest_ms).await?;
        }
        let appended = self.seen.append(&mut transaction, &records, &mut change);
        let (appended, new) = appended.await?;
        let new: Vec<_> = new.into_iter().map(Line::from).collect();
        let mut kept = Vec::with_capacity(new.len());
        rows::keep(&mut transaction, &new, &mut last, &mut kept).await?;
        let mut appended = appended.into_iter();
        let mut outcomes = Vec::with_capacity(group.len());
        let mut discarded = None;
        for command in group {
            outcomes.push(match command {
                Command::Append(..) => {
                    Outcome::Appended(appended.next().ok_or(SpoolError::Closed)?)
                }
                Command::Tell(events, _) => {
                    let (told, new) = told::tell(&mut transaction, events).await?;
                    let new: Vec<_> = new.into_iter().map(Line::from).collect();
                    rows::keep(&mut transaction, &new, &mut last, &mut kept).await?;
                    Outcome::Told(told)
                }
                Command::Discard(position, _) => {
                    let waiting = self.level.records();
                    // Memory knows nothing of what this group adds, or has discarded.
                    let is_known = discarded.is_none() && *position <= self.last;
                    let counted = is_known.then(|| self.recent.count(*position, waiting));
                    let removed = match counted.flatten() {
                        Some(mut removed) => {
                            let first = kept.first().map(|record| record.received_ms);
                            removed.oldest_ms = removed.oldest_ms.or(first);
                            removed
                        }
                        None => rows::count(&mut transaction, *position).await?,
                    };
                    rows::discard(&mut transaction, *position).await?;
                    discarded = discarded.max(Some(*position));
                    Outcome::Removed(removed)
                }
                Command::Quarantine(record, reason, _) => {
                    let is_aside = aside::keep(&mut transaction, record, reason, &mut aside_bytes);
                    Outcome::Quarantined(is_aside.await?)
                }
                Command::Mend(..) => Outcome::Done,
            });
        }
        transaction.commit().await?;
        (self.last, self.aside_bytes) = (last, aside_bytes);
        self.seen.apply(change);
        self.level.set_last_position(last);
        self.recent.add(kept);
        if let Some(position) = discarded {
            self.recent.discard(position);
        }
        self.forgot_ms = due.unwrap_or(self.forgot_ms);
        Ok(outcomes)
    }

    fn answer(&self, group: impl Iterator<Item = Command>, outcomes: Vec<Outcome>) {
        for (command, outcome) in group.zip(outcomes) {
            // Whoever asked may be gone, as a client that hung up: the record stays.
            let _ = match (command, outcome) {
                (Command::Append(record, reply), Outcome::Appended(appended)) => {
                    if appended == Appended::New {
                        self.level
                            .add(record.received_ms, record.payload.len() as u64);
                    }
                    reply.send(Ok(appended)).is_ok()
                }
                (Command::Tell(events, reply), Outcome::Told(told)) => {
                    if let Told::Kept(new) = &told {
                        for (event, _) in events.iter().zip(new).filter(|(_, new)| **new) {
                            self.level
                                .add(event.received_ms, event.payload.len() as u64);
                        }
                    }
                    reply.send(Ok(told)).is_ok()
                }
                (Command::Discard(_, reply), Outcome::Removed(removed)) => {
                    self.level.remove(&removed);
                    reply.send(Ok(())).is_ok()
                }
                (Command::Quarantine(_, _, reply), Outcome::Quarantined(kept)) => {
                    reply.send(Ok(kept)).is_ok()
                }
                (Command::Mend(_, _, reply), _) => reply.send(Ok(())).is_ok(),
                // Each command has an outcome of its own kind: see `write`.
                (command, _) => {
                    refuse(command, &SpoolError::Closed);
                    false
                }
            };
        }
    }
}

/// Receives the next group. `false` once every handle is gone.
///
/// It sleeps while more come, as this thread is the writer's own: whoever sends to a receiver that waits must wake it,
/// and a change of threads for each batch costs more than the batch.
async fn gather(inbox: &mut mpsc::Receiver<Command>, group: &mut Vec<Command>) -> bool {
    if inbox.recv_many(group, GROUP).await == 0 {
        return false;
    }
    for _ in 0..NAPS {
        if !(FEW..ENOUGH).contains(&group.len()) {
            break;
        }
        thread::sleep(NAP);
        while group.len() < GROUP
            && let Ok(command) = inbox.try_recv()
        {
            group.push(command);
        }
    }
    true
}

fn refuse(command: Command, error: &SpoolError) {
    // Whoever asked may be gone.
    let _ = match command {
        Command::Append(_, reply) => reply.send(Err(error.clone())).is_ok(),
        Command::Tell(_, reply) => reply.send(Err(error.clone())).is_ok(),
        Command::Quarantine(_, _, reply) => reply.send(Err(error.clone())).is_ok(),
        Command::Discard(_, reply) | Command::Mend(_, _, reply) => {
            reply.send(Err(error.clone())).is_ok()
        }
    };
}
