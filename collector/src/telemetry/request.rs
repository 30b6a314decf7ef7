//! The span of a request.
//!
//! In: a request, perhaps with `traceparent` (<https://www.w3.org/TR/trace-context/>). Out: its answer, while all that
//! is logged on the way has the trace's id. What must never happen: a caller fills the store of traces, or a span has
//! a path, which may name people.

use std::fmt::Display;

use axum::{
    extract::MatchedPath,
    http::{Method, Request, StatusCode},
    response::Response,
};
use opentelemetry::{
    Context, KeyValue,
    context::FutureExt,
    propagation::TextMapPropagator,
    trace::{SpanBuilder, SpanContext, SpanKind, Status, TraceContextExt, TraceFlags, Tracer},
};
use opentelemetry_http::HeaderExtractor;

use super::{Inner, Traces};

/// A request whose answer is being made.
pub struct Begun(Context);

impl Traces {
    /// Begins the span of a request, if traces are on.
    pub fn begin<B>(&self, request: &Request<B>, request_id: &impl Display) -> Option<Begun> {
        let inner = self.0.as_ref()?;
        let parent = inner.parent(request);
        let method = known(request.method());
        let route = request.extensions().get::<MatchedPath>();
        let name = route.map_or_else(
            || method.to_owned(),
            |route| format!("{method} {}", route.as_str()),
        );
        let mut attributes = vec![
            KeyValue::new("http.request.method", method),
            KeyValue::new("foresight.request_id", request_id.to_string()),
        ];
        if let Some(route) = route {
            attributes.push(KeyValue::new("http.route", route.as_str().to_owned()));
        }
        let builder = SpanBuilder::from_name(name)
            .with_kind(SpanKind::Server)
            .with_attributes(attributes);
        let span = inner.tracer.build_with_context(builder, &parent);
        Some(Begun(
            Context::new().with_span(span).with_value(self.clone()),
        ))
    }
}

impl Inner {
    /// What the caller says of the trace. Of many that are to be recorded only some are.
    fn parent<B>(&self, request: &Request<B>) -> Context {
        let headers = HeaderExtractor(request.headers());
        let given = self
            .propagator
            .extract_with_context(&Context::new(), &headers);
        let caller = given.span().span_context().clone();
        if caller.is_sampled() && self.callers.check().is_err() {
            return Context::new().with_remote_span_context(SpanContext::new(
                caller.trace_id(),
                caller.span_id(),
                TraceFlags::default(),
                true,
                caller.trace_state().clone(),
            ));
        }
        given
    }
}

impl Begun {
    /// The trace's id, 32 hexadecimal digits.
    #[must_use]
    pub fn trace_id(&self) -> String {
        self.0.span().span_context().trace_id().to_string()
    }

    /// Makes the answer as a part of the trace.
    pub async fn answer(self, answer: impl Future<Output = Response>) -> Response {
        let response = answer.with_context(self.0.clone()).await;
        let status = response.status();
        let span = self.0.span();
        let number = i64::from(status.as_u16());
        span.set_attribute(KeyValue::new("http.response.status_code", number));
        if status >= StatusCode::INTERNAL_SERVER_ERROR {
            span.set_attribute(KeyValue::new("error.type", status.as_str().to_owned()));
            span.set_status(Status::error(""));
        }
        span.end();
        response
    }
}

/// The method as it is told: callers can make some up.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "_OTHER",
    }
}
