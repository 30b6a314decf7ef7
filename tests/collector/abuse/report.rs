//! One line per abuse: what was answered, what memory it took, what honest visitors saw.

use std::{fmt, time::Duration};

use anyhow::{Result, ensure};
use foresight_tests::{Answers, Testimony, Witness};

use super::scene::Scene;

/// The most that an abuse may add to the collector's memory, in KiB. What is kept for addresses and
/// names is bounded by about 150 MB of it.
const GROWTH_KIB: u64 = 400 * 1024;

/// Within what an honest visitor should have an answer.
const SOON: Duration = Duration::from_millis(100);

/// The lines so far. Displayed, they are the table of `SECURITY.md`.
pub(super) struct Report {
    /// Whether late answers are a failure. A machine that is busy with other tests says nothing.
    timed: bool,
    lines: Vec<Line>,
    failures: Vec<String>,
}

struct Line {
    abuse: String,
    answers: Answers,
    /// Before, at most, and after, in KiB.
    memory: [u64; 3],
    honest: Testimony,
}

impl Report {
    pub(super) const fn new(timed: bool) -> Self {
        Self {
            timed,
            lines: Vec::new(),
            failures: Vec::new(),
        }
    }

    /// Abuses a new collector, while honest visitors come to it. It is a failure if one of them is not
    /// answered with 202 and counted, or memory grows beyond its bound, or, if that is asked for, more
    /// than one in twenty waits for long; the next abuse goes on anyway.
    pub(super) async fn abuse(
        &mut self,
        abuse: &str,
        settings: &[(&str, &str)],
        act: impl AsyncFnOnce(&Scene) -> Result<Answers>,
    ) {
        if let Err(error) = self.line(abuse, settings, act).await {
            self.failures.push(format!("{abuse}: {error:#}"));
        }
    }

    /// Whether all went as it should.
    pub(super) fn verdict(self) -> Result<()> {
        ensure!(self.failures.is_empty(), "{}", self.failures.join("\n"));
        Ok(())
    }

    async fn line(
        &mut self,
        abuse: &str,
        settings: &[(&str, &str)],
        act: impl AsyncFnOnce(&Scene) -> Result<Answers>,
    ) -> Result<()> {
        let scene = Scene::set(settings).await?;
        let (before, _) = scene.collector.memory_kib()?;
        let witness = Witness::start(&scene.collector, &scene.honest);
        let answers = act(&scene).await;
        let honest = witness.finish().await?;
        let answers = answers?;
        scene.collector.merged().await?;
        let (after, most) = scene.collector.memory_kib()?;
        let line = Line {
            abuse: abuse.to_owned(),
            answers,
            memory: [before, most, after],
            honest: honest.clone(),
        };
        // All of them together take a quarter of an hour.
        println!("{line}");
        self.lines.push(line);
        served(&scene, &honest).await?;
        let growth = most.saturating_sub(before);
        ensure!(growth <= GROWTH_KIB, "memory grew by {growth} KiB");
        let p95 = honest.percentile(95);
        ensure!(!self.timed || p95 <= SOON, "honest visitors waited {p95:?}");
        Ok(())
    }
}

/// Every honest visitor got a 202, and is counted.
async fn served(scene: &Scene, honest: &Testimony) -> Result<()> {
    let visitors = honest.answers.values().sum::<u64>();
    let kept = honest.answers.get("202").copied().unwrap_or_default();
    ensure!(kept == visitors, "honest visitors got {:?}", honest.answers);
    let path = format!("/api/v1/vitals?range=24h&site={}", scene.honest.host);
    let views = scene.collector.ask(&path).await?["views"].as_u64();
    ensure!(views == Some(kept), "{views:?} of {kept} are counted");
    Ok(())
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| abuse | answers | memory before / most / after, MiB | honest visitors: 202 / within 100 ms / all | \
             median / p95 / longest, ms |\n|---|---|---|---|---|"
        )?;
        self.lines.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let answers = self.answers.iter();
        let answers: Vec<_> = answers
            .map(|(word, times)| format!("{times} × {word}"))
            .collect();
        let [before, most, after] = self.memory.map(|kib| kib / 1024);
        let honest = &self.honest;
        let [median, p95, longest] = [50, 95, 100].map(|part| honest.percentile(part).as_millis());
        let kept = honest.answers.get("202").copied().unwrap_or_default();
        let soon = honest.times.iter().filter(|time| **time <= SOON).count();
        write!(
            f,
            "| {} | {} | {before} / {most} / {after} | {kept} / {soon} / {} | {median} / {p95} / {longest} |",
            self.abuse,
            answers.join(", "),
            honest.answers.values().sum::<u64>(),
        )
    }
}
