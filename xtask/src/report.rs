//! `cargo xtask report`: a year of a fleet in a database, and how it answers.
//!
//! In: what `collector/examples/year` takes, and which database. Out: its report in Markdown. The
//! database is a new one, and gone afterwards. Must never happen: figures of a debug build.

use anyhow::{Context, Result};
use clap::ValueEnum;

use crate::{
    assets,
    postgres::Postgres,
    setup,
    steps::{Steps, run},
    workspace::Workspace,
};

/// Where the year is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Database {
    Sqlite,
    Postgres,
}

/// Which database, and how large a year.
#[derive(Clone, clap::Args)]
pub(crate) struct Options {
    /// The database: a new one.
    #[arg(long, value_enum, default_value = "sqlite")]
    database: Database,
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
    #[arg(long, default_value_t = 4)]
    folds_per_day: u32,
}

/// Builds, writes the year and asks about it.
pub(crate) fn report(workspace: &Workspace, steps: &mut Steps, options: &Options) -> Result<()> {
    setup::for_report(workspace, options.database == Database::Postgres)?;
    assets::build(workspace, steps)?;
    let directory = tempfile::Builder::new()
        .prefix("foresight-year-")
        .tempdir_in(workspace.path("target"))
        .context("no directory for the database")?;
    let postgres = match options.database {
        Database::Sqlite => None,
        Database::Postgres => Some(steps.step("private Postgres", Postgres::start)?),
    };
    let url = postgres.as_ref().map_or_else(
        || format!("sqlite:{}/foresight.db", directory.path().display()),
        |postgres| postgres.url().to_owned(),
    );
    steps.step("a year", || {
        run(workspace
            .cargo()
            .args(["run", "--locked", "--release", "--package", "foresight"])
            .args(["--example", "year", "--"])
            .args(["--views", &options.views.to_string()])
            .args(["--sites", &options.sites.to_string()])
            .args(["--days", &options.days.to_string()])
            .args(["--folds-per-day", &options.folds_per_day.to_string()])
            .env("FORESIGHT_YEAR_DATABASE_URL", url))
    })
}
