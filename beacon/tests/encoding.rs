//! What the beacon writes is what the collector reads: valid JSON of `foresight_shared::Batch`,
//! equal to what was meant, and within the limits, whatever texts and numbers come in.

use std::collections::BTreeMap;

use foresight_beacon::{
    custom::{self, FIELD},
    encode::{self, Envelope},
    event::{Event, Why, scale},
    fault::Faults,
    label::Labels,
    lead,
    number::units,
    selector, share, text,
};
use foresight_shared::{
    Attribution, Batch, Event as Wire, Metric, Part, Text, batch::Prop, limits,
};
use proptest::prelude::*;

const FACTS: &str =
    r#""path":"/menu","nav":"navigate","vp":"phone","ref":"news.example","conn":"4g""#;

fn batch(events: &[String], can: u32) -> String {
    let envelope = Envelope {
        site: "f1.\"token\"",
        id: "Zq3xV0mW9kT1bYc7RhLp2A",
        sent: 1_793_523_600_000,
        view: "f8QmJ2sK0xWc4TnVbR6uEg",
        seq: 3,
        age: 18_250,
        can,
    };
    encode::open(&envelope, FACTS) + &events.join(",") + "]}"
}

/// Writes one event and reads it back.
fn read<R>(event: &str, check: impl FnOnce(&Wire<'_>) -> R) -> R {
    let text = batch(&[event.to_owned()], 0);
    let batch: Batch<'_> = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"));
    check(&batch.events[0])
}

fn plain(event: &Event<'_>) -> String {
    encode::event(event, &Labels::default())
}

fn chars(text: &str) -> usize {
    text.chars().count()
}

#[test]
fn a_batch_says_what_was_meant() {
    let text = batch(&[], (1 << Metric::Lcp as u8) | (1 << Metric::Ttfb as u8));
    let batch: Batch<'_> = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (batch.v, &*batch.site, &*batch.id),
        (1, "f1.\"token\"", "Zq3xV0mW9kT1bYc7RhLp2A")
    );
    assert_eq!(
        (batch.sent, batch.view.seq, batch.view.age),
        (1_793_523_600_000, 3, 18_250)
    );
    assert_eq!(batch.view.can, [Metric::Lcp, Metric::Ttfb]);
    assert_eq!(batch.view.referrer, Some("news.example".into()));
    assert!(batch.events.is_empty());
}

#[test]
fn every_kind_of_event_is_read_as_it_was_written() {
    let id = "pR7mYc2LzA";
    for (event, expected) in [
        (
            share::share("email", id, "").unwrap(),
            Wire::Share {
                channel: "email".into(),
                id: id.into(),
                parent: None,
            },
        ),
        (
            Event::Referral {
                share: id,
                landing: "/a",
            },
            Wire::Referral {
                share: id.into(),
                landing: "/a".into(),
            },
        ),
        (lead::lead(""), Wire::Lead { form: None }),
        (
            lead::conversion("booking").unwrap(),
            Wire::Conversion {
                name: "booking".into(),
            },
        ),
        (
            Event::Custom {
                name: "x",
                props: "{}",
            },
            Wire::Custom {
                name: "x".into(),
                props: BTreeMap::new(),
            },
        ),
    ] {
        read(&plain(&event), |wire| assert_eq!(*wire, expected));
    }
}

#[test]
fn a_vital_keeps_its_attribution() {
    let mut labels = Labels::default();
    let why = Why {
        element: labels.keep("main>img"),
        url: labels.keep("https://a.b/c.png"),
        kind: labels.keep("click"),
        at: Some(12.34),
        parts: &[Part::Wait, Part::Dns],
        ms: [1.04, 700_000.0, 9.0, 9.0, 9.0],
    };
    let event = Event::Vital {
        metric: Metric::Inp,
        value: 1680,
        was: Some(965),
        why: &why,
    };
    read(&encode::event(&event, &labels), |wire| {
        let expected = Attribution {
            element: Some("main>img".into()),
            url: Some("https://a.b/c.png".into()),
            kind: Some("click".into()),
            at: Some(12.3),
            parts: BTreeMap::from([(Part::Wait, 1.0), (Part::Dns, limits::DURATION_MS)]),
        };
        let why = Some(expected);
        assert_eq!(
            *wire,
            Wire::Vital {
                name: Metric::Inp,
                value: 168.0,
                was: Some(96.5),
                why
            }
        );
    });
}

/// Texts with everything that JSON, UTF-8 and JavaScript make hard.
fn nasty() -> impl Strategy<Value = String> {
    let hard = prop_oneof![
        any::<char>(),
        prop::sample::select(vec![
            '"', '\\', '\0', '\u{1f}', '\u{7f}', '\u{2028}', '\u{2029}', '\u{fffd}', '👩', '\n',
            '\t', ' ', '/'
        ]),
    ];
    prop::collection::vec(hard, 0..400).prop_map(|chars| chars.into_iter().collect())
}

