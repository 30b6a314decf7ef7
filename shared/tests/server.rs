//! Keeps the published schema and example of server events equal to the types. To write them anew:
//! `UPDATE_CONTRACT=1 cargo test -p foresight-shared --all-features`.

use std::{collections::BTreeSet, fs, path::PathBuf};

use foresight_shared::{ServerBatch, limits};
use serde_json::Value;

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn read(name: &str) -> String {
    match fs::read_to_string(file(name)) {
        Ok(text) => text,
        Err(error) => panic!("{name} cannot be read: {error}"),
    }
}

fn example() -> Value {
    match serde_json::from_str(&read("examples/events.v1.json")) {
        Ok(value) => value,
        Err(error) => panic!("the example is no JSON: {error}"),
    }
}

fn schema() -> Value {
    let mut schema = schemars::schema_for!(ServerBatch).to_value();
    schema["$id"] = "https://4site.pro/schema/foresight/events.v1.json".into();
    schema
}

#[test]
fn the_schema_of_server_events_is_the_one_of_the_types() {
    let generated = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
    if std::env::var_os("UPDATE_CONTRACT").is_some() {
        fs::write(file("schema/events.v1.json"), &generated).unwrap();
    }
    assert_eq!(read("schema/events.v1.json"), generated);
}

#[test]
fn the_example_of_server_events_fits_the_schema_and_survives_a_round_trip() {
    let value = example();
    let batch: ServerBatch = serde_json::from_value(value.clone()).unwrap();
    jsonschema::validate(&schema(), &value).unwrap();
    assert_eq!(serde_json::to_value(&batch).unwrap(), value);
    assert_eq!(batch.v, limits::SERVER_VERSION);
}

#[test]
fn the_example_shows_every_kind_of_fact_under_its_word() {
    let batch: ServerBatch = serde_json::from_value(example()).unwrap();
    let kinds: BTreeSet<_> = batch.events.iter().map(|event| event.fact.kind()).collect();
    assert_eq!(kinds.len(), 10, "{kinds:?}");
    for event in &batch.events {
        let value = serde_json::to_value(&event.fact).unwrap();
        assert!(value.get(event.fact.kind()).is_some(), "{value}");
        assert!(limits::is_key(&event.id), "{}", event.id);
        let site = value[event.fact.kind()].get("site").and_then(Value::as_str);
        assert_eq!(event.fact.site(), site, "{value}");
    }
}

#[test]
fn the_schema_of_server_events_refuses_what_breaks_a_limit() {
    for (pointer, bad) in [
        ("/v", Value::from(2)),
        ("/events", Value::Array(Vec::new())),
        ("/events/0/id", "short".into()),
        ("/events/0/fact/site_generated/duration_ms", (-1).into()),
        ("/events/2/fact/lead/score", 101.into()),
        ("/events/4/fact/revenue/currency", "eur".into()),
        ("/events/4/fact/revenue/amount_minor", 0.into()),
        ("/events/6/fact/commission/state", "lost".into()),
        ("/events/9/fact/http_requests/counts", vec![1].into()),
    ] {
        let mut value = example();
        *value.pointer_mut(pointer).unwrap() = bad;
        assert!(
            jsonschema::validate(&schema(), &value).is_err(),
            "{pointer}"
        );
    }
}
