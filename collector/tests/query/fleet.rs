//! The fleet's reports over a fleet of five sites, counted by hand.

use foresight::{
    event::{Accepted, Device, Event, HOUR_MS, View},
    rollup::Rollup,
    store::Site,
};
use foresight_shared::{Metric, NavigationType};
use serde_json::{Value, json};

use crate::room::{NOW_MS, Room, binned};

/// Views of a site: how many, how many hours ago, and what each measured.
type Views = (&'static str, u32, i64, &'static [(Metric, f64)]);

const GOOD: &[(Metric, f64)] = &[
    (Metric::Lcp, 1000.0),
    (Metric::Inp, 100.0),
    (Metric::Cls, 0.01),
];
const SLOW: &[(Metric, f64)] = &[(Metric::Lcp, 3000.0), (Metric::Cls, 0.01)];
/// Without an interaction.
const QUIET: &[(Metric, f64)] = &[(Metric::Lcp, 2000.0), (Metric::Cls, 0.02)];

/// Today's views of four sites, and what two of them had the day before.
const FLEET: [Views; 8] = [
    // Passes: three quarters of its values are good.
    ("good.example", 30, 1, GOOD),
    ("good.example", 10, 2, SLOW),
    // Needs improvement since today.
    ("slow.example", 40, 3, SLOW),
    ("slow.example", 50, 30, GOOD),
    // Passes without interactions.
    ("quiet.example", 26, 2, QUIET),
    // Too few to be judged.
    ("few.example", 24, 2, SLOW),
    // Yesterday only.
    ("good.example", 20, 30, SLOW),
    ("gone.example", 25, 30, QUIET),
];

/// The template and build of a site.
fn origin(site: &str) -> (Option<&'static str>, Option<&'static str>) {
    match site {
        "good.example" => (Some("aurora"), Some("2")),
        "slow.example" => (Some("aurora"), Some("1")),
        "quiet.example" => (Some("birch"), Some("1")),
        _ => (None, None),
    }
}

pub(crate) fn view(site: &str, hours_ago: i64) -> View {
    let (template, build) = origin(site);
    View {
        site: site.to_owned(),
        template: template.map(str::to_owned),
        build: build.map(str::to_owned),
        page: "/".to_owned(),
        device: Device::Phone,
        country: "DE".to_owned(),
        browser: "Firefox".to_owned(),
        navigation: NavigationType::Navigate,
        start_ms: NOW_MS - hours_ago * HOUR_MS,
        received_ms: NOW_MS - hours_ago * HOUR_MS,
        counted: true,
    }
}

pub(crate) fn values(values: &[(Metric, f64)]) -> Vec<Event> {
    let vital = |(metric, value): &(Metric, f64)| Event::Vital {
        metric: *metric,
        value: *value,
        was: None,
        element: None,
    };
    values.iter().map(vital).collect()
}

pub(crate) async fn fleet() -> Room {
    let room = Room::empty().await;
    let mut rollup = Rollup::default();
    for (site, views, hours_ago, measured) in FLEET {
        for _ in 0..views {
            let (view, events) = (view(site, hours_ago), values(measured));
            rollup.fold(Accepted { view, events });
        }
    }
    room.store.merge("spool", 0, 1, &rollup).await.unwrap();
    // Added, and never viewed.
    let site = Site {
        host: "new.example".to_owned(),
        template: Some("birch".to_owned()),
        build: Some("3".to_owned()),
        added_ms: NOW_MS - HOUR_MS,
    };
    room.store.add_site(&site).await.unwrap();
    room
}

/// The same answers, whatever was added up: what an hour's fold and a day's leave.
async fn folded(room: &Room, how_far: u32) {
    if how_far > 0 {
        room.store.fold_hours(NOW_MS).await.unwrap();
    }
    if how_far > 1 {
        room.store.fold_days(NOW_MS).await.unwrap();
    }
}

