//! Connections to the database are cut in the middle of whatever they were saying, and the database is
//! stopped for a while: batches are taken all the while, and counted once.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use foresight_tests::{Database, Home, Load, Proxy, Tally, until};

/// How long the connections are cut, again and again; the settings of the test make merges often.
const CUTTING: Duration = Duration::from_secs(4);

/// How long the database is away. A merge that fails is tried again after 30 s at most.
const STOPPED: Duration = Duration::from_secs(5);

/// Bytes that a connection carries at most before it is cut: to log in takes a few hundred, a merge
/// some thousands, so cuts hit every phase of a transaction.
const BYTES: u64 = 60_000;

#[tokio::test]
async fn connections_that_are_cut_in_mid_transaction_lose_and_double_nothing() -> Result<()> {
    let mut home = Home::new(Database::Postgres).await?;
    let site = home.add_site("bakery.example").await?;
    let (proxy, url) = Proxy::start(&home.store_url()).await?;
    let direct = home.store_url();
    home.set("DATABASE_URL", &url);
    let collector = home.start().await?;
    let mut expected = Tally::default();
    for _ in 0..super::times(1)? {
        let load = Load::start(&collector, &site, 4);
        let before = proxy.cuts();
        proxy.cut_within(BYTES);
        tokio::time::sleep(CUTTING).await;
        proxy.close();
        tokio::time::sleep(STOPPED).await;
        ensure!(
            collector.get("/api/health").send().await?.status() == 200,
            "an outage is no illness"
        );
        let sent = load.finish().await?;
        ensure!(sent.unanswered.is_empty(), "batches got no 202");
        ensure!(sent.acknowledged.len() > 100, "hardly anything was sent");
        sent.acknowledged.iter().for_each(|one| expected.add(one));
        let cuts = proxy.cuts() - before;
        ensure!(cuts >= 2, "only {cuts} connections were cut");
        proxy.cut_within(0);
        proxy.open();
        until("a ready collector", Duration::from_secs(60), async || {
            Ok((collector.get("/api/ready").send().await?.status() == 200).then_some(()))
        })
        .await?;
        collector.merged().await?;
        expected.check(&collector, Some(&site.host)).await?;
        let bins = expected.check_bins(&direct, Some(&site.host));
        bins.await.with_context(|| format!("after {cuts} cuts"))?;
    }
    Ok(())
}
