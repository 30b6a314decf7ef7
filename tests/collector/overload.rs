//! More requests at once than the collector works on: those too many are told so at once, and the
//! others, and those who ask for health, do not wait for them.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use foresight_shared::Metric;
use foresight_tests::{Database, Home, Tally, first_batch, vital};
use tokio::task::JoinSet;

/// Places of the collector under test, and clients that want one.
const PLACES: usize = 4;
const CLIENTS: usize = 64;

/// Batches that each client sends.
const BATCHES: usize = 20;

/// Waiting for health longer than this would mean waiting for batches. Generous: machines are busy.
const PATIENCE: Duration = Duration::from_secs(2);

#[tokio::test]
async fn too_many_at_once_are_refused_early_and_everybody_else_is_served() -> Result<()> {
    let mut home = Home::new(Database::Sqlite).await?;
    home.set("MAX_REQUESTS", &PLACES.to_string());
    let site = home.add_site("bakery.example").await?;
    let collector = home.start().await?;
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let (post, token) = (collector.post(&site), site.token.clone());
        clients.spawn(async move {
            let (mut taken, mut refused) = (Vec::new(), Vec::new());
            for _ in 0..BATCHES {
                let batch = first_batch(&token, "/", vec![vital(Metric::Lcp, 1.0, None)]);
                let body = serde_json::to_string(&batch)?;
                let request = post.try_clone().map(|request| request.body(body));
                let Some(request) = request else { continue };
                let answer = request.send().await?;
                let (status, again) = (
                    answer.status().as_u16(),
                    answer.headers().contains_key("retry-after"),
                );
                let text = answer.text().await?;
                match status {
                    202 => taken.push(batch),
                    _ => {
                        ensure!(
                            status == 503 && again && text.contains("\"overloaded\""),
                            "{status} {text}"
                        );
                        refused.push(batch);
                    }
                }
            }
            anyhow::Ok((taken, refused))
        });
    }
    let mut slowest = Duration::ZERO;
    for _ in 0..10 {
        let asked = Instant::now();
        ensure!(collector.get("/api/health").send().await?.status() == 200);
        slowest = slowest.max(asked.elapsed());
    }
    ensure!(slowest < PATIENCE, "health took {slowest:?}");
    let (mut expected, mut again) = (Tally::default(), Vec::new());
    while let Some(client) = clients.join_next().await {
        let (taken, refused) = client??;
        taken.iter().for_each(|batch| expected.add(batch));
        again.extend(refused);
    }
    ensure!(!again.is_empty(), "nobody was refused");
    let scrape = collector.scrape().await?;
    let counted = scrape.one(
        "foresight_batches_rejected_total",
        &[("code", "overloaded")],
    )?;
    ensure!(
        counted == again.len() as f64,
        "{counted} of {}",
        again.len()
    );
    // Sent again one after the other, they are taken: nothing of them was kept before.
    for batch in &again {
        let answer = collector.send(&site, batch).await?.answer()?;
        ensure!(!answer.duplicate);
        expected.add(batch);
    }
    collector.merged().await?;
    expected.check(&collector, Some(&site.host)).await
}
