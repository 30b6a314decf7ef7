//! A backup under load, restored elsewhere, has everything that was acknowledged before it.

use std::{fs, path::Path, time::Duration};

use anyhow::{Context, Result, ensure};
use foresight_shared::{Batch, Metric};
use foresight_tests::{Database, Home, Load, Site, Tally, first_batch, until, vital};
use serde_json::Value;

/// Runs a command, which must succeed, and returns what it printed.
async fn obey(home: &Home, arguments: &[&str]) -> Result<Value> {
    let output = home.command().args(arguments).output().await?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{arguments:?}: {errors}");
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Runs a command, which must fail, and returns its complaint.
async fn refuse(home: &Home, arguments: &[&str]) -> Result<String> {
    let output = home.command().args(arguments).output().await?;
    ensure!(!output.status.success(), "{arguments:?} succeeded");
    Ok(String::from_utf8_lossy(&output.stderr).into_owned())
}

/// The batches of a moment: what was acknowledged before a backup began.
async fn backup_under_load(database: Database) -> Result<()> {
    let home = Home::new(database).await?;
    let site = home.add_site("bakery.example").await?;
    let collector = home.start().await?;
    // One site for what was there before, and one that goes on.
    let busy = home.add_site("busy.example").await?;
    let before = send_some(&collector, &site).await?;
    let load = Load::start(&collector, &busy, 4);
    until("load", Duration::from_secs(10), async || {
        let received = collector.scrape().await?;
        let received = received.sum("foresight_batches_received_total", &[]);
        Ok((received > 200.0).then_some(()))
    })
    .await?;

    let kept = tempfile::tempdir()?;
    let file = kept.path().join("backup.tar.gz");
    let path = file.to_str().context("no text")?;
    let made = obey(&home, &["backup", path, "--json"]).await?;
    ensure!(made["database"]["tables"]["site"] == 2, "{made}");
    let again = refuse(&home, &["backup", path]).await?;
    ensure!(again.contains("is there already"), "{again}");
    let sent = load.finish().await?;
    let most = Tally::of(sent.acknowledged.iter().chain(&sent.unanswered)).views();
    check_mode(&file)?;

    let elsewhere = Home::new(database).await?;
    let checked = obey(&elsewhere, &["restore", path, "--check", "--json"]).await?;
    ensure!(checked["restored"] == false, "{checked}");
    let restored = obey(&elsewhere, &["restore", path, "--json"]).await?;
    ensure!(restored["restored"] == true, "{restored}");
    ensure!(restored["database"] == made["database"], "{restored}");
    let twice = refuse(&elsewhere, &["restore", path]).await?;
    ensure!(twice.contains("into an empty"), "{twice}");

    let restored = elsewhere.start().await?;
    restored.merged().await?;
    before.check(&restored, Some(&site.host)).await?;
    // Its tokens are good there, and it goes on.
    let more = first_batch(&site.token, "/after", vec![vital(Metric::Lcp, 900.0, None)]);
    restored.send(&site, &more).await?.answer()?;
    restored.merged().await?;
    let mut all = before;
    all.add(&more);
    all.check(&restored, Some(&site.host)).await?;
    // Of the busy site a part is there, and no view twice.
    let busy = restored.ask("/api/v1/vitals?site=busy.example").await?;
    let views = busy["views"].as_i64().context("no views")?;
    ensure!((100..=most).contains(&views), "{views} of {most} views");
    let scrape = restored.scrape().await?;
    let aside = scrape.sum("foresight_spool_quarantined_total", &[]);
    ensure!(aside == 0.0, "{aside} records were set aside");
    Ok(())
}

async fn send_some(collector: &foresight_tests::Collector, site: &Site) -> Result<Tally> {
    let batches: Vec<Batch<'static>> = (0..50)
        .map(|n| {
            let value = vital(Metric::Lcp, 500.0 + f64::from(n) * 40.0, None);
            first_batch(&site.token, &format!("/page-{}", n % 7), vec![value])
        })
        .collect();
    for batch in &batches {
        collector.send(site, batch).await?.answer()?;
    }
    Ok(Tally::of(&batches))
}

fn check_mode(file: &Path) -> Result<()> {
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(file)?.permissions());
    ensure!(mode & 0o077 == 0, "others may read the backup: {mode:o}");
    Ok(())
}

#[tokio::test]
async fn a_backup_under_load_is_whole_elsewhere_on_sqlite() -> Result<()> {
    backup_under_load(Database::Sqlite).await
}

#[tokio::test]
async fn a_backup_under_load_is_whole_elsewhere_on_postgres() -> Result<()> {
    backup_under_load(Database::Postgres).await
}

#[tokio::test]
async fn what_waits_in_the_spool_is_in_the_backup_once() -> Result<()> {
    let mut home = Home::new(Database::Sqlite).await?;
    // Nothing is merged by itself before the end.
    home.set("FLUSH_INTERVAL_MS", "60000");
    let site = home.add_site("bakery.example").await?;
    let collector = home.start().await?;
    let sent = send_some(&collector, &site).await?;
    let kept = tempfile::tempdir()?;
    let file = kept.path().join("backup.tar.gz");
    let path = file.to_str().context("no text")?;
    let made = obey(&home, &["backup", path, "--json"]).await?;
    let waiting = made["waiting_records"].as_u64().context("no number")?;
    ensure!(waiting > 0, "{made}");

    let elsewhere = Home::new(Database::Sqlite).await?;
    obey(&elsewhere, &["restore", path, "--json"]).await?;
    let restored = elsewhere.start().await?;
    restored.merged().await?;
    sent.check(&restored, Some(&site.host)).await
}

#[tokio::test]
async fn a_backup_that_was_cut_off_is_refused_and_leaves_nothing() -> Result<()> {
    let home = Home::new(Database::Sqlite).await?;
    home.add_site("bakery.example").await?;
    let kept = tempfile::tempdir()?;
    let file = kept.path().join("backup.tar.gz");
    let path = file.to_str().context("no text")?;
    obey(&home, &["backup", path, "--json"]).await?;
    let whole = fs::read(&file)?;
    fs::write(&file, &whole[..whole.len() / 2])?;

    let elsewhere = Home::new(Database::Sqlite).await?;
    let complaint = refuse(&elsewhere, &["restore", path]).await?;
    ensure!(complaint.contains("is not a whole backup"), "{complaint}");
    ensure!(complaint.contains("ends before the end of"), "{complaint}");
    let left: Vec<_> = fs::read_dir(elsewhere.data_dir())?.collect();
    ensure!(left.is_empty(), "{left:?}");
    Ok(())
}
