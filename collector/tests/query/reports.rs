//! Every report, counted by hand.

use foresight::{
    event::{Accepted, Device, Event},
    rollup::Rollup,
};
use foresight_shared::{Metric, Part};
use serde_json::{Value, json};

use crate::room::{Room, binned, view};

#[tokio::test]
async fn vitals_are_counted_rated_and_split_into_buckets() {
    let room = Room::filled().await;
    let body = room.get("/api/v1/vitals?site=a.example").await;
    assert_eq!(body["site"], "a.example");
    assert_eq!(body["from"], "2026-11-22T21:00:00Z");
    assert_eq!(body["to"], "2026-11-23T22:00:00Z");
    assert_eq!(body["views"], 3);
    let names: Vec<_> = body["vitals"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["metric"])
        .collect();
    assert_eq!(names, ["LCP", "INP", "CLS", "FCP", "TTFB", "FID"]);
    let lcp = &body["vitals"][0];
    // Of 1000, 3000 and 5000 the third is the 75th percentile by nearest rank.
    assert_eq!(lcp["p75"], binned(5000.0));
    assert_eq!(
        (&lcp["p75_low"], &lcp["p75_high"]),
        (&binned(1000.0), &binned(5000.0))
    );
    assert_eq!(
        (&lcp["count"], &lcp["unit"], &lcp["rating"]),
        (&json!(3), &json!("ms"), &json!("poor"))
    );
    assert_eq!(lcp["thresholds"], json!({"good": 2500.0, "poor": 4000.0}));
    let ratings = (&lcp["good"], &lcp["needs_improvement"], &lcp["poor"]);
    assert_eq!(ratings, (&json!(1), &json!(1), &json!(1)));
    let buckets = lcp["distribution"].as_array().unwrap();
    assert_eq!(buckets.len(), 3);
    assert!(buckets.iter().all(|bucket| bucket["count"] == 1));
    assert_eq!(body["vitals"][2]["unit"], "");
}

#[tokio::test]
async fn nothing_measured_is_null_and_never_zero() {
    let room = Room::empty().await;
    let body = room.get("/api/v1/vitals").await;
    assert_eq!((&body["views"], &body["site"]), (&json!(0), &Value::Null));
    for vital in body["vitals"].as_array().unwrap() {
        assert_eq!(vital["count"], 0);
        for name in ["p75", "p75_low", "p75_high", "rating"] {
            assert_eq!(vital[name], Value::Null, "{name}");
        }
        assert_eq!(vital["distribution"], json!([]));
    }
    assert_eq!(room.get("/api/v1/sites").await["sites"], json!([]));
    assert_eq!(
        room.get("/api/v1/pages?metric=LCP").await["pages"],
        json!([])
    );
    assert_eq!(
        room.get("/api/v1/causes?metric=LCP").await["causes"],
        json!([])
    );
    let shares = room.get("/api/v1/shares").await;
    assert_eq!(
        (&shares["shares"], &shares["links"]),
        (&json!(0), &json!([]))
    );
    assert_eq!(room.get("/api/v1/activity").await["errors"], json!([]));
    assert_eq!(room.get("/api/v1/dimensions").await["page"], json!([]));
}

#[tokio::test]
async fn sites_have_their_views_in_the_range() {
    let room = Room::filled().await;
    let added = "2026-11-23T20:20:00Z";
    let site = |site: &str, template: Option<&str>, views: u32| json!({"site": site, "template": template, "build": null, "added": added, "views": views});
    let sites = room.get("/api/v1/sites").await["sites"].clone();
    assert_eq!(
        sites,
        json!([
            site("a.example", Some("aurora"), 3),
            site("b.example", None, 1)
        ])
    );
    let sites = room.get("/api/v1/sites?range=7d&site=a.example").await["sites"].clone();
    assert_eq!(sites, json!([site("a.example", Some("aurora"), 4)]));
}

#[tokio::test]
async fn series_have_a_point_for_every_step() {
    let room = Room::filled().await;
    let body = room.get("/api/v1/series?metric=LCP&site=a.example").await;
    assert_eq!(
        (&body["step"], &body["unit"]),
        (&json!("hour"), &json!("ms"))
    );
    let points = body["points"].as_array().unwrap();
    assert_eq!(points.len(), 25);
    assert_eq!(points[0]["start"], "2026-11-22T21:00:00Z");
    let empty = json!({"start": "2026-11-22T22:00:00Z", "views": 0, "count": 0, "p75": null});
    assert_eq!(points[1], empty);
    let point = |start: &str, views: u32, p75: f64| json!({"start": start, "views": views, "count": views, "p75": binned(p75)});
    assert_eq!(points[22], point("2026-11-23T19:00:00Z", 1, 5000.0));
    assert_eq!(points[23], point("2026-11-23T20:00:00Z", 2, 3000.0));

    let days = room
        .get("/api/v1/series?metric=LCP&site=a.example&step=day")
        .await;
    let first = point("2026-11-22T00:00:00Z", 0, 0.0);
    let points = days["points"].as_array().unwrap();
    assert_eq!((points.len(), &points[0]["start"]), (2, &first["start"]));
    assert_eq!(points[1], point("2026-11-23T00:00:00Z", 3, 5000.0));
    for (range, step, points) in [("1h", "hour", 2), ("7d", "hour", 169), ("30d", "day", 31)] {
        let body = room
            .get(&format!("/api/v1/series?metric=CLS&range={range}"))
            .await;
        assert_eq!(body["step"], step, "{range}");
        assert_eq!(body["points"].as_array().unwrap().len(), points, "{range}");
    }
}

