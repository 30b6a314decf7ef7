//! Looks at a database without changing it: for `foresight doctor`.
//!
//! In: its URL. Out: what a person wants to know before a collector starts. What must never happen:
//! a file is made, or a schema is changed.

use std::{
    path::Path,
    str::FromStr,
    time::{Duration, Instant},
};

use sqlx::{
    ConnectOptions, Connection, PgConnection, Row as _, SqliteConnection,
    postgres::PgConnectOptions, sqlite::SqliteConnectOptions,
};
use tokio::time::timeout;

use super::{error::StoreError, postgres, sqlite};
use crate::event::Millis;

/// How long a database may take to be reached.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a look at a database found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// The version of its schema; none if it has none yet.
    pub version: Option<i64>,
    /// The newest version that this binary knows.
    pub known: i64,
    /// How long one question took, connected.
    pub latency: Duration,
    /// Its clock; none for the embedded database, which has this machine's.
    pub now_ms: Option<Millis>,
}

/// Looks at the database at `postgres://…` or `sqlite:<path>`.
///
/// # Errors
/// If the URL names no database, or it is out of reach or unreadable.
pub async fn inspect(url: &str) -> Result<Inspection, StoreError> {
    let (scheme, rest) = url.split_once(':').unwrap_or((url, ""));
    let looked = match scheme {
        "postgres" | "postgresql" => timeout(PATIENCE, look_at_postgres(url)).await,
        "sqlite" => {
            let path = Path::new(rest.strip_prefix("//").unwrap_or(rest));
            timeout(PATIENCE, look_at_sqlite(path)).await
        }
        _ => return Err(StoreError::Scheme(scheme.to_owned())),
    };
    looked.unwrap_or(Err(StoreError::Database(sqlx::Error::PoolTimedOut)))
}

async fn look_at_postgres(url: &str) -> Result<Inspection, StoreError> {
    let options = PgConnectOptions::from_str(url)?.application_name("foresight");
    let mut connection = PgConnection::connect_with(&options).await?;
    let began = Instant::now();
    let now_ms = "select (extract(epoch from clock_timestamp()) * 1000)::bigint";
    let now_ms: i64 = sqlx::query(now_ms)
        .fetch_one(&mut connection)
        .await?
        .try_get(0)?;
    let latency = began.elapsed();
    let exists = "select to_regclass('_sqlx_migrations') is not null";
    let exists: bool = sqlx::query(exists)
        .fetch_one(&mut connection)
        .await?
        .try_get(0)?;
    let version = if exists {
        sqlx::query(include_str!("sql/select_version.sql"))
            .fetch_one(&mut connection)
            .await?
            .try_get(0)?
    } else {
        None
    };
    connection.close().await?;
    Ok(Inspection {
        version,
        known: postgres::known_version(),
        latency,
        now_ms: Some(now_ms),
    })
}

async fn look_at_sqlite(path: &Path) -> Result<Inspection, StoreError> {
    let known = sqlite::known_version();
    if !path.exists() {
        return Ok(Inspection {
            version: None,
            known,
            latency: Duration::ZERO,
            now_ms: None,
        });
    }
    let mut connection: SqliteConnection = SqliteConnectOptions::new()
        .filename(path)
        .read_only(true)
        .connect()
        .await?;
    let began = Instant::now();
    let exists = "select count(*) from sqlite_schema where name = '_sqlx_migrations'";
    let exists: i64 = sqlx::query(exists)
        .fetch_one(&mut connection)
        .await?
        .try_get(0)?;
    let latency = began.elapsed();
    let version = if exists > 0 {
        sqlx::query(include_str!("sql/select_version.sql"))
            .fetch_one(&mut connection)
            .await?
            .try_get(0)?
    } else {
        None
    };
    connection.close().await?;
    Ok(Inspection {
        version,
        known,
        latency,
        now_ms: None,
    })
}
