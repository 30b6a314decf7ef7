//! What the machine must have, and getting it: Rust components, Debian packages, npm packages.
//!
//! In: what is installed, found by looking for the programs themselves. Out: the missing things
//! installed, each named first with the reason; or, where that needs rights that this user does not
//! have, an error with the exact command. Must never happen: asking a registry for something that
//! is already there, or leaving a server running because its package was installed.

mod packages;
mod python;

use std::{
    env, fs, io,
    io::IsTerminal,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::{
    steps::{output, run, say},
    workspace::Workspace,
};
pub(crate) use packages::Package;
use packages::{POSTGRES, STACK_PACKAGES, TEST_PACKAGES};

/// The oldest Node whose test runner and module loader the scripts work with.
const NODE_MAJOR: u32 = 20;

/// Prepares the machine for building: Node and the packages of `www/`. The wasm toolchain is the
/// business of [`crate::wasm`], which knows when it is needed.
pub(crate) fn for_build(workspace: &Workspace) -> Result<()> {
    node_is_recent()?;
    npm_ci(workspace, "www")
}

/// Prepares the machine for testing, [`for_build`] included.
pub(crate) fn for_tests(workspace: &Workspace) -> Result<()> {
    rust_components(workspace)?;
    apt(&TEST_PACKAGES)?;
    apt(&STACK_PACKAGES)?;
    for_build(workspace)?;
    npm_ci(workspace, "tests/browser")?;
    npm_ci(workspace, "tests/deploy")?;
    python::install(workspace, "tests/api/requirements.txt")
}

/// Prepares the machine for the monitoring stack without Docker.
pub(crate) fn for_stack() -> Result<()> {
    apt(&STACK_PACKAGES)
}

/// Prepares the machine for a report, on Postgres if it is asked for.
pub(crate) fn for_report(workspace: &Workspace, postgres: bool) -> Result<()> {
    if postgres {
        apt(&[POSTGRES])?;
    }
    for_build(workspace)
}

/// Installs those packages that are not present, with apt. Says which and why before it starts.
pub(crate) fn apt(packages: &[Package]) -> Result<()> {
    let missing: Vec<_> = packages
        .iter()
        .filter(|package| !(package.present)())
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<_> = missing.iter().map(|package| package.name).collect();
    say("missing on this machine:");
    for package in &missing {
        say(&format!("  {}: {}", package.name, package.why));
    }
    let by_hand = format!("apt-get install {}", names.join(" "));
    if !on_path("apt-get") {
        bail!(
            "there is no apt-get here; install what Debian calls {}",
            names.join(" ")
        );
    }
    let Some(root) = become_root() else {
        bail!("this needs root, and sudo cannot be used here; run as root: {by_hand}");
    };
    run(root("apt-get").arg("update"))?;
    run(root("env")
        .args([
            "DEBIAN_FRONTEND=noninteractive",
            "apt-get",
            "install",
            "--yes",
        ])
        .arg("--no-install-recommends")
        .args(&names))
    .with_context(|| format!("to see more, run as root: {by_hand}"))?;
    for package in missing {
        if !(package.present)() {
            bail!(
                "{} is installed, but what it should bring is not there",
                package.name
            );
        }
        stop_services(root, package)?;
    }
    Ok(())
}

/// Stops what Debian started because the package is new here. Without systemd nothing was started.
fn stop_services(root: fn(&str) -> Command, package: &Package) -> Result<()> {
    if package.services.is_empty() || !Path::new("/run/systemd/system").exists() {
        return Ok(());
    }
    say(&format!(
        "{} is used as a program only; stopping the service it came with",
        package.name
    ));
    run(root("systemctl")
        .args(["disable", "--now"])
        .args(package.services))
}

/// How to run a command as root, if this user may.
fn become_root() -> Option<fn(&str) -> Command> {
    if rustix::process::geteuid().is_root() {
        return Some(|program| Command::new(program));
    }
    // A password can be typed only where there is a terminal.
    let usable = on_path("sudo")
        && (io::stdin().is_terminal() || output(Command::new("sudo").args(["-n", "true"])).is_ok());
    usable.then_some(|program| {
        let mut command = Command::new("sudo");
        command.arg(program);
        command
    })
}

/// Adds rustfmt and clippy where rustup's minimal profile left them out.
fn rust_components(workspace: &Workspace) -> Result<()> {
    for (component, probe) in [("rustfmt", "fmt"), ("clippy", "clippy")] {
        if output(workspace.cargo().args([probe, "--version"])).is_err() {
            say(&format!("cargo {probe} is missing"));
            run(Command::new("rustup").args(["component", "add", component]))?;
        }
    }
    Ok(())
}

fn node_is_recent() -> Result<()> {
    let wanted = format!("Node {NODE_MAJOR} or later, with npm, is needed for the browser's side");
    let version = output(Command::new("node").arg("--version")).context(wanted.clone())?;
    match major(&version) {
        Some(found) if found >= NODE_MAJOR && on_path("npm") => Ok(()),
        _ => bail!("{wanted}; `node --version` says {}", version.trim()),
    }
}

/// The major number of `v20.20.2`.
fn major(version: &str) -> Option<u32> {
    version
        .trim()
        .strip_prefix('v')?
        .split('.')
        .next()?
        .parse()
        .ok()
}

/// Runs `npm ci` in a directory, unless its `package-lock.json` is the one of the last time.
fn npm_ci(workspace: &Workspace, directory: &str) -> Result<()> {
    let lock = workspace.path(directory).join("package-lock.json");
    let wanted = fs::read(&lock).with_context(|| format!("cannot read {}", lock.display()))?;
    let stamp = workspace.stamp(&format!("npm-{}.lock", directory.replace('/', "-")))?;
    let installed = workspace.path(directory).join("node_modules");
    if installed.exists() && fs::read(&stamp).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    say(&format!(
        "{directory}: its npm packages are missing or changed"
    ));
    run(workspace
        .command("npm", directory)
        .args(["ci", "--no-audit", "--no-fund"]))?;
    // Written last: an interrupted installation is repeated.
    fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))
}

