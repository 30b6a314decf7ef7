//! Foresight's beacon: what one page view measures and tells, compiled to wasm.
//!
//! The path of a batch:
//!
//! 1. the page's side (`www/loader/page.js`) reports entries of the performance timeline and calls
//!    of the page; `browser` is the only door through which they come and batches go;
//! 2. [`vitals`] turn entries into values, and [`selector`] names the elements to blame,
//!    with [`label`]s that are small;
//! 3. [`share`], [`referral`], [`lead`], [`custom`] and [`fault`] turn calls into [`event`]s, with
//!    their [`text`]s cleaned and cut;
//! 4. [`view`] keeps what one page view has to tell and knows what it has told;
//! 5. [`outbox`] packs events into batches, which [`encode`] writes, and repeats what was refused;
//! 6. [`beacon`] holds them together and decides when to send.
//!
//! In: numbers and texts. Out: batches within the limits of `foresight_shared`. Only `browser`
//! knows of JavaScript; no other part reads a clock, and none stores anything in the browser.

#![allow(
    clippy::single_char_add_str,
    reason = "`push_str` is there already, and `push` would bring in the encoding of characters"
)]

#[cfg(target_arch = "wasm32")]
pub mod browser;
#[cfg(all(target_arch = "wasm32", feature = "npm"))]
pub mod object;
pub mod vitals;
pub mod selector;
pub mod share;
pub mod referral;
pub mod lead;
pub mod custom;
pub mod fault;
pub mod label;
pub mod event;
pub mod text;
pub mod number;
pub mod view;
pub mod encode;
pub mod outbox;
pub mod beacon;

// The default allocator is 6 KB of a beacon that is 20 KB before compression.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: lol_alloc::LockedAllocator<lol_alloc::FreeListAllocator> =
    lol_alloc::LockedAllocator::new(lol_alloc::FreeListAllocator::new());
