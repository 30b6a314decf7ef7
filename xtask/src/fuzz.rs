//! `cargo xtask fuzz`: lets libFuzzer look for inputs that break an invariant of `fuzz/`.
//!
//! In: the targets and their corpus. Out: success if each ran its time without a find; else the
//! input, and what to do with it. New inputs that reach new code stay under the target directory and
//! are begun with the next time. Must never happen: a find that is not kept, or a build that makes
//! everything else compile anew: the instrumented crates have a directory of their own.
//!
//! This is plain cargo with the flags of cargo-fuzz without a sanitizer, which a stable toolchain
//! takes: our crates forbid `unsafe`, so an address sanitizer would have little to find.
//! `cargo fuzz run NAME` works too, for whoever has cargo-fuzz and a nightly toolchain.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};

use crate::{
    setup::{self, Package, on_path},
    steps::{Steps, output, run, say},
    workspace::Workspace,
};

/// libFuzzer is written in C++ and compiled with the targets.
const PACKAGES: [Package; 1] = [Package {
    name: "g++",
    why: "it compiles libFuzzer, which looks for inputs",
    present: || on_path("c++"),
    services: &[],
}];

/// What tells libFuzzer which code an input reaches, and which comparisons it nearly meets.
const FLAGS: &str = "--cfg=fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
     -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
     -Cllvm-args=-sanitizer-coverage-trace-compares";

/// Largest input in bytes: twice a batch's largest size would only slow the search down.
const INPUT_BYTES: usize = 8 * 1024;

/// How long to look, and where.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Seconds for each target.
    #[arg(long, default_value_t = 60)]
    seconds: u32,
    /// Only these targets.
    #[arg(long, value_delimiter = ',', value_name = "TARGET")]
    only: Vec<String>,
}

/// Builds the targets and runs them one after the other.
pub(crate) fn fuzz(workspace: &Workspace, steps: &mut Steps, options: &Options) -> Result<()> {
    setup::apt(&PACKAGES)?;
    let targets = targets(workspace)?;
    for name in &options.only {
        ensure!(
            targets.contains(name),
            "there is no target {name}; there are {}",
            targets.join(", ")
        );
    }
    let built = steps.step("fuzz targets", || build(workspace))?;
    for target in &targets {
        if options.only.is_empty() || options.only.contains(target) {
            steps.step(&format!("fuzz {target}"), || {
                look(workspace, &built.join(target), target, options.seconds)
            })?;
        }
    }
    Ok(())
}

/// The names of the files in `fuzz/fuzz_targets`.
fn targets(workspace: &Workspace) -> Result<Vec<String>> {
    let directory = workspace.path("fuzz/fuzz_targets");
    let mut names = Vec::new();
    for file in fs::read_dir(&directory).with_context(|| directory.display().to_string())? {
        let name = file?.file_name().to_string_lossy().into_owned();
        names.extend(name.strip_suffix(".rs").map(str::to_owned));
    }
    names.sort();
    ensure!(!names.is_empty(), "{} is empty", directory.display());
    Ok(names)
}

/// Compiles every target; returns the directory of the binaries.
fn build(workspace: &Workspace) -> Result<PathBuf> {
    let target = workspace.target.join("fuzz");
    let machine = machine()?;
    // With a machine named, the flags are for the targets and not for build scripts.
    run(workspace
        .cargo()
        .args(["build", "--locked", "--bins"])
        .args(["--package", "foresight-fuzz", "--target", &machine])
        .arg("--target-dir")
        .arg(&target)
        .env("RUSTFLAGS", FLAGS)
        // The debug build checks numbers for overflow; without any optimization it looks too slowly.
        .env("CARGO_PROFILE_DEV_OPT_LEVEL", "1"))?;
    Ok(target.join(machine).join("debug"))
}

/// What rustc calls this machine.
fn machine() -> Result<String> {
    let told = output(Command::new("rustc").args(["--version", "--verbose"]))?;
    let host = told.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc does not say its host")?.to_owned())
}

fn look(workspace: &Workspace, binary: &Path, target: &str, seconds: u32) -> Result<()> {
    let found = workspace.target.join("fuzz/corpus").join(target);
    let finds = workspace.target.join("fuzz/finds").join(target);
    for directory in [&found, &finds] {
        fs::create_dir_all(directory)
            .with_context(|| format!("cannot create {}", directory.display()))?;
    }
    let mut command = Command::new(binary);
    command
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-max_len={INPUT_BYTES}"))
        .args(["-timeout=10", "-rss_limit_mb=1024", "-print_final_stats=1"])
        .arg(format!("-artifact_prefix={}/", finds.display()))
        // New inputs go to the first directory; the others are read only.
        .arg(&found)
        .arg(workspace.path("fuzz/corpus").join(target));
    if ["batch", "events"].contains(&target) {
        command.arg(workspace.path("shared/examples"));
    }
    if target == "batch" {
        let words = workspace.path("fuzz/batch.dict");
        command.arg(format!("-dict={}", words.display()));
    }
    if let Err(error) = run(&mut command) {
        say(&format!(
            "the input is in {0}; mend the code, and keep it: cp {0}/FILE fuzz/corpus/{target}/",
            finds.display()
        ));
        bail!("{error}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rustc_names_this_machine() {
        let machine = machine().unwrap();
        assert!(machine.starts_with(std::env::consts::ARCH), "{machine}");
    }
}
