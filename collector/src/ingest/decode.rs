//! Decodes a body into a batch.
//!
//! An honest batch is read in one pass, its texts borrowed from the body. Only if that fails it is
//! read again, piece by piece, to find out what is wrong: an event that cannot be read is then
//! rejected alone.

use foresight_shared::{Batch, Event, EventFault, PageView, Text, limits};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::value::RawValue;

use super::refusal::Refusal;

/// A decoded batch. Its events were taken out and stand beside it, each with its place.
#[derive(Debug)]
pub(super) struct Decoded<'a> {
    pub(super) batch: Batch<'a>,
    pub(super) events: Vec<(usize, Event<'a>)>,
    pub(super) faults: Vec<EventFault>,
}

pub(super) fn decode(body: &[u8]) -> Result<Decoded<'_>, Refusal> {
    let text = std::str::from_utf8(body).map_err(|error| Refusal::NotUtf8(error.valid_up_to()))?;
    match serde_json::from_str::<Batch<'_>>(text) {
        Ok(mut batch) if batch.v == limits::BATCH_VERSION => {
            check_number(batch.events.len())?;
            let events = std::mem::take(&mut batch.events);
            Ok(Decoded {
                batch,
                events: events.into_iter().enumerate().collect(),
                faults: Vec::new(),
            })
        }
        Ok(batch) => Err(Refusal::Version(batch.v)),
        // serde_json's own class of the error does not tell: `{}` as an event counts as syntax.
        Err(_) => match serde_json::from_str::<IgnoredAny>(text) {
            Ok(_) => decode_by_piece(text),
            Err(error) => Err(Refusal::NotJson(error.to_string())),
        },
    }
}

fn check_number(events: usize) -> Result<(), Refusal> {
    if events > limits::BATCH_EVENTS {
        return Err(Refusal::TooManyEvents(events));
    }
    Ok(())
}

#[derive(Deserialize)]
struct Version {
    v: u32,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    v: u32,
    #[serde(borrow)]
    site: Text<'a>,
    #[serde(borrow)]
    id: Text<'a>,
    sent: u64,
    #[serde(borrow)]
    view: PageView<'a>,
    #[serde(borrow)]
    events: Vec<&'a RawValue>,
}

fn decode_by_piece(text: &str) -> Result<Decoded<'_>, Refusal> {
    // Another version may look different in everything else, so it is asked for first.
    if let Ok(Version { v }) = serde_json::from_str(text)
        && v != limits::BATCH_VERSION
    {
        return Err(Refusal::Version(v));
    }
    let envelope: Envelope<'_> = read(text, "batch").map_err(Unreadable::of_whole)?;
    check_number(envelope.events.len())?;
    let mut events = Vec::with_capacity(envelope.events.len());
    let mut faults = Vec::new();
    for (index, raw) in envelope.events.into_iter().enumerate() {
        match read::<Event<'_>>(raw.get(), "event") {
            Ok(event) => events.push((index, event)),
            Err(fault) => faults.push(fault.of_event(index)),
        }
    }
    let batch = Batch {
        v: envelope.v,
        site: envelope.site,
        id: envelope.id,
        sent: envelope.sent,
        view: envelope.view,
        events: Vec::new(),
    };
    Ok(Decoded {
        batch,
        events,
        faults,
    })
}

/// Why a piece of JSON is not what it should be.
pub(super) enum Unreadable {
    Missing { field: String },
    Invalid { field: String, rule: String },
}

impl Unreadable {
    pub(super) fn of_whole(self) -> Refusal {
        match self {
            Self::Missing { field } => Refusal::FieldMissing(field),
            Self::Invalid { field, rule } => Refusal::Field {
                code: "field_invalid",
                field,
                rule,
            },
        }
    }

    fn of_event(self, index: usize) -> EventFault {
        let (code, field, rule) = match self {
            Self::Missing { field } => ("field_missing", field, "must be there".to_owned()),
            Self::Invalid { field, rule } => ("field_invalid", field, rule),
        };
        EventFault {
            index,
            code: code.to_owned(),
            field,
            rule,
        }
    }
}

