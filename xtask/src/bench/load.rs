//! The load: wrk on a core of its own, which posts one body again and again, each time with an id of
//! its own.
//!
//! In: a running server. Out: requests per second and the 99th percentile. Must never happen: a run
//! with failed requests that counts.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result, ensure};

use super::{
    Options,
    server::{Running, Server},
};
use crate::{steps::output, workspace::Workspace};

/// The core of the load generator.
const CORE: &str = "1";

/// Events in a batch: the load that earlier figures were made with.
const EVENTS: usize = 8;

/// What `batch.lua` replaces by a new id each time.
const ID: &str = "BATCH-ID";

/// What a load found out.
pub(super) struct Answered {
    pub(super) per_second: f64,
    pub(super) p99_ms: f64,
}

/// Loads a server for some seconds.
pub(super) fn load(
    workspace: &Workspace,
    server: Server,
    running: &Running,
    directory: &Path,
    options: Options,
) -> Result<Answered> {
    let batch = batch(workspace, running.token.as_deref().unwrap_or("f1.x.y"))?;
    let (path, body) = match server {
        Server::Pushgateway => ("/metrics/job/bench", samples(batch.len())),
        _ => ("/v1/batches", batch),
    };
    let file = directory.join("request");
    fs::write(&file, body)?;
    let printed = output(
        Command::new("taskset")
            .args(["--cpu-list", CORE, "wrk", "--threads", "1", "--latency"])
            .args(["--connections", &options.connections.to_string()])
            .args(["--duration", &format!("{}s", options.seconds)])
            .arg("--script")
            .arg(workspace.path("collector/benches/batch.lua"))
            .arg(format!("http://{}", running.address))
            .env("BODY_FILE", &file)
            .env("BODY_PATH", path)
            .env("ORIGIN", "https://bench.example"),
    )?;
    let numbers = result_of(&printed).with_context(|| format!("wrk printed:\n{printed}"))?;
    let [requests, duration_us, bad, p99_us] = numbers;
    ensure!(bad == 0.0, "{bad} of {requests} requests failed");
    Ok(Answered {
        per_second: requests / duration_us * 1e6,
        p99_ms: p99_us / 1000.0,
    })
}

fn batch(workspace: &Workspace, token: &str) -> Result<String> {
    let example = fs::read_to_string(workspace.path("shared/examples/batch.v1.json"))?;
    let mut batch: serde_json::Value = serde_json::from_str(&example)?;
    batch["site"] = token.into();
    batch["id"] = ID.into();
    batch["events"]
        .as_array_mut()
        .context("the example has no events")?
        .truncate(EVENTS);
    Ok(batch.to_string())
}

/// As many values for the pushgateway as a batch has events, in about as many bytes. The id is a
/// label's value, and a push replaces the one before: it keeps one group.
fn samples(bytes: usize) -> String {
    let line = |number: usize, filler: &str| {
        format!("vital_{number}{{id=\"{ID}\",page=\"{filler}\"}} {number}\n")
    };
    let empty: usize = (0..EVENTS).map(|number| line(number, "").len()).sum();
    let filler = "x".repeat(bytes.saturating_sub(empty) / EVENTS);
    (0..EVENTS).map(|number| line(number, &filler)).collect()
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

    #[test]
    fn the_pushgateway_gets_about_as_many_bytes_as_the_others() {
        let samples = samples(1300);
        assert_eq!(samples.lines().count(), EVENTS);
        assert!((1250..=1300).contains(&samples.len()), "{}", samples.len());
    }
}
