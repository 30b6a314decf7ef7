//! What tests need to run a real collector and to know what it must have counted.
//!
//! In: the binary (`FORESIGHT_BIN`), and for Postgres a server where databases may be created
//! (`FORESIGHT_TEST_POSTGRES_URL`); `cargo xtask test` provides both. Out: running collectors on
//! free ports, each with a directory and a database of its own, and the sums that their answers
//! must agree with. Must never happen: a test that passes because something it needs is missing.

mod batch;
mod collector;
mod home;
mod load;
mod scrape;
mod tally;
mod until;

pub use batch::{first_batch, later_batch, new_id, vital};
pub use collector::{Collector, Reply};
pub use home::{Database, Home, Site};
pub use load::{Load, Sent};
pub use scrape::Scrape;
pub use tally::Tally;
pub use until::until;
