//! Breakdowns, counted by hand.

use foresight::{
    event::{Accepted, Device},
    rollup::Rollup,
};
use foresight_shared::Metric;
use serde_json::{Value, json};

use crate::{
    fleet::{fleet, values, view},
    room::{Room, binned},
};

/// Value, views, values of LCP, and their 75th percentile.
type Told = (String, u64, u64, Value);

async fn told(room: &Room, query: &str) -> Vec<Told> {
    let body = room
        .get(&format!("/api/v1/breakdown?metric=LCP&{query}"))
        .await;
    assert_eq!(
        (&body["metric"], &body["unit"]),
        (&json!("LCP"), &json!("ms"))
    );
    let line = |line: &Value| {
        let number = |name: &str| line[name].as_u64().unwrap();
        let value = line["value"].as_str().unwrap().to_owned();
        (value, number("views"), number("count"), line["p75"].clone())
    };
    body["lines"].as_array().unwrap().iter().map(line).collect()
}

fn line(value: &str, views: u64, p75: Option<f64>) -> Told {
    (
        value.to_owned(),
        views,
        views,
        p75.map_or(Value::Null, binned),
    )
}

#[tokio::test]
async fn sites_are_added_up_by_host_template_and_build() {
    let room = fleet().await;
    for how_far in 0..3 {
        if how_far > 0 {
            room.store.fold_days(crate::room::NOW_MS).await.unwrap();
        }
        let sites = [
            line("good.example", 40, Some(1000.0)),
            line("slow.example", 40, Some(3000.0)),
            line("quiet.example", 26, Some(2000.0)),
            line("few.example", 24, None),
        ];
        assert_eq!(told(&room, "by=site").await, sites);
        assert_eq!(told(&room, "by=site&limit=2").await, sites[..2]);
        // 30 of 1000 and 50 of 3000.
        let templates = [
            line("aurora", 80, Some(3000.0)),
            line("birch", 26, Some(2000.0)),
            line("unknown", 24, None),
        ];
        assert_eq!(told(&room, "by=template").await, templates);
        // 26 of 2000 and 40 of 3000.
        let builds = [
            line("1", 66, Some(3000.0)),
            line("2", 40, Some(1000.0)),
            line("unknown", 24, None),
        ];
        assert_eq!(told(&room, "by=build").await, builds);
        let builds = told(&room, "by=build&range=7d").await;
        assert_eq!(builds[0], line("1", 116, Some(3000.0)));
    }
}

#[tokio::test]
async fn a_site_that_changes_its_build_counts_for_both() {
    let room = Room::empty().await;
    let mut rollup = Rollup::default();
    for (build, hours_ago, lcp) in [
        ("1", 5, 1000.0),
        ("1", 3, 1000.0),
        ("2", 2, 3000.0),
        ("2", 1, 3000.0),
    ] {
        for _ in 0..20 {
            let mut view = view("a.example", hours_ago);
            view.build = Some(build.to_owned());
            let events = values(&[(Metric::Lcp, lcp)]);
            rollup.fold(Accepted { view, events });
        }
    }
    room.store.merge("spool", 0, 1, &rollup).await.unwrap();
    let builds = [line("1", 40, Some(1000.0)), line("2", 40, Some(3000.0))];
    assert_eq!(told(&room, "by=build").await, builds);
    // By the day, all of the day in which it changed counts for what it has at its end.
    assert_eq!(
        told(&room, "by=build&range=7d").await,
        [line("2", 80, Some(3000.0))]
    );
}

