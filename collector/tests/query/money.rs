//! The reports on money, of payments and commissions that were added up by hand.

use foresight::{
    event::{Confirmed, DAY_MS},
    rollup::Rollup,
};
use foresight_shared::{CommissionState, Fact, Payment, ServerEvent};
use serde_json::{Value, json};

use crate::room::{NOW_MS, Room};

fn confirmed(id: &str, days_ago: i64, fact: Fact) -> Confirmed {
    let at_ms = NOW_MS - days_ago * DAY_MS;
    Confirmed {
        received_ms: at_ms,
        event: ServerEvent {
            id: id.into(),
            at: at_ms as u64,
            fact,
        },
    }
}

fn paid(id: &str, days_ago: i64, amount_minor: u64, currency: &str, owner: &str) -> Confirmed {
    let fact = Fact::Revenue(Payment {
        amount_minor,
        currency: currency.into(),
        kind: "subscription".into(),
        site: format!("{owner}.example"),
        owner: owner.into(),
    });
    confirmed(id, days_ago, fact)
}

fn commission(id: &str, days_ago: i64, state: CommissionState, amount_minor: u64) -> Confirmed {
    let fact = Fact::Commission {
        state,
        partner: "p_1".into(),
        share: "share-one".into(),
        amount_minor,
        currency: "EUR".into(),
    };
    confirmed(id, days_ago, fact)
}

async fn room(events: Vec<Confirmed>) -> Room {
    let room = Room::empty().await;
    let rollup = Rollup {
        events,
        ..Rollup::default()
    };
    room.store.merge("spool", 0, 1, &rollup).await.unwrap();
    room
}

/// Names of a list's objects.
fn values(list: &Value, name: &str) -> Vec<Value> {
    let list = list.as_array().unwrap().iter();
    list.map(|one| one[name].clone()).collect()
}

#[tokio::test]
async fn without_money_reports_are_empty() {
    let room = Room::empty().await;
    for (address, list) in [
        ("revenue", "currencies"),
        ("partners", "partners"),
        ("partners", "totals"),
        ("entries", "entries"),
        ("statement?partner=p_1&month=2026-11", "statements"),
        ("forecast", "currencies"),
    ] {
        let report = room.get(&format!("/api/v1/money/{address}")).await;
        assert_eq!(report[list], json!([]), "{address}");
    }
}

#[tokio::test]
async fn currencies_are_never_added_up_and_days_have_no_gaps() {
    let room = room(vec![
        paid("invoice-0001", 1, 2900, "EUR", "o1"),
        paid("invoice-0002", 1, 700, "JPY", "o1"),
        paid("invoice-0003", 0, 100, "EUR", "o2"),
        // Last month, and before the range.
        paid("invoice-0004", 40, 5000, "EUR", "o2"),
    ])
    .await;
    let report = room.get("/api/v1/money/revenue?range=7d&by=site").await;
    let currencies = &report["currencies"];
    assert_eq!(values(currencies, "currency"), ["EUR", "JPY"]);
    assert_eq!(values(currencies, "exponent"), [2, 0]);
    let (euros, yen) = (&currencies[0], &currencies[1]);
    assert_eq!(euros["total"]["net_minor"], 3000);
    assert_eq!(euros["last_month"]["net_minor"], 5000);
    assert_eq!(euros["month_to_date"]["revenue_entries"], 2);
    assert_eq!(
        values(&euros["groups"], "value"),
        ["o1.example", "o2.example"]
    );
    assert_eq!(yen["today"]["net_minor"], 0);
    let days = values(&euros["days"], "net_minor");
    assert_eq!(days.len(), 8);
    assert_eq!(days[6..], [2900, 100]);
    let one = room.get("/api/v1/money/revenue?currency=JPY").await;
    assert_eq!(values(&one["currencies"], "currency"), ["JPY"]);
    let site = room.get("/api/v1/money/revenue?site=o2.example").await;
    assert_eq!(values(&site["currencies"], "currency"), ["EUR"]);
    assert_eq!(site["currencies"][0]["total"]["net_minor"], 5100);
    let limited = room.get("/api/v1/money/revenue?by=site&limit=1").await;
    assert_eq!(
        values(&limited["currencies"][0]["groups"], "value"),
        ["o2.example"]
    );
}

