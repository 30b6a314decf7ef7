//! `kill -9` at random moments: what was answered with 202 is counted, and exactly once.

use std::{env, time::Duration};

use anyhow::{Context, Result, ensure};
use foresight_tests::{Collector, Database, Home, Load, Sent, Site, Tally};
use rand::RngExt;

/// How often each database is tried, unless `FORESIGHT_TEST_CRASHES` says otherwise.
const CRASHES: u32 = 20;

/// Visitors at once.
const VISITORS: usize = 8;

/// The moment of the kill, in ms after the load began. Merges happen every 100 ms, so that kills
/// hit all phases: before, in and after a merge.
const MOMENT_MS: std::ops::Range<u64> = 20..500;

/// Acknowledged batches that are sent again after each crash.
const REPEATS: usize = 10;

#[tokio::test]
async fn what_was_acknowledged_is_counted_exactly_once_after_kill_9_on_sqlite() -> Result<()> {
    survive_crashes(Database::Sqlite).await
}

#[tokio::test]
async fn what_was_acknowledged_is_counted_exactly_once_after_kill_9_on_postgres() -> Result<()> {
    survive_crashes(Database::Postgres).await
}

async fn survive_crashes(database: Database) -> Result<()> {
    let crashes = match env::var("FORESIGHT_TEST_CRASHES") {
        Ok(number) => number
            .parse()
            .context("FORESIGHT_TEST_CRASHES is no number")?,
        Err(_) => CRASHES,
    };
    let home = Home::new(database).await?;
    let site = home.add_site("bakery.example").await?;
    let mut expected = Tally::default();
    let mut collector = home.start().await?;
    for crash in 1..=crashes {
        let sent = crash_under_load(&mut collector, &site).await?;
        collector = home.start().await?;
        send_again(&collector, &site, &sent)
            .await
            .with_context(|| format!("crash {crash}"))?;
        for batch in sent.acknowledged.iter().chain(&sent.unanswered) {
            expected.add(batch);
        }
        // Not after each: crashes that find work left over from the one before are worth more.
        if crash % 3 == 0 || crash == crashes {
            collector.merged().await?;
            let checked = expected.check(&collector, Some(&site.host)).await;
            checked.with_context(|| format!("after crash {crash}"))?;
            let url = home.store_url();
            let checked = expected.check_bins(&url, Some(&site.host)).await;
            checked.with_context(|| format!("bins after crash {crash}"))?;
        }
    }
    ensure!(
        expected.views() > i64::from(crashes),
        "hardly anything was sent"
    );
    println!(
        "{database:?}: {} page views over {crashes} crashes",
        expected.views()
    );
    Ok(())
}

async fn crash_under_load(collector: &mut Collector, site: &Site) -> Result<Sent> {
    let load = Load::start(collector, site, VISITORS);
    let moment = rand::rng().random_range(MOMENT_MS);
    tokio::time::sleep(Duration::from_millis(moment)).await;
    collector.kill().await?;
    load.finish().await
}

/// Sends what got no answer, as beacons do, until it is acknowledged; and some of what did get one,
/// as a beacon does whose answer was lost on the way.
async fn send_again(collector: &Collector, site: &Site, sent: &Sent) -> Result<()> {
    for batch in &sent.unanswered {
        collector.send(site, batch).await?.answer()?;
    }
    for batch in sent
        .acknowledged
        .iter()
        .rev()
        .take(REPEATS)
        .chain(&sent.unanswered)
    {
        let answer = collector.send(site, batch).await?.answer()?;
        ensure!(
            answer.duplicate && answer.accepted == 0,
            "{} is not known any more: {answer:?}",
            batch.id.as_str()
        );
    }
    Ok(())
}
