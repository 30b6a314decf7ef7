//! Traces and log lines of a real collector, received by OTLP.

mod bounds;

use std::{
    fs,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use foresight_shared::Metric;
use foresight_tests::{
    Collector, Database, Home, Line, Receiver, Reply, Site, Span, first_batch, until, vital,
};
use reqwest::RequestBuilder;
use serde_json::{Value, json};

/// How long what is sent may take to arrive: it is sent every five seconds.
const LIMIT: Duration = Duration::from_secs(20);

/// The ids of a caller.
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER: &str = "00f067aa0ba902b7";

/// What the caller says: its ids, and whether it records the trace.
fn traceparent(is_recorded: bool) -> String {
    format!("00-{TRACE}-{CALLER}-0{}", u8::from(is_recorded))
}

async fn told_to(receiver: &Receiver, database: Database) -> Result<Home> {
    let mut home = Home::new(database).await?;
    home.set("LOG", "info,foresight=debug,opentelemetry=warn");
    home.set("OTLP_TRACES_URL", &receiver.url());
    home.set("OTLP_LOGS_URL", &format!("{}/otlp", receiver.url()));
    home.set("OTLP_AUTHORIZATION", "Bearer secret-of-otlp");
    // Whatever is recorded was asked for.
    home.set("OTLP_SAMPLE", "0");
    Ok(home)
}

/// A batch with things of a visitor, none of which may be in a trace.
fn batch(collector: &Collector, site: &Site) -> Result<RequestBuilder> {
    let path = "/orders/secret-order/anna.berg";
    let batch = first_batch(&site.token, path, vec![vital(Metric::Lcp, 900.0, None)]);
    Ok(collector
        .post(site)
        .header("user-agent", "Mozilla/5.0 (Secret)")
        .header("x-forwarded-for", "203.0.113.77")
        .body(serde_json::to_string(&batch)?))
}

async fn send(collector: &Collector, site: &Site, traceparent: &str) -> Result<Reply> {
    let request = batch(collector, site)?;
    let request = request.header("traceparent", traceparent);
    collector.reply(request).await
}

/// Waits for a span with this name.
async fn span(receiver: &Receiver, name: &str) -> Result<Span> {
    let what = format!("the span {name}");
    until(&what, LIMIT, async || {
        let spans = receiver.spans()?;
        Ok(spans.into_iter().find(|span| span.name == name))
    })
    .await
}

/// Waits for a line that says this.
async fn line(receiver: &Receiver, message: &str) -> Result<Line> {
    let what = format!("the line {message}");
    until(&what, LIMIT, async || {
        let lines = receiver.lines()?;
        Ok(lines.into_iter().find(|line| line.message == message))
    })
    .await
}

async fn end(mut collector: Collector) -> Result<Duration> {
    let began = Instant::now();
    collector.ask_to_end()?;
    let status = collector.ended().await?;
    ensure!(status.success(), "it ended with {status}");
    Ok(began.elapsed())
}

#[tokio::test]
async fn one_batch_is_one_trace_from_its_caller_to_the_database() -> Result<()> {
    let receiver = Receiver::start().await?;
    let home = told_to(&receiver, Database::Sqlite).await?;
    let site = home.add_site("bakery.example").await?;
    let collector = home.start().await?;
    send(&collector, &site, &traceparent(true))
        .await?
        .answer()?;
    // Nobody asked for these two.
    send(&collector, &site, &traceparent(false))
        .await?
        .answer()?;
    collector.reply(batch(&collector, &site)?).await?.answer()?;
    collector.merged().await?;

    span(&receiver, "merge").await?;
    let spans = receiver.spans()?;
    let names: Vec<_> = spans.iter().map(|span| &*span.name).collect();
    let one = |name: &str| {
        let mut found = spans.iter().filter(|span| span.name == name);
        let first = found.next();
        ensure!(found.next().is_none(), "two of {name}: {names:?}");
        first.with_context(|| format!("no {name} in {names:?}"))
    };
    let request = one("POST /v1/batches")?;
    ensure!(
        (request.kind, &*request.parent) == (2, CALLER),
        "{request:?}"
    );
    ensure!(
        request.attributes["http.route"] == "/v1/batches",
        "{request:?}"
    );
    ensure!(
        request.attributes["http.response.status_code"] == "202",
        "{request:?}"
    );
    let (ingest, spool, merge) = (one("ingest")?, one("spool")?, one("merge")?);
    for part in [ingest, spool, merge] {
        ensure!(
            part.parent == request.id,
            "{part:?} is no part of {request:?}"
        );
    }
    for part in [one("fold")?, one("store")?] {
        ensure!(part.parent == merge.id, "{part:?} is no part of {merge:?}");
    }
    ensure!(ingest.time_ns.1 <= spool.time_ns.0, "{ingest:?} {spool:?}");
    ensure!(
        spool.time_ns.1 <= request.time_ns.1,
        "{spool:?} {request:?}"
    );
    ensure!(spans.len() == 6, "{names:?}");
    for span in &spans {
        ensure!((&*span.trace, span.status) == (TRACE, 0), "{span:?}");
        ensure!(span.resource["service.name"] == "foresight", "{span:?}");
        ensure!(
            span.resource["service.version"] == env!("CARGO_PKG_VERSION"),
            "{span:?}"
        );
        ensure!(!span.resource["service.instance.id"].is_empty(), "{span:?}");
    }

    for message in ["batch accepted", "batch merged"] {
        let line = line(&receiver, message).await?;
        ensure!(line.trace == TRACE, "{line:?}");
        ensure!(line.resource["service.name"] == "foresight", "{line:?}");
    }
    let sent = receiver.authorizations()?;
    ensure!(!sent.is_empty() && sent.len() == receiver.bytes()?.len());
    ensure!(
        sent.iter().all(|one| one == "Bearer secret-of-otlp"),
        "{sent:?}"
    );
    end(collector).await?;
    line(&receiver, "stopped").await?;
    let log = fs::read_to_string(home.log())?;
    ensure!(!log.contains("secret-of-otlp"), "{log}");
    for text in [
        "secret-order",
        "anna.berg",
        "Secret)",
        "203.0.113.77",
        &site.token,
    ] {
        for body in receiver.bytes()? {
            let has = String::from_utf8_lossy(&body).contains(text);
            ensure!(!has, "{text} was sent");
        }
        ensure!(!log.contains(text), "{text} is in the log");
    }
    Ok(())
}

#[tokio::test]
async fn an_error_and_its_log_lines_name_the_trace() -> Result<()> {
    let receiver = Receiver::start().await?;
    let home = told_to(&receiver, Database::Sqlite).await?;
    let site = home.add_site("bakery.example").await?;
    let collector = home.start().await?;
    let mut bad = collector.post(&site).body("[]");
    bad = bad.header("x-request-id", "proxy-id-0001");
    let refused = collector
        .reply(bad.header("traceparent", traceparent(true)))
        .await?;
    ensure!(
        refused.status == 422 || refused.status == 400,
        "{refused:?}"
    );
    ensure!(refused.body["trace_id"] == TRACE, "{refused:?}");
    ensure!(refused.body["request_id"] == "proxy-id-0001", "{refused:?}");

    let line = line(&receiver, "batch rejected").await?;
    ensure!(line.trace == TRACE, "{line:?}");
    ensure!(line.attributes["code"] == refused.code(), "{line:?}");
    let request = span(&receiver, "POST /v1/batches").await?;
    ensure!(request.attributes["foresight.request_id"] == "proxy-id-0001");
    ensure!(request.attributes["http.response.status_code"] == refused.status.to_string());
    let shown = shown(&home, "batch rejected")?;
    ensure!(shown["span"]["trace_id"] == TRACE, "{shown}");
    ensure!(shown["span"]["id"] == "proxy-id-0001", "{shown}");

    // One that nobody records has an id as well: it joins the lines.
    let refused = collector.reply(collector.post(&site).body("[]")).await?;
    let id = refused.body["trace_id"].as_str().context("no id")?;
    ensure!(id.len() == 32 && id != TRACE, "{refused:?}");
    let is_its = |line: Line| line.trace == id && line.message == "batch rejected";
    until("its line", LIMIT, async || {
        Ok(receiver.lines()?.into_iter().any(is_its).then_some(()))
    })
    .await?;
    ensure!(receiver.spans()?.iter().all(|span| span.trace == TRACE));
    // What is no id is none.
    let broken = collector
        .post(&site)
        .body("[]")
        .header("traceparent", format!("00-{TRACE}-0-01"));
    let refused = collector.reply(broken).await?;
    ensure!(refused.body["trace_id"] != TRACE, "{refused:?}");
    end(collector).await.map(|_| ())
}

/// The first line of the log on standard error that says this.
fn shown(home: &Home, message: &str) -> Result<Value> {
    let log = fs::read_to_string(home.log())?;
    let lines = log.lines().map(serde_json::from_str::<Value>);
    let lines = lines.collect::<Result<Vec<_>, _>>()?;
    let mut said = lines.into_iter();
    said.find(|line| line["fields"]["message"] == message)
        .with_context(|| log.clone())
}

#[tokio::test]
async fn events_of_servers_are_traced_too() -> Result<()> {
    let receiver = Receiver::start().await?;
    let mut home = told_to(&receiver, Database::Sqlite).await?;
    home.set("OTLP_SAMPLE", "1");
    let token = home.server_token(None).await?;
    let collector = home.start().await?;
    let fact = json!({"site": "bakery.example", "owner": "o_1", "duration_ms": 900});
    let at = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)?
        .as_millis();
    let event =
        json!({"id": "generation-1", "at": u64::try_from(at)?, "fact": {"site_generated": fact}});
    let reply = collector
        .tell(&token, &json!({"v": 1, "events": [event]}))
        .await?;
    ensure!(reply.status == 202, "{reply:?}");
    let request = span(&receiver, "POST /v1/events").await?;
    ensure!(request.parent.is_empty(), "{request:?}");
    for name in ["ingest", "spool", "merge"] {
        let part = span(&receiver, name).await?;
        ensure!(
            (&part.trace, &part.parent) == (&request.trace, &request.id),
            "{part:?}"
        );
    }
    end(collector).await.map(|_| ())
}

#[tokio::test]
async fn a_merge_that_fails_is_seen_and_so_is_the_one_that_succeeds() -> Result<()> {
    let receiver = Receiver::start().await?;
    let home = told_to(&receiver, Database::Postgres).await?;
    let site = home.add_site("bakery.example").await?;
    let collector = home.start().await?;
    home.take_database_away().await?;
    send(&collector, &site, &traceparent(true))
        .await?
        .answer()?;
    let failed = span(&receiver, "merge").await?;
    ensure!((&*failed.trace, failed.status) == (TRACE, 2), "{failed:?}");
    home.give_database_back().await?;
    until(
        "a merge that succeeds",
        Duration::from_secs(60),
        async || {
            let spans = receiver.spans()?;
            let done = |span: &Span| span.name == "merge" && span.status == 0;
            Ok(spans.iter().any(done).then_some(()))
        },
    )
    .await?;
    ensure!(receiver.spans()?.iter().all(|span| span.trace == TRACE));
    end(collector).await.map(|_| ())
}
