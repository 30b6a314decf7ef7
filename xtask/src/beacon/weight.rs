//! What the beacon weighs, and what it may weigh.

use std::fs;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::Places;
use crate::compress::{brotli, gzip};

/// What the parts may weigh at most, in bytes of brotli.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Budget {
    /// The loader, which every page view runs.
    pub(super) loader: usize,
    /// Loader, glue and wasm together.
    pub(super) total: usize,
    /// The drop-in for web-vitals with its wasm.
    pub(super) vitals: usize,
}

impl Budget {
    pub(super) fn read(places: &Places) -> Result<Self> {
        let path = places.www.join("loader/budget.json");
        let text = fs::read_to_string(path).context("cannot read the beacon's budget")?;
        serde_json::from_str(&text).context("the beacon's budget is malformed")
    }
}

/// Prints what each part weighs, and returns what they weigh together in bytes of brotli.
pub(super) fn weigh(parts: &[(&str, Vec<u8>)]) -> Result<usize> {
    let row = |name: &str, [raw, gzip, brotli]: [usize; 3]| {
        println!("beacon: {name:<8} {raw:>7} {gzip:>7} {brotli:>7}");
    };
    println!("beacon: part         raw    gzip  brotli");
    let mut total = [0; 3];
    for (name, bytes) in parts {
        let sizes = [bytes.len(), gzip(bytes)?.len(), brotli(bytes)?.len()];
        row(name, sizes);
        total
            .iter_mut()
            .zip(sizes)
            .for_each(|(sum, size)| *sum += size);
    }
    if parts.len() > 1 {
        row("total", total);
    }
    Ok(total[2])
}

/// Fails if `what` outgrows its budget.
pub(super) fn within(what: &str, weight: usize, budget: usize) -> Result<()> {
    ensure!(
        weight <= budget,
        "{what} is {weight} bytes of brotli, its budget is {budget}"
    );
    Ok(())
}
