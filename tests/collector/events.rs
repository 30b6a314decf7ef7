//! What the platform's servers tell: durable, once, and only with their own kind of token.

use anyhow::{Context, Result, ensure};
use foresight_tests::{Collector, Database, Home, new_id};
use serde_json::{Value, json};

/// Events by kind, each with a key of its own.
fn event(id: &str, fact: &Value) -> Value {
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    json!({"id": id, "at": since.as_millis() as u64 - 1000, "fact": fact})
}

fn body(events: &[Value]) -> Value {
    json!({"v": 1, "events": events})
}

fn paid(id: &str, amount_minor: u64) -> Value {
    let revenue = json!({"amount_minor": amount_minor, "currency": "EUR", "kind": "subscription",
        "site": "bakery.example", "owner": "o_1"});
    event(id, &json!({ "revenue": revenue }))
}

/// Revenue as Prometheus is told of it: what was merged.
async fn revenue(collector: &Collector) -> Result<f64> {
    let scrape = collector.scrape().await?;
    Ok(scrape.sum("revenue_minor_units_total", &[]))
}

#[tokio::test]
async fn an_event_is_counted_once_however_often_it_is_told_on_sqlite() -> Result<()> {
    told_again(Database::Sqlite).await
}

#[tokio::test]
async fn an_event_is_counted_once_however_often_it_is_told_on_postgres() -> Result<()> {
    told_again(Database::Postgres).await
}

async fn told_again(database: Database) -> Result<()> {
    let home = Home::new(database).await?;
    let token = home.server_token(None).await?;
    let mut collector = home.start().await?;
    let first = body(&[paid("invoice-0001", 2900), paid("invoice-0002", 100)]);
    let answer = collector.tell(&token, &first).await?;
    ensure!(
        answer.status == 202 && answer.body == json!({"accepted": 2, "repeated": 0}),
        "{answer:?}"
    );
    collector.merged().await?;
    // Again at once, after a merge, and after kill -9.
    for again in 0..2 {
        let answer = collector.tell(&token, &first).await?;
        ensure!(
            answer.body == json!({"accepted": 0, "repeated": 2}),
            "{again}: {answer:?}"
        );
        // The same key with other content, among good ones: none of them is kept.
        let other = body(&[paid("invoice-0003", 5), paid("invoice-0001", 2901)]);
        let refused = collector.tell(&token, &other).await?;
        ensure!(
            refused.status == 409 && refused.code() == "idempotency_conflict",
            "{refused:?}"
        );
        ensure!(refused.body["field"] == "events[1].id", "{refused:?}");
        let detail = refused.body["detail"].as_str().unwrap_or_default();
        ensure!(detail.contains("invoice-0001"), "{refused:?}");
        if again == 0 {
            ensure!(revenue(&collector).await? == 3000.0);
            collector.kill().await?;
            collector = home.start().await?;
        }
    }
    let scrape = collector.scrape().await?;
    let rejected = scrape.one(
        "foresight_server_requests_rejected_total",
        &[("code", "idempotency_conflict")],
    )?;
    ensure!(rejected == 1.0, "{rejected} since the start");
    // The one that was refused with its neighbour is new.
    let answer = collector
        .tell(&token, &body(&[paid("invoice-0003", 5)]))
        .await?;
    ensure!(answer.body["accepted"] == 1, "{answer:?}");
    collector.merged().await?;
    ensure!(revenue(&collector).await? == 5.0, "since the start");
    Ok(())
}

