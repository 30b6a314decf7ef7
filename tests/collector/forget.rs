//! A site is forgotten while its records wait in the spool of a running collector.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use foresight_shared::Metric;
use foresight_tests::{Collector, Database, Home, Site, Tally, first_batch, until, vital};
use serde_json::Value;

/// How long a collector may take to learn that a site was forgotten: it asks every five seconds.
const LEARN_LIMIT: Duration = Duration::from_secs(30);

#[tokio::test]
async fn a_forgotten_site_does_not_come_back_out_of_a_spool_on_sqlite() -> Result<()> {
    forget(Database::Sqlite).await
}

#[tokio::test]
async fn a_forgotten_site_does_not_come_back_out_of_a_spool_on_postgres() -> Result<()> {
    forget(Database::Postgres).await
}

async fn forget(database: Database) -> Result<()> {
    let mut home = Home::new(database).await?;
    let bakery = home.add_site("bakery.example").await?;
    let florist = home.add_site("florist.example").await?;
    let mut expected = Tally::default();
    let mut collector = home.start().await?;
    send(&collector, &bakery, &mut Tally::default()).await?;
    send(&collector, &florist, &mut expected).await?;
    collector.merged().await?;
    end(&mut collector).await?;

    // From here on nothing is merged before the end.
    home.set("FLUSH_INTERVAL_MS", "3600000");
    let mut collector = home.start().await?;
    send(&collector, &florist, &mut expected).await?;
    // The merge at the start may still take the first ones; after it they wait.
    until("records that wait in the spool", LEARN_LIMIT, async || {
        send(&collector, &bakery, &mut Tally::default()).await?;
        let depth = collector
            .scrape()
            .await?
            .one("foresight_spool_depth", &[])?;
        Ok((depth >= 10.0).then_some(()))
    })
    .await?;
    refused_without_consent(&home, &bakery).await?;
    let answer = home.forget_site(&bakery.host).await?;
    let deleted = rows(&answer, "deleted")?;
    ensure!(deleted > 0 && rows(&answer, "left")? == 0, "{answer}");
    let refused = until("a refusal", LEARN_LIMIT, async || {
        let batch = first_batch(&bakery.token, "/", Vec::new());
        let reply = collector.send(&bakery, &batch).await?;
        Ok((reply.status != 202).then_some(reply))
    })
    .await?;
    ensure!(
        refused.status == 401 && refused.code() == "token_revoked",
        "{refused:?}"
    );
    end(&mut collector).await?;

    // What had waited was merged at the end, without the forgotten site's.
    let answer = home.forget_site(&bakery.host).await?;
    ensure!(rows(&answer, "deleted")? == 0, "{answer}");
    home.set("FLUSH_INTERVAL_MS", "100");
    let mut collector = home.start().await?;
    collector.merged().await?;
    Tally::default()
        .check(&collector, Some(&bakery.host))
        .await?;
    expected.check(&collector, Some(&florist.host)).await?;
    end(&mut collector).await?;

    // Added again, it starts from nothing.
    let bakery = home.add_site(&bakery.host).await?;
    let collector = home.start().await?;
    let mut expected = Tally::default();
    send(&collector, &bakery, &mut expected).await?;
    collector.merged().await?;
    expected.check(&collector, Some(&bakery.host)).await
}

async fn send(collector: &Collector, site: &Site, tally: &mut Tally) -> Result<()> {
    for page in 0..5 {
        let events = vec![vital(Metric::Lcp, 1000.0 + f64::from(page), None)];
        let batch = first_batch(&site.token, &format!("/{page}"), events);
        collector.send(site, &batch).await?.answer()?;
        tally.add(&batch);
    }
    Ok(())
}

async fn end(collector: &mut Collector) -> Result<()> {
    collector.ask_to_end()?;
    let status = collector.ended().await?;
    ensure!(status.success(), "the collector ended with {status}");
    Ok(())
}

async fn refused_without_consent(home: &Home, site: &Site) -> Result<()> {
    let arguments = ["site", "forget", &site.host];
    let output = home.command().args(arguments).output().await?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(
        !output.status.success() && errors.contains("add --yes"),
        "{} {errors}",
        output.status
    );
    Ok(())
}

/// The sum of a column of the command's answer.
fn rows(answer: &Value, column: &str) -> Result<u64> {
    let tables = answer["tables"].as_array().context("tables is no list")?;
    ensure!(tables.len() == 12, "{answer}");
    tables
        .iter()
        .map(|table| table[column].as_u64().with_context(|| format!("{table}")))
        .sum()
}
