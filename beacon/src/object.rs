//! Properties that a page hands in as an object; only in the build for npm.
//!
//! In: any JavaScript value. Out: its texts, numbers and booleans, as the flat text that
//! [`crate::custom::props`] reads. Values of other types, and objects that cannot be read, must
//! cost no more than themselves.

use std::collections::BTreeMap;

use serde::{Deserialize, de::IgnoredAny};
use wasm_bindgen::JsValue;

use crate::custom::FIELD;

/// A property's value as the page has it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Value {
    Flag(bool),
    Number(f64),
    Text(String),
    Other(IgnoredAny),
}

/// The properties of an object as flat text.
#[must_use]
pub fn flat(object: JsValue) -> String {
    let values: BTreeMap<String, Value> =
        serde_wasm_bindgen::from_value(object).unwrap_or_default();
    let mut flat = String::new();
    for (key, value) in values {
        let (kind, value) = match value {
            Value::Flag(flag) => ("b", flag.to_string()),
            Value::Text(text) => ("s", text),
            // JavaScript prints its own numbers, as the script-tag build has them.
            Value::Number(number) => (
                "n",
                String::from(js_sys::JsString::from(
                    js_sys::Number::from(number).to_js_string(),
                )),
            ),
            Value::Other(_) => continue,
        };
        for field in [key.as_str(), kind, value.as_str()] {
            flat.extend(field.chars().filter(|c| *c != FIELD as char));
            flat.push(FIELD as char);
        }
    }
    flat
}
