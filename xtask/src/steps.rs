//! Named steps: what is being done, how long it took, and commands that must succeed.
//!
//! In: a name and the work. Out: a line before and after each step, and at the end a table with the
//! time of each. Must never happen: output of a step that is hidden, or a failed command that is
//! taken for a success.

use std::{
    io::{self, Write},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

/// The steps of one command, in the order in which they ran. Prints the table when dropped.
pub(crate) struct Steps {
    started: Instant,
    done: Vec<Done>,
}

struct Done {
    name: String,
    took: Duration,
    failed: bool,
}

impl Steps {
    /// Starts the clock.
    pub(crate) fn start() -> Self {
        Self {
            started: Instant::now(),
            done: Vec::new(),
        }
    }

    /// Runs `work` as the step `name`.
    pub(crate) fn step<T>(&mut self, name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        say(&format!("== {name}"));
        let started = Instant::now();
        let result = work();
        let took = started.elapsed();
        let failed = result.is_err();
        say(&format!(
            "== {name}: {} {}",
            if failed { "failed after" } else { "done in" },
            seconds(took)
        ));
        self.done.push(Done {
            name: name.to_owned(),
            took,
            failed,
        });
        result.with_context(|| name.to_owned())
    }

    /// Prints the table now instead of at the end.
    pub(crate) fn summary(&mut self) {
        if self.done.is_empty() {
            return;
        }
        say("\n== steps");
        for done in self.done.drain(..) {
            let mark = if done.failed { "  failed" } else { "" };
            say(&format!("{:>9}  {}{mark}", seconds(done.took), done.name));
        }
        say(&format!("{:>9}  in total", seconds(self.started.elapsed())));
    }
}

impl Drop for Steps {
    fn drop(&mut self) {
        self.summary();
    }
}

/// Runs a command with its output shown. Fails unless it exits with 0.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let line = line_of(command);
    say(&format!("$ {line}"));
    let status = command
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("{} cannot be started", command.get_program().display()))?;
    if !status.success() {
        bail!("`{line}` ended with {status}");
    }
    Ok(())
}

/// Runs a command and returns what it printed. Its errors are part of the error if it fails.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("{} cannot be started", command.get_program().display()))?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        bail!(
            "`{}` ended with {}: {}",
            line_of(command),
            output.status,
            errors.trim()
        );
    }
    String::from_utf8(output.stdout).context("the output is not UTF-8")
}

/// Prints a line at once, also when the output goes to a pipe.
pub(crate) fn say(line: &str) {
    println!("{line}");
    // A closed pipe must not stop the work; the next line would fail in the same way.
    io::stdout().flush().ok();
}

/// The command as one would type it, without quoting.
fn line_of(command: &Command) -> String {
    let words = [command.get_program()]
        .into_iter()
        .chain(command.get_args());
    words
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_command_names_itself_and_its_errors() {
        let error = output(Command::new("sh").args(["-c", "echo broken >&2; exit 3"])).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("exit 3") && text.contains("broken"), "{text}");
        assert!(run(Command::new("sh").args(["-c", "exit 3"])).is_err());
    }

    #[test]
    fn a_command_that_is_not_there_is_named() {
        let error = run(&mut Command::new("no-such-program-here")).unwrap_err();
        assert_eq!(error.to_string(), "no-such-program-here cannot be started");
    }

    #[test]
    fn a_failed_step_is_an_error_with_its_name() {
        let mut steps = Steps::start();
        let error = steps
            .step("sawing", || -> Result<()> { bail!("no wood") })
            .unwrap_err();
        assert_eq!(format!("{error:#}"), "sawing: no wood");
        assert!(steps.done[0].failed);
    }
}
