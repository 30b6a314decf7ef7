//! `cargo xtask report`: a year of a fleet in a database, and how it answers.
//!
//! In: how many views, sites and days, and an empty database. Out: a report in Markdown: bytes at each
//! level, how fast merges and folds are, how long questions take. What must never happen: figures of a
//! database whose sums are not those that were written.

mod model;
mod fill;
mod ask;
mod size;

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use foresight::{
    event::{DAY_MS, HOUR_MS, Kind, Millis},
    store::{self, Dimension, Group, Selection, Store},
};

use fill::{Times, Truth};

/// The collector's own: another one would be another speed.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The variable with the database's URL, which may hold a password.
const URL: &str = "FORESIGHT_YEAR_DATABASE_URL";

/// When the year ends: 2026-11-24T12:00:00Z.
const NOW_MS: Millis = 1_795_521_600_000;

/// A year of a fleet.
#[derive(Parser)]
struct Options {
    /// The database, empty: `sqlite:<path>` or `postgres://…`; or in `FORESIGHT_YEAR_DATABASE_URL`.
    #[arg(long)]
    database_url: Option<String>,
    /// Page views.
    #[arg(long, default_value_t = 100_000_000)]
    views: u64,
    /// Sites.
    #[arg(long, default_value_t = 1000)]
    sites: u32,
    /// Days.
    #[arg(long, default_value_t = 365)]
    days: u32,
    /// Folds in a simulated day.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(i64).range(1..=24))]
    folds_per_day: i64,
    /// How often each question is asked.
    #[arg(long, default_value_t = 15)]
    repeats: usize,
    /// The seed of the random model.
    #[arg(long, default_value_t = 4)]
    seed: u64,
}

#[tokio::main]
async fn main() -> Result<()> {
    let options = Options::parse();
    let url = match &options.database_url {
        Some(url) => url.clone(),
        None => std::env::var(URL).context("neither --database-url nor its variable is set")?,
    };
    let store = store::open(&url).await?;
    ensure!(store.sites().await?.is_empty(), "the database is not empty");
    let from_ms = NOW_MS - i64::from(options.days) * DAY_MS;
    let fleet = model::Fleet::new(
        options.seed,
        options.sites,
        options.views,
        from_ms,
        options.days,
    );
    let say = |line: &str| eprintln!("{line}");
    let hosts: Vec<String> = fleet.hosts().map(str::to_owned).collect();
    let (truth, times) = fill::fill(&store, fleet, options.folds_per_day, say).await?;
    check(&*store, &hosts, &truth).await?;
    println!("{}", speed(&options, &times));
    size::print(&url, &truth.days).await?;
    questions(&store, &hosts[0], options.repeats).await
}

/// Whether the store has what was written: views by site, and the whole distribution of LCP.
async fn check(store: &dyn Store, hosts: &[String], truth: &Truth) -> Result<()> {
    let all = Selection {
        from_ms: NOW_MS - 400 * DAY_MS,
        to_ms: NOW_MS + HOUR_MS,
        site: None,
        page: None,
        device: None,
        country: None,
        browser: None,
        navigation: None,
    };
    let by_site = store
        .counts(&all, Some(Kind::View), Some(Dimension::Site))
        .await?;
    let views = |host: &String| {
        let group = Group::Word(host.clone());
        by_site
            .iter()
            .find(|sum| sum.group == group)
            .map_or(0, |sum| sum.count)
    };
    let found: Vec<i64> = hosts.iter().map(views).collect();
    ensure!(
        found == truth.views,
        "sites do not have the views that were written"
    );
    let metric = foresight_shared::Metric::Lcp;
    let mut lcp = foresight::rollup::Distribution::default();
    truth.lcp.iter().for_each(|one| lcp.add(one));
    let found = store.distributions(&all, Some(metric), None).await?;
    ensure!(
        found.len() == 1 && found[0].distribution == lcp,
        "the fleet does not have the values that were written"
    );
    Ok(())
}

fn speed(options: &Options, times: &Times) -> String {
    let rate = |time: std::time::Duration| {
        format!(
            "| {:.0} | {:.0} |",
            time.as_secs_f64(),
            options.views as f64 / time.as_secs_f64()
        )
    };
    format!(
        "{} views of {} sites in {} days, {} folds a day, seed {}\n\n\
         | step | s | views/s |\n|---|---|---|\n\
         | model (not the collector's) {}\n| views into rollups {}\n| merges {}\n| folds {}\n\
         | deletion of what is too old {}\n| all, beside one another {}\n\n\
         The longest day's deletion took {} ms.\n",
        options.views,
        options.sites,
        options.days,
        options.folds_per_day,
        options.seed,
        rate(times.model),
        rate(times.rollup),
        rate(times.merge),
        rate(times.fold),
        rate(times.delete),
        rate(times.all),
        times.longest_delete.as_millis(),
    )
}

async fn questions(store: &Arc<dyn Store>, site: &str, repeats: usize) -> Result<()> {
    println!("\n| question: median (p95), ms | 30 days | 90 days | 365 days | 365/30 |");
    println!("|---|---|---|---|---|");
    for asked in ask::ask(store, site, NOW_MS, repeats).await? {
        let ms = |time: std::time::Duration| time.as_secs_f64() * 1000.0;
        let cell = |(median, p95)| format!("{:.1} ({:.1})", ms(median), ms(p95));
        let cells: Vec<_> = asked.times.iter().copied().map(cell).collect();
        let growth = ms(asked.times[2].0) / ms(asked.times[0].0);
        println!("| {} | {} | {growth:.1} |", asked.name, cells.join(" | "));
    }
    Ok(())
}
