//! Who is told figures of a few page views, role by role.

use axum::http::StatusCode;
use foresight_shared::{Metric, NavigationType};
use serde_json::{Value, json};

use super::room::{Answer, Browser, NOW_MS, Room};
use crate::{
    config::{Config, Login},
    event::{Accepted, Device, Event, HOUR_MS, View},
    rollup::Rollup,
    store::Scope,
};

/// Page views of a site by country, each with another page of its own: 30, 12 and 3 of them.
const COUNTRIES: [(&str, &str, usize); 3] =
    [("DE", "/", 30), ("AT", "/menu", 12), ("IN", "/about", 3)];

/// Every report that is narrowed down.
const REPORTS: [&str; 10] = [
    "vitals?",
    "series?metric=LCP&",
    "pages?metric=LCP&",
    "causes?metric=LCP&",
    "shares?",
    "activity?",
    "dimensions?",
    "breakdown?metric=LCP&by=page&",
    "fleet/summary?",
    "growth/slow?metric=LCP&outcome=lead&",
];

async fn fill(room: &Room) {
    let mut rollup = Rollup::default();
    for (country, page, views) in COUNTRIES {
        for n in 0..views {
            let view = View {
                site: "a.example".to_owned(),
                template: None,
                build: None,
                page: page.to_owned(),
                device: Device::Phone,
                country: country.to_owned(),
                browser: "Firefox".to_owned(),
                navigation: NavigationType::Navigate,
                // The first hour has two views, the others have the rest.
                start_ms: NOW_MS - (if n < 2 && country == "DE" { 3 } else { 1 }) * HOUR_MS,
                received_ms: NOW_MS,
                counted: true,
            };
            let mut events = vec![Event::Vital {
                metric: Metric::Lcp,
                value: 1000.0 + n as f64,
                was: None,
                element: Some(format!("{page} img")),
            }];
            if country == "DE" && n == 0 {
                events.push(Event::Share {
                    channel: "copy".to_owned(),
                    id: "share-one".to_owned(),
                    parent: None,
                });
                events.push(Event::Vital {
                    metric: Metric::Inp,
                    value: 100.0,
                    was: None,
                    element: None,
                });
            }
            rollup.fold(Accepted { view, events });
        }
    }
    room.parts
        .store
        .merge("spool", 0, 1, &rollup)
        .await
        .unwrap();
}

/// Somebody who asks.
enum Who<'a> {
    Person(Browser<'a>),
    Program(&'a Room, String),
}

impl Who<'_> {
    async fn ask(&mut self, address: &str) -> Answer {
        let address = format!("/api/v1/{address}");
        match self {
            Self::Person(browser) => browser.get(&address).await,
            Self::Program(room, token) => room.with_token(token, "GET", &address).await,
        }
    }

    async fn get(&mut self, address: &str) -> Value {
        let answer = self.ask(address).await;
        assert_eq!(answer.status, 200, "{address}: {}", answer.body);
        answer.body
    }
}

/// A viewer, an analyst and a program that reads: nobody of them is an admin.
async fn others(room: &Room) -> Vec<Who<'_>> {
    vec![
        Who::Person(Browser::of(room, "viewer").await),
        Who::Person(Browser::of(room, "analyst").await),
        Who::Program(room, room.token(Scope::Read, None).await.0),
    ]
}

async fn admins(room: &Room) -> Vec<Who<'_>> {
    vec![
        Who::Person(Browser::of(room, "admin").await),
        Who::Program(room, room.token(Scope::Admin, None).await.0),
    ]
}

