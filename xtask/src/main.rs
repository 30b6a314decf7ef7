//! The project's commands: `cargo xtask build`, `dist`, `run`, `test`, `stack`, `postgres`, `bench` and `report`.
//!
//! In: a command line, from anywhere inside the repository. Out: the commands' own output, a line
//! per step, a table of how long each step took, and an exit status that is 0 only if all of it
//! succeeded. What is missing on the machine is set up first; what is already there is left alone.
//! Must never happen: a step that fails and is passed over, a server that outlives the command, or
//! a change outside the repository other than installing Debian packages, which is announced.

mod workspace;
mod steps;
mod setup;
mod wasm;
mod compress;
mod beacon;
mod assets;
mod build;
mod dist;
mod postgres;
mod run;
mod test;
mod bench;
mod report;
mod fuzz;
mod stack;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::{steps::Steps, test::Part, workspace::Workspace};

/// The project's commands. Each sets up what it needs first, and a second run does not repeat it.
#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    arg_required_else_help = true
)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build the release binary `foresight` with the beacon, the dashboard and the demo inside it.
    Build,
    Dist(dist::Options),
    /// Build the beacon alone, for the script tag and for npm, and print what each part weighs.
    Beacon,
    /// Build, and start the collector with the embedded database and the demo site.
    ///
    /// The data goes to ./data, or to FORESIGHT_DATA_DIR. The dashboard listens on 127.0.0.1:3333
    /// (FORESIGHT_LISTEN), the metrics on 127.0.0.1:9464 (FORESIGHT_METRICS_LISTEN).
    Run {
        /// Further arguments of `foresight serve`.
        #[arg(last = true, value_name = "SERVE ARGUMENTS")]
        serve: Vec<String>,
    },
    /// Run everything that has to hold before a change is merged.
    ///
    /// Formatting, clippy with warnings denied, documentation, unit tests, integration tests on
    /// SQLite and on a private Postgres, and the browser tests in Chromium.
    Test {
        /// Run only these parts, with what they need to be built.
        #[arg(long, value_enum, value_delimiter = ',', value_name = "PART")]
        only: Vec<Part>,
        /// Arguments of the test binaries, such as a test's name. Needs `--only rust`.
        #[arg(last = true, value_name = "TEST ARGUMENTS")]
        filter: Vec<String>,
    },
    /// Start a private Postgres and print its URL. The lines `stop` and `start` do so; it ends with its
    /// input.
    Postgres,
    /// Measure the collector against bare axum, on two cores, in one session.
    Bench(bench::Options),
    /// Write a year of a fleet into a new database, and report its size and how fast it answers.
    Report(report::Options),
    /// Let libFuzzer look for inputs that break an invariant.
    Fuzz(fuzz::Options),
    Stack(stack::Options),
}

fn main() -> ExitCode {
    let mut steps = Steps::start();
    let result = Workspace::find().and_then(|workspace| match Arguments::parse().task {
        Task::Build => build::build(&workspace, &mut steps).map(|binary| {
            println!("\nbuilt {}", binary.display());
        }),
        Task::Dist(options) => dist::dist(&workspace, &mut steps, &options),
        Task::Beacon => beacon::build(&workspace.root),
        Task::Run { serve } => run::run(&workspace, &mut steps, &serve),
        Task::Test { only, filter } => test::test(&workspace, &mut steps, &only, &filter),
        Task::Postgres => postgres::command::run(),
        Task::Bench(options) => bench::bench(&workspace, &mut steps, options),
        Task::Report(options) => report::report(&workspace, &mut steps, &options),
        Task::Fuzz(options) => fuzz::fuzz(&workspace, &mut steps, &options),
        Task::Stack(options) => stack::stack(&workspace, &mut steps, &options),
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}
