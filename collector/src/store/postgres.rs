//! Postgres: the database for production.
//!
//! Any number of collectors write at the same time. A merge locks the row of its own spool and adds
//! rows that no other merge can add, so collectors do not wait for each other; sites and shares,
//! which two collectors can meet in, are written in the order of their keys, so that two merges
//! never wait in a circle.

use std::{str::FromStr, time::Duration};

use async_trait::async_trait;
use futures_util::{
    StreamExt, TryStreamExt,
    stream::{self, BoxStream},
};
use sqlx::{
    AssertSqlSafe, Connection, PgConnection, Pool, Postgres as Driver, Row as _,
    migrate::Migrator,
    postgres::{PgArguments, PgConnectOptions, PgPoolOptions},
    query::Query,
};
use tokio::sync::OnceCell;

use super::{
    engine::{Column, Engine, Row, Statement, Transaction, Value},
    error::StoreError,
    schema,
};

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

/// The newest version of the schema that this binary knows.
pub(super) fn known_version() -> i64 {
    schema::known(&MIGRATIONS)
}

/// Connections of one collector: a merge, a fold, and reports with three questions each.
const CONNECTIONS: u32 = 10;

/// How long a caller waits for a connection. Merges are tried again; a report answers 503.
const ACQUIRE: Duration = Duration::from_secs(5);

/// A Postgres database. It may be out of reach for now: then each use tries again.
pub(super) struct Postgres {
    pool: Pool<Driver>,
    options: PgConnectOptions,
    migrated: OnceCell<()>,
}

impl Postgres {
    /// Connects, and brings the schema up to date. A database that is out of reach is no error: a
    /// collector that starts while it is away takes batches all the same, and merges them later.
    pub(super) async fn open(url: &str) -> Result<Self, StoreError> {
        let options = PgConnectOptions::from_str(url)?.application_name("foresight");
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(ACQUIRE)
            .connect_lazy_with(options.clone());
        let postgres = Self {
            pool,
            options,
            migrated: OnceCell::new(),
        };
        match postgres.migrate().await {
            Err(StoreError::Database(error)) if is_out_of_reach(&error) => {
                tracing::warn!(%error, "the database is out of reach; trying again with each use");
                Ok(postgres)
            }
            result => result.map(|()| postgres),
        }
    }

    async fn migrate(&self) -> Result<(), StoreError> {
        let migrate = async || {
            // The migrator takes an advisory lock, which a failure leaves with the connection: it
            // has one of its own, closed afterwards.
            let mut connection = PgConnection::connect_with(&self.options).await?;
            schema::migrate(&MIGRATIONS, &mut connection).await?;
            Ok::<_, StoreError>(connection.close().await?)
        };
        self.migrated.get_or_try_init(migrate).await.copied()
    }

    /// The pool, once the schema is known to be up to date.
    async fn ready(&self) -> Result<&Pool<Driver>, sqlx::Error> {
        self.migrate().await.map_err(|error| match error {
            StoreError::Database(error) => error,
            other => sqlx::Error::Configuration(other.into()),
        })?;
        Ok(&self.pool)
    }
}

/// Whether a later try may find the database: it does not answer, is starting or stopping
/// (class 57P), has no connection left (53300), or takes none for now (55000). A wrong password is
/// for a person to mend (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
fn is_out_of_reach(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut => true,
        sqlx::Error::Database(error) => error
            .code()
            .is_some_and(|code| code.starts_with("57P") || code == "53300" || code == "55000"),
        _ => false,
    }
}

#[async_trait]
impl Engine for Postgres {
    fn rows(&self, statement: Statement) -> BoxStream<'_, Result<Row, sqlx::Error>> {
        let opened = async move {
            let pool = self.ready().await?;
            Ok::<_, sqlx::Error>(query(statement).fetch(pool).map_ok(Row::Postgres))
        };
        stream::once(opened).try_flatten().boxed()
    }

    async fn begin(&self) -> Result<Box<dyn Transaction>, sqlx::Error> {
        Ok(Box::new(Writing(self.ready().await?.begin().await?)))
    }
}

/// A transaction at the level `read committed`.
struct Writing(sqlx::Transaction<'static, Driver>);

#[async_trait]
impl Transaction for Writing {
    fn rows(&mut self, statement: Statement) -> BoxStream<'_, Result<Row, sqlx::Error>> {
        query(statement)
            .fetch(&mut *self.0)
            .map_ok(Row::Postgres)
            .boxed()
    }

    async fn run(&mut self, statement: Statement) -> Result<u64, sqlx::Error> {
        Ok(query(statement)
            .execute(&mut *self.0)
            .await?
            .rows_affected())
    }

    async fn insert(
        &mut self,
        sql: &'static str,
        columns: &[Column<'_>],
    ) -> Result<u64, sqlx::Error> {
        if columns.first().is_none_or(|column| column.len() == 0) {
            return Ok(0);
        }
        // One array per column: a statement has one value per column, however many rows there are.
        let query = sqlx::query(AssertSqlSafe(sql.replace(":rows", &unnest(columns))));
        let done = columns
            .iter()
            .fold(query, |query, column| match column {
                Column::Text(texts) => query.bind(texts),
                Column::Maybe(texts) => query.bind(texts),
                Column::Number(numbers) => query.bind(numbers),
                Column::Bytes(bytes) => query.bind(bytes),
            })
            .execute(&mut *self.0)
            .await?;
        Ok(done.rows_affected())
    }

    async fn lock_forgotten(&mut self, alone: bool) -> Result<(), sqlx::Error> {
        let lock = if alone {
            include_str!("sql/lock_sites.postgres.sql")
        } else {
            include_str!("sql/share_sites.postgres.sql")
        };
        sqlx::query(lock).execute(&mut *self.0).await?;
        Ok(())
    }

    async fn try_lock_fold(&mut self) -> Result<bool, sqlx::Error> {
        sqlx::query(include_str!("sql/try_lock_fold.postgres.sql"))
            .fetch_one(&mut *self.0)
            .await?
            .try_get(0)
    }

    async fn lock_fold(&mut self) -> Result<(), sqlx::Error> {
        sqlx::query(include_str!("sql/lock_fold.postgres.sql"))
            .execute(&mut *self.0)
            .await?;
        Ok(())
    }

    async fn commit(self: Box<Self>) -> Result<(), sqlx::Error> {
        self.0.commit().await
    }

    async fn roll_back(self: Box<Self>) -> Result<(), sqlx::Error> {
        self.0.rollback().await
    }
}

fn query(statement: Statement) -> Query<'static, Driver, PgArguments> {
    // Safe: the texts are this crate's own files; every value is bound.
    let query = sqlx::query(AssertSqlSafe(statement.sql.into_owned()));
    statement
        .values
        .into_iter()
        .fold(query, |query, value| match value {
            Value::Text(text) => query.bind(text),
            Value::Number(number) => query.bind(number),
            Value::MaybeNumber(number) => query.bind(number),
        })
}

/// Rows made of one array per column.
fn unnest(columns: &[Column<'_>]) -> String {
    let arrays: Vec<String> = columns
        .iter()
        .zip(1..)
        .map(|(column, number)| {
            let kind = match column {
                Column::Text(_) | Column::Maybe(_) => "text",
                Column::Number(_) => "bigint",
                Column::Bytes(_) => "bytea",
            };
            format!("${number}::{kind}[]")
        })
        .collect();
    format!("select * from unnest({})", arrays.join(", "))
}
