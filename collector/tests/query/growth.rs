//! The reports on growth, over a small fleet that was counted by hand.

use foresight::{
    event::{Accepted, Confirmed, DAY_MS, Device, Event, HOUR_MS, Kind, Millis, View},
    rollup::Rollup,
};
use foresight_shared::{Fact, NavigationType, ServerEvent};
use serde_json::{Value, json};

use crate::room::{NOW_MS, Room};

/// The Monday six weeks before the week of now.
const START_MS: Millis = 1_795_392_000_000 - 42 * DAY_MS;

fn at(days: f64) -> Millis {
    START_MS + (days * DAY_MS as f64) as Millis
}

fn confirmed(id: &str, days: f64, fact: Fact) -> Confirmed {
    Confirmed {
        received_ms: at(days),
        event: ServerEvent {
            id: id.into(),
            at: at(days) as u64,
            fact,
        },
    }
}

fn generated(site: &str, owner: &str, days: f64, share: Option<&str>) -> Confirmed {
    let fact = Fact::SiteGenerated {
        site: format!("{site}.example"),
        owner: owner.into(),
        template: Some(if owner == "o2" { "nova" } else { "aurora" }.into()),
        build: None,
        duration_ms: 1000.0,
        ai_duration_ms: None,
        referred_by: share.map(str::to_owned),
    };
    confirmed(&format!("generated-{site}"), days, fact)
}

fn lead(site: &str, id: &str, days: f64, score: u32, source: &str) -> Confirmed {
    let fact = Fact::Lead {
        site: format!("{site}.example"),
        lead: id.into(),
        score,
        source: source.into(),
    };
    confirmed(&format!("lead-{id}"), days, fact)
}

fn opened(share: &str, days: f64) -> Confirmed {
    let fact = Fact::Conversion {
        site: "s1.example".into(),
        name: "generator_opened".into(),
        lead: None,
        share: Some(share.into()),
    };
    confirmed(&format!("opened-{share}"), days, fact)
}

fn view(site: &str, days: f64, events: Vec<Event>) -> Accepted {
    let view = View {
        site: format!("{site}.example"),
        template: Some(if site == "s2" { "nova" } else { "aurora" }.into()),
        build: None,
        page: "/".into(),
        device: Device::Phone,
        country: if site == "s2" { "AT" } else { "DE" }.into(),
        browser: "Firefox".into(),
        navigation: NavigationType::Navigate,
        start_ms: at(days),
        received_ms: at(days),
        counted: true,
    };
    Accepted { view, events }
}

fn share(site: &str, id: &str, parent: Option<&str>, channel: &str, days: f64) -> Accepted {
    let share = Event::Share {
        channel: channel.into(),
        id: id.into(),
        parent: parent.map(str::to_owned),
    };
    view(site, days, vec![share])
}

fn named(kind: Kind, name: &str) -> Event {
    Event::Named {
        kind,
        name: name.into(),
    }
}

/// Two owners come by themselves; the first brings two, of whom one is fast, the second none.
async fn room() -> Room {
    let room = Room::empty().await;
    let events = vec![
        generated("s1", "o1", 0.0, None),
        generated("s2", "o2", 1.0, None),
        opened("share-one", 2.9),
        generated("s3", "o3", 3.0, Some("share-one")),
        generated("s4", "o4", 10.0, Some("share-two")),
        generated("s5", "o5", 2.0 + 5.0 / 86_400.0, Some("share-one")),
        lead("s3", "l_1", 4.0, 80, "form"),
        lead("s3", "l_2", 42.0, 40, "whatsapp"),
    ];
    let mut rollup = Rollup {
        events,
        ..Rollup::default()
    };
    for accepted in [
        share("s1", "share-one", None, "whatsapp", 2.0),
        share("s1", "share-two", Some("share-one"), "email", 3.0),
        share("s2", "share-tri", None, "whatsapp", 2.0),
    ] {
        rollup.fold(accepted);
    }
    let visited = |id: &str| Event::Referral { share: id.into() };
    rollup.fold(view(
        "s1",
        2.5,
        vec![visited("share-one"), visited("share-one")],
    ));
    // Today: four visits of s1 and one of s2, a lead on each.
    for site in ["s1", "s1", "s1", "s1", "s2"] {
        rollup.fold(view(site, 42.5, vec![named(Kind::Visit, "")]));
    }
    for site in ["s1", "s2"] {
        rollup.fold(view(site, 42.5, vec![named(Kind::Lead, "table")]));
    }
    let goal = named(Kind::Conversion, "generator_opened");
    rollup.fold(view("s1", 42.5, vec![goal]));
    room.store.merge("spool", 0, 1, &rollup).await.unwrap();
    room
}

const SPAN: &str = "from=2026-10-12T00:00:00Z&to=2026-10-26T00:00:00Z";

