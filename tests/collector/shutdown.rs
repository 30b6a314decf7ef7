//! An orderly end, and the two addresses that tell about health.

use anyhow::{Context, Result, ensure};
use foresight_tests::{Database, Home, Load, Tally, until};
use serde_json::json;
use std::time::Duration;

/// Ends under load, each followed by a new start.
const ENDS: u32 = 3;

#[tokio::test]
async fn sigterm_under_load_loses_nothing_that_was_acknowledged_on_sqlite() -> Result<()> {
    end_under_load(Database::Sqlite).await
}

#[tokio::test]
async fn sigterm_under_load_loses_nothing_that_was_acknowledged_on_postgres() -> Result<()> {
    end_under_load(Database::Postgres).await
}

async fn end_under_load(database: Database) -> Result<()> {
    let home = Home::new(database).await?;
    let site = home.add_site("bakery.example").await?;
    let mut expected = Tally::default();
    let mut collector = home.start().await?;
    for end in 1..=ENDS {
        let load = Load::start(&collector, &site, 8);
        until("load", Duration::from_secs(10), async || {
            let received = collector
                .scrape()
                .await?
                .sum("foresight_batches_received_total", &[]);
            Ok((received > 100.0).then_some(()))
        })
        .await?;
        collector.ask_to_end()?;
        let status = collector.ended().await?;
        ensure!(
            status.success(),
            "the collector ended with {status} after SIGTERM"
        );
        let sent = load.finish().await?;
        collector = home.start().await?;
        for batch in &sent.unanswered {
            collector.send(&site, batch).await?.answer()?;
        }
        for batch in sent.acknowledged.iter().chain(&sent.unanswered) {
            expected.add(batch);
        }
        collector.merged().await?;
        expected
            .check(&collector, Some(&site.host))
            .await
            .with_context(|| format!("after end {end}"))?;
    }
    Ok(())
}

#[tokio::test]
async fn a_running_collector_is_alive_and_ready() -> Result<()> {
    let home = Home::new(Database::Sqlite).await?;
    let collector = home.start().await?;
    ensure!(collector.ask("/api/ready").await? == json!({"ready": true}));
    ensure!(collector.get("/api/health").send().await?.status() == 200);
    Ok(())
}

#[tokio::test]
async fn an_idle_collector_ends_at_once_after_sigterm() -> Result<()> {
    let home = Home::new(Database::Sqlite).await?;
    let mut collector = home.start().await?;
    let started = std::time::Instant::now();
    collector.ask_to_end()?;
    let status = collector.ended().await?;
    ensure!(
        status.success(),
        "the collector ended with {status} after SIGTERM"
    );
    // Half of the grace that running requests get: with none running there is nothing to wait for.
    ensure!(
        started.elapsed() < Duration::from_secs(5),
        "the end took {:?}",
        started.elapsed()
    );
    Ok(())
}
