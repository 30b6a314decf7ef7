//! Panics of a real collector, told to a Sentry.

use std::{fs::OpenOptions, process::Stdio, time::Duration};

use anyhow::{Context, Result, ensure};
use foresight_tests::{Database, Home, Receiver, until};
use serde_json::Value;
use tokio::time::timeout;

/// Starts a collector that panics once it is ready: its greeting cannot be written. Returns what it said.
async fn panicked(home: &Home) -> Result<String> {
    let full = OpenOptions::new().write(true).open("/dev/full")?;
    let run = home
        .command()
        .arg("serve")
        .stdout(full)
        .stderr(Stdio::piped())
        .spawn()?
        .wait_with_output();
    let output = timeout(Duration::from_secs(30), run).await??;
    let said = String::from_utf8(output.stderr)?;
    ensure!(output.status.code() == Some(101), "no panic: {said}");
    ensure!(said.contains("failed printing to stdout"), "{said}");
    Ok(said)
}

#[tokio::test]
async fn a_panic_is_told_with_its_place_and_without_its_message() -> Result<()> {
    let receiver = Receiver::start().await?;
    let mut home = Home::new(Database::Sqlite).await?;
    home.set("SENTRY_DSN", &receiver.dsn());
    let said = panicked(&home).await?;
    let told = until("an envelope", Duration::from_secs(5), async || {
        Ok(receiver.envelopes()?.into_iter().next())
    })
    .await?;
    ensure!(
        !said.contains("0123456789abcdef"),
        "the key is logged: {said}"
    );
    // The header, the header of the event, the event (https://develop.sentry.dev/sdk/data-model/envelopes/).
    let parts: Vec<&str> = told.lines().collect();
    ensure!(parts.len() == 3, "{told}");
    let event: Value = serde_json::from_str(parts[2])?;
    let panic = &event["exception"]["values"][0];
    ensure!(
        panic["type"] == "panic" && event["level"] == "fatal",
        "{event}"
    );
    let place = panic["value"].as_str().context("no value")?;
    ensure!(
        place.starts_with("panicked at ") && place.contains(".rs:"),
        "{place}"
    );
    let release = event["release"].as_str().context("no release")?;
    ensure!(release.starts_with("foresight@"), "{release}");
    let frames = panic["stacktrace"]["frames"].as_array().context("none")?;
    let of_ours = |frame: &Value| {
        let function = frame["function"].as_str();
        function.is_some_and(|name| name.contains("foresight::"))
    };
    ensure!(frames.iter().any(of_ours), "{event}");
    // Neither the message nor anything of the machine or of a person.
    for text in [
        "failed printing",
        "server_name",
        "\"user\"",
        "ip_address",
        "breadcrumbs",
        "127.0.0.1",
    ] {
        ensure!(
            !told.lines().skip(1).any(|part| part.contains(text)),
            "{text}: {told}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn without_a_dsn_nothing_is_told() -> Result<()> {
    let receiver = Receiver::start().await?;
    let mut home = Home::new(Database::Sqlite).await?;
    // The library's own variable is not a setting of ours.
    home.set_environment("SENTRY_DSN", &receiver.dsn());
    panicked(&home).await?;
    ensure!(receiver.bytes()?.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_wrong_dsn_is_an_error_that_does_not_show_it() -> Result<()> {
    let mut home = Home::new(Database::Sqlite).await?;
    home.set("SENTRY_DSN", "http://secretkey@/");
    let output = home.command().arg("serve").output();
    let output = timeout(Duration::from_secs(30), output).await??;
    let said = String::from_utf8(output.stderr)?;
    ensure!(output.status.code() == Some(1), "{said}");
    ensure!(
        said.contains("sentry_dsn") && !said.contains("secretkey"),
        "{said}"
    );
    Ok(())
}
