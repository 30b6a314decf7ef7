//! A spool's file that is damaged on disk: the collector starts, counts what is whole, says what is
//! not, and takes batches as before.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result, ensure};
use foresight_shared::{Batch, Metric};
use foresight_tests::{Database, Home, Site, Tally, first_batch, vital};

/// Batches that wait when the file is damaged.
const BATCHES: u32 = 400;

/// A page that no other batch has.
const MARKED: &str = "/the-one-that-is-flipped";

#[tokio::test]
async fn a_flipped_bit_costs_its_own_batch_and_no_other() -> Result<()> {
    let home = Home::new(Database::Postgres).await?;
    let site = home.add_site("bakery.example").await?;
    let batches = fill(&home, &site).await?;
    for file in files(&home) {
        let mut bytes = fs::read(&file)?;
        let places: Vec<_> = bytes
            .windows(MARKED.len())
            .enumerate()
            .filter(|(_, window)| *window == MARKED.as_bytes())
            .map(|(place, _)| place)
            .collect();
        for place in places {
            bytes[place + 4] ^= 1;
        }
        fs::write(&file, bytes)?;
    }
    home.give_database_back().await?;
    let collector = home.start().await?;
    collector.merged().await?;
    let whole = batches.iter().filter(|batch| &*batch.view.path != MARKED);
    let mut expected = Tally::of(whole);
    ensure!(expected.views() == i64::from(BATCHES) - 1);
    expected.check(&collector, Some(&site.host)).await?;
    let scrape = collector.scrape().await?;
    ensure!(scrape.one("foresight_spool_lost_records", &[])? == 1.0);
    ensure!(scrape.one("foresight_spool_mended", &[])? == 1.0);
    take_more(&home, &site, &collector, &mut expected).await
}

#[tokio::test]
async fn a_file_that_was_cut_off_is_read_as_far_as_it_goes() -> Result<()> {
    for part in [3, 7] {
        let home = Home::new(Database::Postgres).await?;
        let site = home.add_site("bakery.example").await?;
        fill(&home, &site).await?;
        let file = home.data_dir().join("spool.db");
        let length = fs::metadata(&file)?.len();
        let opened = fs::OpenOptions::new().write(true).open(&file)?;
        opened.set_len(length * part / 10)?;
        home.give_database_back().await?;
        let collector = home.start().await?;
        collector.merged().await?;
        let seen = collector.ask("/api/v1/vitals?range=24h").await?;
        let views = seen["views"].as_f64().context("no views")?;
        let scrape = collector.scrape().await?;
        let lost = scrape.one("foresight_spool_lost_records", &[])?;
        ensure!(
            lost > 0.0 && views > 0.0,
            "{part}: {views} views, {lost} lost"
        );
        ensure!(
            views + lost == f64::from(BATCHES),
            "{part}: {views} views and {lost} lost of {BATCHES}"
        );
        let batch = first_batch(&site.token, "/", vec![]);
        collector.send(&site, &batch).await?.answer()?;
        collector.merged().await?;
        let now = collector.ask("/api/v1/vitals?range=24h").await?;
        ensure!(now["views"].as_f64() == Some(views + 1.0));
    }
    Ok(())
}

#[tokio::test]
async fn a_log_that_lost_its_end_does_not_hide_new_batches() -> Result<()> {
    let home = Home::new(Database::Postgres).await?;
    let site = home.add_site("bakery.example").await?;
    let mut collector = home.start().await?;
    let mut expected = Tally::default();
    for number in 0..50 {
        let events = vec![vital(Metric::Lcp, f64::from(number) + 1.0, None)];
        let batch = first_batch(&site.token, "/", events);
        collector.send(&site, &batch).await?.answer()?;
        expected.add(&batch);
    }
    collector.merged().await?;
    collector.kill().await?;
    // The log of what was not yet moved into the file is gone, and with it the knowledge of which
    // positions were given.
    fs::write(home.data_dir().join("spool.db-wal"), "")?;
    let collector = home.start().await?;
    take_more(&home, &site, &collector, &mut expected).await
}

/// Acknowledged batches that wait in the spool's one file, of a collector that was killed.
async fn fill(home: &Home, site: &Site) -> Result<Vec<Batch<'static>>> {
    home.take_database_away().await?;
    let mut collector = home.start_unready().await?;
    let mut batches = Vec::new();
    for number in 0..BATCHES {
        let path = match number {
            200 => MARKED.to_owned(),
            _ => format!("/{}", "p".repeat(number as usize % 400)),
        };
        let events = vec![vital(Metric::Lcp, f64::from(number) + 1.0, None)];
        let batch = first_batch(&site.token, &path, events);
        collector.send(site, &batch).await?.answer()?;
        batches.push(batch);
    }
    collector.kill().await?;
    checkpoint(home).await?;
    Ok(batches)
}

/// Moves what is in the log into the file.
async fn checkpoint(home: &Home) -> Result<()> {
    use sqlx::{ConnectOptions, Connection, sqlite::SqliteConnectOptions};
    let options = SqliteConnectOptions::new().filename(home.data_dir().join("spool.db"));
    let mut connection = options.connect().await?;
    sqlx::query("pragma wal_checkpoint(truncate)")
        .execute(&mut connection)
        .await?;
    Ok(connection.close().await?)
}

fn files(home: &Home) -> Vec<PathBuf> {
    ["spool.db", "spool.db-wal"]
        .map(|name| home.data_dir().join(name))
        .into_iter()
        .filter(|file| file.exists())
        .collect()
}

/// New batches are taken and counted exactly.
async fn take_more(
    home: &Home,
    site: &Site,
    collector: &foresight_tests::Collector,
    expected: &mut Tally,
) -> Result<()> {
    for number in 0..50 {
        let events = vec![vital(Metric::Inp, f64::from(number) + 1.0, None)];
        let batch = first_batch(&site.token, "/after", events);
        let answer = collector.send(site, &batch).await?.answer()?;
        ensure!(!answer.duplicate);
        expected.add(&batch);
    }
    collector.merged().await?;
    expected.check(collector, Some(&site.host)).await?;
    expected
        .check_bins(&home.store_url(), Some(&site.host))
        .await
}
