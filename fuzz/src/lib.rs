//! What must hold for any bytes that somebody sends, stores or puts into a header.
//!
//! In: bytes. Out: nothing, or a panic that says what did not hold. `cargo xtask fuzz` has libFuzzer
//! look for such bytes; `cargo test` replays the corpus, so that what was found once stays mended.
//! Must never happen: a target that only asks whether the code panics.

mod batch;
mod block;
mod events;
mod headers;
mod histogram;
mod path;
mod record;
mod token;

pub use batch::batch;
pub use block::block;
pub use events::events;
pub use headers::headers;
pub use histogram::histogram;
pub use path::path;
pub use record::record;
pub use token::token;

/// A target: its name, which is also its corpus', and what it checks.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: [Target; 8] = [
    ("batch", batch),
    ("events", events),
    ("record", record),
    ("histogram", histogram),
    ("block", block),
    ("token", token),
    ("path", path),
    ("headers", headers),
];