#[tokio::test]
async fn the_summary_counts_sites_that_pass_and_their_views() {
    let room = fleet().await;
    for how_far in 0..3 {
        folded(&room, how_far).await;
        let body = room.get("/api/v1/fleet/summary?compare=previous").await;
        let counts = |of: &Value| {
            let names = [
                "views",
                "sites",
                "sites_measured",
                "sites_passing",
                "views_measured",
                "views_on_passing_sites",
            ];
            names.map(|name| of[name].as_u64().unwrap())
        };
        assert_eq!(counts(&body), [130, 6, 3, 2, 106, 66]);
        // The sites that had views yesterday: slow.example passed, gone.example did, good.example had too few views.
        assert_eq!(counts(&body["previous"]), [95, 3, 2, 2, 75, 75]);
        assert_eq!(body["from"], "2026-11-22T21:00:00Z");
        assert_eq!(body["previous_from"], "2026-11-21T20:00:00Z");
        assert_eq!(body["previous_to"], "2026-11-22T21:00:00Z");
        let lcp = &body["metrics"]["LCP"];
        // Of 130 values the 98th: 30 of 1000, 26 of 2000, 74 of 3000.
        assert_eq!((&lcp["count"], &lcp["p75"]), (&json!(130), &binned(3000.0)));
        assert_eq!(lcp["rating"], "needs-improvement");
        let before = &body["previous"]["metrics"];
        // Of 95 values the 72nd: 50 of 1000, 25 of 2000, 20 of 3000.
        assert_eq!(before["LCP"]["p75"], binned(2000.0));
        let few =
            json!({"count": 0, "p75": null, "p75_low": null, "p75_high": null, "rating": null});
        assert_eq!(before["FID"], few);
        assert_eq!(body["step"], "day");
        let days = json!([
            {"start": "2026-11-22T00:00:00Z", "views": 0, "sites_measured": 0, "sites_passing": 0},
            {"start": "2026-11-23T00:00:00Z", "views": 130, "sites_measured": 3, "sites_passing": 2},
        ]);
        assert_eq!(body["days"], days);
    }
    let body = room.get("/api/v1/fleet/summary?site=slow.example").await;
    assert_eq!(
        (&body["sites"], &body["sites_passing"]),
        (&json!(1), &json!(0))
    );
    assert_eq!(
        (&body["views"], &body["previous"]),
        (&json!(40), &Value::Null)
    );
    let body = room.get("/api/v1/fleet/summary?device=desktop").await;
    assert_eq!(
        (&body["views"], &body["sites_measured"]),
        (&json!(0), &json!(0))
    );
}

#[tokio::test]
async fn sites_are_told_with_vitals_sparks_and_what_was_before() {
    let room = fleet().await;
    for how_far in 0..3 {
        folded(&room, how_far).await;
        let body = room.get("/api/v1/fleet/sites?compare=previous").await;
        assert_eq!((&body["total"], &body["next"]), (&json!(6), &Value::Null));
        let sites = body["sites"].as_array().unwrap();
        let told: Vec<_> = sites
            .iter()
            .map(|line| {
                (
                    line["site"].as_str().unwrap(),
                    &line["views"],
                    &line["passes"],
                )
            })
            .collect();
        let yes = &json!(true);
        let expected = [
            ("good.example", &json!(40), yes),
            ("slow.example", &json!(40), &json!(false)),
            ("quiet.example", &json!(26), yes),
            ("few.example", &json!(24), &Value::Null),
            ("gone.example", &json!(0), &Value::Null),
            ("new.example", &json!(0), &Value::Null),
        ];
        assert_eq!(told, expected);
        let good = &sites[0];
        assert_eq!(
            (&good["template"], &good["build"]),
            (&json!("aurora"), &json!("2"))
        );
        assert_eq!(good["vitals"]["LCP"]["p75"], binned(1000.0));
        // Three quarters are good, though the interval reaches beyond.
        assert_eq!(good["vitals"]["LCP"]["p75_high"], binned(3000.0));
        assert_eq!(good["vitals"]["INP"]["count"], 30);
        assert_eq!(good["previous"]["views"], 20);
        let before = &good["previous"]["vitals"]["LCP"];
        assert_eq!(
            (&before["count"], &before["p75"]),
            (&json!(20), &Value::Null)
        );
        assert_eq!(sites[1]["previous"]["vitals"]["LCP"]["p75"], binned(1000.0));
        assert_eq!((&sites[3]["vitals"]["LCP"]["count"]), &json!(24));
        assert_eq!(sites[3]["vitals"]["LCP"]["p75"], Value::Null);
        // 25 hours, the last one is the present one.
        assert_eq!(body["spark_step"], "hour");
        let spark = good["spark"].as_array().unwrap();
        assert_eq!(spark.len(), 25);
        assert_eq!(
            (&spark[22], &spark[23], &spark[24]),
            (&json!(10), &json!(30), &json!(0))
        );
        let week = room.get("/api/v1/fleet/sites?range=7d&limit=1").await;
        assert_eq!(
            (&week["spark_step"], &week["sites"][0]["previous"]),
            (&json!("day"), &Value::Null)
        );
        // The site with most views of the week is another one.
        assert_eq!(week["sites"][0]["site"], "slow.example");
        assert_eq!(week["sites"][0]["spark"], json!([0, 0, 0, 0, 0, 0, 50, 40]));
    }
}

