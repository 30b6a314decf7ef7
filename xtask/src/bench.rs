//! `cargo xtask bench`: the whole collector against bare axum, in one session.
//!
//! In: release builds, `wrk` and two cores. Out: a table of requests per second, each server on one
//! core and wrk on the other, in turns, as ratios to axum that only parses. Must never happen: a
//! figure without its baseline from the same run, or a run with failed requests that counts.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::{
    build,
    setup::{self, Package, on_path},
    steps::{Steps, output, run, say},
    workspace::Workspace,
};

/// The load generator, and the tool that keeps server and load on cores of their own.
const PACKAGES: [Package; 2] = [
    Package {
        name: "wrk",
        why: "it sends the batches",
        present: || on_path("wrk"),
        services: &[],
    },
    Package {
        name: "util-linux",
        why: "taskset keeps server and load on cores of their own",
        present: || on_path("taskset"),
        services: &[],
    },
];

/// How long to measure, and how often.
#[derive(Clone, Copy, clap::Args)]
pub(crate) struct Options {
    /// Seconds of each measurement.
    #[arg(long, default_value_t = 10)]
    seconds: u32,
    /// Rounds; in each round every server is measured once.
    #[arg(long, default_value_t = 3)]
    rounds: u32,
    /// Connections at once.
    #[arg(long, default_value_t = 256)]
    connections: u32,
}

/// What is measured, in this order.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Server {
    Body,
    Serde,
    Whole,
}

const SERVERS: [Server; 3] = [Server::Body, Server::Serde, Server::Whole];

/// One measurement.
#[derive(Clone, Copy)]
struct Measured {
    per_second: f64,
    p99_ms: f64,
    rss_mib: f64,
}

/// Builds and measures.
pub(crate) fn bench(workspace: &Workspace, steps: &mut Steps, options: Options) -> Result<()> {
    setup::apt(&PACKAGES)?;
    let whole = build::build(workspace, steps)?;
    steps.step("bare servers", || {
        run(workspace.cargo().args([
            "build",
            "--release",
            "--locked",
            "--package",
            "foresight",
            "--example",
            "bare",
        ]))
    })?;
    let bare = whole.with_file_name("examples").join("bare");
    let mut results = vec![Vec::new(); SERVERS.len()];
    for round in 1..=options.rounds {
        for (server, results) in SERVERS.iter().zip(&mut results) {
            let result = measure(workspace, *server, &whole, &bare, options)?;
            say(&format!(
                "round {round}: {:<28} {:>9.0} requests/s, p99 {:>6.1} ms",
                server.name(),
                result.per_second,
                result.p99_ms
            ));
            results.push(result);
        }
    }
    say(&table(&results, options));
    Ok(())
}

impl Server {
    fn name(self) -> &'static str {
        match self {
            Self::Body => "axum, body read",
            Self::Serde => "axum, and parsed",
            Self::Whole => "foresight, durable and counted",
        }
    }
}

fn measure(
    workspace: &Workspace,
    server: Server,
    whole: &Path,
    bare: &Path,
    options: Options,
) -> Result<Measured> {
    // Beside the binary, not in /tmp: that may be memory, where syncing costs nothing.
    let beside = whole.parent().context("the binary has no directory")?;
    let directory = tempfile::tempdir_in(beside)?;
    let mut command = Command::new("taskset");
    command.args(["--cpu-list", "0"]);
    let (mut running, address, token) = match server {
        Server::Whole => start_whole(command, whole, directory.path())?,
        Server::Body | Server::Serde => {
            let mode = if server == Server::Body {
                "body"
            } else {
                "serde"
            };
            start_bare(command.arg(bare).arg(mode))?
        }
    };
    let loaded = load(workspace, &address, &token, directory.path(), options);
    let rss_mib = rss_mib(running.id());
    running.kill().context("the server cannot be stopped")?;
    running.wait().context("the server cannot be waited for")?;
    let (per_second, p99_ms) = loaded?;
    Ok(Measured {
        per_second,
        p99_ms,
        rss_mib: rss_mib?,
    })
}

fn start_bare(command: &mut Command) -> Result<(Child, String, String)> {
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
    let child = command.arg(&address).spawn()?;
    let end = Instant::now() + Duration::from_secs(10);
    while std::net::TcpStream::connect(&address).is_err() {
        ensure!(Instant::now() < end, "the bare server does not start");
        thread::sleep(Duration::from_millis(20));
    }
    Ok((child, address, "f1.x.y".to_owned()))
}

#[derive(Deserialize)]
struct Announcement {
    listen: String,
}

#[derive(Deserialize)]
struct Issued {
    token: String,
}

