//! A real Prometheus that scrapes a collector every second.
//!
//! In: the collector, and rules if there are any. Out: answers to queries, and the alerts that fire. Must never
//! happen: a Prometheus that outlives its test, or an alert that is missing because a rule could not be read.

use std::{
    collections::BTreeSet, fs, net::TcpListener, path::Path, process::Stdio, time::Duration,
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::{Collector, Scrape, until};

/// How long Prometheus may take to start, and to scrape twice.
pub const PROMETHEUS_LIMIT: Duration = Duration::from_secs(30);

/// Counters of what Prometheus could not keep.
const COMPLAINTS: [&str; 4] = [
    "prometheus_target_scrapes_sample_duplicate_timestamp_total",
    "prometheus_target_scrapes_sample_out_of_bounds_total",
    "prometheus_target_scrapes_sample_out_of_order_total",
    "prometheus_target_scrapes_exceeded_body_size_limit_total",
];

/// A running Prometheus with a directory of its own.
pub struct Prometheus {
    address: String,
    _process: Child,
    _directory: TempDir,
}

impl Prometheus {
    /// Starts one that scrapes the collector and evaluates `alerts`, names with their expressions, every
    /// second; waits until it answers.
    ///
    /// # Errors
    /// If it is not installed, or does not start; the error has its log.
    pub async fn start(collector: &Collector, alerts: &[(&str, &str)]) -> Result<Self> {
        let directory = tempfile::tempdir()?;
        let at = |name: &str| directory.path().join(name);
        let rules: Vec<Value> = alerts
            .iter()
            .map(|(name, expression)| serde_json::json!({"alert": name, "expr": expression}))
            .collect();
        // JSON is YAML.
        let groups = serde_json::json!({"groups": [{"name": "alerts", "rules": rules}]});
        fs::write(at("rules.yml"), groups.to_string())?;
        let configuration = serde_json::json!({
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": [at("rules.yml")],
            "scrape_configs": [{
                "job_name": "foresight",
                "static_configs": [{"targets": [collector.metrics.to_string()]}],
            }],
        });
        fs::write(at("prometheus.yml"), configuration.to_string())?;
        // It cannot choose a free port itself.
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        let process = spawn(directory.path(), &address)?;
        let ready = until("prometheus", PROMETHEUS_LIMIT, async || {
            let answer = reqwest::get(format!("http://{address}/-/ready")).await;
            Ok(answer
                .is_ok_and(|answer| answer.status() == 200)
                .then_some(()))
        });
        ready
            .await
            .with_context(|| fs::read_to_string(at("log")).unwrap_or_default())?;
        Ok(Self {
            address,
            _process: process,
            _directory: directory,
        })
    }

    /// The values of an instant query.
    ///
    /// # Errors
    /// If Prometheus refuses it.
    pub async fn query(&self, query: &str) -> Result<Vec<String>> {
        let answer = self.ask("query", &[("query", query)]).await?;
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

    /// The names of the alerts that fire.
    ///
    /// # Errors
    /// If Prometheus does not answer.
    pub async fn firing(&self) -> Result<BTreeSet<String>> {
        let answer = self.ask("alerts", &[]).await?;
        let alerts = answer["data"]["alerts"]
            .as_array()
            .with_context(|| answer.to_string())?;
        Ok(alerts
            .iter()
            .filter(|alert| alert["state"] == "firing")
            .filter_map(|alert| alert["labels"]["alertname"].as_str().map(str::to_owned))
            .collect())
    }

    /// The target is healthy, and no sample was rejected.
    ///
    /// # Errors
    /// If not.
    pub async fn has_no_complaints(&self) -> Result<()> {
        let answer = self.ask("targets", &[]).await?;
        let target = &answer["data"]["activeTargets"][0];
        ensure!(
            target["health"] == "up" && target["lastError"] == "",
            "{target}"
        );
        let own = self.own().await?;
        for counter in COMPLAINTS {
            ensure!(own.one(counter, &[])? == 0.0, "{counter} is not 0");
        }
        Ok(())
    }

    /// How often the rules were evaluated, by Prometheus's own count.
    ///
    /// # Errors
    /// If Prometheus does not answer.
    pub async fn evaluations(&self) -> Result<f64> {
        let own = self.own().await?;
        Ok(own.sum("prometheus_rule_group_iterations_total", &[]))
    }

    async fn own(&self) -> Result<Scrape> {
        let address = format!("http://{}/metrics", self.address);
        Scrape::parse(&reqwest::get(address).await?.text().await?)
    }

    async fn ask(&self, what: &str, parameters: &[(&str, &str)]) -> Result<Value> {
        let address = format!("http://{}/api/v1/{what}", self.address);
        let url = reqwest::Url::parse_with_params(&address, parameters)?;
        Ok(reqwest::get(url).await?.json().await?)
    }
}

fn spawn(directory: &Path, address: &str) -> Result<Child> {
    Command::new("prometheus")
        .arg(format!(
            "--config.file={}",
            directory.join("prometheus.yml").display()
        ))
        .arg(format!(
            "--storage.tsdb.path={}",
            directory.join("data").display()
        ))
        .arg(format!("--web.listen-address={address}"))
        .stderr(fs::File::create(directory.join("log"))?)
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .context("prometheus cannot be started; `cargo xtask test` installs it")
}
