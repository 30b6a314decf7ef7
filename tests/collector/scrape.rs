//! A real Prometheus reads the metrics without a complaint, and so does `promtool`.

use std::{fs, net::TcpListener, path::Path, process::Stdio, time::Duration};

use anyhow::{Context, Result, ensure};
use foresight_shared::{Event, Metric};
use foresight_tests::{Collector, Database, Home, Scrape, first_batch, until, vital};
use serde_json::Value;
use tokio::{
    io::AsyncWriteExt,
    process::{Child, Command},
};

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

/// How long Prometheus may take to start and to scrape twice.
const LIMIT: Duration = Duration::from_secs(30);

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

    let directory = tempfile::tempdir()?;
    let (_prometheus, address) = prometheus(directory.path(), &collector).await?;
    until("a successful scrape", LIMIT, async || {
        let up = query(&address, "up{job=\"foresight\"}").await?;
        Ok((up == ["1"]).then_some(()))
    })
    .await?;
    for series in SERIES {
        ensure!(
            !query(&address, series).await?.is_empty(),
            "Prometheus has no {series}"
        );
    }
    no_complaints(&address).await
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

/// Starts a Prometheus that scrapes the collector every second, and waits until it answers.
async fn prometheus(directory: &Path, collector: &Collector) -> Result<(Child, String)> {
    // It cannot choose a free port itself.
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
    let configuration = format!(
        "global:\n  scrape_interval: 1s\nscrape_configs:\n  - job_name: foresight\n    \
         static_configs:\n      - targets: ['{}']\n",
        collector.metrics
    );
    let file = directory.join("prometheus.yml");
    fs::write(&file, configuration)?;
    let child = Command::new("prometheus")
        .arg(format!("--config.file={}", file.display()))
        .arg(format!(
            "--storage.tsdb.path={}",
            directory.join("data").display()
        ))
        .arg(format!("--web.listen-address={address}"))
        .stderr(fs::File::create(directory.join("log"))?)
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .context("prometheus cannot be started; `cargo xtask test` installs it")?;
    let ready = until("prometheus", LIMIT, async || {
        let answer = reqwest::get(format!("http://{address}/-/ready")).await;
        Ok(answer
            .is_ok_and(|answer| answer.status() == 200)
            .then_some(()))
    });
    ready
        .await
        .with_context(|| fs::read_to_string(directory.join("log")).unwrap_or_default())?;
    Ok((child, address))
}

/// The values of an instant query.
async fn query(address: &str, query: &str) -> Result<Vec<String>> {
    let url = reqwest::Url::parse_with_params(
        &format!("http://{address}/api/v1/query"),
        [("query", query)],
    )?;
    let answer: Value = reqwest::get(url).await?.json().await?;
    let results = answer["data"]["result"]
        .as_array()
        .with_context(|| format!("{query}: {answer}"))?;
    results
        .iter()
        .map(|result| {
            result["value"][1]
                .as_str()
                .map(str::to_owned)
                .with_context(|| format!("{query}: {result}"))
        })
        .collect()
}

/// The target is healthy, and no sample was rejected.
async fn no_complaints(address: &str) -> Result<()> {
    let answer: Value = reqwest::get(format!("http://{address}/api/v1/targets"))
        .await?
        .json()
        .await?;
    let target = &answer["data"]["activeTargets"][0];
    ensure!(
        target["health"] == "up" && target["lastError"] == "",
        "{target}"
    );
    let own = reqwest::get(format!("http://{address}/metrics"))
        .await?
        .text()
        .await?;
    let own = Scrape::parse(&own)?;
    for counter in [
        "prometheus_target_scrapes_sample_duplicate_timestamp_total",
        "prometheus_target_scrapes_sample_out_of_bounds_total",
        "prometheus_target_scrapes_sample_out_of_order_total",
        "prometheus_target_scrapes_exceeded_body_size_limit_total",
    ] {
        ensure!(own.one(counter, &[])? == 0.0, "{counter} is not 0");
    }
    Ok(())
}
