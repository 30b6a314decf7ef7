//! The operator's alerts on growth, as they stand in their rules, evaluated by a real Prometheus.
//!
//! In: facts that bring a figure close to its threshold, then across, and back where it can go back. Out: the
//! alert does not fire, fires, and is gone. Must never happen: an expression that was changed to suit the
//! test, or an alert that fires because nothing is known.

use anyhow::{Result, ensure};
use foresight_tests::{Database, PROMETHEUS_LIMIT, Prometheus, until};
use serde_json::json;

use super::{process::at, stage::Stage};

const VIRAL: &str = "CriticalViralCoefficient";
const FAILURES: &str = "SiteGenerationFailures";
const LEADS: &str = "LowLeadCapture";
const AUTH: &str = "FailedAuthentications";

const ALERTS: [(&str, &str); 4] = [
    (VIRAL, "viral_coefficient < 0.2"),
    (
        FAILURES,
        "increase(site_generation_failures_total[1h]) > 10",
    ),
    (LEADS, "lead_capture_rate < 2"),
    (AUTH, "increase(failed_auth_attempts_total[1h]) > 100"),
];

#[tokio::test]
async fn the_operators_alerts_on_growth_fire_when_their_thresholds_are_crossed() -> Result<()> {
    let mut stage = Stage::set(Database::Sqlite).await?;
    let prometheus = Prometheus::start(&stage.collector, &ALERTS).await?;
    // Samples of before, to increase from. `increase` extends what it saw by up to a second here; of ten
    // seconds that is little.
    let samples = "count_over_time(site_generation_failures_total[1m])";
    scraped(&prometheus, samples, "10").await?;
    nothing_fires(&prometheus).await?;

    failures(&mut stage, &prometheus).await?;
    authentications(&mut stage, &prometheus).await?;
    viral_coefficient(&mut stage, &prometheus).await?;
    lead_capture(&mut stage, &prometheus).await
}

/// Eight failures do not fire, of whatever stage; thirteen do. The counter is there from the start, so the first
/// ones count, too.
async fn failures(stage: &mut Stage, prometheus: &Prometheus) -> Result<()> {
    let failed = |stage| json!({"site_generation_failed": {"stage": stage, "reason": "time-out", "duration_ms": 9.0}});
    for stage_name in ["text", "images", "upload", "domain"] {
        for _ in 0..2 {
            stage.tell(at(0.0), failed(stage_name)).await?;
        }
    }
    scraped(prometheus, "site_generation_failures_total", "8").await?;
    nothing_fires(prometheus).await?;
    for _ in 0..5 {
        stage.tell(at(0.0), failed("text")).await?;
    }
    fires(prometheus, FAILURES).await
}

/// Ninety do not fire, half of them in another realm; 120 do.
async fn authentications(stage: &mut Stage, prometheus: &Prometheus) -> Result<()> {
    let failed = |realm| json!({"auth_failed": {"realm": realm, "reason": "wrong_password"}});
    for _ in 0..45 {
        stage.tell(at(0.0), failed("login")).await?;
        stage.tell(at(0.0), failed("api")).await?;
    }
    scraped(prometheus, "failed_auth_attempts_total", "90").await?;
    evaluated(prometheus).await?;
    ensure!(!prometheus.firing().await?.contains(AUTH));
    for _ in 0..30 {
        stage.tell(at(0.0), failed("api")).await?;
    }
    fires(prometheus, AUTH).await
}

/// The first week's ten owners brought one; of the second week's five one brought two.
async fn viral_coefficient(stage: &mut Stage, prometheus: &Prometheus) -> Result<()> {
    for owner in 0..9 {
        let site = format!("first-{owner}.example");
        stage
            .generate(&site, &format!("o_first_{owner}"), at(0.5), None)
            .await?;
    }
    stage
        .share("first-0.example", "share-first", None, at(1.0))
        .await?;
    let brought = "brought.example";
    stage
        .generate(brought, "o_brought", at(2.0), Some("share-first"))
        .await?;
    for owner in 0..3 {
        let site = format!("second-{owner}.example");
        stage
            .generate(&site, &format!("o_second_{owner}"), at(8.0), None)
            .await?;
    }
    stage
        .share("second-0.example", "share-second", None, at(8.5))
        .await?;
    for owner in 0..2 {
        let site = format!("third-{owner}.example");
        let share = Some("share-second");
        stage
            .generate(&site, &format!("o_third_{owner}"), at(9.0), share)
            .await?;
    }
    stage.collector.merged().await?;
    // Before the first week's owners have been watched for seven days there is no K that could be low.
    ensure!(!stage.collector.scrape().await?.has("viral_coefficient"));
    stage.go_to(at(14.1))?;
    stage.gauge("viral_coefficient", &[], 0.1).await?;
    fires(prometheus, VIRAL).await?;
    stage.go_to(at(21.1))?;
    stage.gauge("viral_coefficient", &[], 0.4).await?;
    ends(prometheus, VIRAL).await
}

/// Sixty visits with one confirmed lead are 1.7%, with a second one 3.3%.
async fn lead_capture(stage: &mut Stage, prometheus: &Prometheus) -> Result<()> {
    let lead = |id: &str| json!({"lead": {"site": "first-0.example", "lead": id, "score": 70, "source": "form"}});
    ensure!(!stage.collector.scrape().await?.has("lead_capture_rate"));
    for _ in 0..60 {
        let from = Some("news.example");
        stage
            .view("first-0.example", at(21.5), from, vec![])
            .await?;
    }
    stage.tell(at(21.5), lead("l_1")).await?;
    fires(prometheus, LEADS).await?;
    stage.tell(at(21.6), lead("l_2")).await?;
    ends(prometheus, LEADS).await
}

async fn fires(prometheus: &Prometheus, alert: &str) -> Result<()> {
    let fired = until(&format!("{alert} to fire"), PROMETHEUS_LIMIT, async || {
        Ok(prometheus.firing().await?.contains(alert).then_some(()))
    })
    .await;
    if let Err(error) = fired {
        let figures = ALERTS.iter().find(|(name, _)| *name == alert);
        let expression = figures.map_or("", |(_, expression)| expression);
        let figure = expression.split(['<', '>']).next().unwrap_or_default();
        let found = prometheus.query(figure).await?;
        return Err(error.context(format!("{figure}is {found:?}")));
    }
    Ok(())
}

async fn ends(prometheus: &Prometheus, alert: &str) -> Result<()> {
    until(
        &format!("the end of {alert}"),
        PROMETHEUS_LIMIT,
        async || Ok((!prometheus.firing().await?.contains(alert)).then_some(())),
    )
    .await
}

async fn nothing_fires(prometheus: &Prometheus) -> Result<()> {
    evaluated(prometheus).await?;
    let firing = prometheus.firing().await?;
    ensure!(firing.is_empty(), "{firing:?}");
    Ok(())
}

/// Waits until Prometheus has a series with that value.
async fn scraped(prometheus: &Prometheus, series: &str, value: &str) -> Result<()> {
    until(&format!("{series} {value}"), PROMETHEUS_LIMIT, async || {
        Ok((prometheus.query(series).await? == [value]).then_some(()))
    })
    .await
}

/// Waits until the rules were evaluated twice from now on.
async fn evaluated(prometheus: &Prometheus) -> Result<()> {
    let first = prometheus.evaluations().await?;
    until("two evaluations", PROMETHEUS_LIMIT, async || {
        Ok((prometheus.evaluations().await? >= first + 2.0).then_some(()))
    })
    .await
}
