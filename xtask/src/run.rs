//! `cargo xtask run`: the collector on this machine, with the embedded database and the demo site.
//!
//! In: what the build needs, and further arguments of `foresight serve`. Out: a running collector,
//! and once it is ready its addresses, the snippet to paste and how to stop. Must never happen: a
//! collector that outlives this program, or a signal that cuts short its orderly end.

use std::{
    env,
    fmt::Write,
    io::{BufRead, BufReader, Lines},
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener},
    os::unix::process::{CommandExt, ExitStatusExt},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
    thread,
};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use serde::Deserialize;
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    iterator::Signals,
};

use crate::{
    build,
    steps::{Steps, say},
    workspace::Workspace,
};

/// A listener of the collector: how it is chosen, and where it is if nobody chooses.
struct Listener {
    flag: &'static str,
    variable: &'static str,
    usual: &'static str,
}

const LISTENERS: [Listener; 2] = [
    Listener {
        flag: "--listen",
        variable: "FORESIGHT_LISTEN",
        usual: "127.0.0.1:3333",
    },
    Listener {
        flag: "--metrics-listen",
        variable: "FORESIGHT_METRICS_LISTEN",
        usual: "127.0.0.1:9464",
    },
];

/// What `foresight serve --announce` prints when it is ready.
#[derive(Deserialize)]
struct Announcement {
    listen: SocketAddr,
    metrics: SocketAddr,
    demo: Option<Demo>,
    /// The link that makes the first user, if there is none.
    #[serde(default)]
    setup: Option<String>,
}

/// The demo site, if the collector serves it.
#[derive(Deserialize)]
struct Demo {
    host: String,
    snippet: String,
}

/// Builds, serves until a signal arrives or the collector ends, and returns when it has ended.
pub(crate) fn run(workspace: &Workspace, steps: &mut Steps, serve: &[String]) -> Result<()> {
    // Cheap first: a taken port should not be found out after minutes of compiling.
    for listener in &LISTENERS {
        listener.check(serve, env::var(listener.variable).ok())?;
    }
    let binary = build::build(workspace, steps)?;
    let data =
        env::var_os("FORESIGHT_DATA_DIR").map_or_else(|| workspace.path("data"), PathBuf::from);
    steps.summary();

    // Before the start: a signal in between must reach the collector too.
    let signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).context("signals cannot be watched")?;
    let mut collector = spawn(&binary, &data, serve)?;
    forward(signals, Pid::from_child(&collector));
    let relayed = relay(&mut collector, &binary, &data);
    if relayed.is_err() {
        // Nobody reads its output any more; it must not run on unseen.
        kill_process(Pid::from_child(&collector), Signal::TERM).ok();
    }
    let status = collector
        .wait()
        .context("the collector cannot be waited for")?;
    relayed.and_then(|()| ended(status))
}

/// Shows what the collector prints until it ends, and the banner in the announcement's place.
fn relay(collector: &mut Child, binary: &Path, data: &Path) -> Result<()> {
    let stdout = collector
        .stdout
        .take()
        .context("the collector's output cannot be read")?;
    let mut lines = BufReader::new(stdout).lines();
    if let Some(announcement) = announced(&mut lines)? {
        say(&banner(&announcement, binary, data));
    }
    for line in lines {
        say(&line.context("the collector's output cannot be read")?);
    }
    Ok(())
}

impl Listener {
    /// Fails if the address that the collector will use is taken. What is not an address is left
    /// to the collector, which knows the rules.
    fn check(&self, serve: &[String], variable: Option<String>) -> Result<()> {
        let chosen = flag_value(serve, self.flag)
            .or(variable)
            .unwrap_or_else(|| self.usual.to_owned());
        let Ok(address) = chosen.parse::<SocketAddr>() else {
            return Ok(());
        };
        if let Err(error) = TcpListener::bind(address) {
            bail!(
                "cannot listen on {address}: {error}; choose another address, for example: {}=127.0.0.1:0 cargo xtask run",
                self.variable
            );
        }
        Ok(())
    }
}

/// The value of `--flag value` or `--flag=value`.
fn flag_value(arguments: &[String], flag: &str) -> Option<String> {
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        if argument == flag {
            return arguments.next().cloned();
        }
        if let Some(value) = argument
            .strip_prefix(flag)
            .and_then(|rest| rest.strip_prefix('='))
        {
            return Some(value.to_owned());
        }
    }
    None
}

