//! Makes accepted events of checked ones: what is kept, and in which words.

use foresight_shared::{Batch, Event as Wire, Metric, NavigationType, Part};

use super::{
    client::Visitor,
    path::{address_of, page_of},
};
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
    let visit = starts_visit(batch, &claims).then(|| Event::Named {
        kind: Kind::Visit,
        name: String::new(),
    });
    let able = (wire.seq == 0 && !wire.can.is_empty()).then(|| able(&wire.can));
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
        events: events
            .into_iter()
            .flat_map(kept)
            .chain(visit)
            .chain(able)
            .collect(),
    }
}

/// Whether the batch counts a view with which a visit starts: the visitor came, and not from the site
/// itself. Nobody is known again, so nothing else can be counted: whoever comes back is another visit,
/// and so is each page of a site that sends no referrer. Of a view that ended before the beacon was
/// there only the loader tells: neither what can be measured nor a referrer. It starts none.
fn starts_visit(batch: &Batch<'_>, claims: &Claims) -> bool {
    let view = &batch.view;
    let comes = matches!(
        view.navigation,
        NavigationType::Navigate | NavigationType::Prerender
    );
    let mut referrer = view.referrer.iter();
    let is_known = view.seq == 0 && !view.can.is_empty();
    is_known && comes && !referrer.any(|host| claims.host.is_referrer(host))
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
    accepted.events.clear();
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
            Wire::Frames { .. } => "frames",
            Wire::Call { .. } => "call",
            Wire::NotRestored { .. } => "not_restored",
            Wire::Custom { .. } => "custom",
        })
        .collect()
}

/// What a view's browser can measure, in the order of metrics whatever the beacon's order.
fn able(can: &[Metric]) -> Event {
    let metrics = Metric::ALL
        .into_iter()
        .filter(|metric| can.contains(metric));
    Event::Able {
        metrics: metrics.collect(),
    }
}

/// The parts of a vital's first value. Of a later one they are not kept: the sums of parts could not take
/// back those of the value that it replaces.
fn parts(wire: &Wire<'_>) -> Option<Event> {
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
fn kept(wire: Wire<'_>) -> impl Iterator<Item = Event> {
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
            [
                "referral",
                "share",
                "lead",
                "conversion",
                "error",
                "frames",
                "call",
                "not_restored",
                "custom"
            ]
        );
        let accepted = accept(&decoded.batch, events, claims, visitor, 100_000);
        assert_eq!(accepted.view.start_ms, 100_000 - 18_250);
        assert!(accepted.view.counted);
        // Four vitals have parts, one has a script; a visit starts, and the browser can measure something.
        assert_eq!(accepted.events.len(), 15 + 4 + 1 + 1 + 1);
        let named = accepted.events.iter().filter_map(|event| match event {
            Event::Named { kind, name } => Some((*kind, name.as_str(), 1)),
            Event::Several { kind, name, count } => Some((*kind, name.as_str(), *count)),
            _ => None,
        });
        let named: Vec<_> = named.collect();
        for expected in [
            (Kind::Frame, "https://bakery.4site.pro/app.js", 3),
            (Kind::Call, "https://api.4site.pro/v1/tables/:n 503", 1),
            (Kind::NotRestored, "unload-listener", 1),
            (Kind::Script, "https://bakery.4site.pro/app.js", 1),
            (Kind::Visit, "", 1),
        ] {
            assert!(named.contains(&expected), "{expected:?} in {named:?}");
        }
        assert!(accepted.events.iter().any(|event| matches!(
            event,
            Event::Vital { metric: Metric::Inp, was: None, element: Some(el), .. } if el == "button.order"
        )));
        let (first, delay) = (Part::FirstByte as u8, Part::LoadDelay as u8);
        let (load, render) = (Part::LoadTime as u8, Part::RenderDelay as u8);
        assert!(accepted.events.contains(&Event::Parts {
            metric: Metric::Lcp,
            parts: vec![(first, 212), (delay, 401), (load, 980), (render, 137)],
        }));
        assert!(accepted.events.contains(&Event::Able {
            metrics: Metric::ALL.to_vec(),
        }));
    }

    #[test]
    fn of_a_later_value_parts_are_not_kept() {
        let mut decoded = decode(EXAMPLE.as_bytes()).unwrap();
        for (_, event) in &mut decoded.events {
            if let Wire::Vital { was, .. } = event {
                *was = Some(1.0);
            }
        }
        let mut events = decoded.events.into_iter().map(|(_, event)| event);
        assert!(events.all(|event| parts(&event).is_none()));
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
    fn a_visit_starts_with_a_view_that_is_not_reached_from_the_site_itself() {
        let page = "bakery.4site.pro:8080";
        for (host, referrer, navigation, seq, starts) in [
            (page, None, "navigate", 0, true),
            (page, Some("news.example"), "navigate", 0, true),
            (page, Some("news.example"), "prerender", 0, true),
            (page, Some("Bakery.4site.pro"), "navigate", 0, false),
            (
                "bakery.4site.pro",
                Some("bakery.4site.pro"),
                "navigate",
                0,
                false,
            ),
            (page, Some("bakery.4site.pro:8080"), "navigate", 0, false),
            (page, Some("4site.pro"), "navigate", 0, true),
            (page, Some("news.example"), "navigate", 1, false),
            (page, Some("news.example"), "reload", 0, false),
            (page, Some("news.example"), "back-forward", 0, false),
            (page, Some("news.example"), "back-forward-cache", 0, false),
            (page, Some("news.example"), "restore", 0, false),
            (page, None, "soft-navigation", 0, false),
        ] {
            let mut decoded = decode(EXAMPLE.as_bytes()).unwrap();
            decoded.batch.view.seq = seq;
            decoded.batch.view.referrer = referrer.map(Into::into);
            let word = format!("{navigation:?}");
            decoded.batch.view.navigation = serde_json::from_str(&word).unwrap();
            let claims = Claims {
                host: host.parse().unwrap(),
                template: None,
                build: None,
                issued_s: 0,
            };
            let found = starts_visit(&decoded.batch, &claims);
            assert_eq!(found, starts, "{host} {referrer:?} {navigation} {seq}");
            decoded.batch.view.can.clear();
            assert!(!starts_visit(&decoded.batch, &claims));
        }
    }

    #[test]
    fn control_characters_are_dropped() {
        assert_eq!(on_one_line("a\n\u{0}b"), "a  b");
    }
}
