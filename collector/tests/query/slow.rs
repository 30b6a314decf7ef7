//! The report on what slowness costs, over page views that were counted by hand.

use foresight::{
    event::{Accepted, Device, Event, HOUR_MS, Kind, View},
    rollup::Rollup,
};
use foresight_shared::{Metric, NavigationType};
use serde_json::{Value, json};

use crate::room::{NOW_MS, Room};

fn lcp(value: f64) -> Event {
    Event::Vital {
        metric: Metric::Lcp,
        value,
        was: None,
        element: None,
    }
}

fn named(kind: Kind, name: &str) -> Event {
    Event::Named {
        kind,
        name: name.into(),
    }
}

fn accepted(site: &str, device: Device, counted: bool, events: Vec<Event>) -> Accepted {
    let view = View {
        site: site.into(),
        template: None,
        build: None,
        page: "/".into(),
        device,
        country: "DE".into(),
        browser: "Firefox".into(),
        navigation: NavigationType::Navigate,
        start_ms: NOW_MS - HOUR_MS,
        received_ms: NOW_MS,
        counted,
    };
    Accepted { view, events }
}

/// 300 views of phones and 200 of desktops: of the good ones every fifth, of the poor ones every tenth has
/// a lead. One more lead is told later, one share and one opened generator with a good view.
async fn room() -> Room {
    let room = Room::empty().await;
    let mut rollup = Rollup {
        opened_goal: Some("generator_opened".into()),
        ..Rollup::default()
    };
    for (device, views, value, every) in [
        (Device::Phone, 100, 1000.0, 5),
        (Device::Phone, 200, 5000.0, 10),
        (Device::Desktop, 150, 2400.0, 5),
        (Device::Desktop, 50, 9000.0, 10),
    ] {
        for number in 0..views {
            let mut events = vec![lcp(value)];
            if number % every == 0 {
                events.push(named(Kind::Lead, "table"));
            }
            rollup.fold(accepted("a.example", device, true, events));
        }
    }
    let share = Event::Share {
        channel: "email".into(),
        id: "share-one".into(),
        parent: None,
    };
    let goal = named(Kind::Conversion, "generator_opened");
    let events = vec![lcp(100.0), share, goal, named(Kind::Conversion, "order")];
    rollup.fold(accepted("b.example", Device::Tablet, true, events));
    let late = vec![named(Kind::Lead, "table")];
    rollup.fold(accepted("a.example", Device::Phone, false, late));
    room.store.merge("spool", 0, 1, &rollup).await.unwrap();
    room
}

fn figures(line: &Value, names: [&str; 3]) -> [f64; 3] {
    names.map(|name| line[name].as_f64().unwrap())
}

#[tokio::test]
async fn rates_are_told_by_band_and_compared_within_device_and_country() {
    let room = room().await;
    for folded in [false, true] {
        let report = room
            .get("/api/v1/growth/slow?metric=LCP&outcome=lead")
            .await;
        assert_eq!(
            (&report["claim"], &report["unit"]),
            (&json!("association"), &json!("ms"))
        );
        let counts = ["views", "outcomes", "unknown", "strata"].map(|name| report[name].clone());
        assert_eq!(counts, [501, 76, 1, 3]);
        let [good, middling, poor] = [0, 1, 2].map(|at| &report["bands"][at]);
        let counts = |line: &Value| [line["views"].clone(), line["outcomes"].clone()];
        assert_eq!(
            [counts(good), counts(middling), counts(poor)],
            [[251, 50], [0, 0], [250, 25]]
        );
        assert_eq!(
            (&good["reference"], &good["ratio"]),
            (&json!(true), &Value::Null)
        );
        assert_eq!(
            (&middling["percent"], &middling["adjusted"]),
            (&Value::Null, &Value::Null)
        );
        assert_eq!(poor["percent"], 10.0);
        let [adjusted, low, high] = figures(poor, ["adjusted", "adjusted_low", "adjusted_high"]);
        assert_eq!(adjusted, -10.0);
        assert!(low < adjusted && adjusted < high && high < 0.0, "{poor}");
        let [ratio, low, high] = figures(poor, ["ratio", "ratio_low", "ratio_high"]);
        assert_eq!(ratio, 0.5);
        assert!(0.3 < low && high < 0.9, "{poor}");
        // The tablet's view is good, and no poor one is of a tablet.
        assert_eq!(poor["compared"], 250);
        let finer = report["finer"].as_array().unwrap();
        let found: Vec<_> = finer.iter().map(counts).collect();
        let expected = [
            [1, 0],
            [100, 20],
            [0, 0],
            [150, 30],
            [0, 0],
            [0, 0],
            [200, 20],
            [0, 0],
            [50, 5],
        ];
        assert_eq!(found, expected.map(|pair| pair.map(Value::from)));
        assert_eq!(
            (&finer[3]["from"], &finer[3]["to"]),
            (&json!(1875.0), &json!(2500.0))
        );
        assert_eq!(
            (&finer[3]["reference"], &finer[8]["to"]),
            (&json!(true), &Value::Null)
        );
        if !folded {
            room.store.fold_hours(NOW_MS + HOUR_MS).await.unwrap();
        }
    }
}

#[tokio::test]
async fn shares_opened_generators_and_filters_have_their_own_counts() {
    let room = room().await;
    let ask = async |query: &str| {
        let report = room.get(&format!("/api/v1/growth/slow?{query}")).await;
        ["views", "outcomes", "unknown", "strata"].map(|name| report[name].as_u64().unwrap())
    };
    assert_eq!(ask("metric=LCP&outcome=share").await, [501, 1, 0, 3]);
    assert_eq!(ask("metric=LCP&outcome=generation").await, [501, 1, 0, 3]);
    assert_eq!(
        ask("metric=LCP&outcome=lead&device=phone").await,
        [300, 41, 1, 1]
    );
    assert_eq!(
        ask("metric=LCP&outcome=lead&site=b.example").await,
        [1, 0, 0, 1]
    );
    assert_eq!(
        ask("metric=LCP&outcome=lead&country=AT").await,
        [0, 0, 0, 0]
    );
    // Nothing was told of it: every outcome is one whose value is not known.
    assert_eq!(ask("metric=INP&outcome=lead").await, [0, 76, 76, 0]);
}
