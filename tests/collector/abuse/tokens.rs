//! Tokens that are forged, stolen and revoked, and pages that are not the token's.

use std::time::Duration;

use anyhow::{Result, ensure};
use foresight_shared::Metric;
use foresight_tests::{Answers, Database, Home, Site, exchange, flood, until, vital};

use super::{
    Scale,
    mold::{Mold, address},
    report::Report,
    scene::{LIMITED, LITTLE_FOR_A_SITE, Scene},
};

/// How long running collectors may take to learn of a revocation: five seconds, and a busy machine.
const LEARNING: Duration = Duration::from_secs(30);

pub(super) async fn all(report: &mut Report, scale: Scale) {
    let times = scale.pick(2_000, 200_000);
    report
        .abuse(&format!("{times} forged tokens"), &LIMITED, async |scene| {
            forged(scene, times).await
        })
        .await;
    report
        .abuse(
            &format!("{times} batches from wrong origins"),
            &LIMITED,
            async |scene| elsewhere(scene, times).await,
        )
        .await;
    let times = scale.pick(20_000, 200_000);
    let name = format!("a stolen token with its origin, {times} times, then revoked");
    report
        .abuse(
            &name,
            &scale.pick(LITTLE_FOR_A_SITE, LIMITED),
            async |scene| stolen(scene, times).await,
        )
        .await;
}

/// Signed by another key, changed, cut, and invented.
async fn forged(scene: &Scene, times: u64) -> Result<Answers> {
    let host = &scene.victim.host;
    let mut sites = vec![Home::new(Database::Sqlite).await?.add_site(host).await?];
    let token = &scene.victim.token;
    let (claims, signature) = token.rsplit_once('.').unwrap_or_default();
    let other = scene.honest.token.rsplit_once('.').unwrap_or_default().1;
    for token in [
        format!("{claims}.{other}"),
        format!("{claims}.{}", &signature[1..]),
        format!("{claims}."),
        token.replacen("f1.", "f2.", 1),
        "x".repeat(512),
        String::from("f1..AAAAAAAAAAAAAAAAAAAAAA"),
    ] {
        sites.push(Site {
            token,
            ..scene.victim.clone()
        });
    }
    let molds: Result<Vec<_>> = sites.iter().map(|site| Mold::new(site, vec![])).collect();
    let molds = molds?;
    let answers = flood(scene.collector.listen, times, move |number| {
        molds[number as usize % molds.len()].request(number, "/", &address(number))
    })
    .await?;
    let words: Vec<_> = answers.keys().map(String::as_str).collect();
    ensure!(
        words == ["401 token_forged", "401 token_malformed"],
        "{answers:?}"
    );
    Ok(answers)
}

/// A true token, on pages that are not its site's.
async fn elsewhere(scene: &Scene, times: u64) -> Result<Answers> {
    let host = scene.victim.host.clone();
    let origins = [
        "evil.example".to_owned(),
        format!("evil.{host}"),
        format!("{host}.evil.example"),
        format!("{host}@evil.example"),
        format!("evil.example/{host}"),
    ];
    let molds: Result<Vec<_>> = origins
        .into_iter()
        .map(|host| {
            let site = Site {
                host,
                ..scene.victim.clone()
            };
            Mold::new(&site, vec![])
        })
        .collect();
    let molds = molds?;
    let answers = flood(scene.collector.listen, times, move |number| {
        molds[number as usize % molds.len()].request(number, "/", &address(number))
    })
    .await?;
    ensure!(
        answers.get("403 origin_mismatch") == Some(&times),
        "{answers:?}"
    );
    Ok(answers)
}

/// Whoever copies the token and sends the right origin by a program is believed, as a visitor could
/// be. The site's limit bounds what that does, and a revocation ends it.
async fn stolen(scene: &Scene, times: u64) -> Result<Answers> {
    let mold = Mold::new(&scene.victim, vec![vital(Metric::Lcp, 1.0, None)])?;
    let thief = mold.clone();
    let mut answers = flood(scene.collector.listen, times, move |number| {
        thief.request(number, "/", &address(number))
    })
    .await?;
    let words: Vec<_> = answers.keys().map(String::as_str).collect();
    ensure!(words == ["202", "429 site_limited"], "{answers:?}");
    scene.home.revoke(&scene.victim.token).await?;
    let (mut number, mut last) = (times, String::new());
    until("a revoked token that is refused", LEARNING, async || {
        number += 1;
        let bytes = mold.request(number, "/", &address(number));
        let answer = exchange(scene.collector.listen, &bytes).await?;
        last = answer.map(|answer| answer.word()).unwrap_or_default();
        Ok((last == "401 token_revoked").then_some(()))
    })
    .await?;
    *answers.entry(last).or_default() += 1;
    Ok(answers)
}
