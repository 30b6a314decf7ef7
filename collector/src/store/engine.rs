//! What the two databases have in common: statements go in, rows come out.
//!
//! In: SQL that both databases understand, with its values. Out: rows, streamed. What must never
//! happen: an answer, a sum or an order of steps depends on which database it is.

use std::borrow::Cow;

use async_trait::async_trait;
use futures_util::stream::BoxStream;
use sqlx::{Row as _, postgres::PgRow, sqlite::SqliteRow};

/// A database, open.
#[async_trait]
pub(super) trait Engine: Send + Sync {
    /// The rows that a statement reads.
    fn rows(&self, statement: Statement) -> BoxStream<'_, Result<Row, sqlx::Error>>;

    /// Begins a transaction that writes.
    async fn begin(&self) -> Result<Box<dyn Transaction>, sqlx::Error>;
}

/// A transaction that writes. Dropped without a commit, it has done nothing.
#[async_trait]
pub(super) trait Transaction: Send {
    /// The rows that a statement reads or returns.
    fn rows(&mut self, statement: Statement) -> BoxStream<'_, Result<Row, sqlx::Error>>;

    /// Runs a statement; how many rows it touched.
    async fn run(&mut self, statement: Statement) -> Result<u64, sqlx::Error>;

    /// Inserts rows, given column by column. `:rows` in `sql` stands for them. Returns how many rows
    /// were inserted or changed.
    async fn insert(
        &mut self,
        sql: &'static str,
        columns: &[Column<'_>],
    ) -> Result<u64, sqlx::Error>;

    /// Locks the list of forgotten sites until the end: alone to change it, else together with
    /// others that rely on it.
    async fn lock_forgotten(&mut self, alone: bool) -> Result<(), sqlx::Error>;

    /// Locks what was added up against others that would change it. `false` if another has it.
    async fn try_lock_fold(&mut self) -> Result<bool, sqlx::Error>;

    /// The same, but waits for the other.
    async fn lock_fold(&mut self) -> Result<(), sqlx::Error>;

    /// Makes it durable.
    async fn commit(self: Box<Self>) -> Result<(), sqlx::Error>;

    /// Undoes it, and gives its locks back before this returns; one that is dropped does so some time later.
    async fn roll_back(self: Box<Self>) -> Result<(), sqlx::Error>;
}

/// SQL and its values, `$1` first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Statement {
    pub(super) sql: Cow<'static, str>,
    pub(super) values: Vec<Value>,
}

/// A value of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Text(Option<String>),
    Number(i64),
    MaybeNumber(Option<i64>),
}

/// Values of one column, for many rows.
pub(super) enum Column<'a> {
    Text(Vec<Cow<'a, str>>),
    Maybe(Vec<Option<Cow<'a, str>>>),
    Number(Vec<i64>),
    Bytes(Vec<Vec<u8>>),
}

/// A row that was read. Columns count from 0.
pub(super) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl Statement {
    /// A statement without values.
    pub(super) const fn new(sql: &'static str) -> Self {
        Self {
            sql: Cow::Borrowed(sql),
            values: Vec::new(),
        }
    }

    /// Adds the next value.
    pub(super) fn with(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<Option<i64>> for Value {
    fn from(number: Option<i64>) -> Self {
        Self::MaybeNumber(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(Some(storable(text).into_owned()))
    }
}

impl From<Option<&str>> for Value {
    fn from(text: Option<&str>) -> Self {
        Self::Text(text.map(|text| storable(text).into_owned()))
    }
}

/// Text that both databases keep: Postgres refuses the character 0, which JSON can carry, and one
/// such text would stop its spool for ever. Its visible symbol stands in for it.
pub(super) fn storable(text: &str) -> Cow<'_, str> {
    if text.contains('\0') {
        Cow::Owned(text.replace('\0', "\u{2400}"))
    } else {
        Cow::Borrowed(text)
    }
}

impl Column<'_> {
    /// How many rows it has.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Text(column) => column.len(),
            Self::Maybe(column) => column.len(),
            Self::Number(column) => column.len(),
            Self::Bytes(column) => column.len(),
        }
    }
}

impl Row {
    /// The text in a column.
    pub(super) fn text(&self, column: usize) -> Result<&str, sqlx::Error> {
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        }
    }

    /// The text in a column that may be null.
    pub(super) fn maybe(&self, column: usize) -> Result<Option<String>, sqlx::Error> {
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        }
    }

    /// The number in a `bigint` column.
    pub(super) fn number(&self, column: usize) -> Result<i64, sqlx::Error> {
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        }
    }

    /// The number in a `bigint` column that may be null.
    pub(super) fn maybe_number(&self, column: usize) -> Result<Option<i64>, sqlx::Error> {
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        }
    }

    /// The number in a `smallint` column.
    pub(super) fn small(&self, column: usize) -> Result<i16, sqlx::Error> {
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        }
    }

    /// The bytes in a column.
    pub(super) fn bytes(&self, column: usize) -> Result<&[u8], sqlx::Error> {
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        }
    }
}
