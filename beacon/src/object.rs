//! Properties that a page hands in as an object; only in the build for npm.
//!
//! In: any JavaScript value. Out: its texts, numbers and booleans, as pairs of key and value. Values
//! of other types, and objects that cannot be read, must cost no more than themselves.

use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

/// A property's value as the page has it.
#[derive(Deserialize, Serialize)]
#[serde(untagged)]
enum Value {
    Flag(bool),
    Number(f64),
    Text(String),
}

/// The pairs of an object that can be told.
#[wasm_bindgen]
#[must_use]
#[expect(
    clippy::needless_pass_by_value,
    reason = "wasm-bindgen hands values over"
)]
pub fn pairs(object: JsValue) -> JsValue {
    let mut pairs: Vec<(String, Value)> = Vec::new();
    if let Some(object) = js_sys::Object::try_from(&object) {
        // One by one: what cannot be read must not take the others with it.
        for entry in js_sys::Object::entries(object) {
            if let Ok(pair) = serde_wasm_bindgen::from_value(entry.into()) {
                pairs.push(pair);
            }
        }
    }
    serde_wasm_bindgen::to_value(&pairs).unwrap_or_default()
}
