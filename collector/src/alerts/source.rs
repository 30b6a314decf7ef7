//! Asks Alertmanager (its API v2,
//! <https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml>).
//!
//! In: its address. Out: its alerts, as it said within the last seconds. What must never happen: an answer without end.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use jiff::Timestamp;
use reqwest::{Client, redirect::Policy};
use serde::Deserialize;
use tokio::{sync::Mutex, time::Instant};

use super::{Alert, Alerts, State};
use crate::event::Clock;

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(2);
/// How long an answer, or that there was none, is good.
const KEPT: Duration = Duration::from_secs(10);
/// Bytes of an answer: thousands of alerts.
const MOST_BYTES: usize = 4 << 20;
/// Alerts that are told.
const MOST: usize = 50;
/// Fires as long as all is well, which is its purpose.
const ALWAYS: &str = "DeadMansSwitch";

/// Where alerts come from. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Source(Option<Arc<Inner>>);

struct Inner {
    client: Client,
    address: String,
    clock: Clock,
    /// Held while it is asked: who comes meanwhile gets the same answer.
    last: Mutex<Option<(Instant, Alerts)>>,
}

/// An alert as Alertmanager tells it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    fingerprint: String,
    starts_at: Timestamp,
    labels: BTreeMap<String, String>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
}

/// Why there is no answer. For the log.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Request(#[from] reqwest::Error),
    #[error("the answer has more than {MOST_BYTES} bytes")]
    Long,
    #[error("the answer is not as its API says: {0}")]
    Odd(#[from] serde_json::Error),
}

impl Source {
    /// The Alertmanager at an address; none if it is empty. The clock is the server's.
    ///
    /// # Errors
    /// If there can be no client.
    pub fn new(url: &str, clock: Clock) -> Result<Self, reqwest::Error> {
        if url.is_empty() {
            return Ok(Self(None));
        }
        let client = Client::builder()
            .timeout(TIMEOUT)
            .redirect(Policy::none())
            .no_proxy()
            .build()?;
        Ok(Self(Some(Arc::new(Inner {
            client,
            clock,
            address: format!(
                "{url}/api/v2/alerts?active=true&silenced=false&inhibited=false&unprocessed=false"
            ),
            last: Mutex::default(),
        }))))
    }

    /// What is known.
    pub(super) async fn alerts(&self) -> Alerts {
        let Some(inner) = &self.0 else {
            return Alerts::nothing(State::Off, None);
        };
        let mut last = inner.last.lock().await;
        if let Some((at, alerts)) = &*last
            && at.elapsed() < KEPT
        {
            return alerts.clone();
        }
        let now = Timestamp::from_millisecond((inner.clock)()).unwrap_or_default();
        let alerts = match inner.ask().await {
            Ok(told) => Alerts::of(told, now),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "no alerts");
                Alerts::nothing(State::Unreachable, Some(now))
            }
        };
        *last = Some((Instant::now(), alerts.clone()));
        alerts
    }
}

impl Inner {
    async fn ask(&self) -> Result<Vec<Told>, Failure> {
        let asked = self.client.get(&self.address).send().await;
        let mut response = asked?.error_for_status()?;
        let mut body = Vec::new();
        while let Some(part) = response.chunk().await? {
            if body.len() + part.len() > MOST_BYTES {
                return Err(Failure::Long);
            }
            body.extend_from_slice(&part);
        }
        Ok(serde_json::from_slice(&body)?)
    }
}

impl Alerts {
    fn nothing(state: State, at: Option<Timestamp>) -> Self {
        Self {
            state,
            at,
            alerts: Vec::new(),
            more: 0,
        }
    }

    /// The most severe first, then the latest.
    fn of(told: Vec<Told>, at: Timestamp) -> Self {
        let alerts = told.into_iter().map(Alert::of);
        let mut alerts: Vec<_> = alerts.filter(|alert| alert.name != ALWAYS).collect();
        alerts.sort_by(|a, b| {
            let by_severity = a.rank().cmp(&b.rank());
            by_severity
                .then_with(|| b.since.cmp(&a.since))
                .then_with(|| (&a.name, &a.id).cmp(&(&b.name, &b.id)))
        });
        let more = alerts.len().saturating_sub(MOST) as u64;
        alerts.truncate(MOST);
        Self {
            alerts,
            more,
            ..Self::nothing(State::Known, Some(at))
        }
    }
}

