//! What bad requests are made of: the sites, and an honest batch to change.

use anyhow::{Context, Result};
use foresight_shared::{Batch, Event, Metric};
use foresight_tests::{Collector, Site, first_batch, vital};
use reqwest::{Method, RequestBuilder, header};
use serde_json::{Value, json};

/// A request, and the batch that is counted for it, if any.
pub(super) type Sending = (RequestBuilder, Option<Batch<'static>>);

/// What the requests are made of.
pub(super) struct Setting<'c> {
    pub(super) collector: &'c Collector,
    pub(super) site: Site,
    /// A token that was revoked before the collector started.
    pub(super) revoked: Site,
    /// A token for the same host that another key signed.
    pub(super) forged: Site,
    /// A batch that was accepted before.
    pub(super) known: Batch<'static>,
}

impl Setting<'_> {
    /// A batch that any collector keeps whole.
    pub(super) fn batch(&self) -> Batch<'static> {
        first_batch(
            &self.site.token,
            "/menu",
            vec![vital(Metric::Lcp, 1200.0, None)],
        )
    }

    /// The same as JSON, to be changed.
    pub(super) fn honest(&self) -> Value {
        json!(self.batch())
    }

    /// The origin of the site's pages.
    pub(super) fn origin(&self) -> String {
        format!("https://{}", self.site.host)
    }

    /// Any body, sent as a page of the site sends it.
    pub(super) fn raw(&self, body: &str) -> Result<Sending> {
        Ok((self.collector.post(&self.site).body(body.to_owned()), None))
    }

    /// An honest batch with a change.
    pub(super) fn changed(&self, change: impl FnOnce(&mut Value)) -> Result<Sending> {
        let mut batch = self.honest();
        change(&mut batch);
        self.raw(&batch.to_string())
    }

    /// An honest batch from elsewhere.
    pub(super) fn from(&self, origin: &str) -> Result<Sending> {
        let request = self
            .collector
            .request(Method::POST)
            .header(header::ORIGIN, origin);
        Ok((request.body(self.honest().to_string()), None))
    }

    /// An honest batch of another type.
    pub(super) fn typed(&self, content_type: &str) -> Result<Sending> {
        let request = self
            .collector
            .request(Method::POST)
            .header(header::ORIGIN, self.origin());
        Ok((
            request
                .header(header::CONTENT_TYPE, content_type)
                .body(self.honest().to_string()),
            None,
        ))
    }

    /// A batch of that many of the smallest events there are.
    pub(super) fn events(&self, number: usize) -> Result<Sending> {
        self.changed(|batch| batch["events"] = json!(vec![Event::Lead { form: None }; number]))
    }

    /// A good event, and a bad one after it.
    pub(super) fn beside(&self, bad: &Value) -> Result<Sending> {
        let batch = self.batch();
        let mut body = json!(batch);
        body["events"]
            .as_array_mut()
            .context("a batch without events")?
            .push(bad.clone());
        Ok((
            self.collector.post(&self.site).body(body.to_string()),
            Some(batch),
        ))
    }

    /// An honest batch from a browser whose clock is that many days off.
    pub(super) fn clock(&self, days: i64) -> Result<Sending> {
        let mut batch = self.batch();
        batch.sent = batch
            .sent
            .checked_add_signed(days * 24 * 60 * 60 * 1000)
            .context("no such time")?;
        Ok((
            self.collector
                .post(&self.site)
                .body(json!(batch).to_string()),
            Some(batch),
        ))
    }
}
