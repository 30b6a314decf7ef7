//! Many batches: from one address, for one site, from many addresses, and one of them again and again.

use std::time::Instant;

use anyhow::{Result, ensure};
use foresight_shared::Metric;
use foresight_tests::{Answers, flood, vital};

use super::{
    Scale,
    mold::{Mold, address},
    report::Report,
    scene::{LIMITED, LITTLE_FOR_A_SITE, Scene, UNLIMITED},
};

pub(super) async fn all(report: &mut Report, scale: Scale) {
    let total = scale.pick(20_000, 1_000_000);
    report
        .abuse(
            &format!("{total} batches from one address"),
            &LIMITED,
            async |scene| {
                limited(scene, total, "429 client_limited", (200, 20), |_| {
                    "198.51.100.1".to_owned()
                })
                .await
            },
        )
        .await;
    report
        .abuse(
            &format!("{total} batches from one IPv6 network"),
            &LIMITED,
            async |scene| {
                limited(scene, total, "429 client_limited", (200, 20), |number| {
                    format!("2001:db8:1:2::{:x}:{:x}", number >> 16, number & 0xffff)
                })
                .await
            },
        )
        .await;
    report
        .abuse(
            &format!("{total} batches of one site"),
            &scale.pick(LITTLE_FOR_A_SITE, LIMITED),
            async |scene| {
                let rate = scale.pick((1000, 20), (5000, 500));
                limited(scene, total, "429 site_limited", rate, address).await
            },
        )
        .await;
    report
        .abuse(
            &format!("{total} addresses, bodies without sense"),
            &LIMITED,
            async |scene| addresses(scene, total).await,
        )
        .await;
    report
        .abuse(
            &format!("{total} times the same batch"),
            &UNLIMITED,
            async |scene| replayed(scene, total).await,
        )
        .await;
}

/// Sends batches of the victim; all that is beyond its burst and rate gets that answer.
async fn limited(
    scene: &Scene,
    total: u64,
    beyond: &str,
    (burst, per_second): (u64, u64),
    from: impl Fn(u64) -> String + Send + Sync + 'static,
) -> Result<Answers> {
    let mold = Mold::new(&scene.victim, vec![vital(Metric::Lcp, 900.0, None)])?;
    let began = Instant::now();
    let answers = flood(scene.collector.listen, total, move |number| {
        mold.request(number, "/", &from(number))
    })
    .await?;
    let most = burst + per_second * (began.elapsed().as_secs() + 1);
    let count = |word: &str| answers.get(word).copied().unwrap_or_default();
    let (kept, refused) = (count("202"), count(beyond));
    ensure!(kept + refused == total, "{answers:?}");
    ensure!(kept >= burst.min(total), "only {answers:?}");
    ensure!(refused > 0, "nothing was limited: {answers:?}");
    ensure!(kept <= most, "{kept} batches got through, not {most}");
    Ok(answers)
}

/// Each address sends once, so that no limit holds it up; what it sends costs as little as can be.
async fn addresses(scene: &Scene, total: u64) -> Result<Answers> {
    let victim = scene.victim.clone();
    let answers = flood(scene.collector.listen, total, move |number| {
        foresight_tests::request(&victim, &address(number), "nonsense")
    })
    .await?;
    ensure!(answers.get("400 not_json") == Some(&total), "{answers:?}");
    let scrape = scene.collector.scrape().await?;
    let held = scrape.one("foresight_limited_addresses", &[])?;
    ensure!(
        held <= 500_000.0,
        "{held} addresses have a limit of their own"
    );
    Ok(answers)
}

/// Repeats are answered like the first, and counted once.
async fn replayed(scene: &Scene, total: u64) -> Result<Answers> {
    let mold = Mold::new(&scene.victim, vec![vital(Metric::Lcp, 900.0, None)])?;
    let answers = flood(scene.collector.listen, total, move |number| {
        mold.request(0, "/", &address(number))
    })
    .await?;
    let count = |word: &str| answers.get(word).copied().unwrap_or_default();
    ensure!(
        (count("202"), count("202 duplicate")) == (1, total - 1),
        "{answers:?}"
    );
    scene.collector.merged().await?;
    let path = format!("/api/v1/vitals?range=24h&site={}", scene.victim.host);
    let views = scene.collector.ask(&path).await?["views"].clone();
    ensure!(views == 1, "{views} views are counted");
    Ok(answers)
}
