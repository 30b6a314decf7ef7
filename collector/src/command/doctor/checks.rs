//! What `foresight doctor` thinks of what it was told. Pure: no clock, no file, no socket.

use std::time::Duration;

use super::{
    Finding,
    look::{Directory, Key},
};
use crate::{
    event::{HOUR_MS, Millis},
    spool, store,
};

/// How far clocks may be apart.
const CLOCK_TOLERANCE_MS: Millis = 60_000;

/// 2026-01-01: no machine that runs this has an earlier date.
const FIRST_DATE_MS: Millis = 1_767_225_600_000;

/// How long one question to the database should take at most.
const SLOW: Duration = Duration::from_millis(250);

/// How long records wait while a collector merges as it should.
const WAIT_MS: Millis = 5 * 60 * 1000;

pub(super) fn data_directory(found: &Directory, spool_max: u64, spooled: u64) -> Finding {
    const SUBJECT: &str = "data directory";
    match *found {
        Directory::Missing => Finding::warning(
            SUBJECT,
            "does not exist yet",
            "nothing, if this is a new collector: serve makes it; else correct data_dir",
        ),
        Directory::File => Finding::problem(SUBJECT, "is not a directory", "correct data_dir"),
        Directory::Found {
            writable: false, ..
        } => Finding::problem(
            SUBJECT,
            "cannot be written by this user: no batch can be kept",
            "give it to the user that runs foresight",
        ),
        Directory::Found {
            free_bytes: None, ..
        } => Finding::ok(SUBJECT, "can be written; its free space is not known"),
        Directory::Found {
            free_bytes: Some(free),
            ..
        } => {
            let still = spool_max.saturating_sub(spooled);
            let free_text = bytes(free);
            if free < still {
                let says = format!(
                    "has {free_text} free, but the spool may take {} more while the database is away",
                    bytes(still)
                );
                Finding::warning(SUBJECT, says, "free some space, or lower spool_max_bytes")
            } else {
                Finding::ok(SUBJECT, format!("can be written, {free_text} free"))
            }
        }
    }
}

pub(super) fn clock(
    now_ms: Millis,
    newest_file_ms: Option<Millis>,
    database_ms: Option<Millis>,
) -> Vec<Finding> {
    const SUBJECT: &str = "clock";
    const ADVICE: &str =
        "set the clock, and keep it right by NTP: it decides the hour of each view";
    let mut findings = Vec::new();
    if now_ms < FIRST_DATE_MS {
        let says = "shows a time before 2026: all views would belong to wrong hours";
        findings.push(Finding::problem(SUBJECT, says, ADVICE));
    }
    if let Some(ahead_ms) = newest_file_ms.map(|file_ms| file_ms - now_ms)
        && ahead_ms > CLOCK_TOLERANCE_MS
    {
        let says = format!(
            "is {} behind the newest file of the data directory (60 s are tolerated): was it set back?",
            duration(ahead_ms)
        );
        findings.push(Finding::warning(SUBJECT, says, ADVICE));
    }
    if let Some(apart_ms) = database_ms.map(|database_ms| (database_ms - now_ms).abs())
        && apart_ms > CLOCK_TOLERANCE_MS
    {
        let says = format!(
            "is {} apart from the database's (60 s are tolerated)",
            duration(apart_ms)
        );
        findings.push(if apart_ms >= HOUR_MS {
            Finding::problem(SUBJECT, says, ADVICE)
        } else {
            Finding::warning(SUBJECT, says, ADVICE)
        });
    }
    if findings.is_empty() {
        let beside = match database_ms {
            Some(_) => "agrees with files and database to 60 s",
            None => "agrees with the files to 60 s",
        };
        findings.push(Finding::ok(SUBJECT, beside));
    }
    findings
}