#[tokio::test]
async fn cohorts_have_a_coefficient_once_their_window_has_passed() {
    let room = room().await;
    let report = room.get(&format!("/api/v1/growth/cohorts?{SPAN}")).await;
    assert_eq!(report["from"], "2026-10-12T00:00:00Z");
    assert_eq!(report["to"], "2026-10-26T00:00:00Z");
    let cohorts = report["cohorts"].as_array().unwrap();
    assert_eq!(cohorts.len(), 2);
    // Of the first week the fast one is left out; share-two's owner came after the week.
    assert_eq!(cohorts[0]["owners"], 3);
    let third = (1.0_f64 / 3.0 * 10_000.0).round() / 10_000.0;
    let expected = json!({"days": 7, "state": "mature", "owners": 3, "observed": 3, "active": 2,
        "shares": 3, "conversions": 1, "conversions_so_far": 1, "k": third, "k_low": null,
        "k_high": null, "i": 1.5, "c": third});
    assert_eq!(cohorts[0]["windows"][0], expected);
    assert_eq!(cohorts[0]["windows"][1]["conversions"], 2);
    assert_eq!(cohorts[1]["windows"][2]["state"], "partial");
    assert_eq!(report["together"][0]["owners"], 4);
    assert_eq!(report["together"][0]["k"], 0.25);
    // The second week is not over for 30 days: only the first one counts.
    assert_eq!(report["together"][2]["owners"], 3);
    assert_eq!(report["conversions"]["qualified"], 2);
    assert_eq!(report["conversions"]["too_fast"], 1);
    assert_eq!(report["conversions"]["returning"], 0);
    // A span that cuts weeks is answered for whole ones, and says so.
    let cut = "from=2026-10-14T10:00:00Z&to=2026-10-20T00:00:00Z";
    let whole = room.get(&format!("/api/v1/growth/cohorts?{cut}")).await;
    assert_eq!(whole, report);
}

#[tokio::test]
async fn cohorts_of_days_have_no_gaps_and_new_ones_no_coefficient() {
    let room = room().await;
    let report = room.get("/api/v1/growth/cohorts?step=day&range=7d").await;
    let cohorts = report["cohorts"].as_array().unwrap();
    assert_eq!(cohorts.len(), 8);
    for cohort in cohorts {
        assert_eq!(cohort["owners"], 0);
        assert_eq!(cohort["windows"][0]["state"], "immature");
        assert_eq!(cohort["windows"][0]["k"], Value::Null);
    }
    assert_eq!(report["together"][0]["k"], Value::Null);
}

#[tokio::test]
async fn segments_of_shares_add_up_and_segments_of_owners_stand_alone() {
    let room = room().await;
    let ask = async |by: &str| {
        let address = format!("/api/v1/growth/segments?{SPAN}&by={by}&days=14");
        let report = room.get(&address).await;
        let lines = report["segments"].as_array().unwrap().clone();
        lines
            .into_iter()
            .map(|line| {
                let figures = [&line["owners"], &line["shares"], &line["conversions"]];
                let figures = figures.map(|figure| figure.as_u64().unwrap());
                (line["value"].as_str().unwrap().to_owned(), figures)
            })
            .collect::<Vec<_>>()
    };
    let line = |value: &str, figures| (value.to_owned(), figures);
    assert_eq!(
        ask("channel").await,
        [line("whatsapp", [4, 2, 1]), line("email", [4, 1, 1])]
    );
    assert_eq!(
        ask("country").await,
        [line("DE", [4, 2, 2]), line("AT", [4, 1, 0])]
    );
    assert_eq!(
        ask("template").await,
        [line("aurora", [3, 2, 2]), line("nova", [1, 1, 0])]
    );
    assert_eq!(
        ask("generation").await,
        [line("0", [2, 3, 2]), line("1", [2, 0, 0])]
    );
}

#[tokio::test]
async fn the_funnel_follows_the_shares_of_the_span() {
    let room = room().await;
    let step = |value: &str, counts: [u64; 6]| {
        let [shares, visits, opened, generated, qualified, with_lead] = counts;
        json!({"value": value, "shares": shares, "visits": visits, "opened": opened,
            "generated": generated, "qualified": qualified, "with_lead": with_lead})
    };
    let report = room.get(&format!("/api/v1/growth/funnel?{SPAN}")).await;
    assert_eq!(report["funnel"], json!([step("all", [3, 2, 1, 3, 2, 1])]));
    let report = room
        .get(&format!("/api/v1/growth/funnel?{SPAN}&by=depth"))
        .await;
    assert_eq!(
        report["funnel"],
        json!([step("0", [2, 2, 1, 2, 1, 1]), step("1", [1, 0, 0, 1, 1, 0])])
    );
}

