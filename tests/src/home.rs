//! A collector's directory and database, which outlive the process.
//!
//! In: which database. Out: an empty home, in which commands of the binary run. It is gone when
//! dropped. Must never happen: two tests that share a home, or settings of the person's own
//! environment that reach a collector under test.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::{Context, Result, bail, ensure};
use reqwest::Url;
use serde::{Deserialize, de::DeserializeOwned};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, postgres::PgConnectOptions};
use tempfile::TempDir;
use tokio::process::Command;

use crate::{Collector, SmallDisk, new_id, small_disk};

/// A database that a collector can use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    /// The embedded one, in the data directory.
    Sqlite,
    /// A new database on the server of `FORESIGHT_TEST_POSTGRES_URL`.
    Postgres,
}

/// A site with its token, as `foresight site add --json` prints it.
#[derive(Clone, Debug, Deserialize)]
pub struct Site {
    /// The host, to which the `Origin` must belong.
    pub host: String,
    /// The public token.
    pub token: String,
    /// The element to paste into a page.
    pub snippet: String,
}

/// A data directory, a database, and settings.
pub struct Home {
    directory: TempDir,
    postgres: Option<OwnDatabase>,
    settings: Vec<(String, String)>,
    environment: Vec<(String, String)>,
    binary: PathBuf,
}

impl Home {
    /// An empty home. Rate limits are out of the way, and merges happen often.
    ///
    /// # Errors
    /// If there is no binary, or no database can be created.
    pub async fn new(database: Database) -> Result<Self> {
        match database {
            Database::Sqlite => Self::with(None),
            Database::Postgres => {
                let server = env::var("FORESIGHT_TEST_POSTGRES_URL").context(
                    "FORESIGHT_TEST_POSTGRES_URL is not set; `cargo xtask test --only rust` starts a Postgres and sets it",
                )?;
                Self::on(&server).await
            }
        }
    }

    /// The same with a new database on the Postgres at this URL.
    ///
    /// # Errors
    /// If there is no binary, or no database can be created.
    pub async fn on(server: &str) -> Result<Self> {
        Self::with(Some(OwnDatabase::create(server).await?))
    }

    fn with(postgres: Option<OwnDatabase>) -> Result<Self> {
        let mut home = Self {
            directory: tempfile::Builder::new()
                .prefix("foresight-test-")
                .tempdir()?,
            postgres,
            settings: Vec::new(),
            environment: Vec::new(),
            binary: binary()?,
        };
        for (key, value) in [
            ("LISTEN", "127.0.0.1:0"),
            ("METRICS_LISTEN", "127.0.0.1:0"),
            // Tests of access set it to `required`.
            ("ACCESS_LOGIN", "off"),
            ("FLUSH_INTERVAL_MS", "100"),
            ("SITE_BATCHES_PER_SECOND", "1000000"),
            ("SITE_BURST", "1000000"),
            ("CLIENT_BATCHES_PER_SECOND", "1000000"),
            ("CLIENT_BURST", "1000000"),
        ] {
            home.set(key, value);
        }
        Ok(home)
    }

    /// Sets `FORESIGHT_<key>` for what runs from now on.
    pub fn set(&mut self, key: &str, value: &str) {
        self.settings
            .push((format!("FORESIGHT_{key}"), value.to_owned()));
    }

