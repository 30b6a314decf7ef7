//! `/api/v1/live`: what happens now, as server-sent events
//! (<https://html.spec.whatwg.org/multipage/server-sent-events.html>).
//!
//! In: the feed of merged views. Out: `view` events, at most twenty in a second, and the last minute's
//! vitals every five seconds. What must never happen: somebody who looks keeps the collector from
//! stopping, or holds up anybody else.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract,
    http::StatusCode,
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use foresight_shared::{Metric, Rating};
use futures_util::stream::{self, Stream};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, broadcast::Receiver, broadcast::error::RecvError},
    time::{Instant, Interval, MissedTickBehavior, interval},
};

use super::{
    State,
    documented::Crowded,
    figure,
    parameters::{NoMore, Parameters},
    scope::timestamp,
    small::Small,
};
use crate::{
    live::{Feed, Seen},
    problem::Problem,
};

/// How often the last minute's figures are told.
const MINUTE_EVERY: Duration = Duration::from_secs(5);

/// Views that are told in a second; the others are only counted.
const VIEWS_PER_SECOND: u32 = 20;

/// Who may look at once. Each holds a connection for as long as it likes.
const LOOKING: usize = 64;

/// After how long somebody for whom there was no room may try again.
const RETRY: Duration = Duration::from_secs(30);

/// The places of those who look.
#[derive(Clone)]
pub struct Places(Arc<Semaphore>);

impl Default for Places {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(LOOKING)))
    }
}

#[derive(Serialize)]
struct View<'a> {
    at: Timestamp,
    site: &'a str,
    page: &'a str,
    /// Of whom, and what it measured: for admins only, as a view is about one visitor.
    device: Option<&'static str>,
    country: Option<&'a str>,
    browser: Option<&'a str>,
    metrics: Map<String, Value>,
    /// Views that were not told since the one before.
    skipped: u64,
}

#[derive(Serialize)]
struct Figures {
    count: u64,
    p75: Option<f64>,
    rating: Option<Rating>,
    unit: &'static str,
}

#[utoipa::path(
    get,
    path = "/api/v1/live",
    operation_id = "live",
    tag = "reports",
    summary = "What happens now, as server-sent events",
    responses(
        (status = 200, description = "events `view` and `minute`", body = String, content_type = "text/event-stream"),
        Crowded
    ),
)]
pub(super) async fn answer(
    extract::State(state): extract::State<State>,
    small: Small,
    uri: axum::http::Uri,
) -> Result<Response, Problem> {
    let mut parameters = Parameters::of(&uri)?;
    let NoMore {} = parameters.take()?;
    parameters.end()?;
    let place = state.places.0.clone().try_acquire_owned().map_err(|_| {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "too_many_look",
            "as many look at what happens now as can at once",
        )
        .retry_after(RETRY)
    })?;
    let mut ticks = interval(MINUTE_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let looking = Looking {
        views: state.feed.look(),
        ticks,
        second: Second::default(),
        state,
        small,
        _place: place,
    };
    let keep_alive = KeepAlive::new().interval(3 * MINUTE_EVERY);
    Ok(Sse::new(looking.events())
        .keep_alive(keep_alive)
        .into_response())
}

/// Somebody who looks.
struct Looking {
    views: Receiver<Arc<Seen>>,
    ticks: Interval,
    second: Second,
    state: State,
    small: Small,
    _place: OwnedSemaphorePermit,
}

impl Looking {
    fn events(self) -> impl Stream<Item = Result<Event, Infallible>> {
        stream::unfold(self, async |mut looking| {
            let event = looking.next().await?;
            Some((Ok(event), looking))
        })
    }

    /// The next event; `None` once the collector stops.
    async fn next(&mut self) -> Option<Event> {
        let closed = self.state.feed.closed();
        tokio::pin!(closed);
        loop {
            tokio::select! {
                () = &mut closed => return None,
                _ = self.ticks.tick() => {
                    let now_ms = (self.state.clock)();
                    return event("minute", &minute(&self.state.feed, now_ms, self.small));
                }
                seen = self.views.recv() => match seen {
                    Ok(seen) => {
                        if let Some(skipped) = self.second.take(Instant::now()) {
                            return event("view", &view(&seen, skipped, self.small));
                        }
                    }
                    Err(RecvError::Lagged(passed)) => self.second.skipped += passed,
                    Err(RecvError::Closed) => return None,
                },
            }
        }
    }
}

