//! Where things are: the repository, cargo's target directory, and the cargo to call.
//!
//! In: the environment that cargo gives to `cargo xtask`. Out: absolute paths, and commands that
//! start in the repository. Must never happen: a hard-coded `target/`, since `CARGO_TARGET_DIR` and
//! cargo's configuration may put it elsewhere.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// The repository and its target directory, both absolute.
pub(crate) struct Workspace {
    /// The directory of the workspace's `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Where cargo puts what it builds.
    pub(crate) target: PathBuf,
}

/// The two fields of `cargo metadata` that matter here.
#[derive(Deserialize)]
struct Metadata {
    workspace_root: PathBuf,
    target_directory: PathBuf,
}

impl Workspace {
    /// Asks cargo. Fails outside a cargo workspace.
    pub(crate) fn find() -> Result<Self> {
        let mut command = cargo();
        command.args(["metadata", "--no-deps", "--format-version", "1"]);
        // Set by `cargo run`: the command then works from any directory.
        if let Ok(package) = env::var("CARGO_MANIFEST_DIR") {
            command.current_dir(package);
        }
        let output = command.output().context("cargo cannot be started")?;
        if !output.status.success() {
            bail!(
                "cargo metadata: {}",
                String::from_utf8_lossy(&output.stderr).trim()
            );
        }
        let metadata: Metadata =
            serde_json::from_slice(&output.stdout).context("cargo metadata has an unknown form")?;
        Ok(Self {
            root: metadata.workspace_root,
            target: metadata.target_directory,
        })
    }

    /// The collector's release binary, whether it is built or not.
    pub(crate) fn binary(&self) -> PathBuf {
        self.target.join("release").join("foresight")
    }

    /// A path inside the repository.
    pub(crate) fn path(&self, inside: impl AsRef<Path>) -> PathBuf {
        self.root.join(inside)
    }

    /// The file that remembers that something was done, and for which inputs. Creates its directory.
    pub(crate) fn stamp(&self, name: &str) -> Result<PathBuf> {
        let directory = self.target.join("xtask");
        fs::create_dir_all(&directory)
            .with_context(|| format!("cannot create {}", directory.display()))?;
        Ok(directory.join(name))
    }

    /// A cargo command that runs in the repository.
    pub(crate) fn cargo(&self) -> Command {
        let mut command = cargo();
        command.current_dir(&self.root);
        command
    }

    /// Another command that runs in a directory of the repository.
    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>, inside: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.path(inside));
        command
    }
}

/// The cargo that runs this program, without what it told this program about its own package:
/// build scripts that look at these variables would run again for nothing.
fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}
