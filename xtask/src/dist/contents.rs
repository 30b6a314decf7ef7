//! Which file of the repository goes where.
//!
//! In: the repository and a release. Out: files with paths and modes, in order of their paths. Must never
//! happen: a file whose mode or content depends on who packages.

use std::{fs, io::Write, path::Path};

use anyhow::{Context, Result};
use flate2::{Compression, GzBuilder};

use super::release::Release;
use crate::workspace::Workspace;

/// A file of a package.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct File {
    /// Its path in the package, relative.
    pub(super) path: String,
    /// Its permissions.
    pub(super) mode: u32,
    /// Its content.
    pub(super) bytes: Vec<u8>,
}

const PROGRAM: u32 = 0o755;
const READABLE: u32 = 0o644;
/// Settings hold the database's password: not for everybody.
const SECRET: u32 = 0o640;

/// The archive: the layout of the repository, so that links between documents work.
pub(super) fn archive(workspace: &Workspace, release: &Release) -> Result<Vec<File>> {
    let mut files = vec![
        File {
            path: "foresight".into(),
            mode: PROGRAM,
            bytes: read(&release.binary)?,
        },
        copy(
            workspace,
            "deploy/systemd/foresight.service",
            "foresight.service",
        )?,
    ];
    for name in [
        "foresight.example.toml",
        "README.md",
        "LICENSE",
        "CHANGELOG.md",
        "SECURITY.md",
    ] {
        files.push(copy(workspace, name, name)?);
    }
    for path in documents(&workspace.path("docs"))? {
        files.push(copy(
            workspace,
            &format!("docs/{path}"),
            &format!("docs/{path}"),
        )?);
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(files)
}

/// What the Debian package puts on a machine.
pub(super) fn debian(workspace: &Workspace, release: &Release) -> Result<Vec<File>> {
    const DOC: &str = "usr/share/doc/foresight";
    let mut files = vec![
        File {
            path: "usr/bin/foresight".into(),
            mode: PROGRAM,
            bytes: read(&release.binary)?,
        },
        File {
            mode: SECRET,
            ..copy(
                workspace,
                "deploy/debian/foresight.toml",
                "etc/foresight/foresight.toml",
            )?
        },
        copy(
            workspace,
            "deploy/systemd/foresight.service",
            "usr/lib/systemd/system/foresight.service",
        )?,
        copy(
            workspace,
            "deploy/debian/copyright",
            &format!("{DOC}/copyright"),
        )?,
        copy(
            workspace,
            "deploy/debian/lintian-overrides",
            "usr/share/lintian/overrides/foresight",
        )?,
        copy(
            workspace,
            "foresight.example.toml",
            &format!("{DOC}/examples/foresight.example.toml"),
        )?,
        copy(workspace, "README.md", &format!("{DOC}/README.md"))?,
        copy(workspace, "SECURITY.md", &format!("{DOC}/SECURITY.md"))?,
        File {
            path: format!("{DOC}/changelog.gz"),
            mode: READABLE,
            bytes: packed(&read(&workspace.path("CHANGELOG.md"))?)?,
        },
        File {
            path: format!("{DOC}/changelog.Debian.gz"),
            mode: READABLE,
            bytes: packed(super::debian::changelog(release)?.as_bytes())?,
        },
    ];
    for path in documents(&workspace.path("docs"))? {
        files.push(copy(
            workspace,
            &format!("docs/{path}"),
            &format!("{DOC}/docs/{path}"),
        )?);
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(files)
}

fn copy(workspace: &Workspace, from: &str, to: &str) -> Result<File> {
    Ok(File {
        path: to.to_owned(),
        mode: READABLE,
        bytes: read(&workspace.path(from))?,
    })
}

pub(super) fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// The pages below a directory, with the directories between.
fn documents(directory: &Path) -> Result<Vec<String>> {
    let unlisted = || format!("{} cannot be listed", directory.display());
    let mut found = Vec::new();
    for entry in directory.read_dir().with_context(unlisted)? {
        let entry = entry.with_context(unlisted)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() {
            let below = documents(&entry.path())?;
            found.extend(below.into_iter().map(|path| format!("{name}/{path}")));
        } else if name.ends_with(".md") {
            found.push(name);
        }
    }
    Ok(found)
}

/// gzip without a name and a time.
fn packed(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzBuilder::new().write(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}
