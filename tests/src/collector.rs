//! A running collector, and talking to it.
//!
//! In: a [`Home`]. Out: its answers. It is killed when dropped. Must never happen: waiting for
//! readiness by sleeping, or a fixed port.

use std::{
    fs::{self, OpenOptions},
    net::SocketAddr,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use foresight_shared::{Answer, Batch};
use reqwest::{Client, Method, RequestBuilder, StatusCode, header};
use rustix::process::{Pid, Signal, kill_process};
use serde::Deserialize;
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    time::timeout,
};

use crate::{Home, Scrape, Site, until};

/// How long a start may take: migrations, and whatever else the machine is doing.
const START_LIMIT: Duration = Duration::from_secs(30);

/// How long merging everything that was accepted may take.
const MERGE_LIMIT: Duration = Duration::from_secs(60);

/// How long an orderly end may take: its own grace is 10 s.
const END_LIMIT: Duration = Duration::from_secs(20);

/// A collector that is running.
pub struct Collector {
    process: Child,
    /// The public listener.
    pub listen: SocketAddr,
    /// The metrics listener.
    pub metrics: SocketAddr,
    /// The dashboard's listener, if it has one of its own.
    pub dashboard: Option<SocketAddr>,
    /// The admins' listener, if they have one of their own.
    pub admin: Option<SocketAddr>,
    /// The link that makes the first user, if there is none.
    pub setup: Option<String>,
    client: Client,
}

/// An answer to a post.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The `Content-Type`, or nothing.
    pub content_type: String,
    /// Whether there is a `Retry-After`.
    pub retry_after: bool,
    /// The body; null if it is not JSON.
    pub body: Value,
}

impl Reply {
    /// The `code` of a problem; nothing if there is none.
    #[must_use]
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// The body of a 202.
    ///
    /// # Errors
    /// If the answer is another.
    pub fn answer(&self) -> Result<Answer> {
        ensure!(self.status == 202, "expected 202, got {self:?}");
        serde_json::from_value(self.body.clone()).context("the body of a 202 has another form")
    }
}

/// The line that `serve --announce` prints.
#[derive(Deserialize)]
struct Announcement {
    ready: bool,
    listen: SocketAddr,
    metrics: SocketAddr,
    dashboard: Option<SocketAddr>,
    admin: Option<SocketAddr>,
    setup: Option<String>,
}

impl Collector {
    /// Starts one in a home, and waits until it says that it takes requests.
    pub(crate) async fn start(home: &Home) -> Result<Self> {
        Self::spawn(home, home.command()).await
    }

    /// The same by this command, to which the arguments are added.
    pub(crate) async fn spawn(home: &Home, mut command: Command) -> Result<Self> {
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(home.log())?;
        let mut process = command
            .args(["serve", "--announce"])
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .context("the collector cannot be started")?;
        let announced = timeout(START_LIMIT, announcement(&mut process)).await;
        let announced = announced
            .context("it announces nothing")
            .and_then(|read| read)
            .with_context(|| {
                let log = fs::read_to_string(home.log()).unwrap_or_default();
                format!("the collector does not start; its log:\n{log}")
            })?;
        let client = Client::builder().timeout(Duration::from_secs(10)).build()?;
        let collector = Self {
            process,
            listen: announced.listen,
            metrics: announced.metrics,
            dashboard: announced.dashboard,
            admin: announced.admin,
            setup: announced.setup,
            client,
        };
        Ok(collector)
    }

    /// Waits until `/api/ready` says so.
    pub(crate) async fn ready(self) -> Result<Self> {
        until("/api/ready", START_LIMIT, async || {
            let ready = self.get("/api/ready").send().await?.status() == StatusCode::OK;
            Ok(ready.then_some(()))
        })
        .await?;
        Ok(self)
    }

