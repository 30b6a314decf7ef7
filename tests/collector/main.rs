//! A real collector under load, faults and bad input, on SQLite and on Postgres.
//!
//! In: the binary and the servers that [`foresight_tests`] describes. Out: a verdict.

mod architecture;
mod crash;
mod doctor;
mod forget;
mod intake;
mod outage;
mod refusals;
mod scrape;
mod shutdown;
mod together;
