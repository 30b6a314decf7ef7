//! The log: every line of a request has its id, and none has anything of a visitor.

use std::fs;

use anyhow::{Context, Result, ensure};
use foresight_shared::{Event, Metric};
use foresight_tests::{Database, Home, first_batch, vital};
use serde_json::{Value, json};

/// What must not be in the log, wherever it was sent.
const PERSONAL: [&str; 9] = [
    "203.0.113.77",
    "Mozilla/5.0 (Secret)",
    "anna.berg",
    "+49301234567",
    "secret-form-text",
    "secretvisitor1",
    "secret-order-4711",
    "o_secret_owner",
    "secret-invoice",
];

#[tokio::test]
async fn the_log_has_request_ids_and_nothing_of_a_visitor() -> Result<()> {
    let mut home = Home::new(Database::Sqlite).await?;
    // All that Foresight itself can say, and what its libraries say by default.
    home.set("LOG", "info,foresight=trace");
    home.set("TRUSTED_PROXIES", "127.0.0.0/8");
    home.set("CLIENT_BURST", "6");
    home.set("CLIENT_BATCHES_PER_SECOND", "1");
    let site = home.add_site("bakery.example").await?;
    let token = home.server_token(None).await?;
    let mut collector = home.start().await?;
    for number in 0..10 {
        let mut batch = first_batch(
            &site.token,
            "/orders/secret-order-4711/anna.berg@mail.example",
            vec![
                vital(Metric::Lcp, 900.0, None),
                Event::Error {
                    message: "secret-form-text +49301234567".into(),
                    source: None,
                    line: None,
                },
            ],
        );
        batch.view.id = foresight_shared::Text("secretvisitor1".into());
        let mut body = serde_json::to_value(&batch)?;
        match number {
            // Each of these is refused in another way, with the text at hand.
            1 => body["view"]["nav"] = "anna.berg".into(),
            2 => body["site"] = "f1.anna.berg".into(),
            3 => body = json!("anna.berg"),
            4 => body["events"] = json!([{"vital": {"name": "anna.berg"}}]),
            5 => body["id"] = "anna.berg@mail.example".into(),
            _ => {}
        }
        let request = collector
            .post(&site)
            .header("user-agent", "Mozilla/5.0 (Secret)")
            .header("x-forwarded-for", "203.0.113.77")
            .header("x-request-id", format!("proxy-id-{number:04}"))
            .body(body.to_string());
        let answer = request.send().await?;
        let (status, id) = (
            answer.status(),
            answer.headers().get("x-request-id").cloned(),
        );
        let id = id.context("an answer without a request id")?;
        ensure!(id.to_str()? == format!("proxy-id-{number:04}"));
        let body: Value = answer.json().await?;
        if !status.is_success() {
            ensure!(body["request_id"] == id.to_str()?, "{body}");
        }
    }
    let revenue = json!({"amount_minor": 0, "currency": "EUR", "kind": "anna.berg",
        "site": "bakery.example", "owner": "o_secret_owner"});
    let event = json!({"id": "secret-invoice", "at": 1, "fact": {"revenue": revenue}});
    let refused = collector
        .tell(&token, &json!({"v": 1, "events": [event]}))
        .await?;
    ensure!(refused.status == 422, "{refused:?}");
    // One is made where none, or no sane one, is given.
    let answer = collector
        .get("/api/health")
        .header("x-request-id", "anna.berg@mail")
        .send()
        .await?;
    let made = answer.headers().get("x-request-id").context("none")?;
    ensure!(made.to_str()?.len() == 32);
    collector.ask_to_end()?;
    collector.ended().await?;
    let log = fs::read_to_string(home.log())?;
    for text in PERSONAL {
        ensure!(!log.contains(text), "{text} is in the log:\n{log}");
    }
    let mut of_requests = 0;
    for line in log.lines() {
        let line: Value = serde_json::from_str(line).with_context(|| line.to_owned())?;
        let message = line["fields"]["message"].as_str().unwrap_or_default();
        if message.contains("rejected") {
            let id = line["span"]["id"].as_str();
            ensure!(id.is_some_and(|id| id.len() >= 8), "without an id: {line}");
            of_requests += 1;
        }
    }
    ensure!(
        of_requests >= 6,
        "only {of_requests} lines of requests:\n{log}"
    );
    Ok(())
}
