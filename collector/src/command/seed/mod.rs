//! `foresight seed`: fills a database with a demo fleet whose truth is known.
//!
//! In: how many sites and days, and a seed. Out: what a collector would have merged in that time, by the
//! same folds and merges, and the truth that reports must find. The same seed, end and settings make the
//! same fleet. `docs/seed.md` has the model. What must never happen: a demo among real visitors because
//! nobody was asked.

mod model;
mod process;
mod owners;
mod money;
mod measured;
mod views;
mod view;
mod robots;
mod planted;
mod regression;
mod noise;
mod rehearsal;
mod truth;
mod record;

use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};
use foresight_shared::ServerEvent;

pub use money::Sums;
pub use regression::Regression;
pub use rehearsal::{Rehearsal, Rehearsed};
pub use truth::{Seeded, Told, Truth};

use crate::{
    config::Config,
    event::{Confirmed, DAY_MS, HOUR_MS, Millis, hour_of},
    rollup::Rollup,
    store::{self, Merge, Store},
};
use owners::{Owners, Wanted};
use planted::Planted;
use record::Record;
use views::{PAGES, Visitors};

/// Page views of one merge, about: what a busy collector takes at once.
const FLUSH: usize = 10_000;

/// Days that are added up at once.
const FOLD_DAYS: i64 = 7;

/// What is to be drawn.
#[derive(Clone, Debug, clap::Args)]
pub struct SeedArguments {
    /// About how many sites there are at the end.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    pub sites: u32,
    /// Days until now.
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=390))]
    pub days: u32,
    /// Page views of a site in a day, on average.
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub views: u32,
    /// The seed of all that is drawn.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(..1_000_000_000))]
    pub seed: u64,
    /// The end, RFC 3339, which is taken down to the hour. Default: now.
    #[arg(long)]
    pub until: Option<jiff::Timestamp>,
    /// Add to what the database has already.
    #[arg(long)]
    pub add: bool,
    /// Plant no changes.
    #[arg(long)]
    pub steady: bool,
    /// Write each page view to this file, one JSON object a line.
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
}

/// Fills the database. Says how far it is.
///
/// # Errors
/// If the database has data already and more was not asked for, or cannot be written.
pub async fn seed(
    config: &Config,
    arguments: &SeedArguments,
    now_ms: Millis,
    say: impl Fn(&str),
) -> Result<Seeded> {
    let to_ms = arguments
        .until
        .map_or(now_ms, jiff::Timestamp::as_millisecond);
    ensure!(to_ms <= now_ms, "--until must not be after now");
    let to_ms = hour_of(to_ms);
    let from_ms = to_ms - i64::from(arguments.days) * DAY_MS;
    // Else the longest ranges of reports would not reach its start.
    if i64::from(arguments.days) > i64::from(config.keep_days) {
        bail!(
            "--days must be at most keep_days, which is {}",
            config.keep_days
        );
    }
    // A machine on which no collector has run yet has none.
    let dir = &config.data_dir;
    std::fs::create_dir_all(dir)
        .with_context(|| format!("data_dir {} cannot be made", dir.display()))?;
    let store = store::open(&config.store_url())
        .await
        .context("the database cannot be opened")?;
    let spool = format!("seed-{}", arguments.seed);
    ensure!(
        store.position(&spool).await? == 0,
        "the database has the fleet of seed {} already",
        arguments.seed
    );
    let is_empty = store.sites().await?.is_empty()
        && store
            .facts(Millis::MIN, Millis::MAX)
            .await?
            .generations
            .is_empty();
    ensure!(
        is_empty || arguments.add,
        "the database has data already; a demo is added to it with --add only"
    );
    let owners = draw_owners(arguments, &config.growth_opened_goal, (from_ms, to_ms));
    let planted = draw_planted(arguments, &owners, (from_ms, to_ms));
    let (money_events, money) = money::draw(arguments.seed, &owners, to_ms);
    let mut events = owners.events.clone();
    events.extend(money_events);
    events.sort_by(|a, b| (b.at, &b.id).cmp(&(a.at, &a.id)));
    let mut filling = Filling {
        store: &*store,
        spool,
        position: 0,
        waiting: 0,
        rollup: Rollup::default(),
        config,
        events,
        record: arguments
            .record
            .as_deref()
            .map(Record::create)
            .transpose()?,
    };
    let mut visitors = Visitors::new(
        &owners,
        &planted,
        arguments.seed,
        &config.growth_opened_goal,
    );
    filling.fill(&mut visitors, (from_ms, to_ms), say).await?;
    let templates = visitors.templates((from_ms, to_ms));
    Ok(Seeded::new(
        arguments.seed,
        (from_ms, to_ms),
        &owners,
        visitors.drawn,
        templates,
        money,
        &planted,
    ))
}