fn spawn(binary: &Path, data: &Path, serve: &[String]) -> Result<Child> {
    Command::new(binary)
        .args(["serve", "--demo", "--announce"])
        .args(serve)
        .env("FORESIGHT_DATA_DIR", data)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        // A group of its own: Ctrl-C comes here alone, and is passed on exactly once.
        .process_group(0)
        .spawn()
        .with_context(|| format!("{} cannot be started", binary.display()))
}

/// Passes every signal on as SIGTERM, which is the collector's orderly end.
fn forward(mut signals: Signals, collector: Pid) {
    thread::spawn(move || {
        for _ in signals.forever() {
            // An error means that it has ended already, and then there is nothing left to stop.
            kill_process(collector, Signal::TERM).ok();
        }
    });
}

/// Reads until the announcement. Nothing if the collector ended before it was ready: its own
/// message is on the terminal, and its exit status follows.
fn announced(lines: &mut Lines<BufReader<ChildStdout>>) -> Result<Option<Announcement>> {
    for line in lines {
        let line = line.context("the collector's output cannot be read")?;
        match serde_json::from_str(&line) {
            Ok(announcement) => return Ok(Some(announcement)),
            Err(_) => say(&line),
        }
    }
    Ok(None)
}

/// The text for the person at the terminal.
fn banner(announcement: &Announcement, binary: &Path, data: &Path) -> String {
    let (listen, metrics) = (
        reachable(announcement.listen),
        reachable(announcement.metrics),
    );
    let mut text = format!("\nForesight is running.\n\n  dashboard  http://{listen}/\n");
    if announcement.demo.is_some() {
        // Writing into a String cannot fail.
        writeln!(text, "  demo site  http://{listen}/demo/").ok();
    }
    writeln!(text, "  metrics    http://{metrics}/metrics").ok();
    writeln!(text, "  data       {}\n", data.display()).ok();
    if let Some(demo) = &announcement.demo {
        writeln!(
            text,
            "To measure a page of your own on {}, paste this into it:\n",
            demo.host
        )
        .ok();
        writeln!(text, "  {}\n", demo.snippet).ok();
    }
    writeln!(
        text,
        "For another host: FORESIGHT_DATA_DIR={} {} site add HOST",
        data.display(),
        binary.display()
    )
    .ok();
    if let Some(setup) = &announcement.setup {
        writeln!(
            text,
            "\nThere is no user yet. Make yourself the first one, within a day:\n\n  {setup}\n"
        )
        .ok();
    }
    text.push_str("To stop: press Ctrl-C.\n");
    text
}

/// The address to visit: one that stands for all addresses cannot be visited everywhere.
fn reachable(address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), address.port())
    } else {
        address
    }
}

/// Whether the collector's end was in order.
fn ended(status: ExitStatus) -> Result<()> {
    if status.success() {
        say("the collector has stopped");
        return Ok(());
    }
    match status.signal() {
        Some(signal) => bail!("the collector was ended by signal {signal}"),
        None => bail!("the collector ended with {status}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn a_listener_chosen_by_a_flag_is_found_in_both_forms() {
        for (line, expected) in [
            ("--listen 127.0.0.1:1", Some("127.0.0.1:1")),
            ("--listen=127.0.0.1:1", Some("127.0.0.1:1")),
            ("--metrics-listen 127.0.0.1:1", None),
            ("--listener 127.0.0.1:1", None),
            ("--listen", None),
        ] {
            assert_eq!(
                flag_value(&words(line), "--listen").as_deref(),
                expected,
                "{line}"
            );
        }
    }

    #[test]
    fn a_taken_port_is_reported_with_the_way_out() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap().to_string();
        let error = LISTENERS[0]
            .check(&words(&format!("--listen {address}")), None)
            .unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains(&address) && text.contains("FORESIGHT_LISTEN="),
            "{text}"
        );
        assert!(LISTENERS[1].check(&[], Some(address)).is_err());
        assert!(
            LISTENERS[1]
                .check(&[], Some("127.0.0.1:0".to_owned()))
                .is_ok()
        );
    }

    #[test]
    fn the_banner_shows_addresses_that_can_be_visited_and_the_snippet() {
        let line = r#"{"ready":true,"listen":"0.0.0.0:8080","metrics":"127.0.0.1:9464",
            "demo":{"host":"127.0.0.1","token":"f1.x.y","snippet":"<script>"}}"#;
        let text = banner(
            &serde_json::from_str(line).unwrap(),
            Path::new("foresight"),
            Path::new("data"),
        );
        for part in [
            "http://127.0.0.1:8080/demo/",
            "http://127.0.0.1:9464/metrics",
            "  <script>\n",
            "Ctrl-C",
        ] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
    }
}
