//! Whoever looks at what happens now sees it, and keeps nobody from anything.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use foresight_shared::Metric;
use foresight_tests::{Collector, Database, Home, first_batch, vital};
use reqwest::Response;
use serde_json::Value;
use tokio::time::timeout;

/// How long an event may take that comes every five seconds, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Somebody who looks: the stream, and what of it was not read yet.
struct Looking {
    response: Response,
    text: String,
}

impl Looking {
    async fn at(collector: &Collector) -> Result<Self> {
        let response = collector.get("/api/v1/live").send().await?;
        ensure!(response.status() == 200, "{}", response.status());
        let kind = response.headers()["content-type"].to_str()?;
        ensure!(kind == "text/event-stream", "{kind}");
        let text = String::new();
        Ok(Self { response, text })
    }

    /// The data of the next event of a name; `None` at the end of the stream.
    async fn next(&mut self, name: &str) -> Result<Option<Value>> {
        loop {
            while let Some((event, rest)) = self.text.split_once("\n\n") {
                let data = event.strip_prefix(&format!("event: {name}\ndata: "));
                let data = data.map(serde_json::from_str).transpose();
                self.text = rest.to_owned();
                if let Some(data) = data? {
                    return Ok(Some(data));
                }
            }
            let chunk = timeout(PATIENCE, self.response.chunk()).await;
            match chunk.with_context(|| format!("no {name} within {PATIENCE:?}"))?? {
                Some(bytes) => self.text += std::str::from_utf8(&bytes)?,
                None => return Ok(None),
            }
        }
    }
}

#[tokio::test]
async fn a_view_is_seen_as_it_is_merged_and_counts_for_a_minute() -> Result<()> {
    let home = Home::new(Database::Sqlite).await?;
    let site = home.add_site("bakery.example").await?;
    let collector = home.start().await?;
    let mut looking = Looking::at(&collector).await?;
    let nothing = looking.next("minute").await?.context("no minute")?;
    ensure!(nothing["views"] == 0, "{nothing}");
    ensure!(nothing["metrics"]["LCP"]["p75"].is_null(), "{nothing}");

    let batch = first_batch(&site.token, "/menu", vec![vital(Metric::Lcp, 1730.0, None)]);
    collector.send(&site, &batch).await?.answer()?;
    let view = looking.next("view").await?.context("no view")?;
    ensure!(
        view["site"] == "bakery.example" && view["page"] == "/menu" && view["skipped"] == 0,
        "{view}"
    );
    ensure!(view["metrics"]["LCP"] == 1730.0, "{view}");
    let minute = looking.next("minute").await?.context("no minute")?;
    ensure!(minute["views"] == 1, "{minute}");
    let lcp = &minute["metrics"]["LCP"];
    ensure!(
        lcp["count"] == 1 && lcp["rating"] == "good" && lcp["unit"] == "ms",
        "{minute}"
    );
    let p75 = lcp["p75"].as_f64().context("no p75")?;
    ensure!((p75 - 1730.0).abs() <= 17.3, "{p75} ms");
    Ok(())
}

#[tokio::test]
async fn whoever_looks_does_not_keep_the_collector_from_ending() -> Result<()> {
    let home = Home::new(Database::Sqlite).await?;
    let mut collector = home.start().await?;
    let mut looking = Looking::at(&collector).await?;
    collector.ask_to_end()?;
    while looking.next("none").await?.is_some() {}
    let status = collector.ended().await?;
    ensure!(status.success(), "{status}");
    let log = std::fs::read_to_string(home.log())?;
    ensure!(!log.contains("cut off"), "{log}");
    Ok(())
}

#[tokio::test]
async fn there_is_room_for_a_number_of_people_and_not_for_more() -> Result<()> {
    let home = Home::new(Database::Sqlite).await?;
    let collector = home.start().await?;
    let mut all = Vec::new();
    for _ in 0..64 {
        all.push(Looking::at(&collector).await?);
    }
    let reply = collector.reply(collector.get("/api/v1/live")).await?;
    ensure!(
        reply.status == 503 && reply.code() == "too_many_look",
        "{} {}",
        reply.status,
        reply.body
    );
    all.pop();
    foresight_tests::until("a place", PATIENCE, async || {
        Ok(Looking::at(&collector).await.ok())
    })
    .await?;
    let reply = collector
        .reply(collector.get("/api/v1/live?site=a"))
        .await?;
    ensure!(reply.status == 422, "{}", reply.status);
    Ok(())
}
