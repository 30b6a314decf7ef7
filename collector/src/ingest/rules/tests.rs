//! Each rule, kept and broken.

use super::*;
use crate::ingest::decode::decode;
use serde_json::{Value, json};

const EXAMPLE: &str = include_str!("../../../../shared/examples/batch.v1.json");

/// The first fault of a batch whose only event is `event`, as `code field`.
fn fault(seq: u32, event: &Value) -> String {
    let mut batch: Value = serde_json::from_str(EXAMPLE).unwrap();
    batch["events"] = json!([event]);
    let text = batch.to_string();
    let decoded = decode(text.as_bytes()).unwrap();
    let (_, faults) = check_events(seq, decoded.events, decoded.faults);
    faults
        .first()
        .map(|fault| format!("{} {}", fault.code, fault.field))
        .unwrap_or_default()
}

#[test]
fn the_example_keeps_every_rule() {
    let decoded = decode(EXAMPLE.as_bytes()).unwrap();
    check_batch(&decoded.batch).unwrap();
    let (kept, faults) = check_events(0, decoded.events, decoded.faults);
    assert_eq!((kept.len(), faults.len()), (15, 0));
}

#[test]
fn each_rule_of_an_event_is_kept_up() {
    let long = |n: usize| "é".repeat(n);
    let props: serde_json::Map<_, _> = (0..17).map(|n| (n.to_string(), json!(n))).collect();
    for (event, expected) in [
        (json!({"vital": {"name": "LCP", "value": 600_000.0}}), ""),
        (
            json!({"vital": {"name": "LCP", "value": -0.1}}),
            "value_out_of_range vital.value",
        ),
        (
            json!({"vital": {"name": "LCP", "value": 1e300}}),
            "value_out_of_range vital.value",
        ),
        (
            json!({"vital": {"name": "CLS", "value": 1001}}),
            "value_out_of_range vital.value",
        ),
        (
            json!({"vital": {"name": "CLS", "value": 1, "was": -1}}),
            "value_out_of_range vital.was",
        ),
        (
            json!({"vital": {"name": "LCP", "value": 1, "why": {"el": long(129)}}}),
            "field_invalid vital.why.el",
        ),
        (
            json!({"vital": {"name": "LCP", "value": 1, "why": {"at": -1}}}),
            "value_out_of_range vital.why",
        ),
        (json!({"lead": {"form": long(64)}}), ""),
        (
            json!({"lead": {"form": long(65)}}),
            "field_invalid lead.form",
        ),
        (
            json!({"lead": {"form": "a\u{0}b"}}),
            "field_invalid lead.form",
        ),
        (
            json!({"conversion": {"name": ""}}),
            "field_invalid conversion.name",
        ),
        (
            json!({"share": {"channel": "x", "id": "short"}}),
            "field_invalid share.id",
        ),
        (
            json!({"share": {"channel": "x", "id": "good-id-1", "parent": "a b c d e"}}),
            "field_invalid share.parent",
        ),
        (
            json!({"referral": {"share": "good-id-1", "landing": "menu"}}),
            "field_invalid referral.landing",
        ),
        (json!({"error": {"message": "two\nlines"}}), ""),
        (
            json!({"vital": {"name": "CLS", "value": 1, "why": {"shift": -1}}}),
            "value_out_of_range vital.why.shift",
        ),
        (
            json!({"vital": {"name": "INP", "value": 1, "why": {"script": ""}}}),
            "field_invalid vital.why.script",
        ),
        (
            json!({"frames": {"count": 0, "blocking": 0, "longest": 60}}),
            "value_out_of_range frames.count",
        ),
        (
            json!({"frames": {"count": 1, "blocking": 0, "longest": 1e9}}),
            "value_out_of_range frames.longest",
        ),
        (
            json!({"call": {"url": "https://a.example/", "ms": 1, "status": 99}}),
            "value_out_of_range call.status",
        ),
        (
            json!({"call": {"url": "", "ms": 1}}),
            "field_invalid call.url",
        ),
        (
            json!({"not_restored": {"reason": ""}}),
            "field_invalid not_restored.reason",
        ),
        (
            json!({"custom": {"name": "n", "props": props}}),
            "value_out_of_range custom.props",
        ),
        (
            json!({"custom": {"name": "n", "props": {"a": long(129)}}}),
            "field_invalid custom.props.a",
        ),
        (
            json!({"custom": {"name": "n", "props": {"a": [1]}}}),
            "field_invalid custom.props.a",
        ),
    ] {
        assert_eq!(fault(1, &event), expected, "{event}");
    }
}

#[test]
fn a_views_first_batch_replaces_nothing() {
    let event = json!({"vital": {"name": "CLS", "value": 0.2, "was": 0.1}});
    assert_eq!(fault(0, &event), "field_invalid vital.was");
    assert_eq!(fault(1, &event), "");
}

#[test]
fn each_rule_of_a_batch_is_kept_up() {
    for (pointer, value, field) in [
        ("/id", json!("short"), "id"),
        ("/view/id", json!("has space"), "view.id"),
        ("/view/seq", json!(10_001), "view.seq"),
        ("/view/age", json!(limits::AGE_MS + 1), "view.age"),
        ("/view/path", json!("menu"), "view.path"),
        ("/view/path", json!("/a\nb"), "view.path"),
        ("/view/ref", json!(""), "view.ref"),
    ] {
        let mut batch: Value = serde_json::from_str(EXAMPLE).unwrap();
        *batch.pointer_mut(pointer).unwrap() = value;
        let text = batch.to_string();
        let decoded = decode(text.as_bytes()).unwrap();
        let refused = check_batch(&decoded.batch).unwrap_err();
        assert!(
            matches!(&refused, Refusal::Field { field: found, .. } if found == field),
            "{refused:?}"
        );
    }
}
