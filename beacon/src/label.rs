//! Stands for an entry of the performance timeline and what is to say of it in texts.
//!
//! In: numbers that the page's side (`www/loader/batch.js`) gives to what it keeps. Out: the same
//! numbers. Texts themselves never cross into the wasm: passing and cleaning them weighed as much as
//! everything else together.

/// What the page's side keeps under a number; the default stands for nothing. It is a float, as
/// everything that crosses is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Label(pub f64);
