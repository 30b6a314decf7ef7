//! Why a record was not taken, or cannot be read. Texts are for logs, never for clients.

use std::sync::Arc;

use crate::event::Millis;

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
    /// Records wait for the database for too long.
    #[error("spool holds a record for {age_ms} ms, its limit is {limit_ms} ms")]
    Old {
        /// For how long the oldest has waited, in ms.
        age_ms: Millis,
        /// How long one may wait, in ms.
        limit_ms: Millis,
    },
    /// The file cannot be written or read.
    #[error("spool: {0}")]
    Disk(Arc<sqlx::Error>),
    /// A record is not the one that was written.
    #[error("a record of the spool is damaged: {0}")]
    Damaged(String),
    /// A newer Foresight wrote the file.
    #[error("spool has version {found}, this foresight knows versions up to {known}")]
    Newer {
        /// The version of the file.
        found: i64,
        /// The newest version that this binary knows.
        known: i64,
    },
    /// The spool was closed.
    #[error("spool is closed")]
    Closed,
}

impl SpoolError {
    /// Whether the file is damaged, so that only mending it helps: SQLite's `CORRUPT` and `NOTADB`
    /// (<https://sqlite.org/rescode.html>), or a wrong checksum.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        match self {
            Self::Damaged(_) => true,
            Self::Disk(error) => is_damage(error),
            _ => false,
        }
    }
}

/// Whether SQLite found the file damaged.
pub(super) fn is_damage(error: &sqlx::Error) -> bool {
    let sqlx::Error::Database(error) = error else {
        return false;
    };
    let code = error.code().and_then(|code| code.parse::<u32>().ok());
    // The lower byte; the upper ones say more of the same (CORRUPT_INDEX and the like).
    code.is_some_and(|code| matches!(code & 0xff, 11 | 26))
}

impl From<sqlx::Error> for SpoolError {
    fn from(error: sqlx::Error) -> Self {
        Self::Disk(Arc::new(error))
    }
}
