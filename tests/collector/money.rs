//! Money over HTTP: what servers tell is booked once, in whatever order it arrives, and every address
//! says the same of it, as JSON and as CSV.

mod tables;

use anyhow::{Context, Result, ensure};
use foresight::event::{DAY_MS, Millis};
use foresight_tests::{Collector, Database, Home, MovedClock};
use rand::{SeedableRng, rngs::StdRng, seq::SliceRandom};
use serde_json::{Value, json};

use tables::{same_as_json, table};

/// 2026-11-23T21:20:00Z.
const NOW_MS: Millis = 1_795_468_800_000;

/// A server event so many days ago.
fn event(id: &str, days_ago: f64, fact: &Value) -> Value {
    let at_ms = NOW_MS - (days_ago * DAY_MS as f64) as Millis;
    json!({"id": id, "at": at_ms, "fact": fact})
}

fn paid(id: &str, days_ago: f64, way: &str, amount: u64, owner: &str) -> Value {
    let site = format!("{}.example", owner.replace('_', "-"));
    let payment = json!({"amount_minor": amount, "currency": "EUR", "kind": "subscription",
        "site": site, "owner": owner});
    event(id, days_ago, &json!({ way: payment }))
}

fn commission(id: &str, days_ago: f64, state: &str, partner: &str, amount: u64) -> Value {
    let fact = json!({"state": state, "partner": partner, "share": "share-one",
        "amount_minor": amount, "currency": "EUR"});
    event(id, days_ago, &json!({ "commission": fact }))
}

/// What happened, with figures that were added up by hand.
fn everything() -> Vec<Value> {
    let mut all = vec![
        paid("invoice-0001", 27.0, "revenue", 10_000, "o_1"),
        paid("invoice-0002", 3.0, "revenue", 2900, "o_1"),
        paid("invoice-0003", 0.1, "revenue", 500, "o_2"),
        paid("credit-00001", 2.0, "refund", 900, "o_1"),
        // More than came in from this owner.
        paid("credit-00002", 0.05, "refund", 501, "o_2"),
        // October: earned, and part of it approved. November: the rest.
        commission("first-accrued", 28.0, "accrued", "p_1", 1000),
        commission("first-held", 27.0, "held", "p_1", 400),
        commission("first-approved", 26.0, "approved", "p_1", 600),
        commission("first-paid", 10.0, "paid", "p_1", 550),
        commission("first-reversed", 5.0, "reversed", "p_1", 300),
        // More than is payable.
        commission("first-paid-again", 4.0, "paid", "p_1", 551),
        commission("other-accrued", 9.0, "accrued", "=p_2", 70),
    ];
    let generated =
        json!({"site": "o-1.example", "owner": "o_1", "template": "aurora", "duration_ms": 9.0});
    all.push(event(
        "generated-1",
        29.0,
        &json!({ "site_generated": generated }),
    ));
    let yen = json!({"amount_minor": 700, "currency": "JPY", "kind": "subscription",
        "site": "o-1.example", "owner": "o_1"});
    all.push(event("invoice-0004", 1.0, &json!({ "revenue": yen })));
    all
}

#[tokio::test]
async fn money_is_booked_once_however_it_is_told_on_sqlite() -> Result<()> {
    booked_once(Database::Sqlite).await
}

#[tokio::test]
async fn money_is_booked_once_however_it_is_told_on_postgres() -> Result<()> {
    booked_once(Database::Postgres).await
}

