//! The database goes away and comes back: batches are taken all the while, and counted once.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use foresight_tests::{Collector, Database, Home, Load, Sent, Site, Tally, until};
use serde_json::Value;

/// How long the collector may take to notice.
const NOTICE_LIMIT: Duration = Duration::from_secs(30);

/// Batches in each phase, at least.
const BATCHES: f64 = 200.0;

#[tokio::test]
async fn batches_are_taken_while_the_database_is_away_and_counted_once_when_it_is_back()
-> Result<()> {
    let home = Home::new(Database::Postgres).await?;
    let site = home.add_site("bakery.example").await?;
    let collector = home.start().await?;
    let mut expected = Tally::default();
    let mut taken = async || -> Result<()> {
        let sent = load(&collector, &site).await?;
        ensure!(
            sent.unanswered.is_empty(),
            "{} batches got no 202",
            sent.unanswered.len()
        );
        sent.acknowledged
            .iter()
            .for_each(|batch| expected.add(batch));
        Ok(())
    };
    taken().await?;
    home.take_database_away().await?;
    let parts = until(
        "an answer that the database is away",
        NOTICE_LIMIT,
        async || not_ready(&collector).await,
    )
    .await?;
    ensure!(parts["spool"] == "ok" && parts["store"] != "ok", "{parts}");
    ensure!(
        collector.get("/api/health").send().await?.status() == 200,
        "an outage is no illness"
    );
    taken().await.context("without the database")?;
    let waiting = collector
        .scrape()
        .await?
        .one("foresight_spool_depth", &[])?;
    ensure!(
        waiting >= BATCHES,
        "only {waiting} batches wait for the database"
    );
    home.give_database_back().await?;
    taken().await.context("with the database back")?;
    collector.merged().await?;
    ensure!(
        not_ready(&collector).await?.is_none(),
        "not ready with the database back"
    );
    expected.check(&collector, Some(&site.host)).await
}

#[tokio::test]
async fn a_collector_that_starts_without_its_database_takes_batches_and_merges_them_later()
-> Result<()> {
    let home = Home::new(Database::Postgres).await?;
    let site = home.add_site("bakery.example").await?;
    home.take_database_away().await?;
    let mut collector = home.start_unready().await?;
    let sent = load(&collector, &site).await?;
    ensure!(sent.unanswered.is_empty(), "batches got no 202");
    // Killed while nothing has been merged yet: what was taken must outlive that too.
    collector.kill().await?;
    let collector = home.start_unready().await?;
    ensure!(
        not_ready(&collector).await?.is_some(),
        "ready without a database"
    );
    home.give_database_back().await?;
    collector.merged().await?;
    let mut expected = Tally::default();
    sent.acknowledged
        .iter()
        .for_each(|batch| expected.add(batch));
    expected.check(&collector, Some(&site.host)).await
}

/// Page views until enough batches have arrived.
async fn load(collector: &Collector, site: &Site) -> Result<Sent> {
    let received = async || -> Result<f64> {
        Ok(collector
            .scrape()
            .await?
            .sum("foresight_batches_received_total", &[]))
    };
    let before = received().await?;
    let load = Load::start(collector, site, 4);
    until("enough batches", NOTICE_LIMIT, async || {
        Ok((received().await? >= before + BATCHES).then_some(()))
    })
    .await?;
    load.finish().await
}

/// What `/api/ready` says of the parts while it answers 503; nothing while it answers 200.
async fn not_ready(collector: &Collector) -> Result<Option<Value>> {
    let answer = collector.get("/api/ready").send().await?;
    if answer.status() == 200 {
        return Ok(None);
    }
    ensure!(
        answer.status() == 503,
        "/api/ready answers {}",
        answer.status()
    );
    let body: Value = answer.json().await?;
    ensure!(body["ready"] == false, "{body}");
    Ok(Some(body["parts"].clone()))
}
