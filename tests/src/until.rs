//! Waiting for something that becomes true, without guessing how long it takes.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// The time in ms between two attempts.
const PAUSE_MS: u64 = 20;

/// Tries until `attempt` gives a value, and returns it. An error of an attempt ends the waiting.
///
/// # Errors
/// If nothing came within `limit`; the message says `what` was awaited.
pub async fn until<T>(
    what: &str,
    limit: Duration,
    mut attempt: impl AsyncFnMut() -> Result<Option<T>>,
) -> Result<T> {
    let started = Instant::now();
    loop {
        if let Some(value) = attempt().await? {
            return Ok(value);
        }
        if started.elapsed() > limit {
            bail!("waited {limit:?} in vain for {what}");
        }
        tokio::time::sleep(Duration::from_millis(PAUSE_MS)).await;
    }
}
