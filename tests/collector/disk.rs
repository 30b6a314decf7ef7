//! A disk that takes no more: 503 with `Retry-After`, and as before once it does.
//!
//! Tried in two ways: with a small disk that is filled to its last byte, and with a limit on the size of
//! the process's files, which fails writes at any place.

use std::time::Duration;

use anyhow::{Result, ensure};
use foresight_shared::{Batch, Metric};
use foresight_tests::{Collector, Database, Home, Site, Tally, first_batch, until, vital};
use rustix::process::{Resource, Rlimit, prlimit};

/// Room for the databases of a small site, and not for many.
const DISK_BYTES: u64 = 24 << 20;

#[tokio::test]
async fn a_disk_that_is_filled_to_the_last_byte_loses_nothing_that_was_acknowledged() -> Result<()>
{
    let home = Home::new(Database::Sqlite).await?;
    let site = home.add_site("bakery.example").await?;
    let (collector, disk) = home.start_on_small_disk(DISK_BYTES).await?;
    let mut expected = Tally::default();
    let mut number = 0;
    let mut next = || {
        number += 1;
        first_batch(
            &site.token,
            "/",
            vec![vital(Metric::Lcp, f64::from(number), None)],
        )
    };
    for _ in 0..super::times(3)? {
        disk.fill()?;
        // What the files have room for is still taken.
        let mut refused = Vec::new();
        for _ in 0..100_000 {
            let batch = next();
            let reply = collector.send(&site, &batch).await?;
            if reply.status == 202 {
                expected.add(&batch);
                continue;
            }
            ensure!(
                reply.status == 503 && reply.retry_after && reply.code() == "spool_unavailable",
                "{reply:?}"
            );
            refused.push(batch);
            if refused.len() == 20 {
                break;
            }
        }
        ensure!(refused.len() == 20, "a full disk takes everything");
        ensure!(
            collector.get("/api/health").send().await?.status() == 200,
            "a full disk is no illness of the process"
        );
        disk.free()?;
        for batch in &refused {
            taken(&collector, &site, batch).await?;
            expected.add(batch);
        }
    }
    collector.merged().await?;
    expected.check(&collector, Some(&site.host)).await?;
    let store = disk.copy_store(&home.data_dir().join("copy"))?;
    expected.check_bins(&store, Some(&site.host)).await
}

/// Sends a batch, as pages do, until it is taken.
async fn taken(collector: &Collector, site: &Site, batch: &Batch<'_>) -> Result<()> {
    until("room", Duration::from_secs(30), async || {
        let reply = collector.send(site, batch).await?;
        Ok((reply.status == 202).then_some(()))
    })
    .await
}

#[tokio::test]
async fn a_full_disk_is_told_and_recovers_by_itself() -> Result<()> {
    let home = Home::new(Database::Postgres).await?;
    let site = home.add_site("bakery.example").await?;
    // Without a database the spool grows, and nothing but the spool is written.
    home.take_database_away().await?;
    let mut collector = home.start_unready().await?;
    let mut expected = Tally::default();
    let mut number = 0;
    for _ in 0..super::times(3)? {
        limit_files(&collector, Some(0))?;
        let mut refused = Vec::new();
        for _ in 0..20 {
            number += 1;
            let events = vec![vital(Metric::Lcp, f64::from(number), None)];
            let batch = first_batch(&site.token, "/", events);
            let reply = collector.send(&site, &batch).await?;
            ensure!(
                reply.status == 503 && reply.retry_after && reply.code() == "spool_unavailable",
                "{reply:?}"
            );
            refused.push(batch);
        }
        ensure!(
            collector.get("/api/health").send().await?.status() == 200,
            "a full disk is no illness of the process"
        );
        limit_files(&collector, None)?;
        // Sent again, as pages do, they are taken and counted once.
        for batch in &refused {
            taken(&collector, &site, batch).await?;
            expected.add(batch);
        }
    }
    // What was acknowledged after the fault is as durable as ever.
    collector.kill().await?;
    home.give_database_back().await?;
    let collector = home.start().await?;
    collector.merged().await?;
    expected.check(&collector, Some(&site.host)).await?;
    expected
        .check_bins(&home.store_url(), Some(&site.host))
        .await
}

/// Lets files have at most so many bytes, or any number.
fn limit_files(collector: &Collector, bytes: Option<u64>) -> Result<()> {
    let limit = Rlimit {
        current: bytes,
        maximum: None,
    };
    prlimit(Some(collector.process()?), Resource::Fsize, limit)?;
    Ok(())
}