proptest! {
    #[test]
    fn names_survive_as_they_were_cut(name in nasty()) {
        let expected = text::name(&name, limits::NAME_CHARS);
        read(&plain(&lead::lead(&name)), |wire| {
            let Wire::Lead { form } = wire else { panic!("{wire:?}") };
            assert_eq!(form.as_ref().map_or("", Text::as_str), expected);
        });
        prop_assert!(chars(expected) <= limits::NAME_CHARS);
        prop_assert!(name.contains(expected));
    }

    #[test]
    fn errors_are_read_back_within_their_limits(message in nasty(), path in nasty(), line in any::<u32>()) {
        let source = format!("https://a.b/{path}");
        let Some(event) = Faults::default().observe(&message, &source, line) else { return Ok(()) };
        read(&event, |wire| {
            let Wire::Error { message, source, line: told } = wire else { panic!("{wire:?}") };
            assert!((1..=limits::MESSAGE_CHARS).contains(&chars(message)));
            let source = source.as_ref().unwrap();
            assert!(chars(source) <= limits::URL_CHARS && !source.contains(['?', '#']));
            assert_eq!(told.unwrap_or(0), line);
        });
    }

    #[test]
    fn properties_are_read_back_with_their_types(
        name in nasty(), texts in prop::collection::vec((nasty(), nasty()), 0..30), number in any::<f64>(), flag in any::<bool>(),
    ) {
        let field = FIELD as char;
        let clean = |text: &str| text.replace(field, " ");
        // As JavaScript prints: `NaN`, `Infinity`, or digits.
        let mut flat = format!("n{field}n{field}{number:?}{field}b{field}b{field}{flag}{field}");
        for (key, value) in &texts {
            flat += &format!("{}{field}s{field}{}{field}", clean(key), clean(value));
        }
        let name = format!("x{name}");
        let event = Event::Custom { name: text::name(&name, limits::NAME_CHARS), props: &custom::props(&flat) };
        read(&plain(&event), |wire| {
            let Wire::Custom { props, .. } = wire else { panic!("{wire:?}") };
            assert!(props.len() <= limits::PROPS);
            assert_eq!(props.get(&Text::from("b")), Some(&Prop::Flag(flag)));
            // serde_json reads the last digit of long numbers approximately.
            if let Some(Prop::Number(told)) = props.get(&Text::from("n")) {
                assert!((told - number).abs() <= number.abs() * 1e-14);
            } else {
                assert!(!number.is_finite() || props.contains_key(&Text::from("n")));
            }
            for (key, value) in props {
                assert!((1..=limits::NAME_CHARS).contains(&chars(key)));
                if let Prop::Text(value) = value {
                    assert!(chars(value) <= limits::PROP_CHARS);
                }
            }
        });
    }

    #[test]
    fn values_are_read_back_rounded_and_within_what_is_believed(
        value in any::<f64>(), was in prop::option::of(any::<f64>()), at in any::<f64>(), index in 0..6_usize,
    ) {
        let metric = Metric::ALL[index];
        let fixed = |value: f64| units(value, metric.largest(), scale(metric));
        let why = Why { at: Some(at), ..Why::default() };
        let event = Event::Vital { metric, value: fixed(value), was: was.map(fixed), why: &why };
        read(&plain(&event), |wire| {
            let Wire::Vital { name, value: told, was: before, why } = wire else { panic!("{wire:?}") };
            assert_eq!(*name, metric);
            assert!((0.0..=metric.largest()).contains(told));
            let kept = value.max(0.0).min(metric.largest());
            assert!((told - kept).abs() <= 0.500_001 / scale(metric) as f64, "{told} of {value}");
            assert_eq!(before.is_some(), was.is_some());
            assert!(why.as_ref().unwrap().at.unwrap() >= 0.0);
        });
    }

    #[test]
    fn selectors_are_read_back_within_their_limit(trail in nasty()) {
        let selector = selector::of(&trail);
        prop_assert!(chars(&selector) <= limits::SELECTOR_CHARS);
        let mut labels = Labels::default();
        let why = Why { element: labels.keep(&selector), at: Some(1.0), ..Why::default() };
        let event = Event::Vital { metric: Metric::Cls, value: 1, was: None, why: &why };
        read(&encode::event(&event, &labels), |wire| {
            let Wire::Vital { why: Some(why), .. } = wire else { panic!("{wire:?}") };
            assert_eq!(why.element.as_ref().map_or("", Text::as_str), selector);
        });
    }
}
