//! A Postgres server of a test's own, which may be stopped and started.
//!
//! In: `cargo xtask postgres` (`FORESIGHT_TEST_XTASK` names the program). Out: its URL. It is gone when
//! dropped. Must never happen: a server of other tests that is stopped.

use std::{env, process::Stdio, time::Duration};

use anyhow::{Context, Result, ensure};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

/// How long the server may take to start or stop.
const LIMIT: Duration = Duration::from_secs(90);

/// A running or stopped server.
pub struct Server {
    url: String,
    input: Option<ChildStdin>,
    output: Lines<BufReader<ChildStdout>>,
    program: Child,
}

impl Server {
    /// Starts one.
    ///
    /// # Errors
    /// If there is no Postgres, or it does not start.
    pub async fn start() -> Result<Self> {
        let xtask = env::var_os("FORESIGHT_TEST_XTASK")
            .context("FORESIGHT_TEST_XTASK is not set; `cargo xtask test --only rust` sets it")?;
        let mut program = Command::new(xtask)
            .arg("postgres")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cargo xtask postgres cannot be started")?;
        let input = program.stdin.take();
        let output = program.stdout.take().context("no output")?;
        let mut server = Self {
            url: String::new(),
            input,
            output: BufReader::new(output).lines(),
            program,
        };
        server.url = server.line(|line| line.starts_with("postgres://")).await?;
        Ok(server)
    }

    /// Its address, for a user who may create databases.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Stops it at once, as when its machine goes down.
    ///
    /// # Errors
    /// If it does not stop.
    pub async fn stop(&mut self) -> Result<()> {
        self.say("stop", "stopped").await
    }

    /// Starts it again, with its data, at the same address.
    ///
    /// # Errors
    /// If it does not start.
    pub async fn start_again(&mut self) -> Result<()> {
        self.say("start", "started").await
    }

    /// Ends it for good.
    ///
    /// # Errors
    /// If its program fails.
    pub async fn end(mut self) -> Result<()> {
        drop(self.input.take());
        let status = timeout(LIMIT, self.program.wait()).await??;
        ensure!(status.success(), "cargo xtask postgres ended with {status}");
        Ok(())
    }

    async fn say(&mut self, order: &str, done: &str) -> Result<()> {
        let input = self.input.as_mut().context("the server has ended")?;
        input.write_all(format!("{order}\n").as_bytes()).await?;
        self.line(|line| line == done).await.map(drop)
    }

    /// The next line that is meant.
    async fn line(&mut self, meant: impl Fn(&str) -> bool) -> Result<String> {
        let read = async {
            loop {
                let line = self.output.next_line().await?;
                let line = line.context("cargo xtask postgres has ended")?;
                if meant(&line) {
                    return Ok(line);
                }
            }
        };
        timeout(LIMIT, read)
            .await
            .context("cargo xtask postgres says nothing")?
    }
}
