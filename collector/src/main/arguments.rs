//! What can be asked of the binary.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Parser, Subcommand};
use foresight::command::{SeedArguments, SiteArguments, UserCommand};

/// Real-user monitoring for a fleet of generated sites.
#[derive(Parser)]
#[command(version, about)]
pub(crate) struct Arguments {
    /// The settings file. Default: foresight.toml, if it is there.
    #[arg(long, global = true, env = "FORESIGHT_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// Directory of the spool, the token key and the embedded database.
    #[arg(long, global = true)]
    pub(crate) data_dir: Option<PathBuf>,
    /// postgres://…, instead of the embedded database.
    #[arg(long, global = true)]
    pub(crate) database_url: Option<String>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Take batches, merge them, and answer questions.
    Serve {
        /// Address of the public listener.
        #[arg(long)]
        listen: Option<SocketAddr>,
        /// Address of the metrics listener.
        #[arg(long)]
        metrics_listen: Option<SocketAddr>,
        /// Serve the demo site under /demo/.
        #[arg(long)]
        demo: bool,
        /// Print one line of JSON with both addresses when ready, instead of a greeting.
        #[arg(long)]
        announce: bool,
    },
    /// Sites.
    #[command(subcommand)]
    Site(SiteCommand),
    /// Tokens of sites and servers.
    #[command(subcommand)]
    Token(TokenCommand),
    /// People who use the dashboard, and tokens of programs that use the API.
    #[command(subcommand)]
    User(UserCommand),
    /// Fill a database with a demo fleet from a random model, and print what must be found of it.
    Seed {
        #[command(flatten)]
        seed: SeedArguments,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Save database, spool and token key in one file, also while collectors run.
    Backup {
        /// The file to make, such as foresight-2026-11-30.tar.gz.
        file: PathBuf,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Restore a backup into an empty data directory and database, with no collector running.
    Restore {
        /// The backup.
        file: PathBuf,
        /// Only read it: every byte.
        #[arg(long)]
        check: bool,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Check settings, data directory, clock, database, spool and exposure; changes nothing.
    Doctor {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Subcommand)]
pub(crate) enum SiteCommand {
    /// Add a site; prints its token and the snippet for its pages.
    Add {
        #[command(flatten)]
        site: SiteArguments,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Erase a site everywhere; prints how many rows were deleted and are left.
    Forget {
        /// The site's host.
        host: String,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// List the sites.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Subcommand)]
pub(crate) enum TokenCommand {
    /// Issue a token, without touching the database: a site's public one, or a server's secret one.
    Issue {
        /// The site's host. With --server it is optional: without it the token is good for every site.
        #[arg(required_unless_present = "server")]
        host: Option<String>,
        /// The template that generated the site.
        #[arg(long, conflicts_with = "server")]
        template: Option<String>,
        /// The generator's build.
        #[arg(long, conflicts_with = "server")]
        build: Option<String>,
        /// A secret token, with which a server of the platform posts events.
        #[arg(long)]
        server: bool,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Refuse a token from now on.
    Revoke {
        /// The token.
        token: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}
