//! The wire contract of Foresight: what a beacon, or a server of the platform, may say to a collector.
//!
//! In: nothing. Out: the types of a [`Batch`], the [`limits`] that both sides keep, the vitals
//! ([`Metric`]) with their units and ratings, and the histogram [`bins`] in which they are counted.
//! The crate does no I/O and reads no clock; it compiles for the server and for wasm32. With the
//! feature `serde` off only the vocabulary is left (names, limits, metrics), which is what the
//! small script-tag beacon uses.
//!
//! The JSON of a batch is described by `schema/batch.v1.json` (generated from these types) and
//! shown by `examples/batch.v1.json`; that of server events by `schema/events.v1.json` and
//! `examples/events.v1.json`.

pub mod limits;
pub mod metric;
pub mod bins;
pub mod page;
#[cfg(feature = "serde")]
pub mod text;
#[cfg(feature = "serde")]
pub mod batch;
#[cfg(feature = "serde")]
pub mod answer;
#[cfg(feature = "serde")]
pub mod server;

pub use metric::{Metric, Rating, Unit};
pub use page::{Connection, LoadState, NavigationType, Part, Viewport};

#[cfg(feature = "serde")]
pub use answer::{Answer, EventFault};
#[cfg(feature = "serde")]
pub use batch::{Attribution, Batch, Event, PageView};
#[cfg(feature = "serde")]
pub use server::{CommissionState, Fact, Payment, ServerAnswer, ServerBatch, ServerEvent};
#[cfg(feature = "serde")]
pub use text::Text;
