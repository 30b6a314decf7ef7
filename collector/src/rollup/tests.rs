//! Folding is addition: order and cuts do not matter, and quantiles survive it.

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

    #[test]
    fn it_does_not_matter_how_a_stretch_is_cut_and_put_together(
        views in prop::collection::vec(accepted(), 0..20),
        cuts in [any::<prop::sample::Index>(), any::<prop::sample::Index>()],
    ) {
        let mut cuts = cuts.map(|cut| cut.index(views.len() + 1));
        cuts.sort_unstable();
        let folded = |views: &[Accepted]| {
            let mut rollup = Rollup::default();
            views.iter().cloned().for_each(|view| rollup.fold(view));
            rollup
        };
        let parts = || [
            folded(&views[..cuts[0]]),
            folded(&views[cuts[0]..cuts[1]]),
            folded(&views[cuts[1]..]),
        ];
        let whole = sums(folded(&views));
        let [a, b, c] = parts().map(sums);
        prop_assert_eq!(&added(added(a, b), c), &whole);
        let [a, b, c] = parts().map(sums);
        prop_assert_eq!(&added(c, added(b, a)), &whole);
    }

    #[test]
    fn a_value_that_was_replaced_leaves_nothing_behind(
        metric in 0..6_u8,
        values in prop::collection::vec(0.0..1e5_f64, 1..8),
        backwards in any::<bool>(),
    ) {
        let metric = Metric::from_number(metric).unwrap();
        let told = |value: f64, was: Option<f64>| Accepted {
            view: view(1, 0, false),
            events: vec![Event::Vital { metric, value, was, element: None }],
        };
        let befores = std::iter::once(None).chain(values.iter().copied().map(Some));
        let mut batches: Vec<_> = values.iter().zip(befores).map(|(v, was)| told(*v, was)).collect();
        if backwards {
            batches.reverse();
        }
        let mut replaced = Rollup::default();
        batches.into_iter().for_each(|batch| replaced.fold(batch));
        let mut last = Rollup::default();
        last.fold(told(*values.last().unwrap(), None));
        prop_assert_eq!(replaced, last);
    }
}

type Vitals = BTreeMap<Metric, Distribution>;
type Activity = BTreeMap<(Kind, String), i64>;
type Sums = BTreeMap<Cell, (Vitals, Activity)>;

fn sums(rollup: Rollup) -> Sums {
    let of = |counts: Counts| {
        let vitals = counts.vitals.into_iter().collect();
        (vitals, counts.activity.into_iter().collect())
    };
    let cells = rollup.cells.into_iter();
    cells.map(|(cell, counts)| (cell, of(counts))).collect()
}

/// Two rollups' cells, added as the database's rows are.
fn added(mut one: Sums, other: Sums) -> Sums {
    for (cell, (vitals, activity)) in other {
        let sums = one.entry(cell).or_default();
        for (metric, distribution) in vitals {
            sums.0.entry(metric).or_default().add(&distribution);
        }
        for (key, count) in activity {
            *sums.1.entry(key).or_default() += count;
        }
    }
    one
}

/// Values as web pages have them: most are small, some a thousand times larger (Pareto).
fn skewed(number: usize) -> Vec<f64> {
    // Marsaglia's xorshift, so that the values are the same in every run.
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    (0..number)
        .map(|_| (80.0 * (1.0 - next()).powf(-1.0 / 1.1)).min(600_000.0))
        .collect()
}

#[test]
fn quantiles_of_skewed_values_are_within_one_percent_of_exact() {
    let mut values = skewed(100_000);
    let mut sum = Distribution::default();
    for value in &values {
        sum.record(Metric::Lcp, *value, None);
    }
    values.sort_by(f64::total_cmp);
    assert!(values[99_999] > 1000.0 * values[50_000], "hardly skewed");
    for q in [0.01, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 1.0] {
        let exact = values[(q * values.len() as f64).ceil() as usize - 1];
        let found = sum.histogram.quantile(q).unwrap();
        assert!(
            (found - exact).abs() <= exact * 0.010_001,
            "{q}: {found} for {exact}"
        );
    }
}

#[test]
fn the_p75_of_a_thousand_parts_is_that_of_the_whole() {
    let mut values = skewed(50_000);
    let (mut whole, mut merged) = (Distribution::default(), Distribution::default());
    for value in &values {
        whole.record(Metric::Lcp, *value, None);
    }
    // Parts of unequal size, by way of the bytes that the database keeps.
    let mut parts = vec![Distribution::default(); 1000];
    for (place, value) in values.iter().enumerate() {
        parts[place * place / 7 % 1000].record(Metric::Lcp, *value, None);
    }
    for part in &parts {
        let mut bytes = Vec::new();
        part.put(&mut bytes);
        merged.add_bytes(&bytes, 1).unwrap();
    }
    assert_eq!(merged, whole);
    values.sort_by(f64::total_cmp);
    let (exact, found) = (values[37_499], merged.p75().unwrap());
    let bin = foresight_shared::bins::bin_of;
    assert!(bin(exact).abs_diff(bin(found)) <= 1, "{found} for {exact}");
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
    assert!(counts.activity.contains(&((Kind::View, String::new()), 1)));
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
    let share = (Kind::Share, "whatsapp".to_owned());
    assert!(counts.activity.contains(&(share, 1)));
}