#[tokio::test]
async fn sites_are_sorted_filtered_and_read_on_from_a_cursor() {
    let room = fleet().await;
    let names = async |query: &str| {
        let body = room.get(&format!("/api/v1/fleet/sites?{query}")).await;
        let sites = body["sites"].as_array().unwrap().iter();
        let names: Vec<_> = sites
            .map(|line| line["site"].as_str().unwrap().replace(".example", ""))
            .collect();
        names.join(" ")
    };
    for (query, expected) in [
        ("sort=site&order=asc", "few gone good new quiet slow"),
        ("sort=site", "slow quiet new good gone few"),
        ("order=asc&limit=3", "gone new few"),
        // What is not known comes last, either way.
        ("sort=LCP", "slow quiet good few gone new"),
        ("sort=LCP&order=asc", "good quiet slow few gone new"),
        ("sort=INP", "good few gone new quiet slow"),
        (
            "sort=change&metric=LCP&compare=previous",
            "slow few gone good new quiet",
        ),
        ("template=aurora", "good slow"),
        ("template=birch&build=3", "new"),
        ("search=O", "good slow gone"),
        ("search=.example&sort=site&order=asc&limit=1", "few"),
        ("search=nothing", ""),
    ] {
        assert_eq!(names(query).await, expected, "{query}");
    }
    for sorting in [
        "",
        "sort=LCP&order=asc",
        "sort=site",
        "sort=change&metric=CLS&compare=previous",
    ] {
        let whole = names(sorting).await;
        for limit in [1, 2, 4, 5] {
            let (mut parts, mut after) = (Vec::new(), String::new());
            loop {
                let query = format!("/api/v1/fleet/sites?{sorting}&limit={limit}{after}");
                let body = room.get(&query.replace("?&", "?")).await;
                assert_eq!(body["total"], 6, "{query}");
                let sites = body["sites"].as_array().unwrap();
                assert!(sites.len() <= limit);
                parts.extend(
                    sites
                        .iter()
                        .map(|line| line["site"].as_str().unwrap().replace(".example", "")),
                );
                let Some(next) = body["next"].as_str() else {
                    break;
                };
                after = format!("&after={next}");
            }
            assert_eq!(parts.join(" "), whole, "{sorting}, {limit} at a time");
        }
    }
    let first = room.get("/api/v1/fleet/sites?limit=1").await;
    let next = first["next"].as_str().unwrap();
    for (query, field) in [
        (format!("sort=LCP&after={next}"), "after"),
        ("after=x".to_owned(), "after"),
        ("limit=10001".to_owned(), "limit"),
        ("sort=change&compare=previous".to_owned(), "metric"),
        ("sort=change&metric=LCP".to_owned(), "compare"),
        ("metric=LCP".to_owned(), "metric"),
        ("site=good.example".to_owned(), "site"),
        ("sort=p75".to_owned(), "sort"),
        ("order=up".to_owned(), "order"),
        ("compare=last".to_owned(), "compare"),
        ("format=xml".to_owned(), "format"),
    ] {
        let address = format!("/api/v1/fleet/sites?{query}");
        let (status, body, _) = room.request("GET", &address).await;
        assert_eq!((status, &body["field"]), (422, &json!(field)), "{query}");
    }
}

#[tokio::test]
async fn a_file_of_sites_has_all_of_them_and_the_same_figures() {
    let room = fleet().await;
    let (text, kind) = room
        .file("/api/v1/fleet/sites?format=csv&compare=previous&sort=site&order=asc")
        .await;
    assert_eq!(kind, "text/csv; charset=utf-8; header=present");
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 7);
    assert!(lines[0].starts_with("site,template,build,views,passes,LCP_count,LCP_p75,LCP_rating,"));
    let (good, poor) = (binned(1000.0), binned(3000.0));
    let slow = format!(
        "slow.example,aurora,1,40,false,40,{poor},needs-improvement,{good},0,,,{},40,",
        binned(100.0)
    );
    assert!(lines[6].starts_with(&slow), "{}", lines[6]);
    assert!(lines[6].ends_with(",50"), "{}", lines[6]);
    let few = "few.example,,,24,,24,,,,0,,,,24,,,,0,,,,0,,,,0,,,,0";
    assert_eq!(lines[1], few);
    let (text, _) = room.file("/api/v1/fleet/sites?format=csv&limit=2").await;
    assert_eq!(text.lines().count(), 3);
}

#[tokio::test]
async fn builds_are_told_by_when_they_were_seen_first() {
    let room = fleet().await;
    let build = |template: &str, build: &str, first_seen: &str| json!({"template": template, "build": build, "first_seen": first_seen, "sites": 1});
    let one = build("aurora", "1", "2026-11-22T15:20:00Z");
    let two = build("aurora", "2", "2026-11-22T15:20:00Z");
    let birch = build("birch", "1", "2026-11-23T19:20:00Z");
    let body = room.get("/api/v1/builds?range=7d").await;
    assert_eq!(body["builds"], json!([one, two, birch]));
    let body = room.get("/api/v1/builds").await;
    assert_eq!(
        (&body["builds"], &body["from"]),
        (&json!([birch]), &json!("2026-11-22T21:20:00Z"))
    );
    let body = room.get("/api/v1/builds?range=7d&site=slow.example").await;
    assert_eq!(body["builds"], json!([one]));
    for (query, field) in [("range=2h", "range"), ("device=phone", "device")] {
        let (status, body, _) = room
            .request("GET", &format!("/api/v1/builds?{query}"))
            .await;
        assert_eq!((status, &body["field"]), (422, &json!(field)));
    }
}
