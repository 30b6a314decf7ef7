//! `cargo xtask dist`: what a release consists of.
//!
//! In: the release binary, the npm package, and files of the repository. Out, in `target/dist`: an archive
//! for any Linux, a Debian package, the npm package, two lists of what is inside (SBOM), and the checksum of
//! each. Must never happen: a file that differs although nothing changed (times are those of the last
//! commit, lists are sorted), a file without a checksum, or a binary of another version than its file's name.

mod archive;
mod contents;
mod debian;
mod release;
mod sbom;
mod sums;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};

use crate::{
    build,
    setup::on_path,
    steps::{Steps, run, say},
    workspace::Workspace,
};
use release::Release;

/// Package the release binary, the npm package, their SBOMs and the checksums of all.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Package this binary instead of building one. The npm package must have been built, too
    /// (`cargo xtask beacon`).
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
    /// Where the files go: a directory that is empty or not there. Default: target/dist, which is emptied.
    #[arg(long, value_name = "DIRECTORY")]
    out: Option<PathBuf>,
}

/// Builds what is missing, and makes the files.
pub(crate) fn dist(workspace: &Workspace, steps: &mut Steps, options: &Options) -> Result<()> {
    ensure!(
        on_path("dpkg-deb"),
        "dpkg-deb is missing; package on Debian, or install its dpkg"
    );
    let binary = match &options.binary {
        Some(binary) => binary.clone(),
        None => build::build(workspace, steps)?,
    };
    let out = prepare(workspace, options.out.as_deref())?;
    let release = Release::find(workspace, &binary)?;
    let files = steps.step("archive", || {
        let files = contents::archive(workspace, &release)?;
        let name = release.archive_name();
        archive::write(
            &out.join(format!("{name}.tar.gz")),
            &name,
            &files,
            release.epoch_s,
        )?;
        Ok(files.len())
    })?;
    say(&format!("{files} files in the archive"));
    steps.step("Debian package", || {
        debian::build(workspace, &release, &out)
    })?;
    steps.step("npm package", || npm(workspace, &out))?;
    steps.step("lists of what is inside", || {
        sbom::write(workspace, &release, &out)
    })?;
    let sums = steps.step("checksums", || sums::write(&out))?;
    say(&sums);
    say(&format!("in {}", out.display()));
    Ok(())
}

/// An empty directory for the files. Only the default one is emptied.
fn prepare(workspace: &Workspace, wanted: Option<&Path>) -> Result<PathBuf> {
    let out = match wanted {
        Some(out) => std::path::absolute(out).context("the present directory is gone")?,
        None => {
            let out = workspace.target.join("dist");
            if out.exists() {
                fs::remove_dir_all(&out)
                    .with_context(|| format!("cannot empty {}", out.display()))?;
            }
            out
        }
    };
    fs::create_dir_all(&out).with_context(|| format!("cannot create {}", out.display()))?;
    let mut there = out
        .read_dir()
        .with_context(|| format!("cannot list {}", out.display()))?;
    ensure!(there.next().is_none(), "{} is not empty", out.display());
    Ok(out)
}

/// Has npm pack `www/beacon`. Its times are fixed by npm.
fn npm(workspace: &Workspace, out: &Path) -> Result<()> {
    ensure!(
        workspace.path("www/beacon/dist/index.js").is_file(),
        "the npm package is not built: cargo xtask beacon"
    );
    run(workspace
        .command("npm", "www/beacon")
        .args(["pack", "--silent", "--pack-destination"])
        .arg(out))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_with_files_of_somebody_else_is_refused_and_left_alone() {
        let workspace = Workspace {
            root: "/".into(),
            target: "/nowhere".into(),
        };
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(
            prepare(&workspace, Some(directory.path())).unwrap(),
            directory.path()
        );
        fs::write(directory.path().join("mine"), "kept").unwrap();
        let error = prepare(&workspace, Some(directory.path())).unwrap_err();
        assert!(error.to_string().ends_with("is not empty"), "{error}");
        assert!(directory.path().join("mine").exists());
    }

    #[test]
    fn the_default_directory_is_emptied() {
        let target = tempfile::tempdir().unwrap();
        let workspace = Workspace {
            root: "/".into(),
            target: target.path().into(),
        };
        let out = prepare(&workspace, None).unwrap();
        fs::write(out.join("foresight-0.0.9.tar.gz"), "old").unwrap();
        prepare(&workspace, None).unwrap();
        assert_eq!(out.read_dir().unwrap().count(), 0);
    }
}
