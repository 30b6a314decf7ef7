//! Why the database did not do what it was asked. Texts are for logs, never for clients.

use crate::{event::Millis, rollup::HistogramError};

/// Why the database did not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused, or is out of reach.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("database schema: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A newer Foresight has changed the schema.
    #[error("database schema is version {found}, this foresight knows versions up to {known}")]
    Newer {
        /// The version of the schema.
        found: i64,
        /// The newest version that this binary knows.
        known: i64,
    },
    /// A row holds something that this version does not know.
    #[error("database row: {0}")]
    Row(String),
    /// A row holds a damaged histogram.
    #[error("database row: {0}")]
    Histogram(#[from] HistogramError),
    /// What was asked for is only kept since a time.
    #[error("this is only kept since {since_ms} ms")]
    Coarse {
        /// Since when.
        since_ms: Millis,
    },
    /// The caller's stretch of a spool has no records.
    #[error("a stretch of a spool must end after its start, not at {to} after {from}")]
    Stretch {
        /// The position before the first record.
        from: i64,
        /// The position of the last record.
        to: i64,
    },
    /// The URL names no database that Foresight knows. Only its scheme is kept: the rest may hold a
    /// password.
    #[error("database_url must be postgres://… or sqlite:<path>, not {0:?}")]
    Scheme(String),
}

impl StoreError {
    /// Whether the fault is in single rows: other rows can still be read and written.
    pub(super) fn is_of_rows(&self) -> bool {
        matches!(self, Self::Row(_) | Self::Histogram(_))
    }
}
