//! Copies of the embedded database.

use std::{collections::BTreeMap, fs, path::Path, time::Duration};

use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Row as _, SqliteConnection,
    sqlite::SqliteConnectOptions,
};

use super::{Contents, CopyError, Engine, file_error};

/// How long somebody who writes is waited for.
const BUSY: Duration = Duration::from_secs(10);

/// Copies the file while others use it: `vacuum into` reads one moment
/// (<https://sqlite.org/lang_vacuum.html#vacuuminto>).
pub(super) async fn copy(path: &Path, into: &Path) -> Result<Contents, CopyError> {
    let mut connection = SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(BUSY)
        .connect()
        .await?;
    sqlx::query("vacuum into $1")
        .bind(into.display().to_string())
        .execute(&mut connection)
        .await?;
    connection.close().await?;
    contents(into).await
}

pub(super) async fn put_back(path: &Path, from: &Path) -> Result<Contents, CopyError> {
    let contents = contents(from).await?;
    fs::rename(from, path).map_err(file_error(path))?;
    Ok(contents)
}

/// What a copy holds, after a look at every page of it.
async fn contents(path: &Path) -> Result<Contents, CopyError> {
    let mut connection = SqliteConnectOptions::new()
        .filename(path)
        .read_only(true)
        .connect()
        .await?;
    let verdict: String = sqlx::query_scalar("pragma integrity_check(1)")
        .fetch_one(&mut connection)
        .await?;
    if verdict != "ok" {
        return Err(CopyError::Damaged(verdict));
    }
    let found = read(&mut connection).await?;
    connection.close().await?;
    Ok(found)
}

async fn read(connection: &mut SqliteConnection) -> Result<Contents, CopyError> {
    let names = "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'";
    let names: Vec<String> = sqlx::query_scalar(names)
        .fetch_all(&mut *connection)
        .await?;
    let mut tables = BTreeMap::new();
    for name in names {
        // The names are those of our own migrations.
        let count = AssertSqlSafe(format!("select count(*) from \"{name}\""));
        let rows: i64 = sqlx::query_scalar(count)
            .fetch_one(&mut *connection)
            .await?;
        tables.insert(name, rows.unsigned_abs());
    }
    let version: Option<i64> = sqlx::query_scalar(include_str!("../sql/select_version.sql"))
        .fetch_one(&mut *connection)
        .await?;
    let positions = sqlx::query(include_str!("../sql/select_positions.sql"))
        .fetch_all(connection)
        .await?;
    Ok(Contents {
        engine: Engine::Sqlite,
        version: version.unwrap_or(0),
        tables,
        positions: positions
            .iter()
            .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
            .collect::<Result<_, sqlx::Error>>()?,
    })
}