#[tokio::test]
async fn pages_and_other_words_are_told_by_views() {
    let room = Room::empty().await;
    let mut rollup = Rollup::default();
    let groups = [
        ("a.example", "/", Device::Phone, 30, 1, 1000.0),
        ("a.example", "/menu", Device::Desktop, 50, 1, 3000.0),
        ("b.example", "/", Device::Desktop, 40, 2, 5000.0),
        ("a.example", "/", Device::Phone, 26, 30, 2000.0),
        ("c.example", "/", Device::Phone, 99, 30, 2000.0),
    ];
    for (site, page, device, views, hours_ago, lcp) in groups {
        for _ in 0..views {
            let mut view = view(site, hours_ago);
            (view.page, view.device) = (page.to_owned(), device);
            let events = values(&[(Metric::Lcp, lcp)]);
            rollup.fold(Accepted { view, events });
        }
    }
    room.store.merge("spool", 0, 1, &rollup).await.unwrap();
    let body = room
        .get("/api/v1/breakdown?metric=LCP&by=page&compare=previous&limit=3")
        .await;
    let lines = body["lines"].as_array().unwrap();
    let pages: Vec<_> = lines
        .iter()
        .map(|line| (&line["site"], &line["value"], &line["views"], &line["p75"]))
        .collect();
    let (a, b, root) = (&json!("a.example"), &json!("b.example"), &json!("/"));
    let expected = [
        (a, &json!("/menu"), &json!(50), &binned(3000.0)),
        (b, root, &json!(40), &binned(5000.0)),
        (a, root, &json!(30), &binned(1000.0)),
    ];
    assert_eq!(pages, expected);
    let before: Vec<_> = lines
        .iter()
        .map(|line| &line["previous"]["views"])
        .collect();
    assert_eq!(before, [&json!(0), &json!(0), &json!(26)]);
    assert_eq!(lines[2]["previous"]["p75"], binned(2000.0));
    assert_eq!(lines[0]["previous"]["p75"], Value::Null);
    assert_eq!(
        (&lines[0]["rating"], &lines[1]["rating"]),
        (&json!("needs-improvement"), &json!("poor"))
    );

    let devices = told(&room, "by=device").await;
    let expected = [
        line("desktop", 90, Some(5000.0)),
        line("phone", 30, Some(1000.0)),
    ];
    assert_eq!(devices, expected);
    let of_a = told(&room, "by=page&site=a.example&device=phone").await;
    assert_eq!(of_a, [line("/", 30, Some(1000.0))]);
    for by in ["country", "browser", "navigation"] {
        let lines = told(&room, &format!("by={by}&range=7d")).await;
        let [(_, views, count, _)] = &lines[..] else {
            panic!("{by}: {lines:?}");
        };
        assert_eq!((*views, *count), (245, 245), "{by}");
    }
    let (text, _) = room
        .file("/api/v1/breakdown?metric=LCP&by=page&compare=previous&format=csv&limit=1")
        .await;
    let interval = binned(3000.0);
    let expected = format!(
        "value,site,views,count,p75,p75_low,p75_high,rating,previous_views,previous_count,previous_p75,\
         previous_rating\r\n/menu,a.example,50,50,{interval},{interval},{interval},needs-improvement,0,0,,\r\n"
    );
    assert_eq!(text, expected);
}

#[tokio::test]
async fn a_breakdown_needs_to_know_of_what_and_by_what() {
    let room = Room::empty().await;
    let by = "one of page, device, country, browser, navigation, site, template, build";
    for (query, field, rule) in [
        ("by=page", "metric", "required"),
        ("metric=LCP", "by", "required"),
        ("metric=LCP&by=host", "by", by),
        (
            "metric=LCP&by=page&limit=501",
            "limit",
            "a whole number from 1 to 500",
        ),
        (
            "metric=LCP&by=page&sort=LCP",
            "sort",
            "a parameter of this address",
        ),
    ] {
        let (status, body, _) = room
            .request("GET", &format!("/api/v1/breakdown?{query}"))
            .await;
        let told = (status, &body["field"], &body["rule"]);
        assert_eq!(told, (422, &json!(field), &json!(rule)), "{query}");
    }
    let body = room.get("/api/v1/breakdown?metric=LCP&by=page").await;
    assert_eq!(body["lines"], json!([]));
}