async fn booked_once(database: Database) -> Result<()> {
    let mut home = Home::new(database).await?;
    home.set("SPOOL_MAX_HOURS", "10000");
    let clock = MovedClock::of(&mut home)?;
    clock.stop_at(NOW_MS / 1000)?;
    let token = home.server_token(None).await?;
    let mut collector = home.start().await?;
    // One by one, some of them again, in no order; then all of them once more after kill -9.
    let mut told: Vec<_> = everything()
        .into_iter()
        .flat_map(|one| [one.clone(), one])
        .collect();
    told.shuffle(&mut StdRng::seed_from_u64(7));
    for one in told {
        tell(&collector, &token, &[one]).await?;
    }
    collector.merged().await?;
    let scrape = collector.scrape().await?;
    // As told: also what the ledger does not book.
    for (name, sum) in [
        (
            "revenue_minor_units_total",
            10_000.0 + 2900.0 + 500.0 + 700.0,
        ),
        ("refunds_minor_units_total", 900.0 + 501.0),
        ("commissions_paid_minor_units_total", 550.0 + 551.0),
    ] {
        let found = scrape.sum(name, &[]);
        ensure!(found == sum, "{name}: {found}, not {sum}");
    }
    let before = answers(&collector).await?;
    check(&before)?;
    collector.kill().await?;
    collector = home.start().await?;
    let answer = tell(&collector, &token, &everything()).await?;
    ensure!(answer == json!({"accepted": 0, "repeated": 14}), "{answer}");
    // A key with other content: refused, and the ledger as it was.
    let other = commission("first-paid", 10.0, "paid", "p_1", 549);
    let refused = collector
        .tell(&token, &json!({"v": 1, "events": [other]}))
        .await?;
    ensure!(refused.status == 409 && refused.code() == "idempotency_conflict");
    collector.merged().await?;
    ensure!(
        answers(&collector).await? == before,
        "not the same after a restart"
    );
    for address in ADDRESSES {
        same_as_json(&collector, address).await?;
    }
    pages(&collector).await?;
    forgotten(&home, &collector, &before).await
}

async fn tell(collector: &Collector, token: &str, events: &[Value]) -> Result<Value> {
    let answer = collector
        .tell(token, &json!({"v": 1, "events": events}))
        .await?;
    ensure!(answer.status == 202, "{answer:?}");
    Ok(answer.body)
}

/// What is asked in all formats.
const ADDRESSES: [&str; 6] = [
    "revenue?range=30d&by=template",
    "revenue?range=30d&by=site",
    "partners?",
    "entries?range=30d",
    "statement?partner=p_1&month=2026-11",
    "forecast?",
];

async fn answers(collector: &Collector) -> Result<Vec<Value>> {
    let mut answers = Vec::new();
    for address in ADDRESSES {
        answers.push(collector.ask(&format!("/api/v1/money/{address}")).await?);
    }
    Ok(answers)
}

/// The figures as they were added up by hand.
fn check(answers: &[Value]) -> Result<()> {
    let [revenue, by_site, partners, entries, statement, forecast] = answers else {
        anyhow::bail!("{} answers", answers.len());
    };
    let (euros, yen) = (&revenue["currencies"][0], &revenue["currencies"][1]);
    for (part, revenue, refunds, excess) in [
        ("today", 500, 0, 501),
        ("month_to_date", 3400, 900, 501),
        ("last_month", 10_000, 0, 0),
        ("total", 13_400, 900, 501),
    ] {
        let taken = &euros[part];
        let sums = [
            "revenue_minor",
            "refunds_minor",
            "net_minor",
            "excess_minor",
        ]
        .map(|name| taken[name].as_i64().unwrap_or_default());
        let expected = [revenue, refunds, revenue - refunds, excess];
        ensure!(sums == expected, "{part}: {taken}");
    }
    ensure!(
        (&yen["currency"], &yen["exponent"]) == (&json!("JPY"), &json!(0)),
        "{yen}"
    );
    ensure!(yen["total"]["net_minor"] == 700, "{yen}");
    let groups = |report: &Value| -> Vec<(String, i64)> {
        let groups = report["currencies"][0]["groups"].as_array();
        let group = |group: &Value| {
            let value = group["value"].as_str().unwrap_or_default();
            (
                value.to_owned(),
                group["net_minor"].as_i64().unwrap_or_default(),
            )
        };
        groups.into_iter().flatten().map(group).collect()
    };
    ensure!(groups(revenue) == [("aurora".into(), 12_000), ("unknown".into(), 500)]);
    ensure!(groups(by_site) == [("o-1.example".into(), 12_000), ("o-2.example".into(), 500)]);

    // 1000 earned: 400 held and 600 approved, which took the held ones first; 550 paid; then 300 taken
    // back, out of what was still pending.
    let first = &partners["partners"][0];
    let expected = json!({"partner": "p_1", "currency": "EUR", "exponent": 2, "accrued_minor": 1000,
        "pending_minor": 100, "held_minor": 0, "payable_minor": 50, "paid_minor": 550,
        "reversed_minor": 300, "entries": 5, "excess_entries": 1, "excess_minor": 551});
    ensure!(*first == expected, "{first}");
    let payable: i64 = changes(entries, "p_1", "payable_minor").sum();
    ensure!(payable == 50, "{payable}");
    ensure!(
        entries["entries"].as_array().map(Vec::len) == Some(13),
        "{entries}"
    );

    let euros = &statement["statements"][0];
    let part = |name: &str, of: &str| euros[name][of].as_i64().unwrap_or_default();
    ensure!(
        part("opening", "payable_minor") == 600 && statement["final"] == false,
        "{statement}"
    );
    for of in [
        "accrued_minor",
        "pending_minor",
        "held_minor",
        "payable_minor",
        "paid_minor",
        "reversed_minor",
    ] {
        let sum = part("opening", of) + part("sum", of);
        ensure!(sum == part("closing", of), "{of}: {euros}");
        ensure!(
            part("closing", of) == first[of].as_i64().unwrap_or_default(),
            "{of}: {euros}"
        );
    }
    ensure!(
        forecast["currencies"][0]["withheld"] == "too_short",
        "{forecast}"
    );
    Ok(())
}

