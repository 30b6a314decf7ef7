//! What `foresight doctor` reads from the machine. Nothing here decides what is good or bad.

use std::{
    fs, io,
    os::unix::fs::PermissionsExt,
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

use rustix::fs::{Access, access, statvfs};

use crate::{access::TokenKey, config::Config, event::Millis, spool, store};

/// A data directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Directory {
    /// Nothing is there.
    Missing,
    /// Something else is there.
    File,
    /// It is there.
    Found {
        /// Whether this user may make files in it.
        writable: bool,
        /// Bytes that this user can still write; none if the system does not tell.
        free_bytes: Option<u64>,
    },
}

/// Where the key of the site tokens is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// In the settings, where it was checked.
    Given,
    /// In the data directory, with the file's permissions.
    File { mode: u32 },
    /// There is none yet.
    Missing,
    /// Its file is not to be read, or holds no key.
    Unusable(String),
}

pub(super) fn directory(path: &Path) -> Directory {
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Directory::Missing,
        Ok(found) if !found.is_dir() => Directory::File,
        _ => Directory::Found {
            writable: access(path, Access::WRITE_OK | Access::EXEC_OK).is_ok(),
            free_bytes: statvfs(path)
                .ok()
                .map(|found| found.f_bavail.saturating_mul(found.f_frsize)),
        },
    }
}

/// When the newest file in the data directory was written.
pub(super) fn newest_file_ms(directory: &Path) -> Option<Millis> {
    let files = fs::read_dir(directory).ok()?;
    let changed = files.filter_map(|file| file.ok()?.metadata().ok()?.modified().ok());
    changed.max().map(millis)
}

fn millis(time: SystemTime) -> Millis {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_millis() as Millis
}

pub(super) fn token_key(config: &Config) -> Key {
    if !config.token_key.reveal().is_empty() {
        return Key::Given;
    }
    let path = config.data_dir.join("token.key");
    let mode = match fs::metadata(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Key::Missing,
        Err(error) => return Key::Unusable(error.to_string()),
        Ok(found) => found.permissions().mode() & 0o777,
    };
    // It is there, so that loading does not make one.
    match TokenKey::load("", &config.data_dir) {
        Ok(_) => Key::File { mode },
        Err(error) => Key::Unusable(error.to_string()),
    }
}

pub(super) async fn database(config: &Config) -> Result<store::Inspection, String> {
    let found = store::inspect(&config.store_url()).await;
    found.map_err(|error| error.to_string())
}

pub(super) async fn spool(config: &Config) -> Result<Option<spool::Inspection>, String> {
    let found = spool::inspect(&config.data_dir.join("spool.db")).await;
    found.map_err(|error| error.to_string())
}
