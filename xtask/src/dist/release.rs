//! What is packaged: its version, for which machines, and as of when.
//!
//! In: the binary, the workspace's version and the last commit's time. Out: names of files. Must never
//! happen: a time of the clock.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};

use crate::{steps::output, workspace::Workspace};

/// One release of one version for one kind of machine.
#[derive(Debug)]
pub(super) struct Release {
    /// The workspace's version, as `0.1.0`.
    pub(super) version: String,
    /// The binary that is packaged, absolute.
    pub(super) binary: PathBuf,
    /// The time that everything in it has: seconds since 1970-01-01 UTC.
    pub(super) epoch_s: u64,
}

impl Release {
    /// Asks the binary, cargo's environment and git.
    pub(super) fn find(workspace: &Workspace, binary: &Path) -> Result<Self> {
        let binary = binary
            .canonicalize()
            .with_context(|| format!("there is no {}", binary.display()))?;
        let version = env!("CARGO_PKG_VERSION");
        let said = output(Command::new(&binary).arg("--version"))?;
        ensure!(
            said.trim() == format!("foresight {version}"),
            "{} says it is {:?}, not foresight {version}",
            binary.display(),
            said.trim()
        );
        Ok(Self {
            version: version.to_owned(),
            binary,
            epoch_s: epoch(workspace)?,
        })
    }

    /// The archive's name and the directory in it.
    pub(super) fn archive_name(&self) -> String {
        format!("foresight-{}-linux-{}", self.version, env::consts::ARCH)
    }

    /// The version in Debian's order, in which `1.0.0~rc.1` comes before `1.0.0`.
    pub(super) fn debian_version(&self) -> String {
        format!("{}-1", self.version.replacen('-', "~", 1))
    }

    /// What Debian calls this kind of machine.
    pub(super) fn debian_architecture() -> Result<&'static str> {
        match env::consts::ARCH {
            "x86_64" => Ok("amd64"),
            "aarch64" => Ok("arm64"),
            other => bail!("nobody has told what Debian calls {other}"),
        }
    }
}

/// `SOURCE_DATE_EPOCH` (<https://reproducible-builds.org/specs/source-date-epoch/>), or the last commit's.
fn epoch(workspace: &Workspace) -> Result<u64> {
    let text = match env::var("SOURCE_DATE_EPOCH") {
        Ok(text) => text,
        Err(_) => output(
            workspace
                .command("git", ".")
                .args(["log", "-1", "--format=%ct"]),
        )
        .context("no time to give to files: set SOURCE_DATE_EPOCH where there is no git")?,
    };
    text.trim()
        .parse()
        .with_context(|| format!("{:?} is no number of seconds", text.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_candidate_is_older_than_its_release_for_debian() {
        let release = |version: &str| Release {
            version: version.to_owned(),
            binary: PathBuf::new(),
            epoch_s: 0,
        };
        assert_eq!(release("0.1.0").debian_version(), "0.1.0-1");
        assert_eq!(release("1.0.0-rc.1").debian_version(), "1.0.0~rc.1-1");
    }

    #[test]
    fn a_binary_of_another_version_is_refused() {
        let workspace = Workspace {
            root: "/".into(),
            target: "/nowhere".into(),
        };
        let error = Release::find(&workspace, Path::new("/bin/echo")).unwrap_err();
        assert!(error.to_string().contains("not foresight"), "{error}");
        assert!(Release::find(&workspace, Path::new("/no/such/file")).is_err());
    }
}
