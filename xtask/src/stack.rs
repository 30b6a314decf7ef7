//! `cargo xtask stack`: the monitoring stack on this machine, without Docker.
//!
//! In: `deploy/`, and the programs that Debian packages. Out: Postgres, Redis, the collector, the exporters,
//! Alertmanager, Prometheus and Caddy, each healthy, with the files of `deploy/` and addresses on the loopback
//! interface. Must never happen: a part that outlives this program, or one that is said to be ready and is not.
//!
//! What Debian does not package (Grafana, Loki, Jaeger, cAdvisor, Trivy) is not started; Prometheus has no
//! targets for it then.

mod addresses;
mod files;
mod parts;
mod process;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use clap::Args;
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    iterator::Signals,
};

use crate::{
    build, setup,
    steps::{Steps, say},
    workspace::Workspace,
};

/// Starts everything of the monitoring stack that Debian packages, without Docker, until Ctrl-C.
#[derive(Args)]
pub(crate) struct Options {
    /// The configuration.
    #[arg(long, value_name = "DIRECTORY", default_value = "deploy")]
    deploy: PathBuf,
    /// Settings, as `NAME=VALUE` lines; what is missing there is taken from deploy/monitoring.env.example.
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// A collector that is built already, instead of building one.
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
    /// Any free ports instead of the usual ones.
    #[arg(long)]
    free_ports: bool,
    /// Print a line of JSON with all addresses once everything is ready.
    #[arg(long)]
    announce: bool,
}

/// Sets up, starts, waits for a signal, and stops in the opposite order.
pub(crate) fn stack(workspace: &Workspace, steps: &mut Steps, options: &Options) -> Result<()> {
    setup::for_stack()?;
    let binary = match &options.binary {
        Some(binary) => absolute(workspace, binary),
        None => build::build(workspace, steps)?,
    };
    let deploy = absolute(workspace, &options.deploy);
    let mut settings = files::settings(&deploy.join("monitoring.env.example"))?;
    if let Some(file) = &options.settings {
        settings.extend(files::settings(&absolute(workspace, file))?);
    }
    // Before the first start: a signal in between must find what runs.
    let mut signals =
        Signals::new([SIGINT, SIGTERM, SIGHUP]).context("signals cannot be watched")?;
    let directory = tempfile::Builder::new()
        .prefix("foresight-stack-")
        .tempdir()
        .context("no temporary directory for the stack")?;
    let place = parts::Place {
        deploy,
        runbooks: workspace.path("docs/runbooks"),
        directory: directory.path().to_owned(),
        binary,
        addresses: addresses::Addresses::choose(options.free_ports)?,
        settings,
    };
    let (mut running, database) = parts::start(&place, &mut signals)?;
    let addresses = place.addresses.all();
    if options.announce {
        say(&announcement(&addresses, &database, directory.path())?);
    } else {
        say(&banner(&addresses, directory.path()));
    }
    let ended = running.watch(&mut signals);
    say("stopping");
    running.stop()?;
    say("the stack has stopped");
    ended
}

fn absolute(workspace: &Workspace, path: &Path) -> PathBuf {
    workspace.root.join(path)
}

fn announcement(
    addresses: &BTreeMap<&str, String>,
    database: &str,
    directory: &Path,
) -> Result<String> {
    let line = serde_json::json!({
        "ready": true, "addresses": addresses, "database": database, "directory": directory,
    });
    serde_json::to_string(&line).context("the announcement cannot be written")
}

fn banner(addresses: &BTreeMap<&str, String>, directory: &Path) -> String {
    let mut text = "\nThe stack is running.\n\n".to_owned();
    for (name, address) in addresses {
        text.push_str(&format!("  {name:<18} {address}\n"));
    }
    text.push_str(&format!(
        "\nlogs and data, deleted at the end: {}\n",
        directory.display()
    ));
    text.push_str("To stop: press Ctrl-C.\n");
    text
}
