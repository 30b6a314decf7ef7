//! Copies a whole database into a file, and back: for `foresight backup` and `restore`.
//!
//! In: a database's URL and a file. Out: the copy of one moment, taken while collectors work, and how many
//! rows each table has in it. What must never happen: a copy of two moments, a password in the list of
//! processes, or something that is there already is overwritten.

mod postgres;
mod sqlite;

use std::{collections::BTreeMap, path::Path};

use serde::{Deserialize, Serialize};

use super::StoreError;

/// Which database a copy is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// The embedded one: the copy is a database file.
    Sqlite,
    /// The copy is an archive of `pg_dump`, in its custom format.
    Postgres,
}

/// What a copy holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contents {
    /// The database that it is a copy of.
    pub engine: Engine,
    /// The version of its schema.
    pub version: i64,
    /// Rows of each table.
    pub tables: BTreeMap<String, u64>,
    /// Up to which record each collector's spool is in it.
    pub positions: BTreeMap<String, i64>,
}

/// Why a database was not copied, or not put back.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The database refused, or is out of reach.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is something at the place where a copy is to be put.
    #[error("{0} has data; a backup is restored into an empty place only")]
    Occupied(String),
    /// The copy is of a newer schema.
    #[error("the backup's schema is version {found}, this foresight knows versions up to {known}")]
    Newer {
        /// The version of the schema.
        found: i64,
        /// The newest version that this binary knows.
        known: i64,
    },
    /// A backup of one kind of database does not fit into the other.
    #[error("the backup is of {0:?}, but database_url names another kind of database")]
    Engine(Engine),
    /// A program of PostgreSQL cannot be started.
    #[error("{program} cannot be started: {error}; it comes with PostgreSQL's client programs")]
    NoProgram {
        /// The program.
        program: &'static str,
        /// Why not.
        error: std::io::Error,
    },
    /// A program of PostgreSQL failed.
    #[error("{program} failed: {errors}")]
    Program {
        /// The program.
        program: &'static str,
        /// What it said.
        errors: String,
    },
    /// A file cannot be written or read.
    #[error("{path}: {error}")]
    File {
        /// The file.
        path: String,
        /// Why not.
        error: std::io::Error,
    },
    /// The database file is damaged.
    #[error("the database in the backup is damaged: {0}")]
    Damaged(String),
}

impl From<sqlx::Error> for CopyError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// The kind of the database at `postgres://…` or `sqlite:<path>`.
///
/// # Errors
/// If the URL names no database.
pub fn engine(url: &str) -> Result<Engine, StoreError> {
    match url.split_once(':').unwrap_or((url, "")).0 {
        "postgres" | "postgresql" => Ok(Engine::Postgres),
        "sqlite" => Ok(Engine::Sqlite),
        other => Err(StoreError::Scheme(other.to_owned())),
    }
}

/// Copies the database at `url` into a new file.
///
/// # Errors
/// If the database cannot be read, or the file not written.
pub async fn copy(url: &str, into: &Path) -> Result<Contents, CopyError> {
    match engine(url)? {
        Engine::Sqlite => sqlite::copy(&file_of(url), into).await,
        Engine::Postgres => postgres::copy(url, into).await,
    }
}

/// Says whether a copy of these contents can be put at `url`: there must be nothing.
///
/// # Errors
/// If it cannot.
pub async fn check_place(url: &str, contents: &Contents) -> Result<(), CopyError> {
    if engine(url)? != contents.engine {
        return Err(CopyError::Engine(contents.engine));
    }
    let known = match contents.engine {
        Engine::Sqlite => super::sqlite::known_version(),
        Engine::Postgres => super::postgres::known_version(),
    };
    if contents.version > known {
        return Err(CopyError::Newer {
            found: contents.version,
            known,
        });
    }
    match contents.engine {
        Engine::Sqlite if file_of(url).exists() => {
            Err(CopyError::Occupied(file_of(url).display().to_string()))
        }
        Engine::Sqlite => Ok(()),
        Engine::Postgres => postgres::check_empty(url).await,
    }
}

/// Puts a copy back and counts what is there then. Of SQLite the file itself moves to its place.
///
/// # Errors
/// If it cannot be put back; then nothing of it is there.
pub async fn put_back(url: &str, from: &Path) -> Result<Contents, CopyError> {
    match engine(url)? {
        Engine::Sqlite => sqlite::put_back(&file_of(url), from).await,
        Engine::Postgres => postgres::put_back(url, from).await,
    }
}

/// The file that `sqlite:<path>` names.
fn file_of(url: &str) -> std::path::PathBuf {
    let rest = url.strip_prefix("sqlite:").unwrap_or(url);
    rest.strip_prefix("//").unwrap_or(rest).into()
}

fn file_error(path: &Path) -> impl FnOnce(std::io::Error) -> CopyError + '_ {
    move |error| CopyError::File {
        path: path.display().to_string(),
        error,
    }
}
