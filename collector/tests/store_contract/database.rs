//! A database for one story: made when it begins, gone when it ends.

use std::{
    env,
    path::{Path, PathBuf},
    process,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use foresight::store::{self, Store};
use sqlx::{
    AssertSqlSafe, Connection, PgConnection, SqliteConnection, migrate::Migrator,
    sqlite::SqliteConnectOptions,
};
use tempfile::TempDir;

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// Every table of the schema. One that is missing here is still there when a new database is opened, and a
/// story fails.
pub(crate) const TABLES: [&str; 23] = [
    "sums",
    "kept",
    "share_visit",
    "share",
    "site",
    "spool_position",
    "revoked_token",
    "forgotten_site",
    "merged_batch",
    "server_event",
    "generation",
    "referred_goal",
    "confirmed_lead",
    "payment",
    "commission",
    "person",
    "setup_secret",
    "session",
    "api_token",
    "audit",
    "site_build",
    "change",
    "look",
];

/// An empty database with Foresight's schema.
pub(crate) struct Database {
    /// The store under test.
    pub(crate) store: Arc<dyn Store>,
    /// Where it is, to open it once more.
    pub(crate) url: String,
    place: Place,
}

/// A database without any schema, before a store has opened it.
pub(crate) struct Place {
    url: String,
    keeper: Keeper,
}

/// Takes the database away when it is dropped.
enum Keeper {
    Sqlite(TempDir),
    Postgres(Made),
}

/// A Postgres database, dropped with this value, after a failed story too.
struct Made {
    server: String,
    name: String,
}

impl Place {
    /// A file of its own.
    pub(crate) fn sqlite() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self {
            url: format!("sqlite:{}", file_in(&dir).display()),
            keeper: Keeper::Sqlite(dir),
        }
    }

    /// A database of its own on the server for tests.
    pub(crate) async fn postgres() -> Self {
        let Ok(server) = env::var("FORESIGHT_TEST_POSTGRES_URL") else {
            panic!("run cargo xtask test, or set FORESIGHT_TEST_POSTGRES_URL");
        };
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("foresight_test_{}_{number}", process::id());
        let mut connection = PgConnection::connect(&server).await.unwrap();
        execute(&mut connection, format!("create database {name}")).await;
        let made = Made { server, name };
        Self {
            url: made.url(),
            keeper: Keeper::Postgres(made),
        }
    }

    /// The migrations of this kind of database, from their files.
    pub(crate) async fn migrations(&self) -> Migrator {
        let directory = match &self.keeper {
            Keeper::Sqlite(_) => "migrations/sqlite",
            Keeper::Postgres(_) => "migrations/postgres",
        };
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(directory);
        Migrator::new(path).await.unwrap()
    }

    /// Brings it to the schema of a version, as the Foresight of that version did.
    pub(crate) async fn migrate_to(&self, version: i64) {
        let migrations = self.migrations().await;
        match &self.keeper {
            Keeper::Sqlite(dir) => {
                let options = SqliteConnectOptions::new()
                    .filename(file_in(dir))
                    .create_if_missing(true);
                let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
                migrations.run_to(version, &mut connection).await.unwrap();
                connection.close().await.unwrap();
            }
            Keeper::Postgres(made) => {
                let mut connection = PgConnection::connect(&made.url()).await.unwrap();
                migrations.run_to(version, &mut connection).await.unwrap();
            }
        }
    }

    /// Has the present store open it.
    pub(crate) async fn open(self) -> Database {
        Database {
            store: store::open(&self.url).await.unwrap(),
            url: self.url.clone(),
            place: self,
        }
    }

    /// Runs statements past the store. `bytes'…'` stands for bytes in hexadecimal.
    pub(crate) async fn run(&self, sql: &str) {
        match &self.keeper {
            Keeper::Sqlite(dir) => {
                let options = SqliteConnectOptions::new().filename(file_in(dir));
                let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
                let sql = sql.replace("bytes'", "x'");
                sqlx::raw_sql(AssertSqlSafe(sql))
                    .execute(&mut connection)
                    .await
                    .unwrap();
            }
            Keeper::Postgres(made) => {
                let mut connection = PgConnection::connect(&made.url()).await.unwrap();
                execute(&mut connection, sql.replace("bytes'", "'\\x")).await;
            }
        }
    }
}

impl Database {
    /// A file of its own.
    pub(crate) async fn sqlite() -> Self {
        Place::sqlite().open().await
    }

    /// A database of its own on the server for tests.
    pub(crate) async fn postgres() -> Self {
        Place::postgres().await.open().await
    }

    /// Opens it once more, as another process would.
    pub(crate) async fn again(&self) -> Arc<dyn Store> {
        store::open(&self.url).await.unwrap()
    }

    /// Runs statements past the store. `bytes'…'` stands for bytes in hexadecimal.
    pub(crate) async fn run(&self, sql: &str) {
        self.place.run(sql).await;
    }

    /// The number that SQL answers with.
    pub(crate) async fn number(&self, sql: &'static str) -> i64 {
        match &self.place.keeper {
            Keeper::Sqlite(dir) => {
                let options = SqliteConnectOptions::new().filename(file_in(dir));
                let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
                sqlx::query_scalar(sql)
                    .fetch_one(&mut connection)
                    .await
                    .unwrap()
            }
            Keeper::Postgres(made) => {
                let mut connection = PgConnection::connect(&made.url()).await.unwrap();
                sqlx::query_scalar(sql)
                    .fetch_one(&mut connection)
                    .await
                    .unwrap()
            }
        }
    }

    /// How many rows of sums have a text in their block.
    pub(crate) async fn blocks_with(&self, text: &str) -> i64 {
        match &self.place.keeper {
            Keeper::Sqlite(dir) => {
                let options = SqliteConnectOptions::new().filename(file_in(dir));
                let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
                let sql = "select count(*) from sums where instr(block, cast($1 as blob)) > 0";
                let count = sqlx::query_scalar(sql).bind(text);
                count.fetch_one(&mut connection).await.unwrap()
            }
            Keeper::Postgres(made) => {
                let mut connection = PgConnection::connect(&made.url()).await.unwrap();
                let sql = "select count(*) from sums \
                           where position(convert_to($1::text, 'UTF8') in block) > 0";
                let count = sqlx::query_scalar(sql).bind(text);
                count.fetch_one(&mut connection).await.unwrap()
            }
        }
    }

    /// Takes every row away.
    pub(crate) async fn clear(&self) {
        for table in TABLES {
            self.run(&format!("delete from {table}")).await;
        }
    }
}

impl Made {
    /// The URL of the server, with this database's name in the place of the one it has.
    fn url(&self) -> String {
        let (address, options) = self.server.split_once('?').unwrap_or((&self.server, ""));
        let (host, _) = address.rsplit_once('/').unwrap();
        format!("{host}/{}?{options}", self.name)
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        // A runtime cannot wait inside a runtime: the connection has a thread of its own.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            runtime.block_on(async {
                let mut connection = PgConnection::connect(&server).await.unwrap();
                let sql = format!("drop database {name} with (force)");
                execute(&mut connection, sql).await;
            });
        })
        .join();
        if dropped.is_err() {
            eprintln!("database {} was not dropped", self.name);
        }
    }
}

fn file_in(dir: &TempDir) -> PathBuf {
    dir.path().join("foresight.db")
}

async fn execute(connection: &mut PgConnection, sql: String) {
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(connection)
        .await
        .unwrap();
}
