//! Sending spans and lines of the log by OTLP over HTTP.
//!
//! In: the settings. Out: providers, each with a thread of its own and a queue that has an end. What must never
//! happen: a thread that serves requests sends.

use std::{collections::HashMap, time::Duration};

use async_trait::async_trait;
use axum::http::{Request, Response, header};
use bytes::Bytes;
use opentelemetry::KeyValue;
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_otlp::{LogExporter, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    logs::{BatchConfigBuilder as LinesConfig, BatchLogProcessor, SdkLoggerProvider},
    trace::{BatchConfigBuilder as SpansConfig, BatchSpanProcessor, Sampler, SdkTracerProvider},
};
use ureq::Agent;

use super::{Settings, TelemetryError};

/// How long one request may take.
const TIMEOUT: Duration = Duration::from_secs(5);

/// How often what waits is sent, unless there is much of it.
const EVERY: Duration = Duration::from_secs(5);

/// Spans, or lines, that may wait; more are dropped, and the count of them is logged at the end.
const QUEUE: usize = 8_192;

/// Bytes of an answer that are read.
const ANSWER_BYTES: u64 = 64 << 10;

/// Who makes spans and sends them, if they are wanted. What a caller has decided holds for a request, else chance.
pub(super) fn spans(settings: &Settings) -> Result<Option<SdkTracerProvider>, TelemetryError> {
    if settings.traces_url.is_empty() {
        return Ok(None);
    }
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(Client::new())
        .with_endpoint(format!("{}/v1/traces", settings.traces_url))
        .with_timeout(TIMEOUT)
        .with_headers(headers(settings))
        .build()
        .map_err(|error| TelemetryError::Export("otlp_traces_url", error))?;
    let config = SpansConfig::default()
        .with_max_queue_size(QUEUE)
        .with_scheduled_delay(EVERY)
        .build();
    let processor = BatchSpanProcessor::builder(exporter)
        .with_batch_config(config)
        .build();
    let chance = Sampler::TraceIdRatioBased(settings.sample);
    let provider = SdkTracerProvider::builder()
        .with_sampler(Sampler::ParentBased(Box::new(chance)))
        .with_resource(resource(settings))
        .with_span_processor(processor);
    Ok(Some(provider.build()))
}

/// Who gives requests the ids of traces, and records none.
pub(super) fn unsent(settings: &Settings) -> SdkTracerProvider {
    SdkTracerProvider::builder()
        .with_sampler(Sampler::AlwaysOff)
        .with_resource(resource(settings))
        .build()
}

/// Who sends lines of the log, if they are wanted.
pub(super) fn lines(settings: &Settings) -> Result<Option<SdkLoggerProvider>, TelemetryError> {
    if settings.logs_url.is_empty() {
        return Ok(None);
    }
    let exporter = LogExporter::builder()
        .with_http()
        .with_http_client(Client::new())
        .with_endpoint(format!("{}/v1/logs", settings.logs_url))
        .with_timeout(TIMEOUT)
        .with_headers(headers(settings))
        .build()
        .map_err(|error| TelemetryError::Export("otlp_logs_url", error))?;
    let config = LinesConfig::default()
        .with_max_queue_size(QUEUE)
        .with_scheduled_delay(EVERY)
        .build();
    let processor = BatchLogProcessor::builder(exporter)
        .with_batch_config(config)
        .build();
    let provider = SdkLoggerProvider::builder()
        .with_resource(resource(settings))
        .with_log_processor(processor);
    Ok(Some(provider.build()))
}

/// Who it is that tells. `OTEL_RESOURCE_ATTRIBUTES` may add to it.
fn resource(settings: &Settings) -> Resource {
    let name = rustix::system::uname();
    Resource::builder()
        .with_service_name("foresight")
        .with_attributes([
            KeyValue::new("service.version", settings.version),
            // The same after a restart: Loki makes a stream of each.
            KeyValue::new(
                "service.instance.id",
                name.nodename().to_string_lossy().into_owned(),
            ),
        ])
        .build()
}

fn headers(settings: &Settings) -> HashMap<String, String> {
    let given = (!settings.authorization.is_empty()).then(|| {
        (
            header::AUTHORIZATION.to_string(),
            settings.authorization.clone(),
        )
    });
    given.into_iter().collect()
}

/// Sends in the thread that asks, which is one of the two above: so the runtime of requests has no part in it.
#[derive(Debug)]
struct Client(Agent);

impl Client {
    fn new() -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .max_redirects(0)
            .max_redirects_will_error(false)
            // The exporter tells which answers are worth another try.
            .http_status_as_error(false);
        Self(config.build().into())
    }
}

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (parts, body) = request.into_parts();
        let answer = self.0.run(Request::from_parts(parts, &*body))?;
        let (parts, mut body) = answer.into_parts();
        let bytes = body.with_config().limit(ANSWER_BYTES).read_to_vec()?;
        Ok(Response::from_parts(parts, bytes.into()))
    }
}
