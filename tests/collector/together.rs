//! Two collectors that start at once on a new database: one makes the schema, the other waits.

use anyhow::{Result, ensure};
use foresight_shared::Metric;
use foresight_tests::{Collector, Database, Home, Site, Tally, first_batch, vital};

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

async fn start_together(database: Database) -> Result<()> {
    for _ in 0..STARTS {
        // Two data directories, so two spools and nothing but the database in common.
        let mut one = Home::new(database).await?;
        let mut two = Home::new(Database::Sqlite).await?;
        let url = one.database_url();
        for home in [&mut one, &mut two] {
            home.set("DATABASE_URL", &url);
            home.set("TOKEN_KEY", &"5a".repeat(32));
        }
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
