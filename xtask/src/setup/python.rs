//! The Python programs that tests run, in an environment of their own under `target/`.
//!
//! In: a list of packages with their exact versions. Out: `target/python/bin` has their programs. Must never
//! happen: a package of the machine is used or changed.

use std::{fs, process::Command};

use anyhow::{Context, Result};

use super::super::{
    steps::{output, run, say},
    workspace::Workspace,
};

/// Whether this machine's Python can make environments.
pub(super) fn is_present() -> bool {
    output(Command::new("python3").args(["-c", "import venv, ensurepip"])).is_ok()
}

/// Makes the environment, unless its packages are those of the last time.
pub(super) fn install(workspace: &Workspace, requirements: &str) -> Result<()> {
    let list = workspace.path(requirements);
    let wanted = fs::read(&list).with_context(|| format!("cannot read {}", list.display()))?;
    let stamp = workspace.stamp("python.requirements")?;
    let home = workspace.path("target/python");
    if home.exists() && fs::read(&stamp).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    say(&format!(
        "{requirements}: its Python packages are missing or changed"
    ));
    run(Command::new("python3")
        .args(["-m", "venv", "--clear"])
        .arg(&home))?;
    run(Command::new(home.join("bin/pip"))
        .args([
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--requirement",
        ])
        .arg(&list))?;
    // Written last: an interrupted installation is repeated.
    fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))
}