/// Draws what becomes of the owners.
fn draw_owners(
    arguments: &SeedArguments,
    opened_goal: &str,
    (from_ms, to_ms): (Millis, Millis),
) -> Owners {
    owners::draw(&Wanted {
        seed: arguments.seed,
        sites: arguments.sites,
        views: f64::from(arguments.views),
        opened_goal,
        from_ms,
        to_ms,
    })
}

/// Draws what is planted, unless nothing is to be.
fn draw_planted(arguments: &SeedArguments, owners: &Owners, span: (Millis, Millis)) -> Planted {
    if arguments.steady {
        return Planted::default();
    }
    Planted::draw(arguments.seed, owners, &PAGES, span)
}

/// A fleet on its way into a database.
struct Filling<'a> {
    store: &'a dyn Store,
    spool: String,
    position: i64,
    waiting: usize,
    rollup: Rollup,
    config: &'a Config,
    /// What servers tell, the newest first.
    events: Vec<ServerEvent>,
    /// Where page views are written one by one, if they are.
    record: Option<Record>,
}

impl Filling<'_> {
    /// Writes every hour, and folds after some days what a collector would have folded in between.
    async fn fill(
        &mut self,
        visitors: &mut Visitors<'_>,
        (from_ms, to_ms): (Millis, Millis),
        say: impl Fn(&str),
    ) -> Result<()> {
        let hours = (to_ms - from_ms) / HOUR_MS;
        for hour in 0..hours {
            let hour_ms = from_ms + hour * HOUR_MS;
            self.rollup.opened_goal = Some(self.config.growth_opened_goal.clone());
            let (rollup, waiting) = (&mut self.rollup, &mut self.waiting);
            let mut batches = Vec::new();
            visitors.hour(hour_ms, |accepted| batches.push(accepted));
            for accepted in batches {
                if let Some(record) = &mut self.record {
                    record.take(&accepted)?;
                }
                rollup.fold(accepted);
                *waiting += 1;
            }
            self.events.append(&mut visitors.leads);
            self.events
                .sort_by(|a, b| (b.at, &b.id).cmp(&(a.at, &a.id)));
            self.tell(hour_ms + HOUR_MS)?;
            let is_last = hour + 1 == hours;
            let folds = is_last || (hour + 1) % (24 * FOLD_DAYS) == 0;
            if folds || self.waiting >= FLUSH {
                self.merge(hour_ms + HOUR_MS).await?;
            }
            if folds {
                self.fold(hour_ms + HOUR_MS).await?;
            }
            if (hour + 1) % (24 * 7) == 0 || is_last {
                let views = visitors.drawn.views;
                say(&format!(
                    "day {} of {}: {views} page views",
                    (hour + 1) / 24,
                    hours / 24
                ));
            }
        }
        self.record.take().map_or(Ok(()), Record::finish)
    }

    /// Adds what servers have told until a time.
    fn tell(&mut self, to_ms: Millis) -> Result<()> {
        while let Some(event) = self.events.pop_if(|event| (event.at as Millis) < to_ms) {
            let received_ms = event.at as Millis;
            self.rollup.events.push(Confirmed::new(received_ms, event)?);
            self.waiting += 1;
        }
        Ok(())
    }

    async fn merge(&mut self, now_ms: Millis) -> Result<()> {
        if self.waiting == 0 {
            return Ok(());
        }
        let to = self.position + self.waiting as i64;
        self.rollup.merged_ms = now_ms;
        let merge = self
            .store
            .merge(&self.spool, self.position, to, &self.rollup)
            .await?;
        ensure!(
            merge == Merge::Added,
            "another process fills the database with this seed"
        );
        self.position = to;
        self.waiting = 0;
        self.rollup = Rollup::default();
        Ok(())
    }

    /// What a collector does with what is older: adds it up, and keeps it as exactly as settings say.
    async fn fold(&self, now_ms: Millis) -> Result<()> {
        let before_ms = now_ms - HOUR_MS;
        self.store.fold_hours(before_ms).await?;
        self.store.fold_days(before_ms).await?;
        self.store.fold_weeks(before_ms).await?;
        let days = |days: u32| now_ms - Millis::from(days) * DAY_MS;
        self.store
            .drop_hours(days(self.config.keep_hours_days))
            .await?;
        self.store
            .drop_days(days(self.config.keep_single_days))
            .await?;
        Ok(())
    }
}
