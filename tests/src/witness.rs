//! An honest visitor after the other, while something else goes on.
//!
//! In: a running collector and a site. Out: what each of them was answered, and how long it took.
//! Must never happen: a visitor who got no answer and is not told of.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Result;
use foresight_shared::Metric;
use tokio::{task::JoinHandle, time::timeout};

use crate::{Answers, CLOSED, Collector, Site, exchange, first_batch, request, vital};

/// The time between two visitors.
const PAUSE: Duration = Duration::from_millis(50);

/// How long a visitor waits.
const WAIT: Duration = Duration::from_secs(10);

/// The visitors. They come until they are told to stop.
pub struct Witness {
    visitors: JoinHandle<Result<Testimony>>,
    stop: Arc<AtomicBool>,
}

/// What they saw.
#[derive(Clone, Debug, Default)]
pub struct Testimony {
    /// The answers.
    pub answers: Answers,
    /// How long each took, from connecting on; sorted.
    pub times: Vec<Duration>,
}

impl Testimony {
    /// The time that so many of a hundred answers took at most.
    #[must_use]
    pub fn percentile(&self, hundredths: usize) -> Duration {
        let last = self.times.len().saturating_sub(1);
        let place = (self.times.len() * hundredths).div_ceil(100);
        let place = place.saturating_sub(1).min(last);
        self.times.get(place).copied().unwrap_or_default()
    }
}

impl Witness {
    /// Lets them begin. Each has a connection and an address of its own, which a proxy tells, and one more
    /// connection if that was closed without an answer.
    #[must_use]
    pub fn start(collector: &Collector, site: &Site) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (address, site) = (collector.listen, site.clone());
        let visitors = tokio::spawn(visit(address, site, Arc::clone(&stop)));
        Self { visitors, stop }
    }

    /// Stops them.
    ///
    /// # Errors
    /// If the collector does not listen any more.
    pub async fn finish(self) -> Result<Testimony> {
        self.stop.store(true, Ordering::Relaxed);
        self.visitors.await?
    }
}

async fn visit(address: SocketAddr, site: Site, stop: Arc<AtomicBool>) -> Result<Testimony> {
    let mut seen = Testimony::default();
    let mut number = 0_u32;
    // One comes in any case.
    while number == 0 || !stop.load(Ordering::Relaxed) {
        number += 1;
        let events = vec![vital(Metric::Lcp, 1200.0, None)];
        let batch = serde_json::to_string(&first_batch(&site.token, "/", events))?;
        let [_, _, high, low] = number.to_be_bytes();
        let bytes = request(&site, &format!("203.0.{high}.{low}"), &batch);
        let began = Instant::now();
        let mut word = answer(address, &bytes).await;
        if word == CLOSED {
            // As a beacon does. The batch may have been taken the first time.
            word = answer(address, &bytes)
                .await
                .replace("202 duplicate", "202");
        }
        seen.times.push(began.elapsed());
        *seen.answers.entry(word).or_default() += 1;
        tokio::time::sleep(PAUSE).await;
    }
    seen.times.sort();
    Ok(seen)
}

async fn answer(address: SocketAddr, bytes: &[u8]) -> String {
    match timeout(WAIT, exchange(address, bytes)).await {
        Ok(Ok(Some(answer))) => answer.word(),
        Ok(Ok(None) | Err(_)) => CLOSED.to_owned(),
        Err(_) => format!("none in {} s", WAIT.as_secs()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_taken_by_rank() {
        let times = (1..=100).map(Duration::from_millis).collect();
        let seen = Testimony {
            times,
            ..Testimony::default()
        };
        assert_eq!(seen.percentile(50).as_millis(), 50);
        assert_eq!(seen.percentile(99).as_millis(), 99);
        assert_eq!(seen.percentile(100).as_millis(), 100);
        assert_eq!(Testimony::default().percentile(50), Duration::ZERO);
    }
}
