//! Takes batches: `POST /v1/batches`; and what servers tell: `POST /v1/events`.
//!
//! In: a request. Out: accepted events in the spool, and a 202 that says how many; or a refusal with
//! its reason. Checks run from cheap to dear: content type, the client's limit, size, decoding,
//! rules, token, origin, the site's limit; in between, whether there is room for one more. What must
//! never happen: a 2xx before the events are durable, or a refusal that no counter shows.

mod documented;
mod refusal;
mod body;
mod gate;
mod limit;
mod forwarded;
mod country;
mod client;
mod bot;
mod agent;
mod decode;
mod rules;
mod path;
mod accept;
mod facts;
mod server;
#[cfg(feature = "fuzzing")]
pub mod probe;

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Json,
    body::Body,
    extract::{ConnectInfo, State as Shared},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use foresight_shared::{Answer, limits};
use prometheus::IntCounterVec;
use tower_http::cors::{Any, CorsLayer};

use crate::{
    access::{Revoked, Token, TokenKeys},
    door::{Door, Least, Routes},
    event::{Clock, Millis},
    metrics::Metrics,
    spool::{Appended, Record, Spool},
    telemetry::{self, Awaited},
};
pub use bot::Bots;
pub use client::Proxies;
pub use country::Countries;
pub use documented::documented;
pub use forwarded::Forwarded;
pub use gate::Gate;
pub use limit::{Limits, Rate};
use refusal::Refusal;
pub use server::{ServerLimit, ServerState, server_routes};

/// What taking batches needs.
pub struct State {
    /// Where accepted events become durable.
    pub spool: Spool,
    /// The keys that tokens may be signed with.
    pub keys: TokenKeys,
    /// The revoked tokens.
    pub revoked: Revoked,
    /// The rate limits.
    pub limits: Arc<Limits>,
    /// How many are worked on at once.
    pub gate: Gate,
    /// Whose word on the client's address is believed.
    pub proxies: Proxies,
    /// What tells robots from visitors.
    pub bots: Bots,
    /// The counters.
    pub metrics: Arc<Metrics>,
    /// How long a body may take.
    pub body_timeout: Duration,
    /// The server's clock.
    pub clock: Clock,
}

/// A browser's clock that is further off than this is counted as wrong, in ms.
const CLOCK_TOLERANCE_MS: u64 = 60 * 60 * 1000;

/// The routes. Any page may post here and read the answer: that it may only speak for its own site
/// is the token's and the origin's matter.
#[must_use]
pub fn routes(state: Arc<State>, door: &Door) -> Routes {
    let cors = CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::POST])
        .allow_headers([header::CONTENT_TYPE])
        .expose_headers([header::RETRY_AFTER]);
    Routes::new(door)
        .post("/v1/batches", Least::World, take)
        .dress(|router| router.layer(cors).with_state(state))
}

#[utoipa::path(
    post,
    path = "/v1/batches",
    operation_id = "post_batch",
    tag = "ingest",
    summary = "What a page measured",
    params(("Origin" = String, Header, description = "the origin of the page, which browsers add")),
    request_body(content(
        (ref("#/components/schemas/Batch") = "application/json"),
        (ref("#/components/schemas/Batch") = "text/plain"),
    )),
    responses(
        (status = 202, description = "it is durable, and counted once", body = Answer),
        documented::BatchRefused,
    ),
)]
async fn take(
    Shared(state): Shared<Arc<State>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let began = Instant::now();
    state.metrics.batches_received.inc();
    let mut outcome = Outcome::new(&state.metrics.batches);
    let taken = receive(&state, peer, &headers, body).await;
    state
        .metrics
        .ingest_seconds
        .observe(began.elapsed().as_secs_f64());
    match taken {
        Ok(answer) => {
            outcome.word = if answer.duplicate {
                "duplicate"
            } else {
                "accepted"
            };
            (StatusCode::ACCEPTED, Json(answer)).into_response()
        }
        Err(refusal) => {
            outcome.word = "rejected";
            let code = refusal.code();
            state
                .metrics
                .batches_rejected
                .with_label_values(&[code])
                .inc();
            // Not the refusal's text, which may quote what the client sent.
            tracing::debug!(code, field = refusal.field(), "batch rejected");
            refusal.into_response()
        }
    }
}

/// Counts what became of a request, also when the client hangs up and the handler is dropped.
struct Outcome<'a> {
    counters: &'a IntCounterVec,
    word: &'static str,
}

impl<'a> Outcome<'a> {
    fn new(counters: &'a IntCounterVec) -> Self {
        Self {
            counters,
            word: "abandoned",
        }
    }
}

