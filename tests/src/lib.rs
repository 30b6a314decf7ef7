//! What tests need to run a real collector and to know what it must have counted.
//!
//! In: the binary (`FORESIGHT_BIN`), and for Postgres a server where databases may be created
//! (`FORESIGHT_TEST_POSTGRES_URL`); `cargo xtask test` provides both. Out: running collectors on
//! free ports, each with a directory and a database of its own, and the sums that their answers
//! must agree with. Must never happen: a test that passes because something it needs is missing.

mod batch;
mod clock;
mod collector;
mod home;
mod load;
mod otlp;
mod prometheus;
mod raw;
mod scrape;
mod tally;
mod bins;
mod proxy;
mod server;
mod small_disk;
mod until;
mod witness;

pub use batch::{first_batch, later_batch, new_id, request, vital};
pub use clock::MovedClock;
pub use collector::{Collector, Reply};
pub use home::{Database, Home, Site};
pub use load::{Load, Sent};
pub use otlp::{Attributes, Line, Receiver, Span};
pub use prometheus::{PROMETHEUS_LIMIT, Prometheus};
pub use proxy::Proxy;
pub use raw::{Answers, CLOSED, Raw, RawAnswer, exchange, flood};
pub use scrape::Scrape;
pub use server::Server;
pub use small_disk::SmallDisk;
pub use tally::Tally;
pub use until::until;
pub use witness::{Testimony, Witness};
