//! What the collector tells other programs of itself: traces, logs and panics. Off unless a setting names who is told.
//!
//! In: requests on their way, records until they are merged, lines of the log, panics. Out: OTLP, by threads of
//! their own, and Sentry's envelopes. What must never happen: a request waits for who is told, memory grows while
//! they are away, or anything of a visitor is told: spans have the route's pattern and never a path, an address or a
//! body, and of a panic only its place is sent.

mod export;
mod panics;
mod request;
mod waiting;

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use opentelemetry::{
    Context,
    trace::{SpanBuilder, TraceContextExt, Tracer, TracerProvider},
};
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use opentelemetry_sdk::{
    logs::{SdkLogger, SdkLoggerProvider},
    propagation::TraceContextPropagator,
    trace::{SdkTracer, SdkTracerProvider, Span},
};

pub use panics::{Panics, report_panics};
pub use request::Begun;
use waiting::Waiting;
pub use waiting::{Awaited, Merging};

/// Who is told, and how much. Everything is off by default.
#[derive(Clone, Default)]
pub struct Settings {
    /// Where spans are sent, without the final `/v1/traces`; empty: nowhere.
    pub traces_url: String,
    /// Where lines of the log are sent, without the final `/v1/logs`; empty: nowhere.
    pub logs_url: String,
    /// The header `Authorization` with both; empty: none.
    pub authorization: String,
    /// The part of requests that is traced, from 0 to 1.
    pub sample: f64,
    /// The program's version.
    pub version: &'static str,
}

/// Why nobody can be told.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// A place to send to is none.
    #[error("{0} cannot be used: {1}")]
    Export(&'static str, opentelemetry_otlp::ExporterBuildError),
    /// The DSN of Sentry is none. Not its text, which has a key.
    #[error("sentry_dsn is not a DSN of Sentry")]
    Dsn,
}

/// How long the last spans and lines may take at the end.
const LAST: Duration = Duration::from_secs(2);

/// Sends spans and lines of the log until it is finished.
#[derive(Default)]
pub struct Telemetry {
    traces: Traces,
    spans: Option<SdkTracerProvider>,
    lines: Option<SdkLoggerProvider>,
}

/// The layer that sends lines of the log.
pub type LogLayer = OpenTelemetryTracingBridge<SdkLoggerProvider, SdkLogger>;

impl Telemetry {
    /// Starts the threads that send, if there is anybody to send to.
    ///
    /// # Errors
    /// If an address is none.
    pub fn start(settings: &Settings) -> Result<Self, TelemetryError> {
        let lines = export::lines(settings)?;
        let spans = export::spans(settings)?;
        // Where only the log is sent, requests have the ids of traces all the same: they join their lines.
        let tracers = spans.clone().or_else(|| {
            let unsent = || export::unsent(settings);
            lines.as_ref().map(|_| unsent())
        });
        let traces = Traces(tracers.map(|tracers| Arc::new(Inner::new(&tracers))));
        Ok(Self {
            traces,
            spans,
            lines,
        })
    }

    /// The handle that requests and merges have.
    #[must_use]
    pub fn traces(&self) -> Traces {
        self.traces.clone()
    }

    /// What must be part of the log, if its lines are sent.
    #[must_use]
    pub fn log_layer(&self) -> Option<LogLayer> {
        self.lines.as_ref().map(LogLayer::new)
    }

    /// Sends what is left, and waits for it for two seconds at most.
    pub fn finish(self) {
        std::thread::scope(|scope| {
            if let Some(spans) = &self.spans {
                scope.spawn(|| tell("spans", spans.shutdown_with_timeout(LAST)));
            }
            if let Some(lines) = &self.lines {
                scope.spawn(|| tell("lines of the log", lines.shutdown_with_timeout(LAST)));
            }
        });
    }
}

fn tell(what: &str, sent: opentelemetry_sdk::error::OTelSdkResult) {
    if let Err(error) = sent {
        tracing::warn!(%error, "the last {what} were not sent");
    }
}

/// Traces of requests that callers may begin in a second: a stranger can ask for one with a header.
const CALLERS_PER_SECOND: NonZeroU32 = NonZeroU32::new(20).unwrap();

/// Makes spans. Cheap to clone; does nothing unless it is from a [`Telemetry`] that is on.
#[derive(Clone, Default)]
pub struct Traces(Option<Arc<Inner>>);

struct Inner {
    tracer: SdkTracer,
    propagator: TraceContextPropagator,
    callers: DefaultDirectRateLimiter,
    waiting: Waiting,
}

impl Inner {
    fn new(tracers: &SdkTracerProvider) -> Self {
        Self {
            tracer: tracers.tracer("foresight"),
            propagator: TraceContextPropagator::new(),
            callers: RateLimiter::direct(Quota::per_second(CALLERS_PER_SECOND)),
            waiting: Waiting::default(),
        }
    }

    fn step(&self, name: &'static str, of: &Context) -> Step {
        let builder = SpanBuilder::from_name(name);
        Step(Some(self.tracer.build_with_context(builder, of)))
    }
}

/// A part of a request's work. Its span ends when it is dropped.
#[must_use]
pub struct Step(#[allow(dead_code, reason = "ends when it is dropped")] Option<Span>);

/// Begins a part of the work on the request that this task answers, if that is recorded.
pub fn step(name: &'static str) -> Step {
    recorded().map_or(Step(None), |(traces, context)| traces.step(name, &context))
}

/// The request that this task answers, if it is recorded.
fn recorded() -> Option<(Arc<Inner>, Context)> {
    Context::map_current(|context| {
        let traces = context.get::<Traces>()?.0.as_ref()?;
        let is_recorded = context.span().is_recording();
        is_recorded.then(|| (traces.clone(), context.clone()))
    })
}
