//! SQLite: the database inside the process, in one file.
//!
//! Writers take turns: one connection writes, in transactions that take the file's write lock when
//! they begin, so that another process (the command line, while the server runs) is waited for and
//! never met half-way. Readers have connections of their own and wait for nobody.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use futures_util::{StreamExt, TryStreamExt, stream::BoxStream};
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Pool, Sqlite as Driver,
    migrate::Migrator,
    query::Query,
    query_builder::QueryBuilder,
    sqlite::{
        SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions,
        SqliteSynchronous,
    },
};
use tokio::time::sleep;

use super::{
    engine::{Column, Engine, Row, Statement, Transaction, Value},
    error::StoreError,
    schema,
};

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

/// The newest version of the schema that this binary knows.
pub(super) fn known_version() -> i64 {
    schema::known(&MIGRATIONS)
}

/// Values in one statement: SQLite's own limit (`SQLITE_MAX_VARIABLE_NUMBER`) is 32,766.
const VALUES: usize = 32_766;

/// Rows in one statement. More would not be faster, and equal statements are prepared once.
const ROWS: usize = 256;

/// How long a writer waits for another process before it gives up.
const BUSY: Duration = Duration::from_secs(10);

/// The pause before a busy file is opened again.
const RETRY: Duration = Duration::from_millis(50);

/// Connections that read. Each is a thread; a report asks at most three questions at once.
const READERS: u32 = 4;

/// An SQLite database, open.
pub(super) struct Sqlite {
    reader: Pool<Driver>,
    writer: Pool<Driver>,
}

impl Sqlite {
    /// Opens the file, makes it if it is missing, and brings its schema up to date.
    pub(super) async fn open(path: &Path) -> Result<Self, StoreError> {
        let end = Instant::now() + BUSY;
        loop {
            match Self::open_once(path).await {
                Err(error) if is_busy(&error) && Instant::now() < end => sleep(RETRY).await,
                result => return result,
            }
        }
    }

    async fn open_once(path: &Path) -> Result<Self, StoreError> {
        let options = options(path);
        // 48 MiB: a merge and a fold write about one page for each site of a fleet, at each level.
        let writes = options.clone().pragma("cache_size", "-49152");
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            // The only connection must not be closed and opened again for its age.
            .idle_timeout(None)
            .max_lifetime(None)
            // A full disk ends a transaction by itself. sqlx still counts it, and would begin no other
            // on this connection (https://sqlite.org/lang_transaction.html, "Response To Errors").
            .before_acquire(|connection, _| {
                let idle = !connection.is_in_transaction();
                Box::pin(async move { Ok(idle) })
            })
            // Inserts of many rows are long texts: nothing to be logged.
            .connect_with(writes.disable_statement_logging())
            .await?;
        // The write lock keeps a second process from migrating at the same time.
        let mut transaction = writer.begin_with("begin immediate").await?;
        schema::migrate(&MIGRATIONS, &mut *transaction).await?;
        transaction.commit().await?;
        let reader = SqlitePoolOptions::new()
            .max_connections(READERS)
            .connect_with(options.pragma("query_only", "on"))
            .await?;
        Ok(Self { reader, writer })
    }
}

/// Whether another process has the file just now. The busy time-out does not cover the change to WAL
/// mode, in which two first starts can meet (<https://sqlite.org/c3ref/busy_handler.html>).
fn is_busy(error: &StoreError) -> bool {
    match error {
        StoreError::Database(sqlx::Error::Database(error)) => {
            error.code().is_some_and(|code| code == "5")
        }
        _ => false,
    }
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        // Readers see the last commit while a merge is being written.
        .journal_mode(SqliteJournalMode::Wal)
        // A commit survives power loss: the spool forgets what has been merged.
        .synchronous(SqliteSynchronous::Full)
        // Another process may be writing: wait for it.
        .busy_timeout(BUSY)
        // 32 MiB instead of 4: a merge of a busy fleet writes more than 4, and would copy pages into the
        // file, with two syncs, that the next one writes again.
        .pragma("wal_autocheckpoint", "8192")
        // A long fold must not leave a log file of its size behind.
        .pragma("journal_size_limit", "67108864")
        // 16 MiB instead of 2: the upper levels of the tables stay in memory.
        .pragma("cache_size", "-16384")
        // Sorting a report is small; it needs no file.
        .pragma("temp_store", "memory")
}

#[async_trait]
impl Engine for Sqlite {
    fn rows(&self, statement: Statement) -> BoxStream<'_, Result<Row, sqlx::Error>> {
        query(statement)
            .fetch(&self.reader)
            .map_ok(Row::Sqlite)
            .boxed()
    }

    async fn begin(&self) -> Result<Box<dyn Transaction>, sqlx::Error> {
        let transaction = self.writer.begin_with("begin immediate").await?;
        Ok(Box::new(Writing(transaction)))
    }
}

/// A transaction that has the file's write lock.
struct Writing(sqlx::Transaction<'static, Driver>);

#[async_trait]
impl Transaction for Writing {
    fn rows(&mut self, statement: Statement) -> BoxStream<'_, Result<Row, sqlx::Error>> {
        query(statement)
            .fetch(&mut *self.0)
            .map_ok(Row::Sqlite)
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
        let mut inserted = 0;
        let rows = columns.first().map_or(0, Column::len);
        let step = ROWS.min(VALUES / columns.len().max(1));
        for start in (0..rows).step_by(step) {
            let end = rows.min(start + step);
            let mut statement = values(sql, columns, start..end);
            let done = statement
                .build()
                // Only full statements come again.
                .persistent(end - start == step)
                .execute(&mut *self.0)
                .await?;
            inserted += done.rows_affected();
        }
        Ok(inserted)
    }

    async fn lock_forgotten(&mut self, _alone: bool) -> Result<(), sqlx::Error> {
        // The transaction has the whole file.
        Ok(())
    }

    async fn try_lock_fold(&mut self) -> Result<bool, sqlx::Error> {
        // The transaction has the whole file.
        Ok(true)
    }

    async fn lock_fold(&mut self) -> Result<(), sqlx::Error> {
        // The transaction has the whole file.
        Ok(())
    }

    async fn commit(self: Box<Self>) -> Result<(), sqlx::Error> {
        self.0.commit().await
    }

    async fn roll_back(self: Box<Self>) -> Result<(), sqlx::Error> {
        self.0.rollback().await
    }
}

fn query(statement: Statement) -> Query<'static, Driver, SqliteArguments> {
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

/// The statement `sql` with a list of values for `:rows`.
fn values(
    sql: &'static str,
    columns: &[Column<'_>],
    rows: std::ops::Range<usize>,
) -> QueryBuilder<Driver> {
    let (head, tail) = sql.split_once(":rows").unwrap_or((sql, ""));
    let mut builder = QueryBuilder::new(head);
    builder.push_values(rows, |mut line, row| {
        for column in columns {
            match column {
                Column::Text(texts) => line.push_bind(&*texts[row]),
                Column::Maybe(texts) => line.push_bind(texts[row].as_deref()),
                Column::Number(numbers) => line.push_bind(numbers[row]),
                Column::Bytes(bytes) => line.push_bind(&*bytes[row]),
            };
        }
    });
    builder.push(tail);
    builder
}