/// The directory with `initdb`, `pg_ctl` and `postgres`: Debian keeps them off the path, one
/// directory per version. The newest wins.
pub(crate) fn postgres_programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let newest = versions
        .filter_map(|entry| {
            Some((
                entry.file_name().to_str()?.parse::<u32>().ok()?,
                entry.path(),
            ))
        })
        .map(|(version, path)| (version, path.join("bin")))
        .filter(|(_, bin)| bin.join("initdb").exists())
        .max();
    newest.map(|(_, bin)| bin).or_else(|| {
        let initdb = find_program("initdb")?.canonicalize().ok()?;
        Some(initdb.parent()?.to_owned())
    })
}

/// Whether the library that fakes clocks is where Debian puts it: in a directory per architecture.
fn has_faketime() -> bool {
    let architectures = fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let mut libraries = architectures.map(|entry| entry.path().join("faketime/libfaketimeMT.so.1"));
    libraries.any(|library| library.exists())
}

/// Whether something here reads compose files: the plugin of Docker, or the program of its own.
fn has_compose() -> bool {
    on_path("docker-compose") || output(Command::new("docker").args(["compose", "version"])).is_ok()
}

/// Whether a program is found on `PATH`.
pub(crate) fn on_path(program: &str) -> bool {
    find_program(program).is_some()
}

fn find_program(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|directory| directory.join(program))
        .find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_of_node_is_read() {
        for (text, expected) in [
            ("v20.20.2\n", Some(20)),
            ("v8.0.0", Some(8)),
            ("20.1", None),
            ("", None),
        ] {
            assert_eq!(major(text), expected, "{text}");
        }
    }

    #[test]
    fn programs_are_looked_for_on_the_path() {
        assert!(on_path("sh"));
        assert!(!on_path("no-such-program-here"));
    }

    #[test]
    fn a_present_package_is_not_installed() {
        let present = Package {
            name: "no-such-package",
            why: "never",
            present: || true,
            services: &[],
        };
        apt(&[present]).unwrap();
    }
}
