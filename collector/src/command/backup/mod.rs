//! `foresight backup` and `foresight restore`.
//!
//! In: settings and a file. Out: everything of one moment in that file, while collectors go on; or a file's
//! content in an empty place, counted again. What must never happen: something that was acknowledged before
//! the backup is missing in it or is in it twice, or a restore that is not what was saved looks like one.

mod archive;

use std::{
    fmt, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};
use serde::Serialize;

use crate::{
    config::Config,
    event::Millis,
    spool,
    store::copy::{self, Contents},
};
use archive::List;

/// The files of a backup: the database, the spool, and the key that tokens are signed with.
const DATABASE: &str = "database";
const SPOOL: &str = "spool.db";
const KEY: &str = "token.key";

/// What a backup holds.
#[derive(Debug, Serialize)]
pub struct Backup {
    /// The file.
    pub file: PathBuf,
    /// Its size in bytes; absent if it was only read.
    pub bytes: Option<u64>,
    /// When it was made, RFC 3339.
    pub made: String,
    /// Rows of each table.
    pub database: Contents,
    /// Records of the spool that were accepted and not merged yet; they are merged after a restore.
    pub waiting_records: u64,
    /// Whether the key that tokens are signed with is in it. It is not if the settings give it.
    pub has_token_key: bool,
    /// Whether it was restored.
    pub restored: bool,
}

impl fmt::Display for Backup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = if self.restored {
            "restored"
        } else {
            "whole backup"
        };
        writeln!(f, "{head} {} of {}", self.file.display(), self.made)?;
        if let Some(bytes) = self.bytes {
            writeln!(
                f,
                "{bytes} bytes; it holds secrets, keep it as you keep keys"
            )?;
        }
        writeln!(f, "\n{:24} {:>12}", "TABLE", "ROWS")?;
        for (table, rows) in &self.database.tables {
            writeln!(f, "{table:24} {rows:>12}")?;
        }
        writeln!(
            f,
            "{:24} {:>12}",
            "(waiting in the spool)", self.waiting_records
        )?;
        if !self.has_token_key {
            write!(
                f,
                "\nThe token key is not in it: the settings give it (token_key). Keep it too, or every site \
                 needs a new snippet."
            )?;
        }
        Ok(())
    }
}

impl Backup {
    fn of(file: &Path, list: List, bytes: Option<u64>, restored: bool) -> Self {
        Self {
            file: file.to_owned(),
            bytes,
            made: list.made,
            has_token_key: list.files.iter().any(|entry| entry.name == KEY),
            database: list.database,
            waiting_records: list.waiting_records,
            restored,
        }
    }
}

/// Saves database, spool and token key in a file, also while collectors run.
///
/// # Errors
/// If there is such a file already, or something cannot be read or written.
pub async fn back_up(config: &Config, to: &Path, now_ms: Millis) -> Result<Backup> {
    ensure!(
        !to.exists(),
        "{} is there already; choose another name",
        to.display()
    );
    let beside = Beside::of(to)?;
    let dir = beside.path();
    let spool_copy = dir.join(SPOOL);
    // The spool first: see `spool::copy`.
    let spool = spool::copy(&config.data_dir.join("spool.db"), &spool_copy)
        .await
        .context("the spool cannot be copied")?;
    let database = copy::copy(&config.store_url(), &dir.join(DATABASE))
        .await
        .context("the database cannot be copied")?;
    let mut names = vec![DATABASE];
    let mut waiting_records = 0;
    if let Some(id) = spool {
        let position = database.positions.get(&id).copied().unwrap_or(0);
        waiting_records = spool::trim(&spool_copy, position).await?;
        names.push(SPOOL);
    }
    let key = config.data_dir.join(KEY);
    if key.exists() {
        fs::copy(&key, dir.join(KEY))
            .with_context(|| format!("{} cannot be read", key.display()))?;
        names.push(KEY);
    }
    let made = jiff::Timestamp::from_millisecond(now_ms)?.to_string();
    let list = List::of(dir, &names, made, (database, waiting_records))?;
    let bytes = archive::pack(&list, dir, to)?;
    Ok(Backup::of(to, list, Some(bytes), false))
}

/// Restores a backup into an empty data directory and an empty database, and counts it again. With `check`
/// it is only read: every byte of it.
///
/// # Errors
/// If the file is not whole, there is something at the place already, or what is there then is not what
/// was saved.
pub async fn restore(config: &Config, from: &Path, check: bool) -> Result<Backup> {
    let place = &config.data_dir;
    if !check {
        fs::create_dir_all(place)
            .with_context(|| format!("data_dir {} cannot be made", place.display()))?;
        for name in [SPOOL, KEY] {
            let path = place.join(name);
            if path.exists() {
                bail!(
                    "{} is there already; a backup is restored into an empty data_dir only",
                    path.display()
                );
            }
        }
    }
    // On the disk of the data directory, so that files only move to their place.
    let beside = if check {
        Beside::of(from)?
    } else {
        Beside::of(&place.join(SPOOL))?
    };
    let dir = beside.path();
    let list = archive::unpack(from, dir)?;
    if check {
        return Ok(Backup::of(from, list, None, false));
    }
    let url = config.store_url();
    copy::check_place(&url, &list.database).await?;
    let found = copy::put_back(&url, &dir.join(DATABASE))
        .await
        .context("the database cannot be restored")?;
    ensure!(
        found == list.database,
        "what was restored is not what was saved:\n  saved     {:?}\n  restored  {:?}",
        list.database,
        found
    );
    for entry in list.files.iter().filter(|entry| entry.name != DATABASE) {
        let path = place.join(&entry.name);
        fs::rename(dir.join(&entry.name), &path)
            .with_context(|| format!("{} cannot be made", path.display()))?;
    }
    Ok(Backup::of(from, list, None, true))
}

/// A directory beside a file, for what is half done. It is deleted at the end, however that comes.
struct Beside(PathBuf);

impl Beside {
    fn of(file: &Path) -> Result<Self> {
        let parent = file
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty());
        let name = format!(".foresight-{:016x}", rand::random::<u64>());
        let path = parent.unwrap_or(Path::new(".")).join(name);
        fs::DirBuilder::new()
            .create(&path)
            .with_context(|| format!("{} cannot be made", path.display()))?;
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
        Ok(Self(path))
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, directory = %self.0.display(), "what was half done is left");
        }
    }
}
