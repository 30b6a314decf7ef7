//! The demo fleet: what reports find is what was told, and the truth that it was drawn from.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::Arc;

use axum::{Router, body::Body, http::Request};
use foresight::{
    command::{SeedArguments, Seeded, seed},
    config::Config,
    door::Door,
    event::{DAY_MS, Millis},
    growth::Rules,
    live::Feed,
    query::{Places, State, routes},
    store,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt;

/// 2026-11-23T21:20:00Z.
const NOW_MS: Millis = 1_795_468_800_000;

/// A database to be filled, and its reports.
struct Room {
    config: Config,
    _dir: TempDir,
}

impl Room {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let config = Config {
            data_dir: dir.path().to_owned(),
            ..Config::default()
        };
        Self { config, _dir: dir }
    }

    async fn seed(&self, seed_number: u64, sites: u32, add: bool) -> anyhow::Result<Seeded> {
        let arguments = SeedArguments {
            sites,
            days: 60,
            views: 4,
            seed: seed_number,
            until: None,
            add,
            steady: true,
            record: None,
        };
        seed(&self.config, &arguments, NOW_MS, |_| ()).await
    }

    async fn router(&self) -> Router {
        let store = store::open(&self.config.store_url()).await.unwrap();
        let door = Door::open(store.clone(), Arc::new(|| NOW_MS)).unwrap();
        let state = State {
            store,
            clock: Arc::new(|| NOW_MS),
            rules: Rules::of(&self.config),
            feed: Feed::default(),
            places: Places::default(),
            small_group_views: 10,
        };
        routes(state, &door).into_router()
    }
}

/// A report over the whole time.
async fn ask(router: &Router, address: &str) -> Value {
    let from = jiff::Timestamp::from_millisecond(NOW_MS - 70 * DAY_MS).unwrap();
    let address = format!("/api/v1/{address}&from={from}").replace("?&", "?");
    let request = Request::get(&address).body(Body::empty()).unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let body = axum::body::to_bytes(response.into_body(), 64 << 20)
        .await
        .unwrap();
    let text = String::from_utf8_lossy(&body);
    assert_eq!(status, 200, "{address}: {text}");
    serde_json::from_str(&text).unwrap()
}

#[tokio::test]
async fn reports_find_what_was_told_and_the_truth_that_it_was_drawn_from() {
    let room = Room::new();
    let seeded = room.seed(1, 300, false).await.unwrap();
    let router = room.router().await;
    counts(&router, &seeded).await;
    growth(&router, &seeded).await;
    vitals(&router, &seeded).await;
    money(&router, &seeded).await;
}

/// The ledger has every payment and every commission, and refuses none.
async fn money(router: &Router, seeded: &Seeded) {
    let revenue = ask(router, "money/revenue?").await;
    let told = &seeded.told.money;
    assert_eq!(revenue["currencies"].as_array().unwrap().len(), told.len());
    for line in revenue["currencies"].as_array().unwrap() {
        let (sums, total) = (&told[line["currency"].as_str().unwrap()], &line["total"]);
        let found = [
            "revenue_minor",
            "refunds_minor",
            "revenue_entries",
            "excess_entries",
        ];
        let found = found.map(|name| total[name].as_u64().unwrap());
        assert_eq!(
            found,
            [sums.revenue_minor, sums.refunded_minor, sums.payments, 0],
            "{line}"
        );
    }
    let request = Request::get("/api/v1/money/partners")
        .body(Body::empty())
        .unwrap();
    let body = router.clone().oneshot(request).await.unwrap().into_body();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let partners: Value = serde_json::from_slice(&body).unwrap();
    for line in partners["totals"].as_array().unwrap() {
        let sums = &told[line["currency"].as_str().unwrap()];
        let found = [
            "accrued_minor",
            "paid_minor",
            "reversed_minor",
            "payable_minor",
            "excess_entries",
        ];
        let found = found.map(|name| line[name].as_i64().unwrap());
        let payable = sums.approved_minor - sums.paid_minor;
        let expected = [
            sums.accrued_minor,
            sums.paid_minor,
            sums.reversed_minor,
            payable,
            0,
        ];
        assert_eq!(found, expected.map(|sum| sum as i64), "{line}");
    }
}

