//! A small disk in memory for one process, which can be filled from outside.
//!
//! In: a command, a place and a size. Out: the command with its data directory on that disk. It lies in
//! a mount namespace of the process's own (`unshare`), so it needs no rights, and is gone with the
//! process. Must never happen: a disk that stays mounted.

use std::{
    fs::{self, File},
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::Command;

/// Mounts the disk, copies the data directory to it, and becomes the program.
const SCRIPT: &str = r#"
place=$1 bytes=$2; shift 2
mount -t tmpfs -o size="$bytes" tmpfs "$place"
cp -a "$FORESIGHT_DATA_DIR/." "$place"
export FORESIGHT_DATA_DIR="$place"
exec "$@"
"#;

/// The command with its data directory on a disk of so many bytes.
pub(crate) fn mounted(command: &Command, place: &Path, bytes: u64) -> Command {
    let command = command.as_std();
    let mut mounted = Command::new("unshare");
    mounted
        .args([
            "--user",
            "--map-root-user",
            "--mount",
            "sh",
            "-euc",
            SCRIPT,
            "sh",
        ])
        .arg(place)
        .arg(bytes.to_string())
        .arg(command.get_program())
        .stdin(Stdio::null())
        .kill_on_drop(true);
    if let Some(directory) = command.get_current_dir() {
        mounted.current_dir(directory);
    }
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => mounted.env(name, value),
            None => mounted.env_remove(name),
        };
    }
    mounted
}

/// The disk, as seen from outside.
pub struct SmallDisk {
    process: Pid,
    /// Where its files are, for as long as its process lives.
    path: PathBuf,
}

impl SmallDisk {
    pub(crate) fn of(process: Pid, place: &Path) -> Self {
        let root = PathBuf::from(format!("/proc/{}/root", process.as_raw_nonzero()));
        let inside = place.strip_prefix("/").unwrap_or(place);
        Self {
            process,
            path: root.join(inside),
        }
    }

    /// Fills it to the last byte.
    ///
    /// # Errors
    /// If it cannot be filled, for another reason than being full.
    pub fn fill(&self) -> Result<()> {
        let mut ballast = File::options()
            .create(true)
            .append(true)
            .open(self.ballast())?;
        let mut part = vec![0_u8; 1 << 16];
        while !part.is_empty() {
            match ballast.write_all(&part) {
                Ok(()) => {}
                // Then with less, down to nothing.
                Err(error) if error.kind() == ErrorKind::StorageFull => {
                    part.truncate(part.len() / 2);
                }
                Err(error) => bail!("the small disk cannot be filled: {error}"),
            }
        }
        Ok(())
    }

    /// Makes room again.
    ///
    /// # Errors
    /// If it was not filled.
    pub fn free(&self) -> Result<()> {
        fs::remove_file(self.ballast()).context("the ballast cannot be removed")
    }

    /// Copies its files to `place` while their process holds still, and returns the copy's address of
    /// the embedded database. (SQLite follows the link to the other root, where they are not.)
    ///
    /// # Errors
    /// If they cannot be copied.
    pub fn copy_store(&self, place: &Path) -> Result<String> {
        fs::create_dir_all(place)?;
        kill_process(self.process, Signal::STOP)?;
        let copied = fs::read_dir(&self.path)?.try_for_each(|file| {
            let file = file?;
            fs::copy(file.path(), place.join(file.file_name())).map(drop)
        });
        kill_process(self.process, Signal::CONT)?;
        copied?;
        Ok(format!("sqlite:{}", place.join("foresight.db").display()))
    }

    fn ballast(&self) -> PathBuf {
        self.path.join("ballast")
    }
}
