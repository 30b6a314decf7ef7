//! What is kept of one event.
//!
//! In: an event that keeps the rules. Out: the accepted event, its parts, and what it blames.

use foresight_shared::{Event as Wire, Metric, Part};

use crate::{
    event::{Event, Kind},
    ingest::path::address_of,
};

/// The parts of a vital's first value. Of a later one they are not kept: the sums of parts could not take
/// back those of the value that it replaces.
pub(super) fn parts(wire: &Wire<'_>) -> Option<Event> {
    let Wire::Vital {
        name,
        was: None,
        why: Some(why),
        ..
    } = wire
    else {
        return None;
    };
    let whole = |(part, ms): (&Part, &f64)| {
        // Checked to be a time within a view's age.
        let ms = ms.round() as u32;
        (ms > 0).then_some((*part as u8, ms))
    };
    (!why.parts.is_empty()).then(|| Event::Parts {
        metric: *name,
        parts: why.parts.iter().filter_map(whole).collect(),
    })
}

/// What is kept of an event: itself, its parts, and the script to blame for a slow interaction.
pub(super) fn kept(wire: Wire<'_>) -> impl Iterator<Item = Event> {
    let parts = parts(&wire);
    let script = match &wire {
        Wire::Vital {
            name: Metric::Inp,
            why: Some(why),
            ..
        } => why.script.as_ref().map(|script| address_of(script)),
        _ => None,
    };
    let script = script.map(|name| Event::Named {
        kind: Kind::Script,
        name,
    });
    std::iter::once(event(wire)).chain(parts).chain(script)
}

fn event(event: Wire<'_>) -> Event {
    let named = |kind, name: String| Event::Named { kind, name };
    match event {
        Wire::Vital {
            name,
            value,
            was,
            why,
        } => Event::Vital {
            metric: name,
            value,
            was,
            element: why
                .and_then(|why| why.element)
                .map(|text| text.0.into_owned()),
        },
        Wire::Share {
            channel,
            id,
            parent,
        } => Event::Share {
            channel: channel.0.into_owned(),
            id: id.0.into_owned(),
            parent: parent.map(|text| text.0.into_owned()),
        },
        Wire::Referral { share, .. } => Event::Referral {
            share: share.0.into_owned(),
        },
        Wire::Lead { form } => named(
            Kind::Lead,
            form.map(|text| text.0.into_owned()).unwrap_or_default(),
        ),
        Wire::Conversion { name } => named(Kind::Conversion, name.0.into_owned()),
        Wire::Error { message, .. } => named(Kind::Error, on_one_line(&message)),
        Wire::Frames { count, script, .. } => Event::Several {
            kind: Kind::Frame,
            name: script.map(|script| address_of(&script)).unwrap_or_default(),
            count,
        },
        Wire::Call { url, status, .. } => named(Kind::Call, call(&url, status)),
        Wire::NotRestored { reason } => named(Kind::NotRestored, reason.0.into_owned()),
        Wire::Custom { name, .. } => named(Kind::Custom, name.0.into_owned()),
    }
}

/// The name of a request: its address, and the status if it failed.
fn call(url: &str, status: Option<u16>) -> String {
    let address = address_of(url);
    match status {
        Some(status) if status >= 400 => format!("{address} {status}"),
        _ => address,
    }
}

/// Control characters become spaces: they would break tables, and databases refuse some.
pub(super) fn on_one_line(message: &str) -> String {
    message
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}
