//! `cargo xtask postgres`: a private server to play with, and for tests that stop one.
//!
//! In: lines `stop` and `start`. Out: the server's URL, then a line for each that is done. It ends
//! with its input. Must never happen: a server that goes on without this program.

use std::io;

use anyhow::{Context, Result, bail};

use super::Postgres;

/// Starts a server and does as it is told.
pub(crate) fn run() -> Result<()> {
    let server = Postgres::start()?;
    println!("{}", server.url());
    for line in io::stdin().lines() {
        match line.context("the input cannot be read")?.trim() {
            "stop" => {
                server.cluster.stop();
                println!("stopped");
            }
            "start" => {
                server.cluster.start_on(server.port)?;
                println!("started");
            }
            other => bail!("there is `stop` and `start`, but no `{other}`"),
        }
    }
    Ok(())
}
