//! What changed, end to end: a demo fleet on disk, a real collector over it, its API and its gauge.

use std::{process::Stdio, time::Duration};

use anyhow::{Context, Result, ensure};
use foresight_tests::{Database, Home, until};
use serde_json::Value;

/// Forty looks of an unoptimized build, beside other tests.
const PATIENCE: Duration = Duration::from_secs(300);

/// A fleet that is small, but has what a look needs: weeks of past, and regressions in the last days.
const FLEET: [&str; 9] = [
    "seed", "--sites", "100", "--days", "36", "--seed", "2", "--views", "40",
];

#[tokio::test]
async fn planted_regressions_of_a_demo_fleet_are_answered_by_their_cohorts() -> Result<()> {
    let home = Home::new(Database::Sqlite).await?;
    std::fs::create_dir_all(home.data_dir())?;
    let output = home
        .command()
        .args(FLEET)
        .arg("--json")
        .stderr(Stdio::inherit())
        .output()
        .await?;
    ensure!(output.status.success(), "the fleet was not written");
    let seeded: Value = serde_json::from_slice(&output.stdout)?;
    let planted = seeded["truth"]["regressions"]
        .as_array()
        .context("no regressions were planted")?;
    ensure!(planted.len() == 5, "{planted:?}");
    let collector = home.start().await?;
    // The first look goes through the last ten days.
    let report = until("findings", PATIENCE, async || {
        let report = collector.ask("/api/v1/changes?range=30d&state=all").await?;
        let changes = report["changes"].as_array().context("no changes")?;
        let is_there = |change: &&Value| named(planted, change);
        Ok((changes.iter().filter(is_there).count() >= 2).then_some(report.clone()))
    })
    .await?;
    for change in report["changes"].as_array().context("no changes")? {
        ensure!(change["direction"] == "worse", "{change}");
        let figure = |name: &str| change[name].as_f64().context("no figure");
        ensure!(figure("difference_low")? > 0.0, "{change}");
        ensure!(figure("from_p75")? < figure("to_p75")?, "{change}");
        ensure!(change["views"].as_u64() >= Some(50), "{change}");
    }
    // It is told when the last of these looks is done.
    until("the gauge", PATIENCE, async || {
        let scrape = collector.scrape().await?;
        Ok(scrape.has("foresight_changes_open").then_some(()))
    })
    .await?;
    let refused = collector
        .reply(collector.get("/api/v1/changes?state=new"))
        .await?;
    ensure!(refused.status == 422, "{}", refused.body);
    Ok(())
}

/// Whether a finding has the cohort of one that was planted.
fn named(planted: &[Value], change: &Value) -> bool {
    planted.iter().any(|one| one["cohort"] == change["cohort"])
}
