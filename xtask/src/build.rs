//! From the sources to one binary.
//!
//! In: a machine with rustup and Node. Out: the release binary `foresight`, with everything that
//! browsers get inside it. Must never happen: a binary with yesterday's assets.

use std::path::PathBuf;

use anyhow::{Result, ensure};

use crate::{
    assets, setup,
    steps::{Steps, run},
    workspace::Workspace,
};

/// Sets up, builds what changed, and returns the binary's path.
pub(crate) fn build(workspace: &Workspace, steps: &mut Steps) -> Result<PathBuf> {
    steps.step("set-up", || setup::for_build(workspace))?;
    assets::build(workspace, steps)?;
    collector(workspace, steps)
}

/// Compiles the collector. The assets must have been built.
pub(crate) fn collector(workspace: &Workspace, steps: &mut Steps) -> Result<PathBuf> {
    steps.step("collector, release build", || {
        run(workspace
            .cargo()
            .args(["build", "--release", "--locked", "--package", "foresight"]))?;
        let binary = workspace.binary();
        ensure!(binary.is_file(), "cargo built no {}", binary.display());
        Ok(binary)
    })
}
