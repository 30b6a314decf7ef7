//! Stands for a text that an entry carries.
//!
//! In: numbers that the page's side (`www/loader/batch.js`) gives to selectors, addresses and types of
//! events. Out: the same numbers. Texts themselves never cross into the wasm: passing and cleaning
//! them weighed as much as everything else together.

/// A text that the page's side keeps; the default stands for no text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Label(pub i32);
