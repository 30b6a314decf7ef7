//! The process's limit of open files: a connection is one, and so is a database's file.
//!
//! In: the connections of the settings. Out: as many as the system allows. What must never happen:
//! connections use up the files that spool and database need, or the accept loop runs into a limit
//! that one call would have raised. Systems start programs with a low one (1,024), which they may
//! raise themselves (<https://0pointer.net/blog/file-descriptor-limits.html>).

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files beside connections: spool, databases, their connections, the log.
const KEPT: u64 = 256;

/// Raises the limit as far as needed and allowed, and tells how many connections there may be.
pub(super) fn connections(wanted: usize) -> usize {
    let needed = KEPT + wanted as u64;
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let raised = needed.min(maximum.unwrap_or(needed));
    if current.is_none_or(|current| current >= raised) {
        return allowed(wanted, current);
    }
    let limit = Rlimit {
        current: Some(raised),
        maximum,
    };
    match setrlimit(Resource::Nofile, limit) {
        Ok(()) => allowed(wanted, Some(raised)),
        Err(error) => {
            tracing::warn!(%error, "the limit of open files cannot be raised");
            allowed(wanted, current)
        }
    }
}

fn allowed(wanted: usize, files: Option<u64>) -> usize {
    let room = files.map_or(u64::MAX, |files| files.saturating_sub(KEPT).max(1));
    let allowed = wanted.min(usize::try_from(room).unwrap_or(usize::MAX));
    if allowed < wanted {
        tracing::warn!(
            max_connections = wanted,
            allowed,
            "the limit of open files allows fewer connections; raise it (LimitNOFILE of systemd)"
        );
    }
    allowed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_kept_for_the_databases() {
        for (wanted, files, expected) in [
            (10_000, None, 10_000),
            (10_000, Some(1 << 20), 10_000),
            (10_000, Some(1024), 1024 - 256),
            (100, Some(1024), 100),
            (100, Some(10), 1),
        ] {
            assert_eq!(allowed(wanted, files), expected, "{wanted} {files:?}");
        }
    }

    #[test]
    fn the_limit_is_raised_as_far_as_needed() {
        let before = getrlimit(Resource::Nofile);
        let (Some(current), maximum) = (before.current, before.maximum) else {
            return;
        };
        // One more than there are now, if the system allows it.
        let wanted = usize::try_from(current + 1 - KEPT).unwrap();
        let raised = maximum.is_none_or(|maximum| maximum > current);
        assert_eq!(connections(wanted), wanted - usize::from(!raised));
        let after = getrlimit(Resource::Nofile).current;
        assert_eq!(after, Some(current + u64::from(raised)));
    }
}
