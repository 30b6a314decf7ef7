//! The checksums of a release, as `sha256sum --check` reads them.
//!
//! In: a directory of files. Out: `SHA256SUMS` in it. Must never happen: a file beside it that is not listed.

use std::{fmt::Write, fs, path::Path};

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};

use super::contents::read;

/// The file's name.
const NAME: &str = "SHA256SUMS";

/// Writes the file and returns its text: a line for each file, by name.
pub(super) fn write(directory: &Path) -> Result<String> {
    let unlisted = || format!("{} cannot be listed", directory.display());
    let mut lines = Vec::new();
    for entry in directory.read_dir().with_context(unlisted)? {
        let path = entry.with_context(unlisted)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        lines.push((
            name.into_owned(),
            hexadecimal(&Sha256::digest(read(&path)?)),
        ));
    }
    ensure!(!lines.is_empty(), "there is nothing to sum up");
    lines.sort();
    let text = lines.iter().fold(String::new(), |mut text, (name, sum)| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{sum}  {name}");
        text
    });
    let to = directory.join(NAME);
    fs::write(&to, &text).with_context(|| format!("cannot write {}", to.display()))?;
    Ok(text)
}

/// Bytes as digits.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::steps::run;

    #[test]
    fn every_file_is_listed_and_the_usual_program_agrees() {
        let directory = tempfile::tempdir().unwrap();
        assert!(write(directory.path()).is_err());
        for (name, text) in [("b.deb", "two"), ("a.tar.gz", "one")] {
            fs::write(directory.path().join(name), text).unwrap();
        }
        let text = write(directory.path()).unwrap();
        let names: Vec<_> = text.lines().map(|line| &line[66..]).collect();
        assert_eq!(names, ["a.tar.gz", "b.deb"]);
        let check = || {
            run(Command::new("sha256sum")
                .args(["--check", "--strict", "--quiet", NAME])
                .current_dir(directory.path()))
        };
        check().unwrap();
        fs::write(directory.path().join("b.deb"), "twp").unwrap();
        assert!(check().is_err());
    }
}
