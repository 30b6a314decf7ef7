//! Two collectors on one database: they start at once, share repeats, and one of them dies.

use anyhow::{Result, ensure};
use foresight_shared::Metric;
use std::time::Duration;

use foresight_tests::{Collector, Database, Home, Load, Site, Tally, first_batch, until, vital};

/// Starts, each with a database of its own: which process is first differs.
const STARTS: u32 = 4;

#[tokio::test]
async fn two_collectors_start_at_once_on_a_new_database_on_sqlite() -> Result<()> {
    start_together(Database::Sqlite).await
}

#[tokio::test]
async fn two_collectors_start_at_once_on_a_new_database_on_postgres() -> Result<()> {
    start_together(Database::Postgres).await
}

/// Two data directories, so two spools and nothing but database and key in common.
pub(crate) async fn two_homes(database: Database) -> Result<(Home, Home)> {
    let mut one = Home::new(database).await?;
    let mut two = Home::new(Database::Sqlite).await?;
    let url = one.database_url();
    for home in [&mut one, &mut two] {
        home.set("DATABASE_URL", &url);
        home.set("TOKEN_KEY", &"5a".repeat(32));
    }
    Ok((one, two))
}

#[tokio::test]
async fn a_repeat_that_reaches_another_collector_is_counted_once_on_sqlite() -> Result<()> {
    repeat_elsewhere(Database::Sqlite).await
}

#[tokio::test]
async fn a_repeat_that_reaches_another_collector_is_counted_once_on_postgres() -> Result<()> {
    repeat_elsewhere(Database::Postgres).await
}

async fn repeat_elsewhere(database: Database) -> Result<()> {
    let (one, two) = two_homes(database).await?;
    let site = one.add_site("bakery.example").await?;
    let (first, second) = tokio::try_join!(one.start(), two.start())?;
    let batches: Vec<_> = (0..50)
        .map(|page| {
            let events = vec![vital(Metric::Lcp, 1000.0 + f64::from(page), None)];
            first_batch(&site.token, "/", events)
        })
        .collect();
    let mut expected = Tally::default();
    for (at, batch) in batches.iter().enumerate() {
        // Some at the same time, some when the other has merged them; in between new ones.
        first.send(&site, batch).await?.answer()?;
        if at == 25 {
            first.merged().await?;
        }
        let repeated = second.send(&site, batch).await?.answer()?;
        ensure!(!repeated.duplicate, "the other collector cannot know it");
        expected.add(batch);
        let fresh = first_batch(&site.token, "/new", vec![vital(Metric::Inp, 90.0, None)]);
        second.send(&site, &fresh).await?.answer()?;
        expected.add(&fresh);
    }
    for collector in [&first, &second] {
        collector.merged().await?;
    }
    expected.check(&first, Some(&site.host)).await?;
    expected
        .check_bins(&one.database_url(), Some(&site.host))
        .await?;
    let mut left_out = 0.0;
    for collector in [&first, &second] {
        let scrape = collector.scrape().await?;
        left_out += scrape.one("foresight_merged_elsewhere_total", &[("what", "batch")])?;
    }
    ensure!(left_out == 50.0, "{left_out} of 50 were left out");
    Ok(())
}

/// How often one of two collectors is killed.
const KILLS: u32 = 5;

#[tokio::test]
async fn of_two_collectors_on_one_postgres_one_may_be_killed() -> Result<()> {
    let (one, two) = two_homes(Database::Postgres).await?;
    let site = one.add_site("bakery.example").await?;
    let (mut first, second) = tokio::try_join!(one.start(), two.start())?;
    let mut expected = Tally::default();
    for _ in 0..super::times(KILLS)? {
        let loads = [
            Load::start(&first, &site, 4),
            Load::start(&second, &site, 4),
        ];
        until("load", Duration::from_secs(20), async || {
            let scrape = second.scrape().await?;
            Ok((scrape.sum("foresight_batches_received_total", &[]) > 50.0).then_some(()))
        })
        .await?;
        first.kill().await?;
        for load in loads {
            let sent = load.finish().await?;
            // What got no answer goes to the collector that lives, as behind a balancer. The dead
            // one may have it in its spool, and merge it when it is back.
            for batch in &sent.unanswered {
                second.send(&site, batch).await?.answer()?;
            }
            for batch in sent.acknowledged.iter().chain(&sent.unanswered) {
                expected.add(batch);
            }
        }
        first = one.start().await?;
    }
    for collector in [&first, &second] {
        collector.merged().await?;
    }
    expected.check(&second, Some(&site.host)).await?;
    expected
        .check_bins(&one.database_url(), Some(&site.host))
        .await
}

async fn start_together(database: Database) -> Result<()> {
    for _ in 0..STARTS {
        let (one, two) = two_homes(database).await?;
        let (first, second) = tokio::try_join!(one.start(), two.start())?;
        let site = one.add_site("bakery.example").await?;
        let mut expected = Tally::default();
        for collector in [&first, &second] {
            send(collector, &site, &mut expected).await?;
        }
        for collector in [&first, &second] {
            collector.merged().await?;
        }
        expected.check(&second, Some(&site.host)).await?;
        for collector in [first, second] {
            collector.ask_to_end()?;
            let mut collector = collector;
            let status = collector.ended().await?;
            ensure!(status.success(), "a collector ended with {status}");
        }
    }
    Ok(())
}

async fn send(collector: &Collector, site: &Site, tally: &mut Tally) -> Result<()> {
    for page in 0..5 {
        let events = vec![vital(Metric::Lcp, 1000.0 + f64::from(page), None)];
        let batch = first_batch(&site.token, "/", events);
        collector.send(site, &batch).await?.answer()?;
        tally.add(&batch);
    }
    Ok(())
}
