//! The Debian package, by `dpkg-deb`.
//!
//! In: the files of the package and the templates in `deploy/debian`. Out: the package; its scripts make the
//! user and start the service. Must never happen: a package that is installed where its C library is too
//! old, settings that an upgrade overwrites, or files of the user who packaged.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, process::Command};

use anyhow::{Context, Result, ensure};
use jiff::{Timestamp, fmt::rfc2822, tz::TimeZone};

use super::{
    contents::{self, File, read},
    release::Release,
};
use crate::{
    setup::on_path,
    steps::{run, say},
    workspace::Workspace,
};

/// Who answers for the package.
const MAINTAINER: &str = "The Foresight developers <foresight@4site.pro>";

/// The scripts that dpkg runs, in `deploy/debian`.
const SCRIPTS: [&str; 3] = ["postinst", "prerm", "postrm"];

/// Makes the package in `out`, and has lintian look at it where it is installed.
pub(super) fn build(workspace: &Workspace, release: &Release, out: &Path) -> Result<()> {
    let tree = tempfile::tempdir().context("no place for the package's files")?;
    let files = contents::debian(workspace, release)?;
    for file in &files {
        put(tree.path(), file)?;
    }
    for file in control(workspace, release, &files)? {
        put(tree.path(), &file)?;
    }
    open_directories(tree.path())?;
    let architecture = Release::debian_architecture()?;
    let version = release.debian_version();
    let package = out.join(format!("foresight_{version}_{architecture}.deb"));
    run(Command::new("dpkg-deb")
        .args(["--root-owner-group", "-Zxz", "--build"])
        .arg(tree.path())
        .arg(&package)
        .env("SOURCE_DATE_EPOCH", release.epoch_s.to_string())
        // With several threads the bytes depend on how many.
        .env("DPKG_DEB_THREADS_MAX", "1"))?;
    if on_path("lintian") {
        run(Command::new("lintian")
            .args(["--fail-on", "error", "--allow-root"])
            .arg(&package))
    } else {
        say("lintian is not installed: nobody looked at the package");
        Ok(())
    }
}

/// The files for dpkg itself.
fn control(workspace: &Workspace, release: &Release, files: &[File]) -> Result<Vec<File>> {
    let templates = workspace.path("deploy/debian");
    let template = String::from_utf8(read(&templates.join("control"))?)
        .context("deploy/debian/control is not UTF-8")?;
    let size_kib: usize = files
        .iter()
        .map(|file| file.bytes.len().div_ceil(1024))
        .sum();
    let text = fill(
        &template,
        &[
            ("VERSION", &release.debian_version()),
            ("ARCHITECTURE", Release::debian_architecture()?),
            ("MAINTAINER", MAINTAINER),
            ("SIZE", &size_kib.to_string()),
            ("LIBC", &newest_libc(&read(&release.binary)?)?),
        ],
    )?;
    let settings: String = files
        .iter()
        .filter(|file| file.path.starts_with("etc/"))
        .map(|file| format!("/{}\n", file.path))
        .collect();
    let file = |name: &str, mode, bytes| File {
        path: format!("DEBIAN/{name}"),
        mode,
        bytes,
    };
    let mut made = vec![
        file("control", 0o644, text.into_bytes()),
        file("conffiles", 0o644, settings.into_bytes()),
    ];
    for script in SCRIPTS {
        made.push(file(script, 0o755, read(&templates.join(script))?));
    }
    Ok(made)
}

/// Puts values in the place of `@NAME@`. Every name must be there, and no other.
fn fill(template: &str, values: &[(&str, &str)]) -> Result<String> {
    let mut text = template.to_owned();
    for (name, value) in values {
        let place = format!("@{name}@");
        ensure!(text.contains(&place), "the template has no {place}");
        text = text.replace(&place, value);
    }
    let rest: Vec<_> = text
        .lines()
        .filter(|line| line.contains("@@") || line.contains(" @"))
        .collect();
    ensure!(rest.is_empty(), "nothing is known for {rest:?}");
    Ok(text)
}

/// The newest version of the GNU C library that the binary asks for, from the names of its symbols'
/// versions (`GLIBC_2.34`).
fn newest_libc(binary: &[u8]) -> Result<String> {
    const MARK: &[u8] = b"GLIBC_";
    let starts = binary.windows(MARK.len()).enumerate();
    let versions = starts
        .filter(|(_, window)| *window == MARK)
        .filter_map(|(start, _)| {
            let digits = binary[start + MARK.len()..]
                .iter()
                .take_while(|byte| byte.is_ascii_digit() || **byte == b'.')
                .map(|byte| char::from(*byte));
            let text: String = digits.collect();
            let (major, minor) = text.split_once('.')?;
            let minor = minor.split('.').next()?;
            Some((major.parse::<u32>().ok()?, minor.parse::<u32>().ok()?))
        });
    let (major, minor) = versions
        .max()
        .context("the binary names no version of the C library: is it for Linux with glibc?")?;
    Ok(format!("{major}.{minor}"))
}

/// The package's own log of changes; the product's is beside it.
pub(super) fn changelog(release: &Release) -> Result<String> {
    let seconds = i64::try_from(release.epoch_s).context("a time beyond all clocks")?;
    let time = Timestamp::from_second(seconds)?;
    let date = rfc2822::to_string(&time.to_zoned_datetime(TimeZone::UTC))?;
    Ok(format!(
        "foresight ({}) stable; urgency=medium\n\n  * Version {}: see changelog.gz.\n\n -- {MAINTAINER}  {date}\n",
        release.debian_version(),
        release.version,
    ))
}

fn put(tree: &Path, file: &File) -> Result<()> {
    let path = tree.join(&file.path);
    let place = || format!("cannot write {}", path.display());
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).with_context(place)?;
    }
    fs::write(&path, &file.bytes).with_context(place)?;
    fs::set_permissions(&path, fs::Permissions::from_mode(file.mode)).with_context(place)
}

/// Directories of a package have the same permissions whatever the umask is.
fn open_directories(directory: &Path) -> Result<()> {
    let failed = || format!("cannot go through {}", directory.display());
    fs::set_permissions(directory, fs::Permissions::from_mode(0o755)).with_context(failed)?;
    for entry in directory.read_dir().with_context(failed)? {
        let path = entry.with_context(failed)?.path();
        if path.is_dir() {
            open_directories(&path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_c_library_that_is_asked_for_is_found() {
        let binary = b"\0GLIBC_2.4\0GLIBC_2.34\0GLIBC_2.2.5\0GLIBC_PRIVATE\0";
        assert_eq!(newest_libc(binary).unwrap(), "2.34");
        assert!(newest_libc(b"no such names").is_err());
    }

    #[test]
    fn a_template_is_filled_wholly_or_refused() {
        let values = [("VERSION", "1")];
        assert_eq!(
            fill("Version: @VERSION@\n", &values).unwrap(),
            "Version: 1\n"
        );
        assert!(fill("Version: 1\n", &values).is_err());
        assert!(fill("Version: @VERSION@\nSize: @SIZE@\n", &values).is_err());
    }

    #[test]
    fn the_changelog_has_debians_form() {
        let release = Release {
            version: "0.1.0".into(),
            binary: "".into(),
            epoch_s: 1_796_077_935,
        };
        let text = changelog(&release).unwrap();
        assert!(text.starts_with("foresight (0.1.0-1) stable; urgency=medium\n\n  * "));
        assert!(
            text.ends_with(">  Mon, 30 Nov 2026 22:32:15 +0000\n"),
            "{text}"
        );
    }
}