#[tokio::test]
async fn only_a_servers_token_does_and_only_in_its_scope() -> Result<()> {
    let home = Home::new(Database::Sqlite).await?;
    let site = home.add_site("bakery.example").await?;
    let (all, own) = (
        home.server_token(None).await?,
        home.server_token(Some("bakery.example")).await?,
    );
    let elsewhere = home.server_token(Some("other.example")).await?;
    let revoked = home.server_token(Some("third.example")).await?;
    home.revoke(&revoked).await?;
    let forged = Home::new(Database::Sqlite)
        .await?
        .server_token(None)
        .await?;
    let collector = home.start().await?;
    let about_none = event("limited-0001", &json!({"rate_limited": {"route": "/api"}}));
    let about_site = paid("invoice-0001", 1);
    for (token, event, status, code) in [
        (&all, &about_none, 202, ""),
        (&all, &about_site, 202, ""),
        (&own, &about_site, 202, ""),
        (&own, &about_none, 403, "scope_mismatch"),
        (&elsewhere, &about_site, 403, "scope_mismatch"),
        (&site.token, &about_site, 401, "token_malformed"),
        (
            &site.token.replacen("f1.", "s1.", 1),
            &about_site,
            401,
            "token_forged",
        ),
        (&forged, &about_site, 401, "token_forged"),
        (&revoked, &about_site, 401, "token_revoked"),
        (&String::new(), &about_site, 401, "token_missing"),
    ] {
        let reply = if token.is_empty() {
            let url = collector.url("/v1/events");
            let request = reqwest::Client::new().post(url).body("{}");
            collector.reply(request).await?
        } else {
            collector
                .tell(token, &body(std::slice::from_ref(event)))
                .await?
        };
        ensure!(
            reply.status == status && reply.code() == code,
            "{code}: {reply:?}"
        );
    }
    // A server's token does for no page either.
    let batch = foresight_tests::first_batch(&all, "/", vec![]);
    let reply = collector.send(&site, &batch).await?;
    ensure!(reply.code() == "token_malformed", "{reply:?}");
    Ok(())
}

#[tokio::test]
async fn bad_events_are_refused_with_field_and_rule_and_nothing_of_them_is_kept() -> Result<()> {
    let home = Home::new(Database::Sqlite).await?;
    let token = home.server_token(None).await?;
    let collector = home.start().await?;
    let good = paid("invoice-0001", 1);
    let mut late = paid("invoice-0002", 1);
    late["at"] = 1.into();
    let lead =
        json!({"lead": {"site": "bakery.example", "lead": "l", "score": 300, "source": "f"}});
    let many: Vec<_> = (0..501).map(|n| paid(&format!("many-{n:05}"), 1)).collect();
    let half = json!({"revenue": {"amount_minor": 1}});
    for (value, status, code, field) in [
        (body(&[]), 422, "too_many_events", "events"),
        (body(&many), 422, "too_many_events", "events"),
        (json!({"v": 2}), 422, "version_unsupported", "v"),
        (json!({"v": 1}), 422, "field_missing", "events"),
        (
            body(&[good.clone(), late]),
            422,
            "value_out_of_range",
            "events[1].at",
        ),
        (
            body(&[good.clone(), event("lead-00001", &lead)]),
            422,
            "value_out_of_range",
            "events[1].fact.lead.score",
        ),
        (
            body(&[event("half-00001", &half)]),
            422,
            "field_missing",
            "events[0].fact.revenue.currency",
        ),
        (
            body(&[event("dance-0001", &json!({"dance": {}}))]),
            422,
            "field_invalid",
            "events[0].fact",
        ),
    ] {
        let reply = collector.tell(&token, &value).await?;
        ensure!(
            reply.status == status && reply.code() == code,
            "{field}: {reply:?}"
        );
        ensure!(reply.body["field"] == field, "{field}: {reply:?}");
        ensure!(reply.body["rule"].is_string(), "{field}: {reply:?}");
        ensure!(reply.content_type == "application/problem+json");
    }
    let scrape = collector.scrape().await?;
    ensure!(scrape.one("foresight_spool_depth", &[])? == 0.0);
    let received = scrape.one("foresight_server_requests_received_total", &[])?;
    let rejected = scrape.one(
        "foresight_server_requests_total",
        &[("outcome", "rejected")],
    )?;
    ensure!(
        received == rejected && received == 8.0,
        "{received} {rejected}"
    );
    // And the good one among them was not kept by the way.
    let reply = collector.tell(&token, &body(&[good])).await?;
    ensure!(
        reply.body == json!({"accepted": 1, "repeated": 0}),
        "{reply:?}"
    );
    Ok(())
}

