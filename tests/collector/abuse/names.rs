//! Names that somebody invents: pages and custom events without end.

use anyhow::{Context, Result, ensure};
use foresight_shared::{Event, Metric};
use foresight_tests::{Answers, flood, vital};

use super::{
    Scale,
    mold::{Mold, address},
    report::Report,
    scene::{Scene, UNLIMITED},
};

/// Custom events in one batch.
const EVENTS: u64 = 50;

/// The limits that a collector has if nobody sets others.
const PAGES: u64 = 1_000;
const NAMES: u64 = 500;

pub(super) async fn all(report: &mut Report, scale: Scale) {
    let total = scale.pick(20_000, 1_000_000);
    report
        .abuse(
            &format!("{total} distinct paths"),
            &UNLIMITED,
            async |scene| paths(scene, total).await,
        )
        .await;
    report
        .abuse(
            &format!("{total} distinct custom events"),
            &UNLIMITED,
            async |scene| names(scene, total).await,
        )
        .await;
}

/// Every view is counted, most of them under `(other)`.
async fn paths(scene: &Scene, total: u64) -> Result<Answers> {
    let mold = Mold::new(&scene.victim, vec![vital(Metric::Lcp, 900.0, None)])?;
    let answers = flood(scene.collector.listen, total, move |number| {
        // In words: the numbers in a path have one name in any case.
        mold.request(
            number,
            &format!("/{}", in_letters(number)),
            &address(number),
        )
    })
    .await?;
    ensure!(answers.get("202") == Some(&total), "{answers:?}");
    scene.collector.merged().await?;
    let path = format!("/api/v1/vitals?range=24h&site={}", scene.victim.host);
    let views = scene.collector.ask(&path).await?["views"].as_u64();
    ensure!(views == Some(total), "{views:?} views are counted");
    capped(scene, "page", total, PAGES).await?;
    Ok(answers)
}

async fn names(scene: &Scene, total: u64) -> Result<Answers> {
    let events = (0..EVENTS).map(|place| Event::Custom {
        name: foresight_shared::Text(format!("NAME-{place}").into()),
        props: [].into(),
    });
    let mold = Mold::new(&scene.victim, events.collect())?;
    let batches = total / EVENTS;
    let answers = flood(scene.collector.listen, batches, move |number| {
        mold.request(number, "/", &address(number))
    })
    .await?;
    ensure!(answers.get("202") == Some(&batches), "{answers:?}");
    scene.collector.merged().await?;
    capped(scene, "name", total, NAMES).await?;
    Ok(answers)
}

/// As many as the limit have a name of their own; twice as many if an hour has begun meanwhile.
async fn capped(scene: &Scene, what: &str, total: u64, limit: u64) -> Result<()> {
    let scrape = scene.collector.scrape().await?;
    let capped = scrape.one("foresight_capped_total", &[("what", what)])?;
    let own = (total as f64 - capped) as u64;
    ensure!(
        own == limit || own == 2 * limit,
        "{own} of {total} have a name"
    );
    scene
        .collector
        .ask("/api/v1/activity?range=24h")
        .await
        .context("the names cannot be asked for")?;
    Ok(())
}

/// A number in the letters from a to j: no part of it looks like an id.
fn in_letters(number: u64) -> String {
    number
        .to_string()
        .bytes()
        .map(|digit| char::from(digit - b'0' + b'a'))
        .collect()
}
