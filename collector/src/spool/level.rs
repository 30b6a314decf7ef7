//! How much waits in a spool, and what was found damaged. The writer changes it, everyone reads it.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};

use super::{open::Opened, rows::Removed};
use crate::event::Millis;

/// Stands for "none waits".
const NONE: Millis = Millis::MAX;

/// How much waits in a spool.
#[derive(Debug)]
pub(super) struct Level {
    records: AtomicI64,
    bytes: AtomicU64,
    oldest_ms: AtomicI64,
    last_position: AtomicI64,
    mended: AtomicU64,
    lost: AtomicU64,
    dropped_files: AtomicU64,
}

impl Default for Level {
    fn default() -> Self {
        Self {
            records: AtomicI64::new(0),
            bytes: AtomicU64::new(0),
            oldest_ms: AtomicI64::new(NONE),
            last_position: AtomicI64::new(0),
            mended: AtomicU64::new(0),
            lost: AtomicU64::new(0),
            dropped_files: AtomicU64::new(0),
        }
    }
}

impl Level {
    /// Takes the numbers of a file that was opened.
    pub(super) fn begin(&self, opened: &Opened) {
        self.records.store(opened.records, Relaxed);
        self.bytes.store(opened.bytes, Relaxed);
        self.set_oldest(opened.oldest_ms);
        self.set_last_position(opened.last);
        self.dropped_files.fetch_add(opened.dropped_files, Relaxed);
        if let Some(damage) = &opened.damage {
            self.mended.fetch_add(1, Relaxed);
            self.lost.fetch_add(damage.lost, Relaxed);
        }
    }

    pub(super) fn add(&self, received_ms: Millis, bytes: u64) {
        self.records.fetch_add(1, Relaxed);
        self.bytes.fetch_add(bytes, Relaxed);
        self.oldest_ms.fetch_min(received_ms, Relaxed);
    }

    pub(super) fn remove(&self, removed: &Removed) {
        self.records.fetch_sub(removed.records, Relaxed);
        self.bytes.fetch_sub(removed.bytes, Relaxed);
        self.set_oldest(removed.oldest_ms);
    }

    pub(super) fn set_last_position(&self, position: i64) {
        self.last_position.store(position, Relaxed);
    }

    fn set_oldest(&self, oldest_ms: Option<Millis>) {
        self.oldest_ms.store(oldest_ms.unwrap_or(NONE), Relaxed);
    }

    pub(super) fn records(&self) -> i64 {
        self.records.load(Relaxed)
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes.load(Relaxed)
    }

    pub(super) fn oldest_ms(&self) -> Option<Millis> {
        Some(self.oldest_ms.load(Relaxed)).filter(|oldest_ms| *oldest_ms != NONE)
    }

    pub(super) fn last_position(&self) -> i64 {
        self.last_position.load(Relaxed)
    }

    /// How often the file was mended.
    pub(super) fn mended(&self) -> u64 {
        self.mended.load(Relaxed)
    }

    /// Records that were not whole then.
    pub(super) fn lost(&self) -> u64 {
        self.lost.load(Relaxed)
    }

    /// Damaged files that were deleted.
    pub(super) fn dropped_files(&self) -> u64 {
        self.dropped_files.load(Relaxed)
    }
}
