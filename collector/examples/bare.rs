//! What `cargo xtask bench` measures the collector against: axum that reads the body, and axum that
//! also parses it. Nothing is checked, counted or kept.
//!
//! In: `body` or `serde`, and an address. Out: 204 to every `POST /v1/batches`.

use std::{env, net::SocketAddr};

use anyhow::{Context, Result, bail};
use axum::{Router, body::Bytes, http::StatusCode, routing::post};
use foresight_shared::Batch;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = env::args().skip(1);
    let handler = match arguments.next().as_deref() {
        Some("body") => post(async |_: Bytes| StatusCode::NO_CONTENT),
        Some("serde") => post(parse),
        other => bail!("first argument must be body or serde, not {other:?}"),
    };
    let address: SocketAddr = arguments
        .next()
        .context("second argument must be an address")?
        .parse()?;
    let listener = TcpListener::bind(address).await?;
    let router = Router::new().route("/v1/batches", handler);
    axum::serve(listener, router).await?;
    Ok(())
}

async fn parse(body: Bytes) -> StatusCode {
    match serde_json::from_slice::<Batch<'_>>(&body) {
        Ok(batch) => {
            // Keeps the compiler from leaving the parsing out.
            std::hint::black_box(&batch);
            StatusCode::NO_CONTENT
        }
        Err(_) => StatusCode::BAD_REQUEST,
    }
}
