//! Makes accepted events of checked ones: what is kept, and in which words.

use foresight_shared::{Batch, Event as Wire, NavigationType};

use super::{client::Visitor, path::page_of};
use crate::{
    access::Claims,
    event::{Accepted, BOT_PAGE, Device, Event, Kind, Millis, View},
};

/// The accepted part of a batch. `now_ms` is the time of receipt.
pub(super) fn accept(
    batch: &Batch<'_>,
    events: Vec<Wire<'_>>,
    claims: Claims,
    visitor: Visitor,
    now_ms: Millis,
) -> Accepted {
    let wire = &batch.view;
    // At most `limits::AGE_MS`, so the cast and the subtraction are exact.
    let start_ms = now_ms - wire.age as Millis;
    let view = View {
        site: claims.host.as_str().to_owned(),
        template: claims.template,
        build: claims.build,
        page: page_of(&wire.path),
        device: visitor.device,
        country: visitor.country,
        browser: visitor.browser,
        navigation: wire.navigation,
        start_ms,
        received_ms: now_ms,
        counted: wire.seq == 0,
    };
    Accepted {
        view,
        events: events.into_iter().map(event).collect(),
    }
}

/// What is kept of a robot's batch: that it saw a page of the site. Not which page, and none of its
/// events, so that nothing of it can be mistaken for a visitor's. `bot` is its name in our list.
pub(super) fn accept_bot(
    batch: &Batch<'_>,
    claims: Claims,
    bot: &'static str,
    now_ms: Millis,
) -> Accepted {
    let nobody = Visitor {
        device: Device::Unknown,
        browser: super::client::UNKNOWN.to_owned(),
        country: super::client::UNKNOWN.to_owned(),
    };
    let mut accepted = accept(batch, Vec::new(), claims, nobody, now_ms);
    BOT_PAGE.clone_into(&mut accepted.view.page);
    accepted.view.navigation = NavigationType::Navigate;
    if accepted.view.counted {
        accepted.view.counted = false;
        accepted.events.push(Event::Named {
            kind: Kind::Bot,
            name: bot.to_owned(),
        });
    }
    accepted
}

/// The kinds of events, as the metric's label names them.
pub(super) fn kinds(events: &[Wire<'_>]) -> Vec<&'static str> {
    events
        .iter()
        .map(|event| match event {
            Wire::Vital { .. } => "vital",
            Wire::Share { .. } => "share",
            Wire::Referral { .. } => "referral",
            Wire::Lead { .. } => "lead",
            Wire::Conversion { .. } => "conversion",
            Wire::Error { .. } => "error",
            Wire::Custom { .. } => "custom",
        })
        .collect()
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
        Wire::Custom { name, .. } => named(Kind::Custom, name.0.into_owned()),
    }
}

/// Control characters become spaces: they would break tables, and databases refuse some.
fn on_one_line(message: &str) -> String {
    message
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::decode::decode;

    const EXAMPLE: &str = include_str!("../../../shared/examples/batch.v1.json");

    #[test]
    fn the_example_is_accepted_in_the_collectors_words() {
        let decoded = decode(EXAMPLE.as_bytes()).unwrap();
        let claims = Claims {
            host: "bakery.4site.pro".parse().unwrap(),
            template: None,
            build: None,
            issued_s: 0,
        };
        let visitor = Visitor {
            device: Device::Phone,
            browser: "Chrome".into(),
            country: "DE".into(),
        };
        let events: Vec<_> = decoded.events.into_iter().map(|(_, event)| event).collect();
        assert_eq!(
            kinds(&events)[6..],
            ["referral", "share", "lead", "conversion", "error", "custom"]
        );
        let accepted = accept(&decoded.batch, events, claims, visitor, 100_000);
        assert_eq!(accepted.view.start_ms, 100_000 - 18_250);
        assert!(accepted.view.counted);
        assert_eq!(accepted.events.len(), 12);
        let inp = &accepted.events[4];
        assert!(
            matches!(inp, Event::Vital { was: None, element: Some(el), .. } if el == "button.order")
        );
    }

    #[test]
    fn of_a_robot_only_its_view_is_kept() {
        for (seq, kept) in [(0, 1), (1, 0)] {
            let mut decoded = decode(EXAMPLE.as_bytes()).unwrap();
            decoded.batch.view.seq = seq;
            let claims = Claims {
                host: "bakery.4site.pro".parse().unwrap(),
                template: None,
                build: None,
                issued_s: 0,
            };
            let accepted = accept_bot(&decoded.batch, claims, "lighthouse", 100_000);
            assert!(!accepted.view.counted);
            assert_eq!(accepted.view.page, BOT_PAGE);
            assert_eq!(accepted.events.len(), kept);
            assert!(accepted.events.iter().all(|event| matches!(
                event,
                Event::Named { kind: Kind::Bot, name } if name == "lighthouse"
            )));
        }
    }

    #[test]
    fn control_characters_are_dropped() {
        assert_eq!(on_one_line("a\n\u{0}b"), "a  b");
    }
}
