//! Keeps the published schema and example equal to the types. To write them anew:
//! `UPDATE_CONTRACT=1 cargo test -p foresight-shared --all-features`.

use std::{collections::BTreeSet, fs, path::PathBuf};

use foresight_shared::{Batch, Event, Metric, limits};
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

fn schema() -> Value {
    let mut schema = schemars::schema_for!(Batch<'_>).to_value();
    schema["$id"] = "https://4site.pro/schema/foresight/batch.v1.json".into();
    schema
}

#[test]
fn the_schema_is_the_one_of_the_types() {
    let generated = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
    if std::env::var_os("UPDATE_CONTRACT").is_some() {
        fs::write(file("schema/batch.v1.json"), &generated).unwrap();
    }
    assert_eq!(read("schema/batch.v1.json"), generated);
}

#[test]
fn the_example_fits_the_schema_and_survives_a_round_trip() {
    let text = read("examples/batch.v1.json");
    let batch: Batch<'_> = serde_json::from_str(&text).unwrap();
    let value: Value = serde_json::from_str(&text).unwrap();
    jsonschema::validate(&schema(), &value).unwrap();
    assert_eq!(serde_json::to_value(&batch).unwrap(), value);
}

#[test]
fn the_example_shows_every_kind_of_event_and_every_metric() {
    let text = read("examples/batch.v1.json");
    let batch: Batch<'_> = serde_json::from_str(&text).unwrap();
    let mut kinds = BTreeSet::new();
    let mut metrics = BTreeSet::new();
    for event in &batch.events {
        kinds.insert(match event {
            Event::Vital { name, .. } => {
                metrics.insert(*name);
                "vital"
            }
            Event::Share { .. } => "share",
            Event::Referral { .. } => "referral",
            Event::Lead { .. } => "lead",
            Event::Conversion { .. } => "conversion",
            Event::Error { .. } => "error",
            Event::Frames { .. } => "frames",
            Event::Call { .. } => "call",
            Event::NotRestored { .. } => "not_restored",
            Event::Custom { .. } => "custom",
        });
    }
    assert_eq!(kinds.len(), 10, "{kinds:?}");
    assert_eq!(metrics, BTreeSet::from(Metric::ALL));
    assert_eq!(batch.v, limits::BATCH_VERSION);
    assert!(text.len() < limits::BATCH_BYTES);
}

#[test]
fn fields_of_a_newer_beacon_are_ignored() {
    let mut value: Value = serde_json::from_str(&read("examples/batch.v1.json")).unwrap();
    value["later"] = 1.into();
    value["view"]["later"] = "x".into();
    value["events"][0]["vital"]["later"] = true.into();
    let text = value.to_string();
    let batch: Batch<'_> = serde_json::from_str(&text).unwrap();
    let plain = read("examples/batch.v1.json");
    assert_eq!(batch, serde_json::from_str::<Batch<'_>>(&plain).unwrap());
}

#[test]
fn the_schema_refuses_what_breaks_a_limit() {
    let example: Value = serde_json::from_str(&read("examples/batch.v1.json")).unwrap();
    let schema = schema();
    for (pointer, bad) in [
        ("/v", Value::from(2)),
        ("/id", "short".into()),
        ("/view/path", "no-slash".into()),
        ("/view/nav", "teleport".into()),
        ("/view/age", (limits::AGE_MS + 1).into()),
        ("/events/0/vital/value", (-1).into()),
        ("/events/0/vital/name", "TTI".into()),
    ] {
        let mut value = example.clone();
        *value.pointer_mut(pointer).unwrap() = bad;
        assert!(jsonschema::validate(&schema, &value).is_err(), "{pointer}");
    }
}
