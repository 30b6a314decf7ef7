//! `foresight doctor` on real data directories, before, while and after a collector uses them.

use std::{fs, os::unix::fs::PermissionsExt, time::Duration};

use anyhow::{Context, Result, ensure};
use foresight_shared::Metric;
use foresight_tests::{Database, Home, first_batch, until, vital};
use serde_json::Value;

/// How long a collector may take to start.
const LIMIT: Duration = Duration::from_secs(30);

#[tokio::test]
async fn a_sound_collector_has_no_problem_on_sqlite() -> Result<()> {
    sound(Database::Sqlite).await
}

#[tokio::test]
async fn a_sound_collector_has_no_problem_on_postgres() -> Result<()> {
    sound(Database::Postgres).await
}

async fn sound(database: Database) -> Result<()> {
    let mut home = Home::new(database).await?;
    let new = Diagnosis::of(&home).await?;
    ensure!(new.is_fine && new.level("data directory")? == "warning");
    ensure!(!home.data_dir().exists(), "doctor made the data directory");
    let site = home.add_site("bakery.example").await?;
    home.set("FLUSH_INTERVAL_MS", "3600000");
    let collector = home.start().await?;
    // The first looks at the spool, when a collector starts, may still come and merge a record.
    let running = until("a record that waits", LIMIT, async || {
        let batch = first_batch(&site.token, "/", vec![vital(Metric::Lcp, 1.0, None)]);
        collector.send(&site, &batch).await?.answer()?;
        let found = Diagnosis::of(&home).await?;
        let waits = found.says("spool")?.starts_with("1 records wait");
        Ok(waits.then_some(found))
    })
    .await?;
    ensure!(running.is_fine, "{:?}", running.findings);
    for subject in ["data directory", "clock", "database", "spool", "token key"] {
        ensure!(running.level(subject)? == "ok", "{:?}", running.findings);
    }
    Ok(())
}

#[tokio::test]
async fn each_fault_is_a_problem_and_ends_with_1() -> Result<()> {
    let mut home = Home::new(Database::Sqlite).await?;
    home.add_site("bakery.example").await?;
    let key = home.data_dir().join("token.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644))?;
    problem(&home, "token key", "0644").await?;
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600))?;

    let spool = home.data_dir().join("spool.db");
    fs::write(
        &spool,
        "this is no spool, but a text that somebody put here",
    )?;
    problem(&home, "spool", "cannot be read").await?;
    fs::remove_file(&spool)?;

    home.set("LISTENN", "127.0.0.1:1");
    let diagnosis = Diagnosis::of(&home).await?;
    ensure!(diagnosis.is_fine && diagnosis.says("settings")?.contains("FORESIGHT_LISTENN"));

    // Nobody listens on port 1.
    home.set("DATABASE_URL", "postgres://me:secret@127.0.0.1:1/name");
    problem(&home, "database", "wait in the spool").await
}

async fn problem(home: &Home, subject: &str, part: &str) -> Result<()> {
    let diagnosis = Diagnosis::of(home).await?;
    let says = diagnosis.says(subject)?;
    ensure!(!diagnosis.is_fine, "{subject}: ended as if all were well");
    ensure!(diagnosis.level(subject)? == "problem", "{says}");
    ensure!(says.contains(part) && !says.contains("secret"), "{says}");
    Ok(())
}

/// What the command printed, and whether it ended with 0.
struct Diagnosis {
    is_fine: bool,
    findings: Vec<Value>,
}

impl Diagnosis {
    async fn of(home: &Home) -> Result<Self> {
        let output = home.command().args(["doctor", "--json"]).output().await?;
        let mut answer: Value = serde_json::from_slice(&output.stdout)
            .with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
        let code = output.status.code();
        ensure!(code == Some(i32::from(answer["problems"] != 0)), "{code:?}");
        let findings = answer["findings"].take();
        Ok(Self {
            is_fine: output.status.success(),
            findings: findings.as_array().context("findings is no list")?.clone(),
        })
    }

    fn finding(&self, subject: &str) -> Result<&Value> {
        let found = self.findings.iter().find(|one| one["subject"] == subject);
        found.with_context(|| format!("nothing is said of {subject}"))
    }

    fn level(&self, subject: &str) -> Result<&str> {
        self.finding(subject)?["level"].as_str().context("no level")
    }

    fn says(&self, subject: &str) -> Result<&str> {
        self.finding(subject)?["says"].as_str().context("no text")
    }
}
