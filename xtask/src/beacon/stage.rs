//! The folders in which results are made, and whether one is still up to date.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use super::Places;

/// A hash of everything that a result is made of, besides the program itself.
pub(super) fn fingerprint(places: &Places, wasm: &Path, sources: &Path) -> Result<String> {
    let mut files = vec![
        wasm.to_path_buf(),
        places.www.join("package-lock.json"),
        places.www.join("minify.mjs"),
        places.root.join("xtask/src/beacon.rs"),
        places.root.join("xtask/src/beacon/tools.rs"),
        places.root.join("xtask/src/wasm.rs"),
    ];
    for dir in [&places.www.join("loader"), sources] {
        for entry in fs::read_dir(dir).with_context(|| format!("cannot list {}", dir.display()))? {
            files.push(entry?.path());
        }
    }
    files.sort();
    let mut hasher = Sha256::new();
    for file in files {
        let bytes = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        hasher.update(bytes.len().to_le_bytes());
        hasher.update(bytes);
    }
    Ok(hex(&hasher.finalize()))
}

/// Whether `stage` was last finished with these inputs.
pub(super) fn is_done(stage: &Path, inputs: &str) -> bool {
    fs::read_to_string(stage.join("inputs")).is_ok_and(|text| text == inputs)
}

pub(super) fn done(stage: &Path, inputs: &str) -> Result<()> {
    fs::write(stage.join("inputs"), inputs).context("cannot note the finished step")
}

/// Copies the files of one directory.
pub(super) fn copy_files(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from).with_context(|| format!("cannot list {}", from.display()))? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
