//! What happens now: page views as they are merged, and the vitals of the last minute.
//!
//! In: merged views. Out: each of them to whoever looks, and sums over the last 60 s. What must never
//! happen: somebody who looks and is slow holds up the merge, or makes memory grow.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use foresight_shared::Metric;
use tokio::sync::broadcast::{self, Receiver};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use crate::{
    event::{Accepted, Event, Millis},
    rollup::Distribution,
};

/// The time that [`Feed::minute`] looks back over, in ms.
pub const MINUTE_MS: Millis = 60_000;

/// Batches that are remembered at most: 24,000 in a minute are 400 a second. Of more, the newest.
const REMEMBERED: usize = 24_000;

/// Views that wait for somebody slow; of more, the oldest are passed over, which is said.
const WAITING: usize = 256;

/// What one batch told of a page view.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// When it was received, in ms since 1970 (UTC).
    pub at_ms: Millis,
    /// The site's host.
    pub site: String,
    /// The page's path.
    pub page: String,
    /// The class of the device, as a word.
    pub device: &'static str,
    /// ISO 3166 code of the country, or `unknown`.
    pub country: String,
    /// The browser's family, or `unknown`.
    pub browser: String,
    /// Values in the metrics' units.
    pub vitals: Vec<(Metric, f64)>,
}

/// The sums of the last minute.
#[derive(Debug, Default, PartialEq)]
pub struct Minute {
    /// Page views that began to be told of.
    pub views: u64,
    /// Values by metric, in the order of [`Metric::ALL`].
    pub vitals: Vec<(Metric, Distribution)>,
}

/// Cheap to clone; all clones are one feed.
#[derive(Clone)]
pub struct Feed {
    views: broadcast::Sender<Arc<Seen>>,
    lately: Arc<Mutex<VecDeque<Batch>>>,
    closed: CancellationToken,
}

/// What the sums need of a batch.
struct Batch {
    received_ms: Millis,
    counted: bool,
    vitals: Vec<(Metric, f64, Option<f64>)>,
}

impl Default for Feed {
    fn default() -> Self {
        Self {
            views: broadcast::Sender::new(WAITING),
            lately: Arc::default(),
            closed: CancellationToken::new(),
        }
    }
}

impl Feed {
    /// Notes merged views. `now_ms` is the time of the merge: what is older than a minute by then,
    /// because it had to wait, is not news.
    pub fn publish(&self, views: impl IntoIterator<Item = Noted>, now_ms: Millis) {
        let mut lately = self.lately();
        drop_old(&mut lately, now_ms);
        for Noted { batch, seen } in views {
            if batch.received_ms <= now_ms - MINUTE_MS {
                continue;
            }
            lately.push_back(batch);
            if lately.len() > REMEMBERED {
                lately.pop_front();
            }
            if let Some(seen) = seen {
                // Nobody looks any more: that is no failure.
                let _ = self.views.send(Arc::new(seen));
            }
        }
    }

    /// What the feed needs of a view that will be merged. Who is seen is noted only if somebody looks.
    #[must_use]
    pub fn note(&self, accepted: &Accepted) -> Noted {
        let vitals = accepted.events.iter().filter_map(|event| match event {
            Event::Vital {
                metric, value, was, ..
            } => Some((*metric, *value, *was)),
            _ => None,
        });
        let vitals: Vec<_> = vitals.collect();
        let is_watched = self.views.receiver_count() > 0 && !vitals.is_empty();
        let view = &accepted.view;
        let seen = is_watched.then(|| Seen {
            at_ms: view.received_ms,
            site: view.site.clone(),
            page: view.page.clone(),
            device: view.device.word(),
            country: view.country.clone(),
            browser: view.browser.clone(),
            vitals: vitals
                .iter()
                .map(|(metric, value, _)| (*metric, *value))
                .collect(),
        });
        Noted {
            batch: Batch {
                received_ms: view.received_ms,
                counted: view.counted,
                vitals,
            },
            seen,
        }
    }