fn words<'a>(lines: &'a Value, name: &str) -> Vec<&'a str> {
    let lines = lines.as_array().unwrap().iter();
    lines.map(|line| line[name].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_selection_of_a_few_page_views_is_refused_to_all_but_admins() {
    let room = Room::staffed().await;
    fill(&room).await;
    for report in REPORTS {
        for narrow in ["country=IN", "site=a.example&country=IN"] {
            let address = format!("{report}{narrow}");
            for who in &mut others(&room).await {
                let answer = who.ask(&address).await;
                let told = (StatusCode::FORBIDDEN.as_u16(), "group_too_small");
                assert_eq!(answer.told(), told, "{address}: {}", answer.body);
            }
            for who in &mut admins(&room).await {
                who.get(&address).await;
            }
        }
        // Twelve are enough, and nobody is told of as nobody.
        for who in &mut others(&room).await {
            who.get(&format!("{report}country=AT")).await;
            who.get(&format!("{report}country=FR")).await;
        }
    }
}

#[tokio::test]
async fn small_groups_are_left_out_for_all_but_admins_and_totals_stay() {
    let room = Room::staffed().await;
    fill(&room).await;
    // Austria's go along: India's alone would be what the others lack of the whole.
    let left_out = json!({ "groups": 2, "views": 15 });
    for who in &mut others(&room).await {
        assert_eq!(who.get("vitals").await["views"], 45);
        let body = who.get("breakdown?metric=LCP&by=country").await;
        assert_eq!(words(&body["lines"], "value"), ["DE"]);
        assert_eq!(body["small_groups"], left_out);
        let body = who.get("pages?metric=LCP&site=a.example").await;
        assert_eq!(words(&body["pages"], "page"), ["/"]);
        assert_eq!(body["small_groups"], left_out);
        let body = who.get("causes?metric=LCP&site=a.example").await;
        assert_eq!(words(&body["causes"], "element"), ["/ img"]);
        assert_eq!(body["small_groups"], left_out);
        let body = who.get("dimensions").await;
        assert_eq!(words(&body["country"], "value"), ["DE"]);
        assert_eq!(body["small_groups"], 4, "two countries and two pages");
        let body = who.get("shares").await;
        assert_eq!((&body["shares"], &body["links"]), (&json!(1), &json!([])));
    }
    for who in &mut admins(&room).await {
        let body = who.get("breakdown?metric=LCP&by=country").await;
        assert_eq!(words(&body["lines"], "value"), ["DE", "AT", "IN"]);
        assert_eq!(body["small_groups"], Value::Null);
        let body = who.get("dimensions").await;
        assert_eq!(words(&body["country"], "value"), ["DE", "AT", "IN"]);
        assert_eq!(body["small_groups"], 0);
        assert_eq!(
            words(&who.get("shares").await["links"], "id"),
            ["share-one"]
        );
    }
}

#[tokio::test]
async fn of_a_few_values_there_is_their_number_only_for_all_but_admins() {
    let room = Room::staffed().await;
    fill(&room).await;
    let inp = |body: &Value| {
        let vitals = body["vitals"].as_array().unwrap().iter();
        let mut inp = vitals.filter(|vital| vital["metric"] == "INP");
        inp.next().unwrap().clone()
    };
    let hours = |body: &Value| -> Vec<(u64, bool)> {
        let points = body["points"].as_array().unwrap().iter();
        let points = points.map(|point| (point["views"].as_u64().unwrap(), point["p75"].is_null()));
        points.filter(|(views, _)| *views > 0).collect()
    };
    for who in &mut others(&room).await {
        let inp = inp(&who.get("vitals").await);
        assert_eq!((&inp["count"], &inp["p75"]), (&json!(1), &Value::Null));
        assert_eq!(
            (&inp["good"], &inp["distribution"]),
            (&json!(0), &json!([]))
        );
        let body = who.get("series?metric=LCP").await;
        assert_eq!(hours(&body), [(2, true), (43, false)]);
    }
    for who in &mut admins(&room).await {
        let inp = inp(&who.get("vitals").await);
        assert_eq!((&inp["good"], inp["p75"].is_null()), (&json!(1), false));
        let body = who.get("series?metric=LCP").await;
        assert_eq!(hours(&body), [(2, false), (43, false)]);
    }
}

#[tokio::test]
async fn sites_are_listed_and_left_out_where_a_few_of_their_page_views_are_asked_for() {
    let room = Room::staffed().await;
    fill(&room).await;
    for report in ["sites?", "fleet/sites?"] {
        for who in &mut others(&room).await {
            let all = who.get(&format!("{report}range=24h")).await;
            assert_eq!(all["sites"][0]["views"], 45);
            let answer = who.ask(&format!("{report}country=IN")).await;
            assert_eq!(answer.told(), (403, "group_too_small"), "{report}");
        }
        for who in &mut admins(&room).await {
            let few = who.get(&format!("{report}country=IN")).await;
            assert_eq!(few["sites"][0]["views"], 3);
        }
    }
}

#[tokio::test]
async fn where_nobody_signs_in_or_the_setting_says_so_nothing_is_hidden() {
    let config = Config {
        access_login: Login::Off,
        ..Config::default()
    };
    let room = Room::with(config).await;
    fill(&room).await;
    let mut anybody = Browser::new(&room).await;
    let answer = anybody.get("/api/v1/vitals?country=IN").await;
    assert_eq!((answer.status, &answer.body["views"]), (200, &json!(3)));

    let config = Config {
        small_group_views: 0,
        ..Config::default()
    };
    let room = Room::with(config).await;
    fill(&room).await;
    room.add("viewer", crate::store::Role::Viewer).await;
    let mut viewer = Browser::of(&room, "viewer").await;
    let answer = viewer.get("/api/v1/vitals?country=IN").await;
    assert_eq!((answer.status, &answer.body["views"]), (200, &json!(3)));
}