impl Alert {
    fn of(mut told: Told) -> Self {
        let is_web = |url: &String| url.starts_with("https://") || url.starts_with("http://");
        Self {
            id: told.fingerprint,
            name: told.labels.remove("alertname").unwrap_or_default(),
            severity: told.labels.remove("severity"),
            site: told.labels.remove("site"),
            summary: told.annotations.remove("summary"),
            description: told.annotations.remove("description"),
            since: told.starts_at,
            runbook_url: told.annotations.remove("runbook_url").filter(is_web),
        }
    }

    fn rank(&self) -> u8 {
        match self.severity.as_deref() {
            Some("critical") => 0,
            Some("warning") => 1,
            _ => 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::{Router, routing::get};
    use serde_json::json;
    use std::sync::atomic::{AtomicU32, Ordering};
    use tokio::net::TcpListener;

    use super::*;

    /// The source at an address, with a clock that stands still.
    fn source(url: &str) -> Source {
        Source::new(url, Arc::new(|| 1_795_468_800_000)).unwrap()
    }

    /// Serves a router in place of Alertmanager; its address.
    async fn stand_in(router: Router) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        format!("http://{address}")
    }

    #[test]
    fn the_most_severe_come_first_and_what_always_fires_is_left_out() {
        let alert = |name: &str, severity: &str, hour: u8| {
            json!({
                "fingerprint": name, "startsAt": format!("2026-11-23T{hour:02}:00:00.000Z"),
                "labels": { "alertname": name, "severity": severity, "site": "a.example" },
                "annotations": { "summary": "so it is", "runbook_url": "javascript:alert(1)" },
            })
        };
        let told = json!([
            alert("Slow", "warning", 3),
            alert("Note", "info", 5),
            alert("DeadMansSwitch", "none", 1),
            alert("Down", "critical", 1),
            alert("Slower", "warning", 4),
        ]);
        let told = serde_json::from_value(told).unwrap();
        let alerts = Alerts::of(told, Timestamp::UNIX_EPOCH);
        let names: Vec<_> = alerts.alerts.iter().map(|alert| &*alert.name).collect();
        assert_eq!(names, ["Down", "Slower", "Slow", "Note"]);
        let first = &alerts.alerts[0];
        assert_eq!(first.site.as_deref(), Some("a.example"));
        assert_eq!(first.summary.as_deref(), Some("so it is"));
        assert_eq!(first.runbook_url, None);
    }

    #[tokio::test]
    async fn who_asks_at_once_gets_one_answer() {
        let asked = Arc::new(AtomicU32::new(0));
        let count = asked.clone();
        let router = Router::new().route(
            "/api/v2/alerts",
            get(async move || {
                count.fetch_add(1, Ordering::Relaxed);
                "[]"
            }),
        );
        let asked_of = source(&stand_in(router).await);
        let (one, other) = tokio::join!(asked_of.alerts(), asked_of.alerts());
        assert_eq!((one.state, other.state), (State::Known, State::Known));
        assert_eq!(asked_of.alerts().await, one);
        assert_eq!(asked.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn one_that_fails_or_hangs_is_unreachable_within_seconds() {
        let slow = get(async || {
            tokio::time::sleep(10 * TIMEOUT).await;
            "[]"
        });
        for route in [get(async || "not JSON"), get(async || "{}"), slow] {
            let router = Router::new().route("/api/v2/alerts", route);
            let asked_of = source(&stand_in(router).await);
            let began = Instant::now();
            let alerts = asked_of.alerts().await;
            assert_eq!(alerts.state, State::Unreachable);
            assert!(alerts.at.is_some() && began.elapsed() < 2 * TIMEOUT);
        }
        let nobody = source("http://127.0.0.1:1");
        assert_eq!(nobody.alerts().await.state, State::Unreachable);
        let off = source("");
        assert_eq!(off.alerts().await, Alerts::nothing(State::Off, None));
    }
}
