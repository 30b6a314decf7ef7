//! `foresight site forget`: erases a site everywhere, and proves it.
//!
//! In: settings and a host, and a person's consent. Out: how many rows of each table were deleted,
//! and a new count. What must never happen: a site is erased without consent, or rows that are left
//! look like success.

use std::{
    fmt,
    io::{BufRead, IsTerminal, Write},
};

use anyhow::{Context, Result, bail, ensure};
use serde::Serialize;

use super::entry;
use crate::{
    access::Host,
    config::Config,
    event::Millis,
    store::{self, SiteRows},
};

/// What became of a site's rows.
#[derive(Debug, Serialize)]
pub struct Forgotten {
    /// The site's host.
    pub host: String,
    /// One line for each table.
    pub tables: Vec<TableRows>,
}

/// A table's rows of a forgotten site.
#[derive(Debug, Serialize)]
pub struct TableRows {
    /// The table.
    pub table: &'static str,
    /// Rows that were deleted.
    pub deleted: u64,
    /// Rows that a count after the deletion found.
    pub left: u64,
}

impl Forgotten {
    fn of(host: &Host, deleted: &[SiteRows], left: &[SiteRows]) -> Self {
        let rows_left = |table| {
            let found = left.iter().find(|rows| rows.table == table);
            found.map_or(0, |rows| rows.rows)
        };
        let tables = deleted.iter().map(|rows| TableRows {
            table: rows.table,
            deleted: rows.rows,
            left: rows_left(rows.table),
        });
        Self {
            host: host.to_string(),
            tables: tables.collect(),
        }
    }

    /// Says whether the new count found nothing.
    ///
    /// # Errors
    /// If rows are left.
    pub fn check(&self) -> Result<()> {
        let left: u64 = self.tables.iter().map(|table| table.left).sum();
        ensure!(
            left == 0,
            "{left} rows of {} are left; run the command again",
            self.host
        );
        Ok(())
    }
}

impl fmt::Display for Forgotten {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "forgot {}\n", self.host)?;
        writeln!(f, "{:12} {:>10} {:>6}", "TABLE", "DELETED", "LEFT")?;
        for table in &self.tables {
            let TableRows {
                table,
                deleted,
                left,
            } = table;
            writeln!(f, "{table:12} {deleted:>10} {left:>6}")?;
        }
        write!(
            f,
            "\nIts tokens are refused within five seconds, and what collectors still hold of it is \
             not merged.\nforesight site add takes it in again."
        )
    }
}

/// Erases a site from the database. With `yes` nobody is asked.
///
/// # Errors
/// If the host is none, nobody consents, or the database fails; then it can be run again.
pub async fn forget_site(
    config: &Config,
    host: &str,
    yes: bool,
    now_ms: Millis,
) -> Result<Forgotten> {
    let host: Host = host.parse()?;
    let store = store::open(&config.store_url())
        .await
        .context("the database cannot be opened")?;
    if !yes {
        let rows = store.site_rows(host.as_str()).await?;
        consent(&host, rows.iter().map(|table| table.rows).sum())?;
    }
    let deleted = store.forget_site(host.as_str(), now_ms).await?;
    let left = store.site_rows(host.as_str()).await?;
    let entry = entry(now_ms, "site_forgotten", "(a forgotten site)".to_owned());
    store.note(&entry).await?;
    Ok(Forgotten::of(&host, &deleted, &left))
}

/// Asks the person at the terminal to type the host.
fn consent(host: &Host, rows: u64) -> Result<()> {
    let (input, mut output) = (std::io::stdin(), std::io::stderr());
    if !input.is_terminal() {
        bail!("this erases {rows} rows of {host} for good; to consent, add --yes");
    }
    write!(
        output,
        "This erases {rows} rows of {host} for good. Type the host to go on: "
    )?;
    output.flush()?;
    let mut typed = String::new();
    input.lock().read_line(&mut typed)?;
    ensure!(typed.trim() == host.as_str(), "nothing was erased");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_are_left_are_no_success() {
        let host: Host = "bakery.example".parse().unwrap();
        let rows = |sums, site| {
            [("sums", sums), ("site", site)].map(|(table, rows)| SiteRows { table, rows })
        };
        let done = Forgotten::of(&host, &rows(12, 1), &rows(0, 0));
        assert!(done.check().is_ok());
        assert!(
            done.to_string()
                .contains("sums                 12      0\n")
        );
        let undone = Forgotten::of(&host, &rows(12, 1), &rows(3, 0));
        let error = undone.check().unwrap_err().to_string();
        assert_eq!(
            error,
            "3 rows of bakery.example are left; run the command again"
        );
    }
}
