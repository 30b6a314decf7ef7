//! Events of the page's own.
//!
//! In: a name, and properties as one flat text. Out: a custom event within the limits: properties
//! that are no text, number or boolean, and those past the limit, are left out. No key may occur
//! twice.

use foresight_shared::limits;

use crate::{encode::Json, text};

/// Ends a field of a flat text. The page's side takes it out of names and values.
pub const FIELD: u8 = b'\x1f';

/// Properties as a JSON object, from a flat text: key, kind and value of each, every one ended by
/// [`FIELD`]. The kind is `b`, `n` or `s` (`boolean`, `number` or `string`). This is how properties
/// cross from JavaScript without serde.
#[must_use]
pub fn props(flat: &str) -> String {
    let mut json = Json::default();
    let mut keys: Vec<&str> = Vec::new();
    let mut rest = flat;
    json.raw("{");
    while !rest.is_empty() && keys.len() < limits::PROPS {
        let key = text::name(text::field(&mut rest, FIELD), limits::NAME_CHARS);
        let kind = text::field(&mut rest, FIELD);
        let value = text::field(&mut rest, FIELD);
        let plain = is_number(value) && kind == "n" || is_flag(value) && kind == "b";
        if key.is_empty() || keys.contains(&key) || !(plain || kind == "s") {
            continue;
        }
        keys.push(key);
        if plain {
            json.key(key);
            json.raw(value);
        } else {
            json.text(key, text::cut(value, limits::PROP_CHARS));
        }
    }
    json.raw("}");
    json.0
}

fn is_flag(text: &str) -> bool {
    text == "true" || text == "false"
}

/// Whether `text`, which JavaScript printed as a number, is a finite one: `NaN` and `Infinity` are
/// all it prints that JSON cannot read.
fn is_number(text: &str) -> bool {
    let numeric = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e');
    !text.is_empty() && text.bytes().all(numeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_keep_their_types_and_others_are_left_out() {
        let flat = "vegan\x1fb\x1ftrue\x1fcount\x1fn\x1f12.5\x1fcourse\x1fs\x1fbreak\"fast\x1f\
            bad\x1fn\x1fNaN\x1fworse\x1fn\x1f-Infinity\x1fodd\x1fo\x1f[object Object]\x1f\
            vegan\x1fn\x1f1\x1f \x1fn\x1f1\x1f";
        assert_eq!(
            props(flat),
            r#"{"vegan":true,"count":12.5,"course":"break\u0022fast"}"#
        );
        assert_eq!(props(""), "{}");
        assert_eq!(props("lonely"), "{}");
    }

    #[test]
    fn properties_stay_within_the_limits() {
        let long = "é".repeat(500);
        let flat: String = (0..40)
            .map(|i| format!("k{i}{long}\x1fs\x1f{long}\x1f"))
            .collect();
        let parsed: std::collections::BTreeMap<String, String> =
            serde_json::from_str(&props(&flat)).unwrap();
        assert_eq!(parsed.len(), limits::PROPS);
        for (key, value) in &parsed {
            assert_eq!(key.chars().count(), limits::NAME_CHARS);
            assert_eq!(value.chars().count(), limits::PROP_CHARS);
        }
    }
}
