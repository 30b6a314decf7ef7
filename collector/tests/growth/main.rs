//! Growth's figures: exact ones of a small fleet, and a simulation whose truth is known.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod process;
mod coverage;
mod fleet;
mod slow;