/// How many views were told in the present second.
#[derive(Default)]
struct Second {
    began: Option<Instant>,
    told: u32,
    skipped: u64,
}

impl Second {
    /// Whether one more may be told: then how many were skipped before it.
    fn take(&mut self, now: Instant) -> Option<u64> {
        let is_over = |began: Instant| now.duration_since(began) >= Duration::from_secs(1);
        if self.began.is_none_or(is_over) {
            self.began = Some(now);
            self.told = 0;
        }
        if self.told == VIEWS_PER_SECOND {
            self.skipped += 1;
            return None;
        }
        self.told += 1;
        Some(std::mem::take(&mut self.skipped))
    }
}

/// An event with JSON. What cannot be written as JSON would end the stream; no value here is of that kind.
fn event(name: &str, data: &impl Serialize) -> Option<Event> {
    match Event::default().event(name).json_data(data) {
        Ok(event) => Some(event),
        Err(error) => {
            tracing::error!(name, %error, "no event");
            None
        }
    }
}

fn view(seen: &Seen, skipped: u64, small: Small) -> View<'_> {
    let is_told = !small.is_any();
    let of = |(metric, value): &(Metric, f64)| (metric.name().to_owned(), Value::from(*value));
    View {
        at: timestamp(seen.at_ms),
        site: &seen.site,
        page: &seen.page,
        device: is_told.then_some(seen.device),
        country: is_told.then_some(&*seen.country),
        browser: is_told.then_some(&*seen.browser),
        metrics: seen.vitals.iter().filter(|_| is_told).map(of).collect(),
        skipped,
    }
}

fn minute(feed: &Feed, now_ms: i64, small: Small) -> Value {
    let minute = feed.minute(now_ms);
    let metrics: Map<_, _> = minute
        .vitals
        .iter()
        .map(|(metric, sum)| {
            let count = figure::count(sum);
            let told = Some(sum).filter(|_| !small.hides(count));
            let figures = Figures {
                count,
                p75: told.and_then(|sum| figure::p75(*metric, sum)),
                rating: told.and_then(figure::rating),
                unit: metric.unit().symbol(),
            };
            (metric.name().to_owned(), serde_json::json!(figures))
        })
        .collect();
    serde_json::json!({ "at": timestamp(now_ms), "views": minute.views, "metrics": metrics })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_so_many_views_are_told_in_a_second() {
        let mut second = Second::default();
        let now = Instant::now();
        let told = (0..50).filter_map(|_| second.take(now)).count();
        assert_eq!((told, second.skipped), (20, 30));
        assert_eq!(second.take(now + Duration::from_millis(999)), None);
        assert_eq!(second.take(now + Duration::from_secs(1)), Some(31));
        assert_eq!(second.take(now + Duration::from_secs(1)), Some(0));
    }

    #[test]
    fn a_view_is_told_to_all_but_admins_without_whose_it_is() {
        let seen = Seen {
            at_ms: 0,
            site: "a.example".to_owned(),
            page: "/".to_owned(),
            device: "phone",
            country: "DE".to_owned(),
            browser: "Firefox".to_owned(),
            vitals: vec![(Metric::Lcp, 1000.0)],
        };
        let told = |below| serde_json::to_value(view(&seen, 0, Small::below(below))).unwrap();
        let (few, all) = (told(10), told(0));
        assert_eq!((&few["site"], &few["page"]), (&all["site"], &all["page"]));
        for field in ["device", "country", "browser"] {
            assert!(few[field].is_null() && all[field].is_string(), "{field}");
        }
        assert_eq!(few["metrics"], serde_json::json!({}));
        assert_eq!(all["metrics"], serde_json::json!({ "LCP": 1000.0 }));
    }
}
