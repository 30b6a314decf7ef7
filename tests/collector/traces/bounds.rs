//! What traces may not do: be sent unasked, fill their store, or hurt who sends batches.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use foresight_tests::{Database, Home, Receiver};
use tokio::{io::AsyncReadExt, net::TcpListener};

use super::{batch, end, send, told_to, traceparent};

#[tokio::test]
async fn callers_cannot_fill_the_store_of_traces() -> Result<()> {
    let receiver = Receiver::start().await?;
    let home = told_to(&receiver, Database::Sqlite).await?;
    let collector = home.start().await?;
    let began = Instant::now();
    for _ in 0..200 {
        let request = collector
            .get("/api/health")
            .header("traceparent", traceparent(true));
        ensure!(request.send().await?.status() == 200);
    }
    // Twenty at once, and twenty more for each second.
    let most = 20 * (2 + began.elapsed().as_secs());
    end(collector).await?;
    let recorded = receiver.spans()?.len();
    ensure!(
        recorded >= 20 && recorded as u64 <= most && most < 200,
        "{recorded} of {most}"
    );
    Ok(())
}

#[tokio::test]
async fn unless_it_is_asked_for_nothing_is_sent() -> Result<()> {
    let receiver = Receiver::start().await?;
    let mut home = Home::new(Database::Sqlite).await?;
    // The libraries' own variables are not settings of ours.
    home.set_environment("OTEL_EXPORTER_OTLP_ENDPOINT", &receiver.url());
    home.set_environment("OTEL_TRACES_SAMPLER", "always_on");
    let site = home.add_site("bakery.example").await?;
    let collector = home.start().await?;
    send(&collector, &site, &traceparent(true))
        .await?
        .answer()?;
    let bad = collector
        .post(&site)
        .body("[]")
        .header("traceparent", traceparent(true));
    let refused = collector.reply(bad).await?;
    ensure!(refused.body.get("trace_id").is_none(), "{refused:?}");
    collector.merged().await?;
    end(collector).await?;
    ensure!(receiver.bytes()?.is_empty(), "something was sent");
    Ok(())
}

#[tokio::test]
async fn nobody_who_listens_hurts_nobody_who_sends() -> Result<()> {
    // One refuses connections, the other takes them and never answers.
    let refusing = TcpListener::bind("127.0.0.1:0").await?;
    let refuses = refusing.local_addr()?;
    drop(refusing);
    let silent = TcpListener::bind("127.0.0.1:0").await?;
    let is_silent = silent.local_addr()?;
    let holding = tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((mut stream, _)) = silent.accept().await {
            held.push(tokio::spawn(async move {
                let mut bytes = Vec::new();
                let read = stream.read_to_end(&mut bytes).await;
                read.map(|_| bytes.len())
            }));
        }
    });
    for address in [refuses, is_silent] {
        let mut home = Home::new(Database::Sqlite).await?;
        home.set("OTLP_TRACES_URL", &format!("http://{address}"));
        home.set("OTLP_LOGS_URL", &format!("http://{address}/otlp"));
        home.set("OTLP_SAMPLE", "1");
        let site = home.add_site("bakery.example").await?;
        let collector = home.start().await?;
        let began = Instant::now();
        let mut slowest = Duration::ZERO;
        while began.elapsed() < Duration::from_secs(4) {
            let sent = Instant::now();
            collector.reply(batch(&collector, &site)?).await?.answer()?;
            slowest = slowest.max(sent.elapsed());
        }
        ensure!(
            slowest < Duration::from_secs(1),
            "an answer took {slowest:?}"
        );
        collector.merged().await?;
        let took = end(collector).await?;
        ensure!(
            took < Duration::from_secs(5),
            "{address}: the end took {took:?}"
        );
    }
    holding.abort();
    Ok(())
}
