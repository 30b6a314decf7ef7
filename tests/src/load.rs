//! Page views from several visitors at once, and which of their batches were acknowledged.
//!
//! In: a running collector. Out: the batches that got a 202, and those whose fate is unknown. Must
//! never happen: a batch in neither list.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use anyhow::{Context, Result, bail};
use foresight_shared::{Batch, Event, Metric};
use rand::{RngExt, rngs::ThreadRng};
use reqwest::{RequestBuilder, StatusCode};
use tokio::task::JoinSet;

use crate::{Collector, Site, first_batch, later_batch, new_id, vital};

/// Batches by what became of them.
#[derive(Debug, Default)]
pub struct Sent {
    /// Answered with 202.
    pub acknowledged: Vec<Batch<'static>>,
    /// Refused for the moment, or sent without an answer: counted or not, nobody knows.
    pub unanswered: Vec<Batch<'static>>,
}

/// Visitors who send until the collector is gone or they are told to stop.
pub struct Load {
    visitors: JoinSet<Result<Sent>>,
    stop: Arc<AtomicBool>,
}

impl Load {
    /// Lets `visitors` of them begin.
    #[must_use]
    pub fn start(collector: &Collector, site: &Site, visitors: usize) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let mut tasks = JoinSet::new();
        for _ in 0..visitors {
            tasks.spawn(visit(
                collector.post(site),
                site.token.clone(),
                Arc::clone(&stop),
            ));
        }
        Self {
            visitors: tasks,
            stop,
        }
    }

    /// Stops them, and returns what they sent.
    ///
    /// # Errors
    /// If one of them got an answer that no honest batch should get.
    pub async fn finish(mut self) -> Result<Sent> {
        self.stop.store(true, Ordering::Relaxed);
        let mut all = Sent::default();
        while let Some(sent) = self.visitors.join_next().await {
            let sent = sent??;
            all.acknowledged.extend(sent.acknowledged);
            all.unanswered.extend(sent.unanswered);
        }
        Ok(all)
    }
}

/// One visitor: page view after page view, half of them with a second batch.
async fn visit(request: RequestBuilder, token: String, stop: Arc<AtomicBool>) -> Result<Sent> {
    let mut sent = Sent::default();
    while !stop.load(Ordering::Relaxed) {
        for batch in page_view(&token) {
            let body = serde_json::to_string(&batch)?;
            let answer = request
                .try_clone()
                .context("the request cannot be repeated")?
                .body(body)
                .send()
                .await;
            let answer = match answer {
                Ok(answer) => answer,
                Err(_) => {
                    sent.unanswered.push(batch);
                    return Ok(sent);
                }
            };
            match answer.status() {
                StatusCode::ACCEPTED => sent.acknowledged.push(batch),
                StatusCode::SERVICE_UNAVAILABLE => {
                    sent.unanswered.push(batch);
                    return Ok(sent);
                }
                status => bail!("an honest batch got {status}: {}", answer.text().await?),
            }
            // Read to the end, so that the connection is used again. The answer has counted already.
            answer.bytes().await.ok();
        }
    }
    Ok(sent)
}

/// The batches of one page view, with random values.
fn page_view(token: &str) -> Vec<Batch<'static>> {
    let mut random = rand::rng();
    let layout_shift = score(&mut random);
    let mut events: Vec<_> = [
        Metric::Lcp,
        Metric::Inp,
        Metric::Fid,
        Metric::Fcp,
        Metric::Ttfb,
    ]
    .into_iter()
    .map(|metric| vital(metric, duration(&mut random, metric), None))
    .collect();
    events.push(vital(Metric::Cls, layout_shift, None));
    if random.random_bool(0.2) {
        events.push(Event::Lead {
            form: Some("table".into()),
        });
    }
    if random.random_bool(0.2) {
        let id = foresight_shared::Text(new_id().into());
        events.push(Event::Share {
            channel: "copy".into(),
            id,
            parent: None,
        });
    }
    let first = first_batch(
        token,
        &format!("/page-{}", random.random_range(0..5)),
        events,
    );
    if random.random_bool(0.5) {
        return vec![first];
    }
    let grown = vital(Metric::Cls, score(&mut random), Some(layout_shift));
    let later = later_batch(&first, vec![grown]);
    vec![first, later]
}

/// A duration up to twice the limit of "poor", in whole tenths of a millisecond.
fn duration(random: &mut ThreadRng, metric: Metric) -> f64 {
    let (_, poor) = metric.thresholds();
    (random.random_range(0.0..2.0 * poor) * 10.0).round() / 10.0
}

/// A layout shift in whole ten-thousandths.
fn score(random: &mut ThreadRng) -> f64 {
    f64::from(random.random_range(0..5000_u32)) / 10_000.0
}
