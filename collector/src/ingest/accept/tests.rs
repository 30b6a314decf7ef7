//! From batches to what is kept of them.

use foresight_shared::Part;

use super::{
    event::{on_one_line, parts},
    *,
};
use crate::ingest::decode::decode;

const EXAMPLE: &str = include_str!("../../../../shared/examples/batch.v1.json");

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
