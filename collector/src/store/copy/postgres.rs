//! Copies of a Postgres database, by its own programs `pg_dump` and `pg_restore`.

use std::{collections::BTreeMap, path::Path, process::Stdio, str::FromStr};

use sqlx::{AssertSqlSafe, Connection, PgConnection, Row as _, postgres::PgConnectOptions};
use tokio::process::Command;
use url::Url;

use super::{Contents, CopyError, Engine};
use crate::store::StoreError;

/// Tables of the schema that the connection uses.
const TABLES: &str =
    "select tablename::text from pg_catalog.pg_tables where schemaname = current_schema()";

/// Copies one moment: the rows are counted in the snapshot that `pg_dump` reads
/// (<https://www.postgresql.org/docs/current/app-pgdump.html>, `--snapshot`).
pub(super) async fn copy(url: &str, into: &Path) -> Result<Contents, CopyError> {
    let mut connection = connect(url).await?;
    let mut moment = connection
        .begin_with("begin isolation level repeatable read read only")
        .await?;
    let snapshot: String = sqlx::query_scalar("select pg_export_snapshot()")
        .fetch_one(&mut *moment)
        .await?;
    let contents = contents(&mut moment).await?;
    let mut dump = program("pg_dump", url)?;
    dump.args(["--format=custom", "--no-owner", "--no-privileges"])
        .arg(format!("--snapshot={snapshot}"))
        .arg("--file")
        .arg(into);
    run("pg_dump", dump).await?;
    moment.rollback().await?;
    Ok(contents)
}

pub(super) async fn check_empty(url: &str) -> Result<(), CopyError> {
    let mut connection = connect(url).await?;
    let tables: Vec<String> = sqlx::query_scalar(TABLES)
        .fetch_all(&mut connection)
        .await?;
    match tables.first() {
        None => Ok(()),
        Some(table) => Err(CopyError::Occupied(format!(
            "the database has the table {table}; it"
        ))),
    }
}

/// Puts it back in one transaction.
pub(super) async fn put_back(url: &str, from: &Path) -> Result<Contents, CopyError> {
    let mut restore = program("pg_restore", url)?;
    restore
        .args([
            "--single-transaction",
            "--exit-on-error",
            "--no-owner",
            "--no-privileges",
        ])
        .args(["--dbname", &database(url)?])
        .arg(from);
    run("pg_restore", restore).await?;
    contents(&mut connect(url).await?).await
}

async fn connect(url: &str) -> Result<PgConnection, CopyError> {
    let options = PgConnectOptions::from_str(url)?.application_name("foresight backup");
    Ok(PgConnection::connect_with(&options).await?)
}

async fn contents(connection: &mut PgConnection) -> Result<Contents, CopyError> {
    let names: Vec<String> = sqlx::query_scalar(TABLES)
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
        engine: Engine::Postgres,
        version: version.unwrap_or(0),
        tables,
        positions: positions
            .iter()
            .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
            .collect::<Result<_, sqlx::Error>>()?,
    })
}

/// A program of PostgreSQL that reaches the database by its environment: arguments can be read by everybody
/// on the machine (<https://www.postgresql.org/docs/current/libpq-envars.html>).
fn program(program: &'static str, url: &str) -> Result<Command, CopyError> {
    let parsed = parse(url)?;
    let mut command = Command::new(program);
    let decoded = |text: &str| percent_decode(text);
    command.stdin(Stdio::null()).kill_on_drop(true);
    if let Some(host) = parsed.host_str().filter(|host| !host.is_empty()) {
        command.env("PGHOST", decoded(host));
    }
    if let Some(port) = parsed.port() {
        command.env("PGPORT", port.to_string());
    }
    if !parsed.username().is_empty() {
        command.env("PGUSER", decoded(parsed.username()));
    }
    if let Some(password) = parsed.password() {
        command.env("PGPASSWORD", decoded(password));
    }
    command.env("PGDATABASE", database(url)?);
    for (name, value) in parsed.query_pairs() {
        let variable = match &*name {
            "host" => "PGHOST",
            "port" => "PGPORT",
            "user" => "PGUSER",
            "password" => "PGPASSWORD",
            "sslmode" => "PGSSLMODE",
            "sslrootcert" => "PGSSLROOTCERT",
            "sslcert" => "PGSSLCERT",
            "sslkey" => "PGSSLKEY",
            "options" => "PGOPTIONS",
            _ => continue,
        };
        command.env(variable, &*value);
    }
    Ok(command)
}

/// The name of the database, which is the user's if the URL has none.
fn database(url: &str) -> Result<String, CopyError> {
    let parsed = parse(url)?;
    let named = percent_decode(parsed.path().trim_start_matches('/'));
    let asked = parsed
        .query_pairs()
        .find(|(name, _)| name == "dbname")
        .map(|(_, value)| value.into_owned());
    Ok(match (named.is_empty(), asked) {
        (false, _) => named,
        (true, Some(asked)) => asked,
        (true, None) => percent_decode(parsed.username()),
    })
}

fn parse(url: &str) -> Result<Url, CopyError> {
    // Not the URL's text: it may hold a password.
    Url::parse(url).map_err(|error| {
        StoreError::Database(sqlx::Error::Configuration(error.to_string().into())).into()
    })
}

fn percent_decode(text: &str) -> String {
    percent_encoding::percent_decode_str(text)
        .decode_utf8_lossy()
        .into_owned()
}

async fn run(program: &'static str, mut command: Command) -> Result<(), CopyError> {
    let output = command
        .output()
        .await
        .map_err(|error| CopyError::NoProgram { program, error })?;
    if output.status.success() {
        return Ok(());
    }
    Err(CopyError::Program {
        program,
        errors: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn environment(url: &str) -> HashMap<String, String> {
        let command = program("pg_dump", url).unwrap();
        let text = |text: &std::ffi::OsStr| text.to_string_lossy().into_owned();
        command
            .as_std()
            .get_envs()
            .filter_map(|(name, value)| Some((text(name), text(value?))))
            .collect()
    }

    #[test]
    fn a_url_becomes_an_environment() {
        let found =
            environment("postgres://jo%40e:s%2Fecret@db.example:5433/fleet?sslmode=require");
        for (name, value) in [
            ("PGHOST", "db.example"),
            ("PGPORT", "5433"),
            ("PGUSER", "jo@e"),
            ("PGPASSWORD", "s/ecret"),
            ("PGDATABASE", "fleet"),
            ("PGSSLMODE", "require"),
        ] {
            assert_eq!(found[name], value, "{name}");
        }
        let found = environment("postgres:///fleet?host=/run/postgresql&user=joe");
        assert_eq!(
            [&*found["PGHOST"], &*found["PGUSER"], &*found["PGDATABASE"]],
            ["/run/postgresql", "joe", "fleet"]
        );
    }

    #[test]
    fn no_argument_holds_a_password() {
        let command = program("pg_dump", "postgres://joe:secret@db.example/fleet").unwrap();
        let arguments: Vec<_> = command.as_std().get_args().collect();
        assert!(arguments.is_empty(), "{arguments:?}");
    }
}