/// Reads one piece; `whole` is its name, for a mistake that has no narrower place.
pub(super) fn read<'a, T: Deserialize<'a>>(text: &'a str, whole: &str) -> Result<T, Unreadable> {
    let mut json = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = match error.path().to_string() {
            root if root == "." => String::new(),
            path => path,
        };
        let message = error.into_inner().to_string();
        // serde_json ends its messages with the place, which the path tells better.
        let rule = message
            .rsplit_once(" at line ")
            .map_or(message.as_str(), |(rule, _)| rule);
        let missing = rule
            .strip_prefix("missing field `")
            .and_then(|rest| rest.strip_suffix('`'));
        match missing {
            Some(name) if path.is_empty() => Unreadable::Missing {
                field: name.to_owned(),
            },
            Some(name) => Unreadable::Missing {
                field: format!("{path}.{name}"),
            },
            None => Unreadable::Invalid {
                field: if path.is_empty() {
                    whole.to_owned()
                } else {
                    path
                },
                rule: rule.to_owned(),
            },
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    const EXAMPLE: &str = include_str!("../../../shared/examples/batch.v1.json");

    fn example() -> Value {
        serde_json::from_str(EXAMPLE).unwrap()
    }

    fn refusal(value: &Value) -> Refusal {
        decode(value.to_string().as_bytes()).unwrap_err()
    }

    #[test]
    fn the_example_is_read_whole() {
        let decoded = decode(EXAMPLE.as_bytes()).unwrap();
        assert_eq!(decoded.events.len(), 15);
        assert!(decoded.faults.is_empty());
    }

    #[test]
    fn an_event_that_cannot_be_read_is_rejected_alone() {
        let mut value = example();
        value["events"][1]["vital"]["name"] = "TTI".into();
        value["events"][2] = json!({ "vital": { "name": "LCP" } });
        value["events"][3] = json!({ "dance": {} });
        value["events"][4]["vital"]["value"] = Value::Null;
        let text = value.to_string();
        let decoded = decode(text.as_bytes()).unwrap();
        assert_eq!(decoded.events.len(), 11);
        let faults: Vec<_> = decoded
            .faults
            .iter()
            .map(|fault| (fault.index, fault.code.as_str(), fault.field.as_str()))
            .collect();
        assert_eq!(
            faults,
            [
                (1, "field_invalid", "vital.name"),
                (2, "field_missing", "vital.value"),
                (3, "field_invalid", "event"),
                (4, "field_invalid", "vital.value"),
            ]
        );
    }

    #[test]
    fn mistakes_of_the_batch_name_the_field() {
        let mut value = example();
        value["view"]["nav"] = "teleport".into();
        let refused = refusal(&value);
        assert!(
            matches!(&refused, Refusal::Field { field, .. } if field == "view.nav"),
            "{refused:?}"
        );
        let mut value = example();
        value["view"].as_object_mut().unwrap().remove("path");
        assert!(matches!(refusal(&value), Refusal::FieldMissing(field) if field == "view.path"));
        let mut value = example();
        value["events"] = json!(vec![json!({}); limits::BATCH_EVENTS + 1]);
        assert!(matches!(refusal(&value), Refusal::TooManyEvents(101)));
        assert!(matches!(refusal(&json!({ "v": 2 })), Refusal::Version(2)));
        assert!(matches!(refusal(&json!([])), Refusal::Field { .. }));
        let huge = decode(b"{\"v\":1e999}").unwrap_err();
        assert!(matches!(huge, Refusal::Field { field, .. } if field == "v"));
    }

    #[test]
    fn what_is_not_json_is_told_with_its_place() {
        for text in ["{", "nonsense", "{\"v\":NaN}"] {
            let refused = decode(text.as_bytes()).unwrap_err();
            assert!(
                matches!(&refused, Refusal::NotJson(place) if place.contains("line 1")),
                "{text}: {refused:?}"
            );
        }
        assert!(matches!(
            decode(b"{\"v\": \"\xff\"}"),
            Err(Refusal::NotUtf8(7))
        ));
    }

    proptest! {
        #[test]
        fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode(&bytes);
        }

        #[test]
        fn a_cut_or_changed_example_never_panics(place in 0..EXAMPLE.len(), byte in any::<u8>()) {
            let mut bytes = EXAMPLE.as_bytes().to_vec();
            let _ = decode(&bytes[..place]);
            bytes[place] = byte;
            let _ = decode(&bytes);
        }
    }
}
