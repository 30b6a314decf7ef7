//! What browsers get, gathered in `www/dist`: the beacon, the dashboard and the demo site.
//!
//! In: `beacon/`, `www/loader`, `www/dashboard`, `www/demo` and the npm packages. Out: `www/dist`,
//! which the collector embeds. Must never happen: a file that is written again with the same
//! content, because the collector would then be compiled again.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};

use crate::{
    beacon, compress,
    steps::{Steps, run, say},
    workspace::Workspace,
};

/// Builds whatever changed.
pub(crate) fn build(workspace: &Workspace, steps: &mut Steps) -> Result<()> {
    steps.step("beacon", || beacon::build(&workspace.root))?;
    steps.step("dashboard", || dashboard(workspace))?;
    steps.step("demo site", || {
        mirror(
            &workspace.path("www/demo"),
            &workspace.path("www/dist/demo"),
        )
    })?;
    steps.step("compression", || {
        compress::precompress(&workspace.path("www/dist"))
    })
}

/// Has Vite build the dashboard.
fn dashboard(workspace: &Workspace) -> Result<()> {
    let built = workspace.path("www/dist/dashboard");
    let inputs = fingerprint(&[
        workspace.path("www/dashboard"),
        workspace.path("www/package-lock.json"),
    ])?;
    let stamp = workspace.stamp("dashboard.stamp")?;
    if built.join("index.html").exists()
        && fs::read_to_string(&stamp).is_ok_and(|last| last == inputs)
    {
        say("unchanged");
        return Ok(());
    }
    run(workspace
        .command("npm", "www")
        .args(["run", "build", "--workspace", "dashboard"]))?;
    ensure!(
        built.join("index.html").exists(),
        "vite left no index.html in {}",
        built.display()
    );
    fs::write(&stamp, inputs).with_context(|| format!("cannot write {}", stamp.display()))
}

/// Makes `to` hold exactly the files of `from` and their compressed twins, and touches only those
/// that differ.
fn mirror(from: &Path, to: &Path) -> Result<()> {
    ensure!(from.is_dir(), "{} is missing", from.display());
    let wanted = files_below(from)?;
    for file in &wanted {
        let (source, copy) = (from.join(file), to.join(file));
        let content =
            fs::read(&source).with_context(|| format!("cannot read {}", source.display()))?;
        if fs::read(&copy).is_ok_and(|found| found == content) {
            continue;
        }
        if let Some(parent) = copy.parent() {
            fs::create_dir_all(parent)
                .with_context(|| format!("cannot create {}", parent.display()))?;
        }
        fs::write(&copy, content).with_context(|| format!("cannot write {}", copy.display()))?;
    }
    for file in files_below(to)?
        .into_iter()
        .filter(|file| !wanted.contains(file) && !is_twin(file, &wanted))
    {
        let gone = to.join(file);
        fs::remove_file(&gone).with_context(|| format!("cannot remove {}", gone.display()))?;
    }
    Ok(())
}

/// Whether a file is the compressed form of a wanted one. If that one changed, its twin is older,
/// and is written again.
fn is_twin(file: &Path, wanted: &[PathBuf]) -> bool {
    let packed = file
        .extension()
        .is_some_and(|extension| extension == "br" || extension == "gz");
    packed && wanted.contains(&file.with_extension(""))
}

/// A hash over the names and contents of all files below some paths.
fn fingerprint(paths: &[PathBuf]) -> Result<String> {
    let mut hash = Sha256::new();
    for path in paths {
        for file in files_below(path)? {
            let full = if path.is_file() {
                path.clone()
            } else {
                path.join(&file)
            };
            let content =
                fs::read(&full).with_context(|| format!("cannot read {}", full.display()))?;
            for part in [file.as_os_str().as_encoded_bytes(), &content] {
                // With its length, so that no two lists of files run together to the same bytes.
                hash.update((part.len() as u64).to_le_bytes());
                hash.update(part);
            }
        }
    }
    Ok(hash
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

/// The files below a directory, relative to it and sorted; the name alone if the path is a file;
/// nothing if there is none. `node_modules` follows from the lock file and is left out.
fn files_below(path: &Path) -> Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(path.file_name().map(PathBuf::from).into_iter().collect());
    }
    let mut files = Vec::new();
    let mut directories = vec![path.to_owned()];
    while let Some(directory) = directories.pop().filter(|directory| directory.exists()) {
        let entries = fs::read_dir(&directory)
            .with_context(|| format!("cannot list {}", directory.display()))?;
        for entry in entries {
            let entry = entry.with_context(|| format!("cannot list {}", directory.display()))?;
            if entry.path().is_dir() {
                if entry.file_name() != "node_modules" {
                    directories.push(entry.path());
                }
            } else if let Ok(relative) = entry.path().strip_prefix(path) {
                files.push(relative.to_owned());
            }
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(directory: &Path, file: &str, content: &str) {
        let path = directory.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    #[test]
    fn a_mirror_holds_the_same_files_and_touches_only_what_differs() {
        let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        write(from.path(), "index.html", "one");
        write(from.path(), "img/bread.webp", "two");
        for (file, content) in [
            ("old/gone.html", "three"),
            ("old/gone.html.br", "3"),
            ("index.html.br", "1"),
        ] {
            write(to.path(), file, content);
        }
        mirror(from.path(), to.path()).unwrap();
        let expected = ["img/bread.webp", "index.html", "index.html.br"].map(PathBuf::from);
        assert_eq!(files_below(to.path()).unwrap(), expected);
        let before = fs::metadata(to.path().join("index.html"))
            .unwrap()
            .modified()
            .unwrap();
        write(from.path(), "img/bread.webp", "changed");
        mirror(from.path(), to.path()).unwrap();
        let after = fs::metadata(to.path().join("index.html"))
            .unwrap()
            .modified()
            .unwrap();
        assert_eq!(before, after);
        assert_eq!(
            fs::read_to_string(to.path().join("img/bread.webp")).unwrap(),
            "changed"
        );
    }

    #[test]
    fn a_missing_source_is_an_error_and_not_an_empty_copy() {
        let directory = tempfile::tempdir().unwrap();
        let error = mirror(&directory.path().join("demo"), directory.path()).unwrap_err();
        assert!(error.to_string().ends_with("demo is missing"), "{error}");
    }

    #[test]
    fn a_fingerprint_changes_with_names_and_contents_but_not_with_installed_packages() {
        let directory = tempfile::tempdir().unwrap();
        let now = || fingerprint(&[directory.path().to_owned()]).unwrap();
        write(directory.path(), "src/a.ts", "bc");
        let first = now();
        write(directory.path(), "node_modules/x/index.js", "x");
        assert_eq!(now(), first);
        write(directory.path(), "src/a.ts", "bd");
        let second = now();
        assert_ne!(second, first);
        fs::rename(
            directory.path().join("src/a.ts"),
            directory.path().join("src/b.ts"),
        )
        .unwrap();
        assert_ne!(now(), second);
    }
}
