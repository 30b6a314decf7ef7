//! `cargo xtask test`: the gate.
//!
//! In: the working tree. Out: every part's own output, and success only if all parts passed. The
//! parts run one after the other, cheap ones first, and the first that fails ends the run. Must
//! never happen: a part that is skipped because something it needs is missing.

use std::{
    env,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;

use crate::{
    assets, build,
    postgres::Postgres,
    setup,
    steps::{Steps, run, say},
    workspace::Workspace,
};

/// A part of the gate, in the order in which they run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// Formatting, by rustfmt.
    Format,
    /// The dashboard's TypeScript types.
    Types,
    /// The dashboard's unit tests.
    Dashboard,
    /// Clippy on every target, warnings denied.
    Clippy,
    /// Documentation, warnings denied.
    Docs,
    /// Rust unit and integration tests, on SQLite and Postgres.
    Rust,
    /// The API beside its OpenAPI document, by schemathesis, on SQLite and Postgres.
    Api,
    /// Tests of `deploy/` with the products that read it.
    Deploy,
    /// Tests in Chromium, Firefox and WebKit against the release binary.
    Browser,
}

impl Part {
    /// Whether the part compiles the collector, which embeds the assets.
    fn needs_assets(self) -> bool {
        matches!(
            self,
            Self::Clippy | Self::Docs | Self::Rust | Self::Api | Self::Deploy | Self::Browser
        )
    }

    /// Whether the part talks to running collectors and databases.
    fn needs_servers(self) -> bool {
        matches!(self, Self::Rust | Self::Api | Self::Deploy | Self::Browser)
    }
}

/// What the parts that run collectors are given.
struct Servers {
    postgres: Postgres,
    binary: PathBuf,
}

/// Runs the parts in `only`, or all. `filter` goes to the Rust test binaries.
pub(crate) fn test(
    workspace: &Workspace,
    steps: &mut Steps,
    only: &[Part],
    filter: &[String],
) -> Result<()> {
    ensure!(
        filter.is_empty() || only == [Part::Rust],
        "arguments after -- go to the Rust tests: add --only rust"
    );
    let wanted: Vec<_> = Part::value_variants()
        .iter()
        .copied()
        .filter(|part| only.is_empty() || only.contains(part))
        .collect();
    steps.step("set-up", || setup::for_tests(workspace))?;
    if wanted.contains(&Part::Format) {
        steps.step("formatting", || {
            run(workspace.cargo().args(["fmt", "--all", "--check"]))
        })?;
    }
    if wanted.iter().any(|part| part.needs_assets()) {
        assets::build(workspace, steps)?;
    }
    for part in wanted.iter().filter(|part| !part.needs_servers()) {
        check(workspace, steps, *part)?;
    }
    if wanted.iter().any(|part| part.needs_servers()) {
        let binary = build::collector(workspace, steps)?;
        let postgres = steps.step("private Postgres", Postgres::start)?;
        let servers = Servers { postgres, binary };
        if wanted.contains(&Part::Rust) {
            steps.step("Rust tests", || rust(workspace, &servers, filter))?;
        }
        if wanted.contains(&Part::Api) {
            steps.step("API and its document", || {
                node_tests(workspace, &servers, "tests/api")
            })?;
        }
        if wanted.contains(&Part::Deploy) {
            steps.step("monitoring stack", || {
                node_tests(workspace, &servers, "tests/deploy")
            })?;
        }
        if wanted.contains(&Part::Browser) {
            steps.step("browser tests", || {
                node_tests(workspace, &servers, "tests/browser")
            })?;
        }
    }
    Ok(())
}

/// A part that runs no server.
fn check(workspace: &Workspace, steps: &mut Steps, part: Part) -> Result<()> {
    match part {
        Part::Types => steps.step("dashboard, types", || npm(workspace, "check")),
        Part::Dashboard => steps.step("dashboard, unit tests", || npm(workspace, "test")),
        Part::Clippy => steps.step("clippy", || {
            run(workspace
                .cargo()
                .args([
                    "clippy",
                    "--locked",
                    "--workspace",
                    "--all-targets",
                    "--all-features",
                ])
                .args(["--", "-D", "warnings"]))
        }),
        Part::Docs => steps.step("documentation", || {
            run(workspace.cargo().env("RUSTDOCFLAGS", "-D warnings").args([
                "doc",
                "--locked",
                "--workspace",
                "--all-features",
                "--no-deps",
            ]))
        }),
        // Run by the caller: the first needs nothing, the others need servers.
        Part::Format | Part::Rust | Part::Api | Part::Deploy | Part::Browser => Ok(()),
    }
}

fn npm(workspace: &Workspace, script: &str) -> Result<()> {
    run(workspace
        .command("npm", "www")
        .args(["run", script, "--workspace", "dashboard"]))
}

fn rust(workspace: &Workspace, servers: &Servers, filter: &[String]) -> Result<()> {
    run(workspace
        .cargo()
        .args(["test", "--locked", "--workspace", "--all-features", "--"])
        .args(filter)
        // For tests that want a Postgres of their own.
        .env(
            "FORESIGHT_TEST_XTASK",
            env::current_exe().context("this program has no path")?,
        )
        .env("FORESIGHT_BIN", &servers.binary)
        .env("FORESIGHT_TEST_POSTGRES_URL", servers.postgres.url()))
}

/// Runs the files one after the other: they measure times, and would disturb one another. Real browsers
/// and servers on a shared machine sometimes miss their moment: a file that failed runs once more, and
/// that is said. One that fails twice fails the part; the others run all the same.
fn node_tests(workspace: &Workspace, servers: &Servers, inside: &str) -> Result<()> {
    let files = test_files(&workspace.path(inside))?;
    let fails = |file: &&String| match node_test(workspace, servers, inside, file) {
        Ok(()) => false,
        Err(error) => {
            say(&format!("== {inside}/{file} failed: {error:#}"));
            true
        }
    };
    let failed: Vec<_> = files.iter().filter(fails).collect();
    let again: Vec<_> = failed.iter().copied().filter(fails).collect();
    for file in failed.iter().filter(|file| !again.contains(file)) {
        say(&format!(
            "== FLAKY: {inside}/{file} passed on its second run only"
        ));
    }
    ensure!(
        again.is_empty(),
        "failed twice: {}",
        again
            .into_iter()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(", ")
    );
    Ok(())
}

/// The names of the test files in a directory, in order.
fn test_files(directory: &Path) -> Result<Vec<String>> {
    let unlisted = || format!("{} cannot be listed", directory.display());
    let mut files = Vec::new();
    for entry in directory.read_dir().with_context(unlisted)? {
        let name = entry.with_context(unlisted)?.file_name();
        let name = name.to_string_lossy();
        if name.ends_with(".test.mjs") {
            files.push(name.into_owned());
        }
    }
    files.sort();
    ensure!(
        !files.is_empty(),
        "there are no tests in {}",
        directory.display()
    );
    Ok(files)
}

fn node_test(workspace: &Workspace, servers: &Servers, inside: &str, file: &str) -> Result<()> {
    run(workspace
        .command("node", inside)
        .args(["--test", "--test-reporter=spec", file])
        .env(
            "FORESIGHT_TEST_XTASK",
            env::current_exe().context("this program has no path")?,
        )
        .env("FORESIGHT_BIN", &servers.binary)
        .env("FORESIGHT_TEST_POSTGRES_URL", servers.postgres.url()))
}