/// What each entry of a partner changes.
fn changes<'a>(report: &'a Value, partner: &'a str, of: &'a str) -> impl Iterator<Item = i64> + 'a {
    let entries = report["entries"].as_array().into_iter().flatten();
    let own = entries.filter(move |entry| entry["partner"] == partner);
    own.filter_map(move |entry| entry["changes"][of].as_i64())
}

/// Page after page is the whole.
async fn pages(collector: &Collector) -> Result<()> {
    let whole = collector
        .ask("/api/v1/money/entries?range=30d&limit=500")
        .await?;
    ensure!(whole["next"].is_null(), "{whole}");
    let (mut pages, mut after) = (Vec::new(), String::new());
    for _ in 0..10 {
        let address = format!("/api/v1/money/entries?range=30d&limit=3{after}");
        let page = collector.ask(&address).await?;
        pages.extend(
            page["entries"]
                .as_array()
                .context("no entries")?
                .iter()
                .cloned(),
        );
        let Some(next) = page["next"].as_str() else {
            break;
        };
        after = format!("&after={next}");
    }
    ensure!(
        whole["entries"] == Value::Array(pages),
        "pages differ from {whole}"
    );
    for (filter, count) in [
        ("partner=p_1", 6),
        ("kind=paid", 2),
        ("kind=refund", 2),
        ("currency=JPY", 1),
        ("site=o-1.example", 4),
        ("partner=p_1&site=o-1.example", 0),
    ] {
        let lines = table(collector, &format!("entries?range=30d&{filter}")).await?;
        ensure!(lines.len() == count, "{filter}: {lines:?}");
    }
    Ok(())
}

/// A forgotten site's payments stay in the sums, and nothing tells whose they were.
async fn forgotten(home: &Home, collector: &Collector, before: &[Value]) -> Result<()> {
    home.forget_site("o-1.example").await?;
    let after = answers(collector).await?;
    for part in ["today", "month_to_date", "last_month", "total", "days"] {
        let of = |answers: &[Value]| answers[0]["currencies"][0][part].clone();
        ensure!(of(before) == of(&after), "{part}: {}", of(&after));
    }
    ensure!(
        before[2] == after[2] && before[4] == after[4],
        "a partner's figures changed"
    );
    let group = &after[1]["currencies"][0]["groups"][0];
    ensure!(
        group["value"] == "forgotten" && group["net_minor"] == 12_000,
        "{group}"
    );
    let entries = after[3].to_string();
    for word in ["o-1.example", "o_1", "invoice-0001", "credit-00001"] {
        ensure!(
            !entries.contains(&format!("\"{word}\"")),
            "{word} is still known"
        );
    }
    Ok(())
}
