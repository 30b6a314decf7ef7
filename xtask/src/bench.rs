//! `cargo xtask bench`: the whole collector against bare servers and peers, in one session.
//!
//! In: release builds, `wrk`, nginx, the pushgateway and two cores. Out: a table of requests per
//! second, each server on one core and wrk on the other, in turns, as ratios to axum that only parses;
//! and whether the merge keeps up. Must never happen: a figure without its baseline from the same
//! run, or a run with failed requests that counts.

mod load;
mod server;

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};

use crate::{
    build,
    setup::{self, Package, on_path},
    steps::{Steps, run, say},
    workspace::Workspace,
};
use server::{Programs, Running, Server};

/// The load generator, what keeps server and load on cores of their own, and the peers.
const PACKAGES: [Package; 5] = [
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
    Package {
        name: "nginx-light",
        why: "it is the ceiling of the benchmark",
        present: || on_path("nginx"),
        services: &["nginx.service"],
    },
    Package {
        name: "prometheus-pushgateway",
        why: "it is the floor of the benchmark",
        present: || on_path("prometheus-pushgateway"),
        services: &["prometheus-pushgateway.service"],
    },
    Package {
        name: "postgresql",
        why: "the collector is measured with a private Postgres too",
        present: || setup::postgres_programs().is_some(),
        services: &["postgresql.service"],
    },
];

/// How long the merge may take for what waits at the end, before it counts as stuck.
const DRAIN: Duration = Duration::from_secs(120);

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

/// One measurement.
#[derive(Clone, Copy)]
struct Measured {
    per_second: f64,
    p99_ms: f64,
    peak_mib: f64,
    /// Of a collector: what waited for the merge at the end.
    merge: Option<Merge>,
}

/// How far the merge was behind.
#[derive(Clone, Copy)]
struct Merge {
    /// Records that waited when the load ended.
    waiting: f64,
    /// Seconds until none waited any more.
    drained_s: f64,
}

/// Builds and measures.
pub(crate) fn bench(workspace: &Workspace, steps: &mut Steps, options: Options) -> Result<()> {
    setup::apt(&PACKAGES)?;
    let foresight = build::build(workspace, steps)?;
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
    let programs = Programs {
        bare: foresight.with_file_name("examples").join("bare"),
        foresight,
    };
    let mut results = vec![Vec::new(); Server::ALL.len()];
    for round in 1..=options.rounds {
        for (server, results) in Server::ALL.into_iter().zip(&mut results) {
            let measured = measure(workspace, server, &programs, options)
                .with_context(|| format!("measuring {}", server.name()))?;
            say(&format!(
                "round {round}: {:<30} {:>9.0} requests/s, p99 {:>6.1} ms",
                server.name(),
                measured.per_second,
                measured.p99_ms
            ));
            results.push(measured);
        }
    }
    say(&table(&results, options));
    Ok(())
}

fn measure(
    workspace: &Workspace,
    server: Server,
    programs: &Programs,
    options: Options,
) -> Result<Measured> {
    // Beside the binary, not in /tmp: that may be memory, where syncing costs nothing.
    let beside = programs
        .foresight
        .parent()
        .context("the binary has no directory")?;
    let directory = tempfile::tempdir_in(beside)?;
    let running = Running::start(server, programs, directory.path())?;
    let answered = load::load(workspace, server, &running, directory.path(), options)?;
    let merge = drain(&running)?;
    Ok(Measured {
        per_second: answered.per_second,
        p99_ms: answered.p99_ms,
        peak_mib: running.peak_mib()?,
        merge,
    })
}

/// Waits until a collector has merged what its spool holds.
fn drain(running: &Running) -> Result<Option<Merge>> {
    let began = Instant::now();
    let Some(waiting) = running.waiting()? else {
        return Ok(None);
    };
    while running.waiting()?.is_some_and(|records| records > 0.0) {
        ensure!(began.elapsed() < DRAIN, "the merge does not end");
        thread::sleep(Duration::from_millis(50));
    }
    Ok(Some(Merge {
        waiting,
        drained_s: began.elapsed().as_secs_f64(),
    }))
}

fn table(results: &[Vec<Measured>], options: Options) -> String {
    let base = Server::ALL
        .iter()
        .position(|server| *server == Server::Serde)
        .map_or(f64::NAN, |place| {
            median(&results[place], |one| Some(one.per_second))
        });
    let mut text = format!(
        "\nmedians of {} rounds of {} s, {} connections\n\n\
         | server | requests/s | ratio | p99, ms | memory at most, MiB | left to merge | merged after, s |\n\
         |---|---|---|---|---|---|---|\n",
        options.rounds, options.seconds, options.connections
    );
    for (server, results) in Server::ALL.iter().zip(results) {
        let per_second = median(results, |one| Some(one.per_second));
        let merge = results.iter().find_map(|one| one.merge).map(|_| {
            format!(
                "{:.0} | {:.1}",
                median(results, |one| Some(one.merge?.waiting)),
                median(results, |one| Some(one.merge?.drained_s))
            )
        });
        text += &format!(
            "| {} | {per_second:.0} | {:.2} | {:.1} | {:.0} | {} |\n",
            server.name(),
            per_second / base,
            median(results, |one| Some(one.p99_ms)),
            median(results, |one| Some(one.peak_mib)),
            merge.as_deref().unwrap_or(" | "),
        );
    }
    text
}

fn median(results: &[Measured], of: impl Fn(&Measured) -> Option<f64>) -> f64 {
    let mut values: Vec<f64> = results.iter().filter_map(of).collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_medians_and_ratios_to_the_parsing_server() {
        let measured = |per_second, merge| Measured {
            per_second,
            p99_ms: 1.0,
            peak_mib: 2.0,
            merge,
        };
        let results = Server::ALL.map(|server| match server {
            Server::Whole => [10.0, 50.0, 90.0]
                .map(|waiting| {
                    let merge = Merge {
                        waiting,
                        drained_s: 0.5,
                    };
                    measured(waiting, Some(merge))
                })
                .to_vec(),
            _ => vec![measured(100.0, None)],
        });
        let options = Options {
            seconds: 1,
            rounds: 3,
            connections: 4,
        };
        let text = table(&results, options);
        assert!(
            text.contains("| axum, and parsed | 100 | 1.00 | 1.0 | 2 |  |  |"),
            "{text}"
        );
        let whole = "| foresight, durable and counted | 50 | 0.50 | 1.0 | 2 | 50 | 0.5 |";
        assert!(text.contains(whole), "{text}");
    }
}
