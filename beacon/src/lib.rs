//! Foresight's beacon: what one page view measures, compiled to wasm.
//!
//! The path of a value:
//!
//! 1. the page's side (`www/loader/page.js`) reports entries of the performance timeline; `browser`
//!    is the only door through which they come;
//! 2. [`vitals`] turn entries into values and say what made them; texts stay on the page's side,
//!    and a [`label`] stands for those of one entry;
//! 3. the page's side asks for each metric's value when there is somebody to tell, and writes what
//!    is new into a batch (`www/loader/batch.js`).
//!
//! The npm package's entry `@4site/beacon/vitals` is a second product of this crate, built alone with
//! the feature `vitals`: `drop_in` is its door, a [`meter`] is what one of its registrations measures,
//! with the [`frames`] of its interactions and the scripts to [`blame`].
//!
//! In: numbers. Out: numbers that are not negative. Only the doors know of JavaScript; no
//! other part reads a clock, and none stores anything in the browser.

#[cfg(all(target_arch = "wasm32", not(feature = "vitals")))]
pub mod browser;
#[cfg(all(target_arch = "wasm32", feature = "vitals"))]
pub mod drop_in;
#[cfg(all(target_arch = "wasm32", feature = "npm"))]
pub mod object;
pub mod vitals;
pub mod label;
pub mod number;
pub mod meter;
pub mod frames;
pub mod blame;

// The default allocator is 6 KB. The script-tag build allocates nothing, so it has none at all.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: lol_alloc::LockedAllocator<lol_alloc::FreeListAllocator> =
    lol_alloc::LockedAllocator::new(lol_alloc::FreeListAllocator::new());