fn start_whole(mut command: Command, whole: &Path, data: &Path) -> Result<(Child, String, String)> {
    let issued = output(
        Command::new(whole)
            .args(["site", "add", "bench.example", "--json", "--data-dir"])
            .arg(data),
    )?;
    let issued: Issued = serde_json::from_str(&issued)?;
    let mut child = command
        .arg(whole)
        .args(["serve", "--announce", "--data-dir"])
        .arg(data)
        .args(["--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"])
        // All load comes from one address and one site: the limits would stop it.
        .env("FORESIGHT_SITE_BATCHES_PER_SECOND", "10000000")
        .env("FORESIGHT_SITE_BURST", "10000000")
        .env("FORESIGHT_CLIENT_BATCHES_PER_SECOND", "10000000")
        .env("FORESIGHT_CLIENT_BURST", "10000000")
        .stdout(Stdio::piped())
        .spawn()?;
    let stdout = child.stdout.take().context("no output")?;
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line)?;
    let announced: Announcement =
        serde_json::from_str(&line).context("the collector does not start")?;
    Ok((child, announced.listen, issued.token))
}

/// Requests per second, and the 99th percentile of the answers' times in ms.
fn load(
    workspace: &Workspace,
    address: &str,
    token: &str,
    directory: &Path,
    options: Options,
) -> Result<(f64, f64)> {
    let example = fs::read_to_string(workspace.path("shared/examples/batch.v1.json"))?;
    let mut batch: serde_json::Value = serde_json::from_str(&example)?;
    batch["site"] = token.into();
    batch["id"] = "BATCH-ID".into();
    // The load that earlier figures were made with: eight events.
    if let Some(events) = batch["events"].as_array_mut() {
        events.truncate(8);
    }
    let file: PathBuf = directory.join("batch.json");
    fs::write(&file, batch.to_string())?;
    let printed = output(
        Command::new("taskset")
            .args(["--cpu-list", "1", "wrk", "--threads", "1", "--latency"])
            .args(["--connections", &options.connections.to_string()])
            .args(["--duration", &format!("{}s", options.seconds)])
            .arg("--script")
            .arg(workspace.path("collector/benches/batch.lua"))
            .arg(format!("http://{address}"))
            .env("BATCH_FILE", &file)
            .env("ORIGIN", "https://bench.example"),
    )?;
    let numbers = result_of(&printed).with_context(|| format!("wrk printed:\n{printed}"))?;
    let [requests, duration_us, bad, p99_us] = numbers;
    ensure!(bad == 0.0, "{bad} of {requests} requests failed");
    Ok((requests / duration_us * 1e6, p99_us / 1000.0))
}

/// The four numbers after `RESULT`, which `batch.lua` prints.
fn result_of(printed: &str) -> Option<[f64; 4]> {
    let line = printed
        .lines()
        .find_map(|line| line.strip_prefix("RESULT "))?;
    let numbers: Vec<f64> = line
        .split(' ')
        .filter_map(|word| word.parse().ok())
        .collect();
    numbers.try_into().ok()
}

/// The memory that a process holds, in MiB.
fn rss_mib(process: u32) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let kib = status.lines().find_map(|line| {
        line.strip_prefix("VmRSS:")?
            .trim()
            .strip_suffix(" kB")?
            .parse::<f64>()
            .ok()
    });
    Ok(kib.context("no VmRSS")? / 1024.0)
}

fn table(results: &[Vec<Measured>], options: Options) -> String {
    let median = |values: Vec<f64>| {
        let mut values = values;
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    let rate = |results: &[Measured]| median(results.iter().map(|one| one.per_second).collect());
    let base = rate(&results[1]);
    let mut text = format!(
        "\nmedians of {} rounds of {} s, {} connections\n\n| server | requests/s | ratio | p99, ms | memory, MiB |\n|---|---|---|---|---|\n",
        options.rounds, options.seconds, options.connections
    );
    for (server, results) in SERVERS.iter().zip(results) {
        text += &format!(
            "| {} | {:.0} | {:.2} | {:.1} | {:.0} |\n",
            server.name(),
            rate(results),
            rate(results) / base,
            median(results.iter().map(|one| one.p99_ms).collect()),
            median(results.iter().map(|one| one.rss_mib).collect()),
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_result_line_is_found_among_wrks_own_lines() {
        let printed = "Running 10s test\nRESULT 1000 2000000 0 8000\n";
        assert_eq!(result_of(printed), Some([1000.0, 2_000_000.0, 0.0, 8000.0]));
        assert_eq!(result_of("RESULT 1 2 3"), None);
        assert_eq!(result_of(""), None);
    }
}