#[tokio::test]
async fn a_statement_is_of_its_month_and_final_when_nothing_can_be_told_of_it() {
    let room = room(vec![
        commission("accrued-0001", 60, CommissionState::Accrued, 100),
        commission("approved-0001", 26, CommissionState::Approved, 100),
        commission("paid-0001", 3, CommissionState::Paid, 60),
    ])
    .await;
    let of = async |month: &str| {
        let address = format!("/api/v1/money/statement?partner=p_1&month={month}");
        room.get(&address).await
    };
    // 60 days before November 23 is September 24.
    for (month, opening, closing, kinds, is_final) in [
        ("2026-08", [0, 0, 0], [0, 0, 0], &[][..], true),
        ("2026-09", [0, 0, 0], [100, 0, 0], &["accrued"], true),
        ("2026-10", [100, 0, 0], [0, 100, 0], &["approved"], false),
        ("2026-11", [0, 100, 0], [0, 40, 60], &["paid"], false),
        ("2026-12", [0, 40, 60], [0, 40, 60], &[], false),
    ] {
        let report = of(month).await;
        assert_eq!(report["final"], is_final, "{month}");
        let Some(statement) = report["statements"].get(0) else {
            assert_eq!(month, "2026-08");
            continue;
        };
        let sums = |name: &str| {
            ["pending_minor", "payable_minor", "paid_minor"].map(|of| statement[name][of].clone())
        };
        assert_eq!(sums("opening"), opening, "{month}");
        assert_eq!(sums("closing"), closing, "{month}");
        assert_eq!(values(&statement["entries"], "kind"), kinds, "{month}");
    }
    let other = room
        .get("/api/v1/money/statement?partner=p_2&month=2026-11")
        .await;
    assert_eq!(other["statements"], json!([]));
}

#[tokio::test]
async fn a_forecast_has_its_past_beside_it_or_a_reason() {
    // Euros on each of 150 days, less on Sundays; yen once.
    let mut events = vec![paid("invoice-yen-1", 9, 700, "JPY", "o1")];
    for day in 0..=150 {
        let amount = if day % 7 == 1 { 500 } else { 2900 };
        events.push(paid(&format!("invoice-{day:04}"), day, amount, "EUR", "o1"));
    }
    let room = room(events).await;
    let report = room.get("/api/v1/money/forecast").await;
    assert_eq!(report["from"], "2026-11-23T00:00:00Z");
    let (euros, yen) = (&report["currencies"][0], &report["currencies"][1]);
    // Today is not over.
    assert_eq!(euros["history_days"], 150);
    assert_eq!(
        (&euros["withheld"], &yen["withheld"]),
        (&Value::Null, &json!("too_short"))
    );
    assert_eq!((&yen["days"], &yen["past"]), (&json!([]), &Value::Null));
    assert_eq!(
        (&euros["model"], &euros["past"]["mae_minor"]),
        (&json!("naive"), &json!(0))
    );
    assert_eq!(euros["past"]["coverage_percent"], 100.0);
    assert_eq!(euros["baseline"], euros["past"]);
    let days = values(&euros["days"], "expected_minor");
    assert_eq!(days.len(), 30);
    // Yesterday was a Sunday, as 7 days after today minus one.
    assert_eq!(days[..7], [2900, 2900, 2900, 2900, 2900, 2900, 500]);
    let sum: i64 = days.iter().map(|day| day.as_i64().unwrap()).sum();
    assert_eq!(euros["expected_minor"], sum);
    let one = room.get("/api/v1/money/forecast?currency=JPY").await;
    assert_eq!(values(&one["currencies"], "currency"), ["JPY"]);
}

#[tokio::test]
async fn parameters_that_do_not_apply_are_refused() {
    let room = Room::empty().await;
    for (address, field) in [
        ("revenue?by=page", "by"),
        ("revenue?format=xml", "format"),
        ("revenue?partner=p_1", "partner"),
        ("partners?range=7d", "range"),
        ("entries?kind=stolen", "kind"),
        ("entries?after=x", "after"),
        ("entries?limit=501", "limit"),
        ("statement?month=2026-11", "partner"),
        ("statement?partner=p_1", "month"),
        ("statement?partner=p_1&month=November", "month"),
        ("forecast?days=60", "days"),
    ] {
        let (status, body, headers) = room
            .request("GET", &format!("/api/v1/money/{address}"))
            .await;
        assert_eq!(
            (status, &body["code"], &body["field"]),
            (422, &json!("parameter_invalid"), &json!(field)),
            "{address}"
        );
        let kind = (
            "content-type".to_owned(),
            "application/problem+json".to_owned(),
        );
        assert!(headers.contains(&kind), "{address}: {headers:?}");
    }
}

#[tokio::test]
async fn a_ledger_that_cannot_be_added_up_is_no_report_and_names_the_partner() {
    let room = room(vec![
        commission("accrued-0001", 2, CommissionState::Accrued, i64::MAX as u64),
        commission("accrued-0002", 1, CommissionState::Accrued, 1),
    ])
    .await;
    let (status, body, _) = room.request("GET", "/api/v1/money/partners").await;
    assert_eq!((status, &body["code"]), (500, &json!("ledger_unsound")));
    assert!(body["detail"].as_str().unwrap().contains("p_1"), "{body}");
}
