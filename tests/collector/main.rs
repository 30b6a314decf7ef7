//! A real collector under load, faults and bad input, on SQLite and on Postgres.
//!
//! In: the binary and the servers that [`foresight_tests`] describes. Out: a verdict.

mod abuse;
mod access;
mod architecture;
mod backup;
mod changes;
mod clock;
mod crash;
mod cut;
mod damage;
mod disk;
mod doctor;
mod events;
mod forget;
mod growth;
mod money;
mod intake;
mod live;
mod logs;
mod panics;
mod openapi;
mod outage;
mod overload;
mod refusals;
mod scrape;
mod shutdown;
mod slow;
mod stopped;
mod together;
mod traces;

/// How often a fault is tried: as often as the test says, or more if `FORESIGHT_TEST_FAULTS`
/// multiplies it for a longer run.
pub(crate) fn times(usually: u32) -> anyhow::Result<u32> {
    use anyhow::Context;
    match std::env::var("FORESIGHT_TEST_FAULTS") {
        Ok(factor) => {
            let factor: u32 = factor
                .parse()
                .context("FORESIGHT_TEST_FAULTS is no number")?;
            Ok(usually * factor)
        }
        Err(_) => Ok(usually),
    }
}
