//! Measures the detector of changes over demo fleets, in memory: `docs/changes.md` has what came out.
//!
//! In: how many seeds, and the first one (`20 1`), sites, days, hours between looks. Out: a table with a
//! line per seed, and a line for each regression that was late or missed, and for each finding that is
//! none of the planted ones.

use std::{env, time::Instant};

use anyhow::{Context, Result};
use foresight::{
    command::{Rehearsal, SeedArguments},
    event::Millis,
    store::Change,
};

/// 2026-11-23T21:00:00Z.
const END_MS: Millis = 1_795_467_600_000;

fn main() -> Result<()> {
    let mut arguments = env::args().skip(1);
    let mut number = |name: &str, usual: u64| -> Result<u64> {
        match arguments.next() {
            None => Ok(usual),
            Some(text) => text.parse().with_context(|| format!("{name}: {text}")),
        }
    };
    let (seeds, first) = (number("seeds", 20)?, number("first seed", 1)?);
    let (sites, days) = (number("sites", 1000)?, number("days", 90)?);
    let every_hours = number("hours between looks", 3)? as i64;
    let (mut all, mut hours_all, mut others) = (0, Vec::new(), 0);
    println!("| seed | page views | found of 5 | hours until each was named | other regressions |");
    println!("|---|---|---|---|---|");
    for seed in first..first + seeds {
        let began = Instant::now();
        let arguments = SeedArguments {
            sites: sites as u32,
            days: days as u32,
            views: 40,
            seed,
            until: None,
            add: false,
            steady: false,
            record: None,
        };
        let found = Rehearsal::new(&arguments, END_MS).run(every_hours);
        let hours = found.regressions.iter().map(|(regression, hours)| {
            let hours = hours.map_or_else(|| "never".to_owned(), |hours| hours.to_string());
            format!("{} {hours}", regression.kind)
        });
        println!(
            "| {seed} | {} | {} | {} | {} |",
            found.views,
            found.found(),
            hours.collect::<Vec<_>>().join(", "),
            found.others.len()
        );
        eprintln!("seed {seed}: {:?}", began.elapsed());
        for (regression, hours) in &found.regressions {
            if hours.is_none_or(|hours| hours > 24) {
                eprintln!("  late: {regression:?}");
            }
        }
        for change in &found.others {
            eprintln!("  other: {}", line(change));
        }
        for change in &found.better {
            eprintln!("  better: {}", line(change));
        }
        all += found.found();
        others += found.others.len();
        hours_all.extend(found.regressions.iter().filter_map(|(_, hours)| *hours));
    }
    hours_all.sort_unstable();
    let median = hours_all.get(hours_all.len() / 2);
    println!(
        "\n{all} of {} within a day; {others} other regressions; median {median:?} hours",
        seeds * 5
    );
    Ok(())
}

fn line(change: &Change) -> String {
    let time = |ms| jiff::Timestamp::from_millisecond(ms).map(|time| time.to_string());
    format!(
        "{} {:?} {:.0} to {:.0}, since {:?}, found {:?}, until {:?}, {} views of {} sites, {:?}",
        change.metric.name(),
        change.cohort,
        change.from_p75,
        change.to_p75,
        time(change.since_ms),
        time(change.found_ms),
        change.until_ms.map(time),
        change.views,
        change.sites,
        change.ratios
    )
}
