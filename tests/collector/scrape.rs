//! A real Prometheus reads the metrics without a complaint, and so does `promtool`.

use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use foresight_shared::{Event, Metric};
use foresight_tests::{
    Database, Home, PROMETHEUS_LIMIT, Prometheus, Scrape, first_batch, until, vital,
};
use tokio::{io::AsyncWriteExt, process::Command};

/// Names that rules and dashboards rely on, after a page view with vitals, a share, a referral and a lead.
const SERIES: [&str; 23] = [
    "foresight_batches_received_total",
    "foresight_batches_total",
    "foresight_events_accepted_total",
    "foresight_spool_depth",
    "foresight_build_info",
    "web_vitals_lcp_seconds_bucket",
    "web_vitals_lcp_seconds_count",
    "web_vitals_inp_seconds_bucket",
    "web_vitals_fid_seconds_bucket",
    "web_vitals_fcp_seconds_bucket",
    "web_vitals_ttfb_seconds_bucket",
    "web_vitals_cls_bucket",
    "web_vitals_cls_count",
    "web_vitals_lcp_p75",
    "web_vitals_inp_p75",
    "web_vitals_fid_p75",
    "web_vitals_fcp_p75",
    "web_vitals_ttfb_p75",
    "web_vitals_cls_p75",
    "share_events_total",
    "referral_visits_total",
    "leads_total{evidence=\"observed\"}",
    "foresight_page_views_total",
];

#[tokio::test]
async fn prometheus_scrapes_every_series_and_promtool_has_no_complaint() -> Result<()> {
    let home = Home::new(Database::Sqlite).await?;
    let site = home.add_site("bakery.example").await?;
    let collector = home.start().await?;
    let mut events: Vec<_> = Metric::ALL
        .into_iter()
        .map(|metric| vital(metric, 0.2, None))
        .collect();
    events.push(Event::Share {
        channel: "copy".into(),
        id: "pR7mYc2LzA".into(),
        parent: None,
    });
    events.push(Event::Referral {
        share: "pR7mYc2LzA".into(),
        landing: "/menu".into(),
    });
    events.push(Event::Lead {
        form: Some("table".into()),
    });
    let kept = events.len();
    let answer = collector
        .send(&site, &first_batch(&site.token, "/menu", events))
        .await?
        .answer()?;
    ensure!(answer.accepted == kept, "{answer:?}");
    collector.merged().await?;

    let text = reqwest::get(format!("http://{}/metrics", collector.metrics))
        .await?
        .text()
        .await?;
    promtool(&text).await?;
    thresholds_are_bounds(&Scrape::parse(&text)?)?;

    let prometheus = Prometheus::start(&collector, &[]).await?;
    until("a successful scrape", PROMETHEUS_LIMIT, async || {
        let up = prometheus.query("up{job=\"foresight\"}").await?;
        Ok((up == ["1"]).then_some(()))
    })
    .await?;
    for series in SERIES {
        ensure!(
            !prometheus.query(series).await?.is_empty(),
            "Prometheus has no {series}"
        );
    }
    prometheus.has_no_complaints().await
}

/// The rating thresholds are among the buckets' bounds, so that shares of ratings are exact.
fn thresholds_are_bounds(scrape: &Scrape) -> Result<()> {
    for metric in Metric::ALL {
        let name = metric.name().to_lowercase();
        let (series, parts) = match metric {
            Metric::Cls => (format!("web_vitals_{name}_bucket"), 1.0),
            _ => (format!("web_vitals_{name}_seconds_bucket"), 1000.0),
        };
        let (good, poor) = metric.thresholds();
        for bound in [good / parts, poor / parts] {
            let bound = bound.to_string();
            ensure!(
                scrape.has_label(&series, "le", &bound),
                "{series} has no bound {bound}"
            );
        }
    }
    Ok(())
}

/// `promtool check metrics` says nothing at all.
async fn promtool(text: &str) -> Result<()> {
    let mut child = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("promtool cannot be started; `cargo xtask test` installs it")?;
    let mut stdin = child.stdin.take().context("promtool takes no input")?;
    stdin.write_all(text.as_bytes()).await?;
    drop(stdin);
    let output = child.wait_with_output().await?;
    let said = [output.stdout, output.stderr].concat();
    ensure!(
        output.status.success() && said.is_empty(),
        "promtool: {}",
        String::from_utf8_lossy(&said)
    );
    Ok(())
}
