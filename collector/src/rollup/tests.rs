//! Folding is addition: order and cuts do not matter.

use proptest::prelude::*;

use super::*;

fn view(page: u8, start_ms: Millis, counted: bool) -> View {
    View {
        site: "a.example".into(),
        template: None,
        build: None,
        page: format!("/{page}"),
        device: Device::Phone,
        country: "unknown".into(),
        browser: "Chrome".into(),
        navigation: NavigationType::Navigate,
        start_ms,
        received_ms: 7,
        counted,
    }
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        (0..6_u8, 0.0..1e5_f64, prop::option::of(0.0..1e5_f64)).prop_map(|(metric, value, was)| {
            Event::Vital {
                metric: Metric::from_number(metric).unwrap(),
                value,
                was,
                element: (metric == 0).then(|| "img".to_owned()),
            }
        }),
        "[a-c]{8}".prop_map(|share| Event::Referral { share }),
        (1..5_u8, "[a-b]").prop_map(|(kind, name)| Event::Named {
            kind: Kind::from_number(kind).unwrap(),
            name,
        }),
    ]
}

fn accepted() -> impl Strategy<Value = Accepted> {
    (
        0..3_u8,
        0..3 * crate::event::HOUR_MS,
        any::<bool>(),
        prop::collection::vec(event(), 0..6),
    )
        .prop_map(|(page, start_ms, counted, events)| Accepted {
            view: view(page, start_ms, counted),
            events,
        })
}

proptest! {
    #[test]
    fn the_order_of_folding_does_not_matter(views in prop::collection::vec(accepted(), 0..20)) {
        let mut forward = Rollup::default();
        views.iter().cloned().for_each(|view| forward.fold(view));
        let mut backward = Rollup::default();
        views.into_iter().rev().for_each(|view| backward.fold(view));
        prop_assert_eq!(forward, backward);
    }
}

#[test]
fn a_view_is_counted_by_its_first_batch_only() {
    let mut rollup = Rollup::default();
    for counted in [true, false] {
        rollup.fold(Accepted {
            view: view(1, 0, counted),
            events: vec![],
        });
    }
    let counts = rollup.cells.values().next().unwrap();
    assert_eq!(counts.activity[&(Kind::View, String::new())], 1);
}

#[test]
fn a_share_is_kept_once_with_its_parent_and_counted_under_its_channel() {
    let mut rollup = Rollup::default();
    rollup.fold(Accepted {
        view: view(1, 0, true),
        events: vec![Event::Share {
            channel: "whatsapp".into(),
            id: "share-one".into(),
            parent: Some("share-zero".into()),
        }],
    });
    let share = &rollup.shares[&("a.example".to_owned(), "share-one".to_owned())];
    assert_eq!(share.parent.as_deref(), Some("share-zero"));
    assert_eq!(share.page, "/1");
    let counts = rollup.cells.values().next().unwrap();
    assert_eq!(counts.activity[&(Kind::Share, "whatsapp".to_owned())], 1);
}
