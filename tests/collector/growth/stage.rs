//! A collector on a stage: beacons and servers speak, and the clock is moved from line to line.
//!
//! In: what happens, with its time. Out: what the API and the gauges say of it. Must never happen: an
//! event that was not accepted.

use std::time::Duration;

use anyhow::{Result, ensure};
use foresight::{
    access::{Claims, Token, TokenKey},
    event::Millis,
};
use foresight_shared::{Batch, Event, Text};
use foresight_tests::{Collector, Database, Home, MovedClock, Site, first_batch, until};
use serde_json::{Value, json};

use super::process::START_MS;

/// The key that signs the tokens of sites, of which there are too many for a command each.
const KEY: &str = "5a";

/// How long a gauge may take: the database is looked at every second.
pub(super) const GAUGE_LIMIT: Duration = Duration::from_secs(30);

/// A collector whose clock is moved from event to event.
pub(super) struct Stage {
    pub(super) home: Home,
    clock: MovedClock,
    pub(super) collector: Collector,
    server: String,
    told: usize,
}

impl Stage {
    pub(super) async fn set(database: Database) -> Result<Self> {
        let mut home = Home::new(database).await?;
        home.set("TOKEN_KEY", &KEY.repeat(32));
        home.set("GROWTH_REFRESH_SECONDS", "1");
        // What waits for a moment is days old when the clock has moved.
        home.set("SPOOL_MAX_HOURS", "10000");
        let clock = MovedClock::of(&mut home)?;
        clock.stop_at(START_MS / 1000)?;
        let (server, collector) = (home.server_token(None).await?, home.start().await?);
        Ok(Self {
            home,
            clock,
            collector,
            server,
            told: 0,
        })
    }

    /// The clock stands at a time; times are whole seconds.
    pub(super) fn go_to(&self, time_ms: Millis) -> Result<()> {
        self.clock.stop_at(time_ms / 1000)
    }

    /// A server tells what has just happened.
    pub(super) async fn tell(&mut self, time_ms: Millis, fact: Value) -> Result<()> {
        self.go_to(time_ms)?;
        self.told += 1;
        let id = format!("event-{:06}", self.told);
        let event = json!({"id": id, "at": time_ms, "fact": fact});
        let answer = self
            .collector
            .tell(&self.server, &json!({"v": 1, "events": [event]}))
            .await?;
        ensure!(answer.status == 202, "{answer:?}");
        Ok(())
    }

    pub(super) async fn generate(
        &mut self,
        site: &str,
        owner: &str,
        time_ms: Millis,
        share: Option<&str>,
    ) -> Result<()> {
        let mut fact =
            json!({"site": site, "owner": owner, "template": "aurora", "duration_ms": 9.0});
        if let Some(share) = share {
            fact["referred_by"] = share.into();
        }
        self.tell(time_ms, json!({ "site_generated": fact })).await
    }

    /// A page of a site tells something; the visitor came from a host, or from nowhere.
    pub(super) async fn view(
        &self,
        host: &str,
        time_ms: Millis,
        from: Option<&str>,
        events: Vec<Event<'static>>,
    ) -> Result<()> {
        self.go_to(time_ms)?;
        let claims = Claims {
            host: host.parse()?,
            template: Some("aurora".into()),
            build: None,
            issued_s: START_MS / 1000,
        };
        let site = Site {
            host: host.into(),
            token: Token::sign(&claims, &TokenKey::from_hex(&KEY.repeat(32))?).to_string(),
            snippet: String::new(),
        };
        let mut batch: Batch<'static> = first_batch(&site.token, "/", events);
        batch.view.age = 0;
        batch.view.referrer = from.map(|from| Text(from.to_owned().into()));
        let kept = batch.events.len();
        let answer = self.collector.send(&site, &batch).await?.answer()?;
        ensure!(answer.accepted == kept, "{answer:?}");
        Ok(())
    }

    pub(super) async fn share(
        &self,
        site: &str,
        id: &str,
        parent: Option<&str>,
        time_ms: Millis,
    ) -> Result<()> {
        let owned = |text: &str| Text(text.to_owned().into());
        let share = Event::Share {
            channel: "whatsapp".into(),
            id: owned(id),
            parent: parent.map(owned),
        };
        self.view(site, time_ms, Some(site), vec![share]).await
    }

    pub(super) async fn ask(&self, report: &str, from_ms: Millis, to_ms: Millis) -> Result<Value> {
        let shown = |time_ms| jiff::Timestamp::from_millisecond(time_ms);
        let (from, to) = (shown(from_ms)?, shown(to_ms)?);
        let address = format!("/api/v1/growth/{report}from={from}&to={to}");
        self.collector.ask(&address).await
    }

    /// Waits until a gauge has a value.
    pub(super) async fn gauge(
        &self,
        name: &str,
        labels: &[(&str, &str)],
        value: f64,
    ) -> Result<()> {
        let what = format!("{name} {labels:?} = {value}");
        until(&what, GAUGE_LIMIT, async || {
            let found = self.collector.scrape().await?.one(name, labels);
            Ok(found
                .is_ok_and(|found| (found - value).abs() < 1e-9)
                .then_some(()))
        })
        .await
    }
}
