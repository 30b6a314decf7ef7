//! The rules of a decoded batch beyond its types: those of [`foresight_shared::limits`].
//!
//! In: a decoded batch. Out: the events that keep every rule, and a fault for each other one. What
//! must never happen: a text with a control character gets through; databases refuse some of them,
//! and one such event would hold up its whole stretch of the spool.

use foresight_shared::{Attribution, Batch, Event, EventFault, Metric, Unit, batch::Prop, limits};

use super::refusal::Refusal;

/// A broken rule: code, field, rule.
pub(super) type Broken = (&'static str, String, String);

/// Checks the batch's own fields.
pub(super) fn check_batch(batch: &Batch<'_>) -> Result<(), Refusal> {
    let view = &batch.view;
    length("site", &batch.site, 1, limits::TOKEN_CHARS)
        .and_then(|()| id("id", &batch.id))
        .and_then(|()| id("view.id", &view.id))
        .and_then(|()| at_most("view.seq", view.seq.into(), limits::SEQUENCE.into(), ""))
        .and_then(|()| at_most("view.age", view.age, limits::AGE_MS, " ms"))
        .and_then(|()| path("view.path", &view.path))
        .and_then(|()| match &view.referrer {
            Some(host) => text("view.ref", host, limits::HOST_CHARS),
            None => Ok(()),
        })
        .map_err(|(code, field, rule)| Refusal::Field { code, field, rule })
}

/// Splits events into those that keep the rules and the faults of the others, by place.
pub(super) fn check_events<'a>(
    seq: u32,
    events: Vec<(usize, Event<'a>)>,
    mut faults: Vec<EventFault>,
) -> (Vec<Event<'a>>, Vec<EventFault>) {
    let mut kept = Vec::with_capacity(events.len());
    for (index, event) in events {
        match check_event(seq, &event) {
            Ok(()) => kept.push(event),
            Err((code, field, rule)) => faults.push(EventFault {
                index,
                code: code.to_owned(),
                field,
                rule,
            }),
        }
    }
    faults.sort_by_key(|fault| fault.index);
    (kept, faults)
}

fn check_event(seq: u32, event: &Event<'_>) -> Result<(), Broken> {
    match event {
        Event::Vital {
            name,
            value,
            was,
            why,
        } => {
            plausible("vital.value", *name, *value)?;
            if let Some(was) = was {
                plausible("vital.was", *name, *was)?;
                // Else a value would be taken out that nobody put in.
                if seq == 0 {
                    let rule = "only after the view's first batch".to_owned();
                    return Err(("field_invalid", "vital.was".to_owned(), rule));
                }
            }
            why.as_ref().map_or(Ok(()), check_attribution)
        }
        Event::Share {
            channel,
            id: share,
            parent,
        } => {
            text("share.channel", channel, limits::NAME_CHARS)?;
            id("share.id", share)?;
            match parent {
                Some(parent) => id("share.parent", parent),
                None => Ok(()),
            }
        }
        Event::Referral { share, landing } => {
            id("referral.share", share)?;
            path("referral.landing", landing)
        }
        Event::Lead { form } => match form {
            Some(form) => text("lead.form", form, limits::NAME_CHARS),
            None => Ok(()),
        },
        Event::Conversion { name } => text("conversion.name", name, limits::NAME_CHARS),
        Event::Error {
            message, source, ..
        } => {
            // Messages may have line breaks; they are cleaned when they are accepted.
            length("error.message", message, 1, limits::MESSAGE_CHARS)?;
            match source {
                Some(source) => text("error.source", source, limits::URL_CHARS),
                None => Ok(()),
            }
        }
        Event::Frames {
            count,
            blocking,
            longest,
            script,
        } => {
            // An upper limit alone would let nothing through as something.
            if *count == 0 {
                let rule = "at least 1".to_owned();
                return Err(("value_out_of_range", "frames.count".to_owned(), rule));
            }
            at_most("frames.count", (*count).into(), limits::FRAMES.into(), "")?;
            within("frames.blocking", *blocking, limits::AGE_MS as f64)?;
            within("frames.longest", *longest, limits::DURATION_MS)?;
            match script {
                Some(script) => text("frames.script", script, limits::URL_CHARS),
                None => Ok(()),
            }
        }
        Event::Call { url, ms, status } => {
            text("call.url", url, limits::URL_CHARS)?;
            within("call.ms", *ms, limits::DURATION_MS)?;
            if status.is_some_and(|status| !(100..600).contains(&status)) {
                let rule = "between 100 and 599".to_owned();
                return Err(("value_out_of_range", "call.status".to_owned(), rule));
            }
            Ok(())
        }
        Event::NotRestored { reason } => text("not_restored.reason", reason, limits::NAME_CHARS),
        Event::Custom { name, props } => {
            text("custom.name", name, limits::NAME_CHARS)?;
            at_most(
                "custom.props",
                props.len() as u64,
                limits::PROPS as u64,
                " properties",
            )?;
            props.iter().try_for_each(|(key, value)| {
                let field = format!("custom.props.{}", key.chars().take(20).collect::<String>());
                text(&field, key, limits::NAME_CHARS)?;
                match value {
                    Prop::Text(value) => length(&field, value, 0, limits::PROP_CHARS),
                    Prop::Flag(_) | Prop::Number(_) => Ok(()),
                }
            })
        }
    }
}

fn check_attribution(why: &Attribution<'_>) -> Result<(), Broken> {
    let texts = [
        ("vital.why.el", &why.element, limits::SELECTOR_CHARS),
        ("vital.why.url", &why.url, limits::URL_CHARS),
        ("vital.why.type", &why.kind, limits::NAME_CHARS),
        ("vital.why.script", &why.script, limits::URL_CHARS),
    ];
    for (field, value, most) in texts {
        if let Some(value) = value {
            text(field, value, most)?;
        }
    }
    if let Some(shift) = why.shift
        && !(0.0..=limits::LAYOUT_SHIFT).contains(&shift)
    {
        let rule = format!("between 0 and {}", limits::LAYOUT_SHIFT);
        return Err(("value_out_of_range", "vital.why.shift".to_owned(), rule));
    }
    at_most(
        "vital.why.parts",
        why.parts.len() as u64,
        limits::PARTS as u64,
        " parts",
    )?;
    why.parts
        .values()
        .chain(why.at.iter())
        .all(|ms| (0.0..=limits::AGE_MS as f64).contains(ms))
        .then_some(())
        .ok_or_else(|| {
            let rule = format!("times between 0 and {} ms", limits::AGE_MS);
            ("value_out_of_range", "vital.why".to_owned(), rule)
        })
}

fn plausible(field: &str, metric: Metric, value: f64) -> Result<(), Broken> {
    if (0.0..=metric.largest()).contains(&value) {
        return Ok(());
    }
    let rule = match metric.unit() {
        Unit::Milliseconds => format!("between 0 and {} ms", metric.largest()),
        Unit::Score => format!("between 0 and {}", metric.largest()),
    };
    Err(("value_out_of_range", field.to_owned(), rule))
}

pub(super) fn within(field: &str, ms: f64, most: f64) -> Result<(), Broken> {
    if (0.0..=most).contains(&ms) {
        return Ok(());
    }
    let rule = format!("between 0 and {most} ms");
    Err(("value_out_of_range", field.to_owned(), rule))
}

pub(super) fn at_most(field: &str, number: u64, most: u64, unit: &str) -> Result<(), Broken> {
    if number <= most {
        return Ok(());
    }
    let rule = format!("at most {most}{unit}");
    Err(("value_out_of_range", field.to_owned(), rule))
}

pub(super) fn id(field: &str, value: &str) -> Result<(), Broken> {
    if limits::is_id(value) {
        return Ok(());
    }
    let rule = format!(
        "{} to {} characters of A-Z, a-z, 0-9, - and _",
        limits::ID_CHARS_MIN,
        limits::ID_CHARS_MAX
    );
    Err(("field_invalid", field.to_owned(), rule))
}

fn path(field: &str, value: &str) -> Result<(), Broken> {
    text(field, value, limits::PATH_CHARS)?;
    if value.starts_with('/') {
        return Ok(());
    }
    Err((
        "field_invalid",
        field.to_owned(),
        "begins with /".to_owned(),
    ))
}

pub(super) fn text(field: &str, value: &str, most: usize) -> Result<(), Broken> {
    length(field, value, 1, most)?;
    if value.chars().any(char::is_control) {
        let rule = "without control characters".to_owned();
        return Err(("field_invalid", field.to_owned(), rule));
    }
    Ok(())
}

fn length(field: &str, value: &str, least: usize, most: usize) -> Result<(), Broken> {
    // Bytes are at least as many as characters, so most texts need no counting.
    let fits = (value.len() <= most || value.chars().count() <= most) && value.len() >= least;
    if fits {
        return Ok(());
    }
    let rule = format!("{least} to {most} characters");
    Err(("field_invalid", field.to_owned(), rule))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::decode::decode;
    use serde_json::{Value, json};

    const EXAMPLE: &str = include_str!("../../../shared/examples/batch.v1.json");

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
}
