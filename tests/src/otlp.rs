//! A receiver of what a collector tells of itself: OTLP over HTTP, as Jaeger and Loki take it, and Sentry's envelopes.
//!
//! In: requests. Out: spans, lines and envelopes, decoded with the protocol's own types. Must never happen: something
//! that is not the protocol is passed over: it is kept, and each look fails.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anyhow::{Result, ensure};
use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    routing::{any, post},
};
use opentelemetry_proto::tonic::{
    collector::{logs::v1::ExportLogsServiceRequest, trace::v1::ExportTraceServiceRequest},
    common::v1::{AnyValue, KeyValue, any_value::Value},
};
use prost::Message;
use tokio::{net::TcpListener, task::JoinHandle};

/// Texts by name.
pub type Attributes = BTreeMap<String, String>;

/// A span as it was received.
#[derive(Clone, Debug)]
pub struct Span {
    /// Its name.
    pub name: String,
    /// The trace's id in hexadecimal digits.
    pub trace: String,
    /// Its own.
    pub id: String,
    /// That of the span it is a part of; empty for the first of a trace.
    pub parent: String,
    /// The number of its kind in the protocol: 1 is internal, 2 is a server's.
    pub kind: i32,
    /// The number of its status in the protocol: 2 is an error.
    pub status: i32,
    /// Its begin and end in ns.
    pub time_ns: (u64, u64),
    /// What is said of it.
    pub attributes: Attributes,
    /// What is said of who sent it.
    pub resource: Attributes,
}

/// A line of the log as it was received.
#[derive(Clone, Debug)]
pub struct Line {
    /// What it says.
    pub message: String,
    /// The trace's id, or nothing.
    pub trace: String,
    /// What is said of it.
    pub attributes: Attributes,
    /// What is said of who sent it.
    pub resource: Attributes,
}

#[derive(Default)]
struct Kept {
    spans: Vec<Span>,
    lines: Vec<Line>,
    envelopes: Vec<String>,
    authorizations: Vec<String>,
    /// Every body, as it came.
    bytes: Vec<Bytes>,
    wrong: Vec<String>,
}

type Shared = Arc<Mutex<Kept>>;

/// A receiver. It ends when it is dropped.
pub struct Receiver {
    address: SocketAddr,
    kept: Shared,
    task: JoinHandle<()>,
}

impl Receiver {
    /// Starts one on a free port.
    ///
    /// # Errors
    /// If there is none.
    pub async fn start() -> Result<Self> {
        let kept = Shared::default();
        let router = Router::new()
            .route("/v1/traces", post(spans))
            .route("/otlp/v1/logs", post(lines))
            .route("/api/{project}/envelope/", post(envelope))
            .fallback(any(other))
            .with_state(kept.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let task = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                eprintln!("the receiver ended: {error}");
            }
        });
        Ok(Self {
            address,
            kept,
            task,
        })
    }

    /// Its address, for `otlp_traces_url`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Its address as that of a Sentry.
    #[must_use]
    pub fn dsn(&self) -> String {
        format!("http://0123456789abcdef@{}/42", self.address)
    }

    /// The spans so far.
    ///
    /// # Errors
    /// If something came that is none of the protocols.
    pub fn spans(&self) -> Result<Vec<Span>> {
        Ok(self.look()?.spans.clone())
    }

    /// The lines so far.
    ///
    /// # Errors
    /// If something came that is none of the protocols.
    pub fn lines(&self) -> Result<Vec<Line>> {
        Ok(self.look()?.lines.clone())
    }

    /// The envelopes so far.
    ///
    /// # Errors
    /// If something came that is none of the protocols.
    pub fn envelopes(&self) -> Result<Vec<String>> {
        Ok(self.look()?.envelopes.clone())
    }

    /// The headers `Authorization` so far, one for each request that had one.
    ///
    /// # Errors
    /// If something came that is none of the protocols.
    pub fn authorizations(&self) -> Result<Vec<String>> {
        Ok(self.look()?.authorizations.clone())
    }

    /// Every body so far, as it came.
    ///
    /// # Errors
    /// If something came that is none of the protocols.
    pub fn bytes(&self) -> Result<Vec<Bytes>> {
        Ok(self.look()?.bytes.clone())
    }

    fn look(&self) -> Result<MutexGuard<'_, Kept>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        ensure!(kept.wrong.is_empty(), "{:?}", kept.wrong);
        Ok(kept)
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Keeps what a request has beside its meaning.
fn note<'k>(kept: &'k Shared, headers: &HeaderMap, body: &Bytes) -> MutexGuard<'k, Kept> {
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    kept.bytes.push(body.clone());
    let given = headers.get("authorization").map(|value| value.to_str());
    kept.authorizations
        .extend(given.and_then(Result::ok).map(str::to_owned));
    kept
}

async fn spans(State(kept): State<Shared>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let mut kept = note(&kept, &headers, &body);
    let request = match ExportTraceServiceRequest::decode(body) {
        Ok(request) => request,
        Err(error) => {
            kept.wrong.push(error.to_string());
            return StatusCode::BAD_REQUEST;
        }
    };
    for of in request.resource_spans {
        let resource = attributes(of.resource.unwrap_or_default().attributes);
        for span in of.scope_spans.into_iter().flat_map(|scope| scope.spans) {
            kept.spans.push(Span {
                name: span.name,
                trace: hex(&span.trace_id),
                id: hex(&span.span_id),
                parent: hex(&span.parent_span_id),
                kind: span.kind,
                status: span.status.map_or(0, |status| status.code),
                time_ns: (span.start_time_unix_nano, span.end_time_unix_nano),
                attributes: attributes(span.attributes),
                resource: resource.clone(),
            });
        }
    }
    StatusCode::OK
}

async fn lines(State(kept): State<Shared>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let mut kept = note(&kept, &headers, &body);
    let request = match ExportLogsServiceRequest::decode(body) {
        Ok(request) => request,
        Err(error) => {
            kept.wrong.push(error.to_string());
            return StatusCode::BAD_REQUEST;
        }
    };
    for of in request.resource_logs {
        let resource = attributes(of.resource.unwrap_or_default().attributes);
        for line in of.scope_logs.into_iter().flat_map(|of| of.log_records) {
            kept.lines.push(Line {
                message: text(line.body),
                trace: hex(&line.trace_id),
                attributes: attributes(line.attributes),
                resource: resource.clone(),
            });
        }
    }
    StatusCode::OK
}

async fn envelope(
    State(kept): State<Shared>,
    Path(_project): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let mut kept = note(&kept, &headers, &body);
    kept.envelopes
        .push(String::from_utf8_lossy(&body).into_owned());
    StatusCode::OK
}

async fn other(State(kept): State<Shared>, headers: HeaderMap, body: Bytes) -> StatusCode {
    note(&kept, &headers, &body)
        .wrong
        .push("a request to an address that nobody has".to_owned());
    StatusCode::NOT_FOUND
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn attributes(list: Vec<KeyValue>) -> Attributes {
    list.into_iter()
        .map(|one| (one.key, text(one.value)))
        .collect()
}

fn text(value: Option<AnyValue>) -> String {
    match value.and_then(|value| value.value) {
        Some(Value::StringValue(text)) => text,
        Some(Value::IntValue(number)) => number.to_string(),
        Some(Value::BoolValue(is)) => is.to_string(),
        other => format!("{other:?}"),
    }
}
