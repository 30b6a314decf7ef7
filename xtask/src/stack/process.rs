//! Processes of the stack: starting, waiting until they are healthy, and stopping.
//!
//! In: commands. Out: running processes whose output is in log files. Must never happen: waiting without end,
//! a process that is left behind, or a failure without the end of the log that explains it.

use std::{
    fs::{self, File},
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use signal_hook::iterator::Signals;

use crate::steps::say;

/// How long a part may take to start, and to stop before it is killed.
const START: Duration = Duration::from_secs(60);
const STOP: Duration = Duration::from_secs(20);

/// Time between two looks.
const PAUSE: Duration = Duration::from_millis(50);

/// How a part shows that it works.
pub(super) enum Health {
    /// It takes connections there.
    Connects(SocketAddr),
    /// It answers 200 to a GET of this path.
    Answers(SocketAddr, &'static str),
}

/// One part that runs.
struct Part {
    name: &'static str,
    child: Child,
    log: PathBuf,
}

/// All parts that run, in the order in which they were started. They are stopped when this is dropped.
#[derive(Default)]
pub(super) struct Running {
    parts: Vec<Part>,
}

impl Running {
    /// Starts a part, with its output in `NAME.log`, and waits until it is healthy. A signal ends the waiting.
    pub(super) fn start(
        &mut self,
        name: &'static str,
        mut command: Command,
        health: &Health,
        logs: &Path,
        signals: &mut Signals,
    ) -> Result<()> {
        let log = logs.join(format!("{name}.log"));
        let file = File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
        let child = command
            .stdin(Stdio::null())
            .stdout(file.try_clone().context("the log cannot be shared")?)
            .stderr(file)
            // A group of its own: Ctrl-C comes here alone.
            .process_group(0)
            .spawn()
            .with_context(|| format!("{name} cannot be started"))?;
        self.adopt(name, child, log);
        let started = Instant::now();
        while !health.holds() {
            if signals.pending().next().is_some() {
                bail!("a signal came before {name} was ready");
            }
            self.all_alive()?;
            if started.elapsed() > START {
                let log = self.parts.last().map(Part::end_of_log).unwrap_or_default();
                bail!("{name} is not ready after {START:?}; the end of its log:\n{log}");
            }
            sleep(PAUSE);
        }
        say(&format!(
            "{name} is ready after {:.1} s",
            started.elapsed().as_secs_f64()
        ));
        Ok(())
    }

    /// Takes over a process that runs already.
    pub(super) fn adopt(&mut self, name: &'static str, child: Child, log: PathBuf) {
        self.parts.push(Part { name, child, log });
    }

    /// Returns when a signal arrives, or with an error when a part ends by itself.
    pub(super) fn watch(&mut self, signals: &mut Signals) -> Result<()> {
        while signals.pending().next().is_none() {
            self.all_alive()?;
            sleep(PAUSE);
        }
        Ok(())
    }

    /// Stops all parts, the last one first.
    pub(super) fn stop(mut self) -> Result<()> {
        while let Some(part) = self.parts.pop() {
            part.stop()?;
        }
        Ok(())
    }

    fn all_alive(&mut self) -> Result<()> {
        for part in &mut self.parts {
            let ended = part.child.try_wait();
            if let Some(status) = ended.with_context(|| format!("{} is lost", part.name))? {
                bail!(
                    "{} ended with {status}; the end of its log:\n{}",
                    part.name,
                    part.end_of_log()
                );
            }
        }
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        while let Some(part) = self.parts.pop() {
            if let Err(error) = part.stop() {
                eprintln!("{error:#}");
            }
        }
    }
}

impl Part {
    fn end_of_log(&self) -> String {
        let text = fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<_> = text.lines().rev().take(20).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }

    /// Asks it to end, and kills it if it does not in time. A pipe to it, if there is one, is closed.
    fn stop(mut self) -> Result<()> {
        // Who has a pipe ends with it.
        if self.child.stdin.take().is_none() && self.child.try_wait()?.is_none() {
            // An error means that it has just ended.
            kill_process(Pid::from_child(&self.child), Signal::TERM).ok();
        }
        let asked = Instant::now();
        while self.child.try_wait()?.is_none() {
            if asked.elapsed() > STOP {
                self.child.kill()?;
                self.child.wait()?;
                bail!("{} did not end in {STOP:?} and was killed", self.name);
            }
            sleep(PAUSE);
        }
        Ok(())
    }
}

impl Health {
    fn holds(&self) -> bool {
        match self {
            Self::Connects(address) => connect(*address).is_some(),
            Self::Answers(address, path) => {
                get(*address, path).is_some_and(|answer| answer.starts_with("HTTP/1.1 200 "))
            }
        }
    }
}

fn connect(address: SocketAddr) -> Option<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, Duration::from_secs(1)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(2))).ok()?;
    Some(stream)
}

/// The first bytes of an answer. Nothing, if there is none.
fn get(address: SocketAddr, path: &str) -> Option<String> {
    let mut stream = connect(address)?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).ok()?;
    let mut start = [0_u8; 64];
    let count = stream.read(&mut start).ok()?;
    Some(String::from_utf8_lossy(&start[..count]).into_owned())
}