#[tokio::test]
async fn pages_and_causes_are_ordered_and_cut() {
    let room = Room::filled().await;
    let page = |site: &str, page: &str, count: u32, p75: f64, rating: &str| {
        json!({"site": site, "page": page, "views": count, "count": count, "p75": binned(p75),
               "rating": rating})
    };
    let slowest = page("a.example", "/menu", 1, 5000.0, "poor");
    let others = [
        page("a.example", "/", 2, 3000.0, "needs-improvement"),
        page("b.example", "/", 1, 2000.0, "good"),
    ];
    let body = room.get("/api/v1/pages?metric=LCP").await;
    assert_eq!(body["pages"], json!([slowest, others[0], others[1]]));
    let body = room.get("/api/v1/pages?metric=LCP&limit=1").await;
    assert_eq!(body["pages"], json!([slowest]));
    let body = room.get("/api/v1/pages?metric=LCP&device=phone").await;
    assert_eq!(body["pages"], json!(others));

    let cause = |element: &str, count: u32, p75: f64, rating: &str| json!({"element": element, "count": count, "p75": binned(p75), "rating": rating});
    let body = room.get("/api/v1/causes?metric=LCP").await;
    let expected = [
        cause("/ img", 3, 3000.0, "needs-improvement"),
        cause("/menu img", 1, 5000.0, "poor"),
    ];
    assert_eq!(
        (&body["causes"], &body["metric"]),
        (&json!(expected), &json!("LCP"))
    );
    let body = room
        .get("/api/v1/causes?metric=LCP&limit=1&page=/menu")
        .await;
    assert_eq!(body["causes"], json!([expected[1]]));
}

#[tokio::test]
async fn values_are_made_of_parts_and_few_browsers_measure_all() {
    let room = Room::empty().await;
    let mut rollup = Rollup::default();
    for (device, load_ms, metrics) in [
        (Device::Phone, 900, vec![Metric::Lcp, Metric::Inp]),
        (Device::Phone, 300, vec![Metric::Lcp]),
        (Device::Desktop, 60, vec![Metric::Fcp]),
    ] {
        let parts = vec![
            (Part::FirstByte as u8, 200),
            (Part::LoadTime as u8, load_ms),
        ];
        let metric = Metric::Lcp;
        rollup.fold(Accepted {
            view: view("a.example", "/", device, 1),
            events: vec![Event::Parts { metric, parts }, Event::Able { metrics }],
        });
    }
    room.store.merge("spool", 0, 1, &rollup).await.unwrap();
    let body = room.get("/api/v1/causes?metric=LCP&device=phone").await;
    assert_eq!(
        body["parts"],
        json!([
            {"part": "first-byte", "count": 2, "mean_ms": 200.0, "percent": 25.0},
            {"part": "load-time", "count": 2, "mean_ms": 600.0, "percent": 75.0},
        ])
    );
    let body = room.get("/api/v1/causes?metric=INP").await;
    assert_eq!(body["parts"], json!([]));
    let able = async |address: &str| {
        let body = room.get(address).await;
        let vitals = body["vitals"].as_array().unwrap().clone();
        let able = vitals.iter().map(|vital| vital["able"].as_u64().unwrap());
        able.collect::<Vec<_>>()
    };
    // LCP, INP, CLS, FCP, TTFB, FID.
    assert_eq!(able("/api/v1/vitals").await, [2, 1, 0, 1, 0, 0]);
    assert_eq!(
        able("/api/v1/vitals?device=desktop").await,
        [0, 0, 0, 1, 0, 0]
    );
}

#[tokio::test]
async fn shares_tell_channels_and_links_with_their_visits() {
    let room = Room::filled().await;
    let mut body = room.get("/api/v1/shares").await;
    assert_eq!((&body["shares"], &body["visits"]), (&json!(1), &json!(3)));
    let channels = json!([
        {"channel": "whatsapp", "shares": 1, "visits": 2},
        {"channel": "unknown", "shares": 0, "visits": 1},
    ]);
    assert_eq!(body["channels"], channels);
    let links = json!([
        {"site": "a.example", "id": "share-one", "channel": "whatsapp", "page": "/menu",
         "parent": null, "at": "2026-11-23T20:20:00Z", "visits": 2},
        {"site": "a.example", "id": "elsewhere", "channel": "unknown", "page": null,
         "parent": null, "at": null, "visits": 1},
    ]);
    assert_eq!(body["links"], links);
    // Filters that visits do not know are not applied to shares either.
    let filtered = room.get("/api/v1/shares?device=phone&limit=1").await;
    assert_eq!(filtered["channels"], channels);
    let one = body["links"].as_array_mut().unwrap().remove(0);
    assert_eq!(filtered["links"], json!([one]));
}

#[tokio::test]
async fn activity_and_dimensions_are_counted_by_name_and_value() {
    let room = Room::filled().await;
    let body = room.get("/api/v1/activity?range=7d").await;
    assert_eq!(
        (&body["views"], &body["leads"]),
        (&json!(5), &json!([{"name": "table", "count": 5}]))
    );
    assert_eq!(
        (&body["conversions"], &body["custom"]),
        (&json!([]), &json!([]))
    );

    let body = room.get("/api/v1/dimensions").await;
    let line = |value: &str, views: u32| json!({"value": value, "views": views});
    // Two sites have the page "/": it is one value.
    assert_eq!(body["page"], json!([line("/", 3), line("/menu", 1)]));
    assert_eq!(
        body["device"],
        json!([line("phone", 3), line("desktop", 1)])
    );
    assert_eq!(body["country"], json!([line("DE", 4)]));
    assert_eq!(body["browser"], json!([line("Firefox", 4)]));
    assert_eq!(body["navigation"], json!([line("navigate", 4)]));
    let body = room.get("/api/v1/dimensions?device=desktop").await;
    assert_eq!(body["page"], json!([line("/menu", 1)]));
}
