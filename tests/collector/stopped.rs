//! The database server is stopped under load, as when its machine goes down, and started again.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use foresight_tests::{Home, Load, Server, Tally, until};

/// How long it is away; `FORESIGHT_TEST_FAULTS=12` makes it a minute.
const STOPPED_SECONDS: u32 = 5;

#[tokio::test]
async fn a_postgres_that_is_stopped_under_load_costs_nothing() -> Result<()> {
    let mut server = Server::start().await?;
    let home = Home::on(server.url()).await?;
    let site = home.add_site("bakery.example").await?;
    let collector = home.start().await?;
    let load = Load::start(&collector, &site, 4);
    // Something has been merged, and something is on its way.
    until("a merge", Duration::from_secs(30), async || {
        let scrape = collector.scrape().await?;
        Ok((scrape.one("foresight_merged_records_total", &[])? > 50.0).then_some(()))
    })
    .await?;
    server.stop().await?;
    let away = Duration::from_secs(u64::from(super::times(STOPPED_SECONDS)?));
    let begun = Instant::now();
    while begun.elapsed() < away {
        ensure!(
            collector.get("/api/health").send().await?.status() == 200,
            "an outage is no illness"
        );
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    ensure!(
        collector.get("/api/ready").send().await?.status() == 503,
        "a collector without its database is not ready"
    );
    server.start_again().await?;
    let sent = load.finish().await?;
    ensure!(sent.unanswered.is_empty(), "batches got no 202");
    ensure!(sent.acknowledged.len() > 100, "hardly anything was sent");
    let mut expected = Tally::default();
    sent.acknowledged.iter().for_each(|one| expected.add(one));
    collector.merged().await?;
    expected.check(&collector, Some(&site.host)).await?;
    expected
        .check_bins(&home.store_url(), Some(&site.host))
        .await
        .with_context(|| format!("after {} s without Postgres", away.as_secs()))?;
    drop((collector, home));
    server.end().await
}