    /// Sets a variable that is none of Foresight's for what runs from now on.
    pub fn set_environment(&mut self, name: &str, value: &str) {
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// The URL under which its collectors have their database, unless they were given another.
    #[must_use]
    pub fn store_url(&self) -> String {
        match &self.postgres {
            Some(database) => database.url.to_string(),
            None => format!("sqlite:{}", self.data_dir().join("foresight.db").display()),
        }
    }

    /// A secret token for servers, of one host or of all.
    ///
    /// # Errors
    /// If the command fails or prints something else.
    pub async fn server_token(&self, host: Option<&str>) -> Result<String> {
        let mut arguments = vec!["token", "issue", "--server"];
        arguments.extend(host);
        let issued: serde_json::Value = self.json(&arguments).await?;
        let token = issued["token"].as_str().context("no token was printed")?;
        Ok(token.to_owned())
    }

    /// The URL of its database, for a collector with another data directory.
    #[must_use]
    pub fn database_url(&self) -> String {
        match &self.postgres {
            Some(database) => database.url.to_string(),
            None => format!(
                "sqlite:{}",
                self.directory.path().join("shared.db").display()
            ),
        }
    }

    /// Adds a site and returns its token.
    ///
    /// # Errors
    /// If the command fails or prints something else.
    pub async fn add_site(&self, host: &str) -> Result<Site> {
        self.json(&["site", "add", host]).await
    }

    /// Revokes a token.
    ///
    /// # Errors
    /// If the command fails.
    pub async fn revoke(&self, token: &str) -> Result<()> {
        self.json::<serde_json::Value>(&["token", "revoke", token])
            .await
            .map(|_| ())
    }

    /// Erases a site; what the command prints.
    ///
    /// # Errors
    /// If the command fails.
    pub async fn forget_site(&self, host: &str) -> Result<serde_json::Value> {
        self.json(&["site", "forget", host, "--yes"]).await
    }

    /// Starts a collector and waits until it is ready.
    ///
    /// # Errors
    /// If it ends or does not get ready; the message has its log.
    pub async fn start(&self) -> Result<Collector> {
        Collector::start(self).await?.ready().await
    }

    /// Starts a collector whose data directory is on a disk of so many bytes, with what is in this
    /// home's. It is ready when it is returned; the disk is gone with it.
    ///
    /// # Errors
    /// If it ends or does not get ready; or the system lets nobody mount a disk for themselves.
    pub async fn start_on_small_disk(&self, bytes: u64) -> Result<(Collector, SmallDisk)> {
        let place = self.directory.path().join("small-disk");
        fs::create_dir_all(&place)?;
        let command = small_disk::mounted(&self.command(), &place, bytes);
        let collector = Collector::spawn(self, command).await?.ready().await?;
        let disk = SmallDisk::of(collector.process()?, &place);
        Ok((collector, disk))
    }

    /// Starts a collector that may have to do without its database for now.
    ///
    /// # Errors
    /// If it ends; the message has its log.
    pub async fn start_unready(&self) -> Result<Collector> {
        Collector::start(self).await
    }

    /// A command of the binary, with this home's settings and no others.
    #[must_use]
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.binary);
        for (name, _) in env::vars_os() {
            if name.to_string_lossy().starts_with("FORESIGHT_") {
                command.env_remove(name);
            }
        }
        command
            // No foresight.toml of the repository is read from here.
            .current_dir(self.directory.path())
            .env("FORESIGHT_DATA_DIR", self.data_dir())
            .envs(self.settings.iter().cloned())
            .envs(self.environment.iter().cloned())
            .stdin(Stdio::null())
            .kill_on_drop(true);
        // A test may have set another way to it, through a proxy of its own.
        let is_set = |name| self.settings.iter().any(|(set, _)| set == name);
        if let Some(database) = &self.postgres
            && !is_set("FORESIGHT_DATABASE_URL")
        {
            command.env("FORESIGHT_DATABASE_URL", database.url.as_str());
        }
        command
    }

    /// Takes the Postgres database away: connections are cut and refused until it is given back.
    ///
    /// # Errors
    /// If this home has none, or the server cannot be reached.
    pub async fn take_database_away(&self) -> Result<()> {
        let database = self
            .postgres
            .as_ref()
            .context("this home has no Postgres")?;
        let name = &database.name;
        database
            .tell(format!(
                "alter database {name} with allow_connections false"
            ))
            .await?;
        let others = format!(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'"
        );
        database.tell(others).await
    }

    /// Gives it back.
    ///
    /// # Errors
    /// If this home has none, or the server cannot be reached.
    pub async fn give_database_back(&self) -> Result<()> {
        let database = self
            .postgres
            .as_ref()
            .context("this home has no Postgres")?;
        database
            .tell(format!(
                "alter database {} with allow_connections true",
                database.name
            ))
            .await
    }

    /// The data directory, which may not exist yet.
    #[must_use]
    pub fn data_dir(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    /// The file that the collectors of this home write their log to.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.directory.path().join("collector.log")
    }

    /// Runs a command with `--json` and reads what it printed.
    ///
    /// # Errors
    /// If the command fails or prints something else.
    pub async fn json<T: DeserializeOwned>(&self, arguments: &[&str]) -> Result<T> {
        let line = format!("foresight {} --json", arguments.join(" "));
        let output = self
            .command()
            .args(arguments)
            .arg("--json")
            .output()
            .await
            .context(line.clone())?;
        ensure!(
            output.status.success(),
            "{line} ended with {}: {}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
        serde_json::from_slice(&output.stdout)
            .with_context(|| format!("{line} printed {}", String::from_utf8_lossy(&output.stdout)))
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        // Shown only if the test fails: of those that pass, the test runner hides the output.
        if let Ok(log) = fs::read_to_string(self.log()) {
            eprintln!("the collector's log:\n{log}");
        }
    }
}

/// The binary under test: the one that was named, else one that cargo built.
fn binary() -> Result<PathBuf> {
    if let Some(named) = env::var_os("FORESIGHT_BIN") {
        let named = PathBuf::from(named);
        ensure!(
            named.is_file(),
            "FORESIGHT_BIN names {}, which is no file",
            named.display()
        );
        return Ok(named);
    }
    // This test's own binary is in <target>/<profile>/deps.
    let own = env::current_exe()?;
    let target = own.ancestors().nth(3).unwrap_or(Path::new("target"));
    for profile in ["release", "debug"] {
        let candidate = target.join(profile).join("foresight");
        if candidate.is_file() {
            return Ok(candidate);
        }
    }
    bail!(
        "no collector in {}; `cargo xtask build` builds it",
        target.display()
    )
}

/// A Postgres database that is dropped with its owner.
struct OwnDatabase {
    server: Url,
    name: String,
    url: Url,
}

impl OwnDatabase {
    async fn create(server: &str) -> Result<Self> {
        let server = Url::parse(server).context("the Postgres server's address is not a URL")?;
        // Ids have characters and cases that a database's name must not have.
        let suffix: String = new_id().bytes().map(|byte| format!("{byte:02x}")).collect();
        let name = format!("foresight_test_{}", &suffix[..32]);
        let mut url = server.clone();
        url.set_path(&name);
        execute(&server, format!("create database {name}")).await?;
        Ok(Self { server, name, url })
    }

    async fn tell(&self, sql: String) -> Result<()> {
        execute(&self.server, sql).await
    }
}

impl Drop for OwnDatabase {
    fn drop(&mut self) {
        let (server, sql) = (
            self.server.clone(),
            format!("drop database {} with (force)", self.name),
        );
        // A thread, since this may run inside a runtime, which must not be blocked.
        let dropped = std::thread::spawn(move || -> Result<()> {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(execute(&server, sql))
        });
        if !matches!(dropped.join(), Ok(Ok(()))) {
            eprintln!("the database {} is left behind", self.name);
        }
    }
}

async fn execute(server: &Url, sql: String) -> Result<()> {
    let mut connection = PgConnectOptions::from_url(server)?
        .connect()
        .await
        .context("the tests' Postgres cannot be reached")?;
    connection.execute(AssertSqlSafe(sql)).await?;
    connection.close().await?;
    Ok(())
}
