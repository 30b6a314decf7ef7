//! Foresight's beacon: what one page view measures and when it tells it, compiled to wasm.
//!
//! The path of a batch:
//!
//! 1. the page's side (`www/loader/page.js`) reports entries of the performance timeline and calls
//!    of the page; `browser` is the only door through which they come and batches go;
//! 2. [`vitals`] turn entries into values and say what made them; texts stay on the page's side,
//!    and a [`label`] stands for each;
//! 3. [`view`] keeps what one page view has measured and knows what of it was told, as [`event`]s;
//! 4. [`outbox`] says which batches there are to post;
//! 5. [`beacon`] holds them together and decides when to send.
//!
//! In: numbers. Out: numbers within the limits of `foresight_shared`. Only `browser` knows of
//! JavaScript; no other part reads a clock, and none stores anything in the browser.

#[cfg(target_arch = "wasm32")]
pub mod browser;
#[cfg(all(target_arch = "wasm32", feature = "npm"))]
pub mod object;
pub mod vitals;
pub mod label;
pub mod event;
pub mod number;
pub mod view;
pub mod outbox;
pub mod beacon;

// The default allocator is 6 KB. The script-tag build allocates nothing, so it has none at all.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: lol_alloc::LockedAllocator<lol_alloc::FreeListAllocator> =
    lol_alloc::LockedAllocator::new(lol_alloc::FreeListAllocator::new());