#[tokio::test]
async fn every_kind_of_fact_is_told_to_prometheus() -> Result<()> {
    let home = Home::new(Database::Sqlite).await?;
    let token = home.server_token(None).await?;
    let collector = home.start().await?;
    let example: Value =
        serde_json::from_str(include_str!("../../shared/examples/events.v1.json"))?;
    let events: Vec<_> = example["events"]
        .as_array()
        .context("no events")?
        .iter()
        .map(|one| event(&new_id(), &one["fact"]))
        .collect();
    let reply = collector.tell(&token, &body(&events)).await?;
    ensure!(
        reply.body == json!({"accepted": 10, "repeated": 0}),
        "{reply:?}"
    );
    let paid = json!({"commission": {"state": "paid", "partner": "p_17", "share": "pR7mYc2LzA",
        "amount_minor": 580, "currency": "EUR"}});
    collector
        .tell(&token, &body(&[event("commission-paid", &paid)]))
        .await?;
    collector.merged().await?;
    let scrape = collector.scrape().await?;
    for (name, labels, value) in [
        (
            "site_generation_failures_by_stage_total",
            &[("stage", "images")][..],
            1.0,
        ),
        ("site_generation_failures_total", &[], 1.0),
        ("site_generation_duration_seconds_count", &[], 1.0),
        ("site_generation_duration_seconds_sum", &[], 41.25),
        ("ai_service_duration_seconds_count", &[], 1.0),
        ("leads_total", &[("evidence", "confirmed")], 1.0),
        ("conversions_total", &[("goal", "booking")], 1.0),
        ("revenue_minor_units_total", &[("currency", "EUR")], 2900.0),
        ("refunds_minor_units_total", &[("currency", "EUR")], 900.0),
        (
            "commissions_paid_minor_units_total",
            &[("currency", "EUR")],
            580.0,
        ),
        ("failed_auth_attempts_total", &[], 1.0),
        (
            "failed_auth_attempts_by_reason_total",
            &[("realm", "login")],
            1.0,
        ),
        (
            "rate_limit_violations_total",
            &[("route", "/api/sites/:id")],
            1.0,
        ),
        (
            "http_request_duration_seconds_count",
            &[("status", "2xx")],
            229.0,
        ),
    ] {
        let found = scrape.sum(name, labels);
        ensure!(found == value, "{name}: {found}, not {value}");
    }
    Ok(())
}

#[tokio::test]
async fn a_key_that_another_collector_has_is_repeated_or_refused() -> Result<()> {
    let (one, two) = super::together::two_homes(Database::Postgres).await?;
    let token = one.server_token(None).await?;
    let (first, second) = tokio::try_join!(one.start(), two.start())?;
    first
        .tell(&token, &body(&[paid("invoice-0001", 2900)]))
        .await?;
    first.merged().await?;
    let conflict = second
        .tell(&token, &body(&[paid("invoice-0001", 1)]))
        .await?;
    ensure!(conflict.code() == "idempotency_conflict", "{conflict:?}");
    // The same content is durable here too, and left out at the merge. `paid` has the time in it.
    let again = paid("invoice-0002", 7);
    for collector in [&first, &second] {
        let reply = collector
            .tell(&token, &body(std::slice::from_ref(&again)))
            .await?;
        ensure!(reply.body["accepted"] == 1, "{reply:?}");
        collector.merged().await?;
    }
    let sum = revenue(&first).await? + revenue(&second).await?;
    ensure!(sum == 2907.0, "{sum}");
    let elsewhere = second.scrape().await?;
    let left_out = elsewhere.one("foresight_merged_elsewhere_total", &[("what", "event")])?;
    ensure!(left_out == 1.0, "{left_out}");
    Ok(())
}

#[tokio::test]
async fn a_conflict_that_no_collector_could_know_is_set_aside_and_counted() -> Result<()> {
    let (one, two) = super::together::two_homes(Database::Postgres).await?;
    let token = one.server_token(None).await?;
    let (first, second) = tokio::try_join!(one.start(), two.start())?;
    one.take_database_away().await?;
    for (collector, amount) in [(&first, 2900), (&second, 1)] {
        let reply = collector
            .tell(&token, &body(&[paid("invoice-0001", amount)]))
            .await?;
        ensure!(reply.body["accepted"] == 1, "{reply:?}");
    }
    one.give_database_back().await?;
    for collector in [&first, &second] {
        collector.merged().await?;
    }
    let sum = revenue(&first).await? + revenue(&second).await?;
    ensure!(sum == 2900.0 || sum == 1.0, "{sum}");
    let mut aside = 0.0;
    for collector in [&first, &second] {
        let scrape = collector.scrape().await?;
        aside += scrape.one("foresight_spool_quarantined_total", &[])?;
    }
    ensure!(aside == 1.0, "{aside}");
    Ok(())
}
