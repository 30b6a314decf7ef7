//! The servers that are measured, and how each is started on one core.
//!
//! In: what to start, and a directory for its files. Out: a running server and where it listens.
//! Must never happen: a server outlives its measurement, or one is measured with files of another.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::{
    postgres::Postgres,
    steps::{output, run},
};

/// The core of the server that is measured.
const CORE: &str = "0";

/// How long a server may take to start.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is measured, in this order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Server {
    /// nginx, which answers 204 and does nothing: the ceiling.
    Nginx,
    /// axum that reads the body.
    Body,
    /// axum that parses it too: the baseline.
    Serde,
    /// The whole collector with the embedded database.
    Whole,
    /// The whole collector with a Postgres on the same core.
    WholePostgres,
    /// Prometheus' pushgateway: the floor. It keeps what it is told in memory.
    Pushgateway,
}

impl Server {
    pub(super) const ALL: [Self; 6] = [
        Self::Nginx,
        Self::Body,
        Self::Serde,
        Self::Whole,
        Self::WholePostgres,
        Self::Pushgateway,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Nginx => "nginx, 204",
            Self::Body => "axum, body read",
            Self::Serde => "axum, and parsed",
            Self::Whole => "foresight, durable and counted",
            Self::WholePostgres => "the same, counted in Postgres",
            Self::Pushgateway => "pushgateway, in memory",
        }
    }
}

/// The programs that are measured.
pub(super) struct Programs {
    pub(super) foresight: PathBuf,
    pub(super) bare: PathBuf,
}

/// A server that runs. It ends when this is dropped.
pub(super) struct Running {
    child: Child,
    /// Where it takes requests.
    pub(super) address: String,
    /// The collector's site token.
    pub(super) token: Option<String>,
    /// The collector's metrics listener.
    metrics: Option<String>,
    /// The database that counts, if it is a server of its own.
    _postgres: Option<Postgres>,
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Err(error) = self.child.kill().and_then(|()| self.child.wait()) {
            eprintln!("a server could not be ended: {error}");
        }
    }
}

impl Running {
    /// Starts a server; its files are in `directory`.
    pub(super) fn start(server: Server, programs: &Programs, directory: &Path) -> Result<Self> {
        match server {
            Server::Nginx => nginx(directory),
            Server::Body => bare(programs, "body"),
            Server::Serde => bare(programs, "serde"),
            Server::Whole => whole(programs, directory, None),
            Server::WholePostgres => {
                let postgres = Postgres::start()?;
                // What it forks from now on stays on the core too.
                let process = postgres.process()?;
                run(Command::new("taskset").args([
                    "--all-tasks",
                    "--pid",
                    "--cpu-list",
                    CORE,
                    &process,
                ]))?;
                whole(programs, directory, Some(postgres))
            }
            Server::Pushgateway => pushgateway(),
        }
    }

    /// The most memory that the process held, in MiB.
    pub(super) fn peak_mib(&self) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let kib = status.lines().find_map(|line| {
            line.strip_prefix("VmHWM:")?
                .trim()
                .strip_suffix(" kB")?
                .parse::<f64>()
                .ok()
        });
        Ok(kib.context("no VmHWM")? / 1024.0)
    }

    /// How many records wait in the collector's spool. `None` for other servers.
    pub(super) fn waiting(&self) -> Result<Option<f64>> {
        let Some(metrics) = &self.metrics else {
            return Ok(None);
        };
        let mut stream = TcpStream::connect(metrics)?;
        write!(
            stream,
            "GET /metrics HTTP/1.1\r\nHost: {metrics}\r\nConnection: close\r\n\r\n"
        )?;
        let mut text = String::new();
        stream.read_to_string(&mut text)?;
        let depth = text.lines().find_map(|line| {
            line.strip_prefix("foresight_spool_depth ")?
                .trim()
                .parse()
                .ok()
        });
        Ok(Some(depth.context("no foresight_spool_depth")?))
    }
}

/// A command that stays on the server's core.
fn on_its_core(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new("taskset");
    command.args(["--cpu-list", CORE]).arg(program);
    command
}

fn free_address() -> Result<String> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}

/// Starts a server that says nothing once it is ready.
fn silent(mut command: Command, address: String) -> Result<Running> {
    let running = Running {
        child: command.spawn()?,
        address,
        token: None,
        metrics: None,
        _postgres: None,
    };
    let end = Instant::now() + PATIENCE;
    while TcpStream::connect(&running.address).is_err() {
        ensure!(Instant::now() < end, "{command:?} does not start");
        thread::sleep(Duration::from_millis(20));
    }
    Ok(running)
}

fn bare(programs: &Programs, mode: &str) -> Result<Running> {
    let address = free_address()?;
    let mut command = on_its_core(&programs.bare);
    command.args([mode, &address]);
    silent(command, address)
}

fn nginx(directory: &Path) -> Result<Running> {
    let address = free_address()?;
    let files = directory.display();
    // One process in all, so that what is measured and ended is the process that answers.
    let settings = format!(
        "daemon off; master_process off; worker_processes 1; pid {files}/nginx.pid;
error_log {files}/nginx.log;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    client_body_temp_path {files}/body;
    proxy_temp_path {files}/proxy;
    fastcgi_temp_path {files}/fastcgi;
    uwsgi_temp_path {files}/uwsgi;
    scgi_temp_path {files}/scgi;
    server {{ listen {address}; location / {{ return 204; }} }}
}}
"
    );
    let file = directory.join("nginx.conf");
    fs::write(&file, settings)?;
    let mut command = on_its_core("nginx");
    command
        .arg("-c")
        .arg(&file)
        .arg("-e")
        .arg(directory.join("nginx.log"));
    silent(command, address)
}

fn pushgateway() -> Result<Running> {
    let address = free_address()?;
    let mut command = on_its_core("prometheus-pushgateway");
    command
        .arg(format!("--web.listen-address={address}"))
        .arg("--log.level=error");
    silent(command, address)
}

#[derive(Deserialize)]
struct Announcement {
    listen: String,
    metrics: String,
}

#[derive(Deserialize)]
struct Issued {
    token: String,
}

fn whole(programs: &Programs, data: &Path, postgres: Option<Postgres>) -> Result<Running> {
    let database = postgres.as_ref().map_or("", Postgres::url).to_owned();
    let issued = output(
        Command::new(&programs.foresight)
            .args(["site", "add", "bench.example", "--json", "--data-dir"])
            .arg(data)
            .env("FORESIGHT_DATABASE_URL", &database),
    )?;
    let issued: Issued = serde_json::from_str(&issued)?;
    let mut command = on_its_core(&programs.foresight);
    command
        .args(["serve", "--announce", "--data-dir"])
        .arg(data)
        .args(["--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"])
        .env("FORESIGHT_DATABASE_URL", &database);
    // All load comes from one address and one site: the limits would stop it.
    for limit in [
        "SITE_BATCHES_PER_SECOND",
        "SITE_BURST",
        "CLIENT_BATCHES_PER_SECOND",
        "CLIENT_BURST",
    ] {
        command.env(format!("FORESIGHT_{limit}"), "10000000");
    }
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let stdout = child.stdout.take().context("no output")?;
    let mut running = Running {
        child,
        address: String::new(),
        token: Some(issued.token),
        metrics: None,
        _postgres: postgres,
    };
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line)?;
    let announced: Announcement =
        serde_json::from_str(&line).context("the collector does not start")?;
    running.address = announced.listen;
    running.metrics = Some(announced.metrics);
    Ok(running)
}
