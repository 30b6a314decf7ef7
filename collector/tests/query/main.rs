//! The reports, asked over HTTP from a real SQLite store: numbers counted by hand, empty answers,
//! refusals.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod room;
mod reports;
mod refusals;
mod fleet;
mod breakdown;
mod compare;
mod growth;
mod money;
mod slow;
