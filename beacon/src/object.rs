//! Properties that a page hands in as an object; only in the build for npm.
//!
//! In: any JavaScript value. Out: its texts, numbers and booleans, as the flat text that
//! [`crate::custom::props`] reads. Values of other types, and objects that cannot be read, must
//! cost no more than themselves.

use serde::Deserialize;
use wasm_bindgen::JsValue;

use crate::custom::FIELD;

/// A property's value as the page has it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Value {
    Flag(bool),
    Number(f64),
    Text(String),
}

/// The properties of an object as flat text.
#[must_use]
pub fn flat(object: &JsValue) -> String {
    let mut flat = String::new();
    let Some(object) = js_sys::Object::try_from(object) else {
        return flat;
    };
    // One by one: what cannot be read must not take the others with it.
    for entry in js_sys::Object::entries(object) {
        let Ok((key, value)) = serde_wasm_bindgen::from_value::<(String, Value)>(entry.into())
        else {
            continue;
        };
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
        };
        for field in [key.as_str(), kind, value.as_str()] {
            flat.extend(field.chars().filter(|c| *c != FIELD as char));
            flat.push(FIELD as char);
        }
    }
    flat
}
