//! A clock that a test moves: the collectors of a home see its time of day, and no other.
//!
//! In: a home that has not started a collector. Out: steps of the clock. Must never happen: a
//! machine's uptime, by which time-outs are measured, moves too.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result};

use crate::Home;

/// A clock, read anew at every look.
pub struct MovedClock {
    file: PathBuf,
}

impl MovedClock {
    /// Gives the collectors of a home another clock, which shows the true time at first. One that is
    /// to be stopped cannot be shifted.
    ///
    /// # Errors
    /// If libfaketime is missing.
    pub fn of(home: &mut Home) -> Result<Self> {
        let file = home.log().with_file_name("clock");
        fs::write(&file, "+0")?;
        for (name, value) in [
            ("LD_PRELOAD", library()?.display().to_string()),
            ("FAKETIME_TIMESTAMP_FILE", file.display().to_string()),
            ("FAKETIME_NO_CACHE", "1".to_owned()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
            // Of times at which the clock is stopped: seconds since 1970.
            ("FAKETIME_FMT", "%s".to_owned()),
            ("TZ", "UTC".to_owned()),
        ] {
            home.set_environment(name, &value);
        }
        Ok(Self { file })
    }

    /// The clock goes on, so many seconds from the true time.
    ///
    /// # Errors
    /// If its file cannot be written.
    pub fn shift(&self, seconds: i64) -> Result<()> {
        self.write(&format!("{seconds:+}"))
    }

    /// The clock stands still at a time, in seconds since 1970.
    ///
    /// # Errors
    /// If its file cannot be written.
    pub fn stop_at(&self, seconds: i64) -> Result<()> {
        self.write(&seconds.to_string())
    }

    /// Replaces the file at once: a half-written time would be another one.
    fn write(&self, text: &str) -> Result<()> {
        let new = self.file.with_extension("new");
        fs::write(&new, text)?;
        fs::rename(&new, &self.file).context("the clock cannot be moved")
    }
}

/// Where Debian puts the library.
fn library() -> Result<PathBuf> {
    for entry in fs::read_dir("/usr/lib")? {
        let library = entry?.path().join("faketime/libfaketimeMT.so.1");
        if library.exists() {
            return Ok(library);
        }
    }
    None.context("there is no libfaketime; `cargo xtask test` installs it")
}