async fn counts(router: &Router, seeded: &Seeded) {
    let told = &seeded.told;
    assert!(
        told.views > 10_000 && told.leads > 100 && told.brought > 50,
        "{told:?}"
    );
    let activity = ask(router, "activity?").await;
    let sum = |name: &str| {
        let lines = activity[name].as_array().unwrap();
        lines
            .iter()
            .map(|line| line["count"].as_u64().unwrap())
            .sum::<u64>()
    };
    assert_eq!(activity["views"], told.views);
    assert_eq!(
        [sum("leads"), sum("bots"), sum("conversions")],
        [told.leads, told.bots, told.opened]
    );
    let leads = ask(router, "growth/leads?").await["leads"][0].clone();
    assert_eq!(
        (&leads["visits"], &leads["observed"]),
        (&json!(told.visits), &json!(told.leads))
    );
    // The last ones are confirmed after the end.
    let confirmed = leads["confirmed"].as_u64().unwrap();
    assert!(
        (told.confirmed.saturating_sub(5)..=told.confirmed).contains(&confirmed),
        "{leads}"
    );
    let shares = ask(router, "shares?").await;
    assert_eq!(
        (&shares["shares"], &shares["visits"]),
        (&json!(told.shares), &json!(told.referrals))
    );
    let conversions = ask(router, "growth/cohorts?").await["conversions"].clone();
    assert_eq!(conversions["qualified"], told.brought);
    assert!(
        conversions["too_fast"] != 0 && conversions["self_referral"] != 0,
        "{conversions}"
    );
    for sums in told.money.values() {
        assert!(sums.refunded_minor < sums.revenue_minor && sums.paid_minor <= sums.approved_minor);
        assert_eq!(sums.accrued_minor % 20, 0);
    }
}

async fn growth(router: &Router, seeded: &Seeded) {
    let truth = &seeded.truth;
    let cohorts = ask(router, "growth/cohorts?").await;
    for window in cohorts["together"].as_array().unwrap() {
        let days = window["days"].as_i64().unwrap();
        let end = |name: &str| window[name].as_f64().unwrap();
        let k = truth.k[&days];
        assert!(
            end("k_low") <= k && k <= end("k_high"),
            "K({days}) {k}: {window}"
        );
        for (name, value) in [("i", truth.i[&days]), ("c", truth.c[&days])] {
            assert!(
                (end(name) / value - 1.0).abs() < 0.25,
                "{name}({days}) {value}: {window}"
            );
        }
    }
    let leads = ask(router, "growth/leads?").await["leads"][0].clone();
    let observed = leads["observed_percent"].as_f64().unwrap();
    // Three standard errors of a count.
    let error = 3.0 / (seeded.told.leads as f64).sqrt();
    assert!(
        (observed / truth.observed_percent - 1.0).abs() < error,
        "{observed} {truth:?}"
    );
    let slow = ask(router, "growth/slow?metric=LCP&outcome=lead").await;
    assert_eq!(slow["unknown"], 0);
    let ratios = [truth.lead_ratio_needs_improvement, truth.lead_ratio_poor];
    for (band, truth) in slow["bands"].as_array().unwrap()[1..].iter().zip(ratios) {
        let end = |name: &str| band[name].as_f64().unwrap();
        assert!(
            end("ratio_low") <= truth && truth <= end("ratio_high"),
            "{truth}: {band}"
        );
    }
}

async fn vitals(router: &Router, seeded: &Seeded) {
    for device in ["phone", "desktop"] {
        let report = ask(router, &format!("vitals?device={device}")).await;
        for vital in report["vitals"].as_array().unwrap() {
            let truth = seeded.truth.p75[vital["metric"].as_str().unwrap()][device];
            let found = vital["p75"].as_f64().unwrap();
            // The mix of templates that was expected is not quite the one that was drawn.
            assert!(
                (found / truth - 1.0).abs() < 0.05,
                "{device} {truth}: {vital}"
            );
        }
    }
}

#[tokio::test]
async fn the_same_seed_makes_the_same_fleet_and_another_one_another() {
    let mut answers = Vec::new();
    for seed in [7, 7, 8] {
        let room = Room::new();
        let seeded = room.seed(seed, 20, false).await.unwrap();
        let router = room.router().await;
        let mut answer = vec![serde_json::to_value(&seeded).unwrap()];
        for address in [
            "vitals?",
            "activity?",
            "shares?",
            "growth/cohorts?",
            "growth/funnel?",
        ] {
            answer.push(ask(&router, address).await);
        }
        answers.push(answer);
    }
    assert_eq!(answers[0], answers[1]);
    assert_ne!(answers[0], answers[2]);
}

#[tokio::test]
async fn a_database_with_data_is_left_alone_unless_more_is_asked_for() {
    let room = Room::new();
    let first = room.seed(1, 5, false).await.unwrap();
    let refused = room.seed(2, 5, false).await.unwrap_err().to_string();
    assert!(refused.contains("--add"), "{refused}");
    let second = room.seed(2, 5, true).await.unwrap();
    let again = room.seed(1, 5, true).await.unwrap_err().to_string();
    assert!(again.contains("already"), "{again}");
    let activity = ask(&room.router().await, "activity?").await;
    assert_eq!(activity["views"], first.told.views + second.told.views);
}