pub(super) fn database(found: &Result<store::Inspection, String>) -> Finding {
    const SUBJECT: &str = "database";
    let found = match found {
        Ok(found) => found,
        Err(error) => {
            return Finding::problem(
                SUBJECT,
                format!("cannot be used ({error}): batches wait in the spool until it is full"),
                "check database_url, and that the database runs and lets this machine in",
            );
        }
    };
    let (latency_ms, known) = (found.latency.as_millis(), found.known);
    match found.version {
        Some(version) if version > known => Finding::problem(
            SUBJECT,
            format!("has schema version {version}, this foresight knows up to {known}"),
            "run the newer foresight that changed it",
        ),
        None => Finding::warning(
            SUBJECT,
            "has no tables yet",
            "nothing, if it is new: serve makes them; else correct database_url",
        ),
        Some(version) if version < known => Finding::warning(
            SUBJECT,
            format!("has schema version {version}, this foresight brings it to {known}"),
            "back it up before the next start",
        ),
        Some(_) if found.latency > SLOW => Finding::warning(
            SUBJECT,
            format!("took {latency_ms} ms for a question without work (250 ms are tolerated)"),
            "look at its load, and at the network in between",
        ),
        Some(version) => Finding::ok(
            SUBJECT,
            format!("answers in {latency_ms} ms, schema version {version}"),
        ),
    }
}

pub(super) fn spool(
    found: &Result<Option<spool::Inspection>, String>,
    max_bytes: u64,
    now_ms: Millis,
) -> Vec<Finding> {
    const SUBJECT: &str = "spool";
    let found = match found {
        Ok(Some(found)) => found,
        Ok(None) => return vec![Finding::ok(SUBJECT, "there is none yet; serve makes it")],
        Err(error) => {
            return vec![Finding::problem(
                SUBJECT,
                format!("cannot be read: {error}"),
                "check the owner of spool.db and the disk; records in it are not merged yet",
            )];
        }
    };
    let held = found.bytes.unsigned_abs();
    let age_ms = found.oldest_ms.map_or(0, |oldest_ms| now_ms - oldest_ms);
    let waiting = format!("{} records wait ({})", found.records, bytes(held));
    let merge = "start a collector, or see the database above: it has to take them";
    let mut findings = vec![if held >= max_bytes {
        let says = format!("{waiting}: it is full, and batches are refused with 503");
        Finding::problem(SUBJECT, says, merge)
    } else if held >= max_bytes / 5 * 4 {
        Finding::warning(SUBJECT, format!("{waiting}: it is almost full"), merge)
    } else if age_ms > WAIT_MS {
        let says = format!("{waiting}, the oldest for {}", duration(age_ms));
        Finding::warning(SUBJECT, says, merge)
    } else {
        Finding::ok(SUBJECT, waiting)
    }];
    if found.quarantined > 0 {
        findings.push(Finding::warning(
            SUBJECT,
            format!(
                "{} records could not be read and were set aside",
                found.quarantined
            ),
            "look at the table quarantine of spool.db: reason and payload",
        ));
    }
    findings
}

pub(super) fn token_key(found: &Key) -> Finding {
    const SUBJECT: &str = "token key";
    match found {
        Key::Given => Finding::ok(SUBJECT, "is given by the settings"),
        Key::Missing => Finding::warning(
            SUBJECT,
            "there is none yet",
            "nothing for one collector: it makes one; several need the same token_key",
        ),
        Key::Unusable(error) => Finding::problem(
            SUBJECT,
            error.as_str(),
            "restore data_dir/token.key from a backup: with another key all issued tokens are void",
        ),
        Key::File { mode } if mode & 0o077 != 0 => Finding::problem(
            SUBJECT,
            format!("token.key has mode {mode:04o}: other users can sign tokens"),
            "chmod 600 token.key",
        ),
        Key::File { mode } => Finding::ok(SUBJECT, format!("token.key has mode {mode:04o}")),
    }
}

fn bytes(bytes: u64) -> String {
    let whole = bytes as f64;
    match bytes {
        0..1_000_000 => format!("{bytes} bytes"),
        1_000_000..1_000_000_000 => format!("{:.1} MB", whole / 1e6),
        _ => format!("{:.1} GB", whole / 1e9),
    }
}

fn duration(ms: Millis) -> String {
    match ms / 1000 {
        s @ ..120 => format!("{s} s"),
        s @ 120..7200 => format!("{} min", s / 60),
        s => format!("{} h", s / 3600),
    }
}

#[cfg(test)]
mod tests;