    /// The sums of the minute that ends now.
    #[must_use]
    pub fn minute(&self, now_ms: Millis) -> Minute {
        let mut lately = self.lately();
        drop_old(&mut lately, now_ms);
        let mut sums: Vec<_> = Metric::ALL
            .map(|metric| (metric, Distribution::default()))
            .into();
        for (metric, value, was) in lately.iter().flat_map(|batch| &batch.vitals) {
            if let Some((_, sum)) = sums.iter_mut().find(|(of, _)| of == metric) {
                sum.record(*metric, *value, *was);
            }
        }
        Minute {
            views: lately.iter().filter(|batch| batch.counted).count() as u64,
            vitals: sums,
        }
    }

    /// The views from now on.
    #[must_use]
    pub fn look(&self) -> Receiver<Arc<Seen>> {
        self.views.subscribe()
    }

    /// Ends for everybody who looks: the collector stops.
    pub fn close(&self) {
        self.closed.cancel();
    }

    /// Done when the feed is closed.
    pub fn closed(&self) -> WaitForCancellationFutureOwned {
        self.closed.clone().cancelled_owned()
    }

    fn lately(&self) -> MutexGuard<'_, VecDeque<Batch>> {
        self.lately.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A view that is told of once it is merged.
pub struct Noted {
    batch: Batch,
    seen: Option<Seen>,
}

/// Batches come in the order of their receipt, or nearly so: who is late by a moment stays a moment longer.
fn drop_old(lately: &mut VecDeque<Batch>, now_ms: Millis) {
    while lately
        .front()
        .is_some_and(|batch| batch.received_ms <= now_ms - MINUTE_MS)
    {
        lately.pop_front();
    }
}

#[cfg(test)]
mod tests {
    use foresight_shared::NavigationType;

    use super::*;
    use crate::event::{Device, View};

    fn accepted(received_ms: Millis, lcp: f64, was: Option<f64>) -> Accepted {
        Accepted {
            view: View {
                site: "a.example".into(),
                template: None,
                build: None,
                page: "/".into(),
                device: Device::Phone,
                country: "DE".into(),
                browser: "Firefox".into(),
                navigation: NavigationType::Navigate,
                start_ms: received_ms,
                received_ms,
                counted: was.is_none(),
            },
            events: vec![Event::Vital {
                metric: Metric::Lcp,
                value: lcp,
                was,
                element: None,
            }],
        }
    }

    fn publish(feed: &Feed, views: &[Accepted], now_ms: Millis) {
        feed.publish(
            views.iter().map(|view| feed.note(view)).collect::<Vec<_>>(),
            now_ms,
        );
    }

    #[test]
    fn the_minute_is_the_last_sixty_seconds() {
        let feed = Feed::default();
        let views = [
            accepted(1_000, 9000.0, None),
            accepted(50_000, 1000.0, None),
            accepted(51_000, 3000.0, Some(1000.0)),
        ];
        publish(&feed, &views, 61_000);
        for (now_ms, views, count) in [
            (61_000, 1, 1),
            (109_999, 1, 1),
            (110_000, 0, 0),
            (111_000, 0, 0),
        ] {
            let minute = feed.minute(now_ms);
            let (metric, sum) = &minute.vitals[Metric::Lcp as usize];
            assert_eq!((minute.views, *metric), (views, Metric::Lcp), "{now_ms}");
            assert_eq!(sum.count, count, "{now_ms}");
        }
    }

    #[test]
    fn who_looks_sees_what_comes_after() {
        let feed = Feed::default();
        publish(&feed, &[accepted(1_000, 1.0, None)], 1_000);
        let mut look = feed.look();
        assert!(look.try_recv().is_err());
        publish(&feed, &[accepted(2_000, 2.0, None)], 2_000);
        let seen = look.try_recv().unwrap();
        assert_eq!(
            (seen.at_ms, &*seen.vitals),
            (2_000, &[(Metric::Lcp, 2.0)][..])
        );
        assert_eq!((&*seen.site, seen.device), ("a.example", "phone"));
    }

    #[test]
    fn who_is_slow_misses_the_oldest_and_memory_stays_bounded() {
        let feed = Feed::default();
        let mut look = feed.look();
        let views: Vec<_> = (0..REMEMBERED as Millis + 100)
            .map(|n| accepted(1_000, n as f64, None))
            .collect();
        publish(&feed, &views, 1_000);
        assert_eq!(feed.minute(1_000).views, REMEMBERED as u64);
        assert!(look.try_recv().is_err());
        assert!(look.try_recv().is_ok());
    }
}
