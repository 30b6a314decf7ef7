//! Foresight's collector.
//!
//! # The path of a batch
//!
//! 1. [`ingest`] takes a request: decodes, checks token, origin and limits, and makes accepted
//!    events of the batch;
//! 2. [`spool`] makes them durable, then `ingest` answers 202;
//! 3. [`aggregate`] takes the next stretch of the spool and folds it into a [`rollup`];
//! 4. [`store`] adds the rollup to the database, with the spool's position, in one transaction;
//! 5. [`query`] reads sums back and makes reports of them.
//!
//! Beside the path: [`growth`] says how the fleet spreads, [`detect`] says what changed, [`live`] tells what
//! happens now, [`alerts`] what Alertmanager says, [`access`] signs and checks tokens, [`door`] lets people in,
//! [`admin`] manages them, [`assets`] serves what browsers load, [`metrics`] counts for Prometheus,
//! [`telemetry`] sends traces, logs and panics, [`config`] reads the settings, and [`app`] puts the rooms
//! together. A room imports only rooms below it:
//!
//! ```text
//! main > app > { ingest aggregate query admin alerts assets } > { growth detect access door live } > { spool store } > rollup > { event config metrics problem telemetry }
//! ```

pub mod config;
pub mod event;
pub mod metrics;
pub mod problem;
pub mod telemetry;
pub mod rollup;
pub mod spool;
pub mod store;
pub mod growth;
pub mod detect;
pub mod access;
pub mod door;
pub mod live;
pub mod ingest;
pub mod aggregate;
pub mod query;
pub mod admin;
pub mod alerts;
pub mod assets;
pub mod command;
pub mod app;