#[tokio::test]
async fn the_tree_and_the_cycle_are_told() {
    let room = room().await;
    let report = room.get(&format!("/api/v1/growth/tree?{SPAN}")).await;
    assert_eq!(
        report["shares"],
        json!([{"depth": 0, "count": 2, "qualified": 1}, {"depth": 1, "count": 1, "qualified": 1}])
    );
    assert_eq!(
        report["owners"],
        json!([{"depth": 0, "count": 3, "qualified": 2}, {"depth": 1, "count": 2, "qualified": 0}])
    );
    let report = room.get(&format!("/api/v1/growth/cycle?{SPAN}")).await;
    let found = [&report["conversions"], &report["p50_ms"], &report["p90_ms"]];
    assert_eq!(
        found.map(|one| one.as_i64().unwrap()),
        [2, 3 * DAY_MS, 10 * DAY_MS]
    );
    let late = room.get("/api/v1/growth/cycle?range=7d").await;
    assert_eq!(
        (&late["conversions"], &late["p50_ms"]),
        (&json!(0), &Value::Null)
    );
}

#[tokio::test]
async fn leads_that_pages_saw_and_leads_that_servers_know_have_rates_of_their_own() {
    let room = room().await;
    assert!(at(42.5) < NOW_MS && at(42.0) > NOW_MS - 47 * HOUR_MS);
    let span = "from=2026-11-23T00:00:00Z&to=2026-11-23T20:00:00Z";
    let report = room.get(&format!("/api/v1/growth/leads?{span}")).await;
    let line = &report["leads"][0];
    assert_eq!(line["value"], "all");
    let figures =
        ["visits", "opened", "observed", "confirmed"].map(|name| line[name].as_u64().unwrap());
    assert_eq!(figures, [5, 1, 2, 1]);
    assert_eq!(
        (&line["observed_percent"], &line["confirmed_percent"]),
        (&json!(40.0), &json!(20.0))
    );
    assert_eq!(line["quality"]["average"], 40.0);
    assert_eq!(
        line["quality"]["classes"],
        json!([0, 0, 0, 0, 1, 0, 0, 0, 0, 0])
    );
    assert_eq!(
        report["sources"],
        json!([{"source": "whatsapp", "confirmed": 1, "average": 40.0}])
    );
    let report = room
        .get(&format!("/api/v1/growth/leads?{span}&by=template"))
        .await;
    let lines = report["leads"].as_array().unwrap();
    let rates: Vec<_> = lines
        .iter()
        .map(|line| (line["value"].as_str().unwrap(), &line["observed_percent"]))
        .collect();
    // s3 was never seen by a page, so its lead has no template and no visits.
    assert_eq!(
        rates,
        [
            ("aurora", &json!(25.0)),
            ("nova", &json!(100.0)),
            ("unknown", &Value::Null)
        ]
    );
    let report = room
        .get(&format!("/api/v1/growth/leads?{span}&site=s2.example"))
        .await;
    assert_eq!(report["leads"][0]["visits"], 1);
    assert_eq!(report["leads"][0]["confirmed"], 0);
}

#[tokio::test]
async fn parameters_that_do_not_apply_are_refused() {
    let room = room().await;
    for (address, field) in [
        ("/api/v1/growth/cohorts?site=s1.example", "site"),
        ("/api/v1/growth/cohorts?step=month", "step"),
        ("/api/v1/growth/segments", "by"),
        ("/api/v1/growth/segments?by=page", "by"),
        ("/api/v1/growth/segments?by=channel&days=8", "days"),
        ("/api/v1/growth/funnel?limit=0", "limit"),
        ("/api/v1/growth/tree?step=day", "step"),
        ("/api/v1/growth/cycle?range=1y", "range"),
        ("/api/v1/growth/leads?by=page", "by"),
        ("/api/v1/growth/slow?outcome=lead", "metric"),
        ("/api/v1/growth/slow?metric=LCP", "outcome"),
        ("/api/v1/growth/slow?metric=LCP&outcome=order", "outcome"),
    ] {
        let (status, body, _) = room.request("GET", address).await;
        assert_eq!(
            (status, &body["code"]),
            (422, &json!("parameter_invalid")),
            "{address}"
        );
        assert_eq!(body["field"], field, "{address}: {body}");
    }
}

#[tokio::test]
async fn a_fleet_without_events_has_empty_reports() {
    let room = Room::empty().await;
    let cohorts = room.get("/api/v1/growth/cohorts").await;
    assert_eq!(cohorts["cohorts"].as_array().unwrap().len(), 14);
    assert_eq!(cohorts["together"][0]["k"], Value::Null);
    let funnel = room.get("/api/v1/growth/funnel").await;
    assert_eq!(funnel["funnel"], json!([]));
    let tree = room.get("/api/v1/growth/tree").await;
    assert_eq!((&tree["shares"], &tree["owners"]), (&json!([]), &json!([])));
    let leads = room.get("/api/v1/growth/leads").await;
    assert_eq!(leads["leads"], json!([]));
}
