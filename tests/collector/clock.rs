//! The clock is stepped while batches come in: nothing is lost, doubled or forgotten.

use std::time::Duration;

use anyhow::{Result, ensure};
use foresight_shared::Metric;
use foresight_tests::{Database, Home, MovedClock, Tally, first_batch, until, vital};

/// Steps of the clock, in seconds from the true time.
const STEPS: [i64; 5] = [3600, 0, -3600, 0, 3600];

/// Batches at each step.
const BATCHES: u32 = 40;

#[tokio::test]
async fn steps_of_the_clock_lose_double_and_forget_nothing_on_sqlite() -> Result<()> {
    step(Database::Sqlite).await
}

#[tokio::test]
async fn steps_of_the_clock_lose_double_and_forget_nothing_on_postgres() -> Result<()> {
    step(Database::Postgres).await
}

async fn step(database: Database) -> Result<()> {
    let mut home = Home::new(database).await?;
    let site = home.add_site("bakery.example").await?;
    let clock = MovedClock::of(&mut home)?;
    let collector = home.start().await?;
    let (mut expected, mut all) = (Tally::default(), Vec::new());
    for seconds in STEPS {
        clock.shift(seconds)?;
        for number in 0..BATCHES {
            let value = 100.0 * f64::from(number) + 1.0;
            let batch = first_batch(&site.token, "/", vec![vital(Metric::Lcp, value, None)]);
            let answer = collector.send(&site, &batch).await?.answer()?;
            ensure!(!answer.duplicate && answer.accepted == 1, "{answer:?}");
            expected.add(&batch);
            all.push(batch);
        }
        // Ids are remembered across a step in either direction.
        for batch in &all {
            let answer = collector.send(&site, batch).await?.answer()?;
            ensure!(answer.duplicate, "{seconds}: {answer:?}");
        }
        let wrong = collector.scrape().await?;
        ensure!(wrong.one("foresight_spool_oldest_seconds", &[])? < 7300.0);
    }
    // The clock of the collector did step, or all of this has shown nothing.
    let now = until("a merge", Duration::from_secs(30), async || {
        collector.merged().await?;
        let seen = collector.ask("/api/v1/vitals?range=1h").await?;
        Ok(seen["to"].as_str().map(ToOwned::to_owned))
    })
    .await?;
    let stepped: jiff::Timestamp = now.parse()?;
    ensure!(
        stepped > jiff::Timestamp::now() + jiff::SignedDuration::from_mins(55),
        "the clock shows {now}"
    );
    expected
        .check_bins(&home.store_url(), Some(&site.host))
        .await
}
