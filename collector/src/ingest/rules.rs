//! The rules of a decoded batch beyond its types: those of [`foresight_shared::limits`].
//!
//! In: a decoded batch. Out: the events that keep every rule, and a fault for each other one. What
//! must never happen: a text with a control character gets through; databases refuse some of them,
//! and one such event would hold up its whole stretch of the spool.

mod field;
#[cfg(test)]
mod tests;

use foresight_shared::{Attribution, Batch, Event, EventFault, batch::Prop, limits};

use super::refusal::Refusal;
pub(super) use field::{at_most, id, text, within};
use field::{length, path, plausible};

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
