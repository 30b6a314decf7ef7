//! `foresight doctor`: says whether a collector with these settings would do its work.
//!
//! In: settings, and what [`look`] finds on the machine. Out: findings, each with what it means and
//! what to do. What must never happen: anything is made or changed, or a secret is printed.

mod checks;
mod exposure;
mod look;

use std::fmt;

use anyhow::{Result, ensure};
use serde::Serialize;

use crate::config::Config;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// As it should be.
    Ok,
    /// It works, but not as well as it could, or not for long.
    Warning,
    /// Batches are refused or lost, or secrets are open.
    Problem,
}

/// What was found of one subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub subject: &'static str,
    /// How bad it is.
    pub level: Level,
    /// What was found, and what it means.
    pub says: String,
    /// What to do; none if nothing is to be done.
    pub advice: Option<&'static str>,
}

/// All findings.
#[derive(Debug, Serialize)]
pub struct Diagnosis {
    /// In the order in which they were looked at.
    pub findings: Vec<Finding>,
    /// How many are problems.
    pub problems: usize,
}

impl Finding {
    fn ok(subject: &'static str, says: impl Into<String>) -> Self {
        Self {
            subject,
            level: Level::Ok,
            says: says.into(),
            advice: None,
        }
    }

    fn warning(subject: &'static str, says: impl Into<String>, advice: &'static str) -> Self {
        Self {
            subject,
            level: Level::Warning,
            says: says.into(),
            advice: Some(advice),
        }
    }

    fn problem(subject: &'static str, says: impl Into<String>, advice: &'static str) -> Self {
        Self {
            level: Level::Problem,
            ..Self::warning(subject, says, advice)
        }
    }
}

impl Diagnosis {
    fn of(findings: Vec<Finding>) -> Self {
        let bad = |finding: &&Finding| finding.level == Level::Problem;
        Self {
            problems: findings.iter().filter(bad).count(),
            findings,
        }
    }

    /// Says whether there is no problem.
    ///
    /// # Errors
    /// If there is one.
    pub fn check(&self) -> Result<()> {
        ensure!(self.problems == 0, "problems found: {}", self.problems);
        Ok(())
    }
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, finding) in self.findings.iter().enumerate() {
            let word = match finding.level {
                Level::Ok => "ok",
                Level::Warning => "warning",
                Level::Problem => "PROBLEM",
            };
            let end = if at == 0 { "" } else { "\n" };
            write!(f, "{end}{word:8} {:15} {}", finding.subject, finding.says)?;
            if let Some(advice) = finding.advice {
                write!(f, "\n{:24} -> {advice}", "")?;
            }
        }
        Ok(())
    }
}

/// Looks at everything. `variables` are the names of the environment's variables.
pub async fn diagnose(
    config: &Config,
    now_ms: crate::event::Millis,
    variables: impl Iterator<Item = String>,
) -> Diagnosis {
    let spool = look::spool(config).await;
    let spooled = spool.as_ref().ok().copied().flatten().unwrap_or_default();
    let database = look::database(config).await;
    let database_ms = database.as_ref().ok().and_then(|found| found.now_ms);
    let files = look::newest_file_ms(&config.data_dir);
    let mut findings = vec![checks::data_directory(
        &look::directory(&config.data_dir),
        config.spool_max_bytes,
        spooled.bytes.unsigned_abs(),
    )];
    findings.extend(checks::clock(now_ms, files, database_ms));
    findings.push(checks::database(&database));
    findings.extend(checks::spool(&spool, config.spool_max_bytes, now_ms));
    findings.push(checks::token_key(&look::token_key(config)));
    findings.extend(exposure::listeners(config));
    findings.push(exposure::login(config));
    findings.push(exposure::proxies(config));
    findings.push(exposure::settings(&Config::unknown_variables(variables)));
    Diagnosis::of(findings)
}