    /// The address of a path on the public listener.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.listen)
    }

    /// A GET, not yet sent.
    pub fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(self.url(path))
    }

    /// The answer of an API address, which must be 200.
    ///
    /// # Errors
    /// If it is anything else.
    pub async fn ask(&self, path: &str) -> Result<Value> {
        let response = self.get(path).send().await?;
        let status = response.status();
        let text = response.text().await?;
        ensure!(status == StatusCode::OK, "GET {path}: {status} {text}");
        serde_json::from_str(&text).with_context(|| format!("GET {path}: {text}"))
    }

    /// A request to `/v1/batches` that says nothing of its origin and type, not yet sent.
    pub fn request(&self, method: Method) -> RequestBuilder {
        self.client.request(method, self.url("/v1/batches"))
    }

    /// A POST to `/v1/batches` as a page of `site` sends it, not yet sent and without a body.
    pub fn post(&self, site: &Site) -> RequestBuilder {
        self.request(Method::POST)
            .header(header::ORIGIN, format!("https://{}", site.host))
            .header(header::CONTENT_TYPE, "text/plain;charset=UTF-8")
    }

    /// Posts a batch.
    ///
    /// # Errors
    /// If no answer arrived.
    pub async fn send(&self, site: &Site, batch: &Batch<'_>) -> Result<Reply> {
        self.reply(self.post(site).body(serde_json::to_string(batch)?))
            .await
    }

    /// Sends a request and reads the answer.
    ///
    /// # Errors
    /// If no answer arrived.
    pub async fn reply(&self, request: RequestBuilder) -> Result<Reply> {
        let response = request.send().await?;
        let headers = response.headers();
        let content_type = headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        let (content_type, retry_after) = (
            content_type.unwrap_or_default().to_owned(),
            headers.contains_key(header::RETRY_AFTER),
        );
        let status = response.status().as_u16();
        let body = response.bytes().await?;
        // Null is kept apart from any JSON that an answer may have: no test expects it.
        let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
        Ok(Reply {
            status,
            content_type,
            retry_after,
            body,
        })
    }

    /// The metrics, read now.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn scrape(&self) -> Result<Scrape> {
        let url = format!("http://{}/metrics", self.metrics);
        let text = self
            .client
            .get(url)
            .send()
            .await?
            .error_for_status()?
            .text()
            .await?;
        Scrape::parse(&text)
    }

    /// Waits until everything that was accepted is in the database.
    ///
    /// # Errors
    /// If that takes too long.
    pub async fn merged(&self) -> Result<()> {
        until("an empty spool", MERGE_LIMIT, async || {
            let depth = self.scrape().await?.one("foresight_spool_depth", &[])?;
            Ok((depth == 0.0).then_some(()))
        })
        .await
    }

    /// Posts server events with a token.
    ///
    /// # Errors
    /// If no answer arrived.
    pub async fn tell(&self, token: &str, events: &Value) -> Result<Reply> {
        let request = self
            .client
            .post(self.url("/v1/events"))
            .bearer_auth(token)
            .header(header::CONTENT_TYPE, "application/json")
            .body(events.to_string());
        self.reply(request).await
    }

    /// The process's id.
    ///
    /// # Errors
    /// If it has ended.
    pub fn process(&self) -> Result<Pid> {
        let id = self.process.id();
        let id = id.and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        id.context("the collector has ended already")
    }

    /// The memory that the process holds now, and the most that it has held, in KiB.
    ///
    /// # Errors
    /// If it has ended.
    pub fn memory_kib(&self) -> Result<(u64, u64)> {
        let id = self.process.id().context("the collector has ended")?;
        let status = fs::read_to_string(format!("/proc/{id}/status"))?;
        let kib = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let number = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
            number.with_context(|| format!("no {name} in its status"))
        };
        Ok((kib("VmRSS:")?, kib("VmHWM:")?))
    }

    /// `kill -9`, and waits until the process is gone.
    ///
    /// # Errors
    /// If it had ended before.
    pub async fn kill(&mut self) -> Result<()> {
        if let Some(status) = self.process.try_wait()? {
            bail!("the collector had already ended with {status}");
        }
        self.process
            .kill()
            .await
            .context("the collector cannot be killed")
    }

    /// Sends SIGTERM and does not wait.
    ///
    /// # Errors
    /// If it has ended already.
    pub fn ask_to_end(&self) -> Result<()> {
        kill_process(self.process()?, Signal::TERM)?;
        Ok(())
    }

    /// Waits for the process to end by itself.
    ///
    /// # Errors
    /// If it takes longer than its grace.
    pub async fn ended(&mut self) -> Result<ExitStatus> {
        let ended = timeout(END_LIMIT, self.process.wait()).await;
        Ok(ended.context("the collector does not end after SIGTERM")??)
    }
}

/// Reads the process's output up to its announcement, and goes on reading for as long as it lives:
/// a full pipe would stop it.
async fn announcement(process: &mut Child) -> Result<Announcement> {
    let stdout = process.stdout.take().context("no output")?;
    let mut lines = BufReader::new(stdout).lines();
    while let Some(line) = lines.next_line().await? {
        if let Ok(announced) = serde_json::from_str::<Announcement>(&line) {
            ensure!(announced.ready, "it announces that it is not ready: {line}");
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return Ok(announced);
        }
    }
    bail!(
        "it ended with {} before it was ready",
        process.wait().await?
    )
}