impl Drop for Outcome<'_> {
    fn drop(&mut self) {
        self.counters.with_label_values(&[self.word]).inc();
    }
}

async fn receive(
    state: &State,
    peer: SocketAddr,
    headers: &HeaderMap,
    body: Body,
) -> Result<Answer, Refusal> {
    let now_ms = (state.clock)();
    let step = telemetry::step("ingest");
    check_content_type(headers)?;
    let address = state.proxies.client_address(peer.ip(), headers);
    state.limits.check_client(address)?;
    // Before the body, so that an overload costs little; and for good after it, so that a client who
    // sends slowly takes nobody's place.
    state.gate.check()?;
    let body = body::read(headers, body, limits::BATCH_BYTES, state.body_timeout).await?;
    let _place = state.gate.enter()?;
    let decoded = decode::decode(&body)?;
    rules::check_batch(&decoded.batch)?;
    let (events, faults) =
        rules::check_events(decoded.batch.view.seq, decoded.events, decoded.faults);
    let claims = verify(state, headers, &decoded.batch.site)?;
    state.limits.check_site(claims.host.as_str())?;

    for fault in &faults {
        let code = fault.code.as_str();
        state
            .metrics
            .events_rejected
            .with_label_values(&[code])
            .inc();
    }
    let counted = decoded.batch.view.seq == 0;
    if events.is_empty() && !counted && !faults.is_empty() {
        return Err(Refusal::NothingKept(faults));
    }
    let (kinds, accepted) = match state.bots.name_of(headers) {
        Some(bot) => (
            vec!["bot"; events.len()],
            accept::accept_bot(&decoded.batch, claims, bot, now_ms),
        ),
        None => {
            let visitor = state.proxies.visitor(peer.ip(), address, headers);
            (
                accept::kinds(&events),
                accept::accept(&decoded.batch, events, claims, visitor, now_ms),
            )
        }
    };
    let record = Record {
        batch_id: decoded.batch.id.as_str().to_owned(),
        received_ms: now_ms,
        payload: Bytes::from(accepted.to_record()?),
    };
    drop(step);
    let awaited = Awaited::record(&record.payload);
    let step = telemetry::step("spool");
    if state.spool.append(record).await? == Appended::Duplicate {
        return Ok(Answer {
            duplicate: true,
            ..Answer::default()
        });
    }
    drop(step);
    awaited.keep();
    // Most events of a batch are vitals: one look-up for neighbours of one kind.
    for same in kinds.chunk_by(|a, b| a == b) {
        let counter = state.metrics.events_accepted.with_label_values(&same[..1]);
        counter.inc_by(same.len() as u64);
    }
    if clock_is_wrong(decoded.batch.sent, now_ms) {
        state.metrics.clocks_wrong.inc();
    }
    tracing::debug!(accepted = kinds.len(), "batch accepted");
    Ok(answer(kinds.len(), faults))
}

/// Refuses what is sure to be no batch. No content type is fine: `sendBeacon` of bytes has none.
fn check_content_type(headers: &HeaderMap) -> Result<(), Refusal> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else {
        return Ok(());
    };
    let essence = value
        .to_str()
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    match essence.as_str() {
        "" | "text/plain" | "application/json" => Ok(()),
        _ => Err(Refusal::ContentType),
    }
}

fn verify(
    state: &State,
    headers: &HeaderMap,
    token: &str,
) -> Result<crate::access::Claims, Refusal> {
    let claims = state.keys.verify(token)?;
    let revoked = |id| state.revoked.contains(id, claims.host.as_str());
    if Token::id_of(token).is_some_and(revoked) {
        return Err(Refusal::Revoked);
    }
    let origin = headers
        .get(header::ORIGIN)
        .ok_or(Refusal::OriginMissing)?
        .to_str()
        .unwrap_or_default();
    if claims.host.is_origin(origin) {
        Ok(claims)
    } else {
        Err(Refusal::OriginMismatch(claims.host.to_string()))
    }
}

fn clock_is_wrong(sent_ms: u64, now_ms: Millis) -> bool {
    u64::try_from(now_ms).is_ok_and(|now_ms| sent_ms.abs_diff(now_ms) > CLOCK_TOLERANCE_MS)
}

/// Faults that an answer names at most: enough to find a mistake, too few to be an amplifier.
const FAULTS_NAMED: usize = 10;

fn answer(accepted: usize, mut faults: Vec<foresight_shared::EventFault>) -> Answer {
    let rejected = faults.len();
    faults.truncate(FAULTS_NAMED);
    Answer {
        accepted,
        rejected,
        duplicate: false,
        errors: faults,
    }
}

#[cfg(test)]
mod tests;
