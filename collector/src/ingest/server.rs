//! Takes what the platform's servers tell: `POST /v1/events` with a secret token.
//!
//! In: a request. Out: its events in the spool, all of them or none, and a 202; or a refusal with its
//! reason. Checks run from cheap to dear: token, the token's limit, size, decoding, rules, scope,
//! idempotency keys. What must never happen: a 2xx before the events are durable, a site's public
//! token does, or a key that is known with other content is accepted.

use std::{
    num::NonZeroU32,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Json,
    body::Body,
    extract::State as Shared,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use foresight_shared::{ServerAnswer, ServerBatch, limits};
use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
};
use serde::{Deserialize, de::IgnoredAny};
use tokio::time::timeout;

use super::{
    Outcome, body, check_content_type,
    decode::{self, Unreadable},
    documented::EventsRefused,
    facts,
    gate::Gate,
    refusal::Refusal,
};
use crate::{
    access::{Revoked, ServerClaims, Token, TokenKeys},
    door::{Door, Least, Routes},
    event::{Clock, Confirmed, Millis},
    metrics::Metrics,
    spool::{Keyed, Spool, Told},
    store::Store,
    telemetry::{self, Awaited},
};

/// How long the database is asked for keys that another collector may have merged. If it does not
/// answer, such a conflict shows at the merge only.
const ASKED: Duration = Duration::from_millis(500);

/// What taking server events needs.
pub struct ServerState {
    /// Where accepted events become durable.
    pub spool: Spool,
    /// Where other collectors' events are.
    pub store: Arc<dyn Store>,
    /// The keys that tokens may be signed with.
    pub keys: TokenKeys,
    /// The revoked tokens.
    pub revoked: Revoked,
    /// The limit of each token.
    pub limit: ServerLimit,
    /// How many are worked on at once.
    pub gate: Gate,
    /// The counters.
    pub metrics: Arc<Metrics>,
    /// How long a body may take.
    pub body_timeout: Duration,
    /// The server's clock.
    pub clock: Clock,
}

/// Requests per second of each token. Memory is bounded by the number of tokens that were issued.
pub struct ServerLimit {
    tokens: DefaultKeyedRateLimiter<String>,
    clock: DefaultClock,
}

impl ServerLimit {
    /// Full buckets for every token.
    #[must_use]
    pub fn new(per_second: NonZeroU32, burst: NonZeroU32) -> Self {
        Self {
            tokens: RateLimiter::keyed(Quota::per_second(per_second).allow_burst(burst)),
            clock: DefaultClock::default(),
        }
    }

    fn check(&self, token_id: &str) -> Result<(), Refusal> {
        self.tokens
            .check_key(&token_id.to_owned())
            .map_err(|until| Refusal::ServerLimited(until.wait_time_from(self.clock.now())))
    }
}

/// The route. No page may post here, so no origin is allowed.
#[must_use]
pub fn server_routes(state: Arc<ServerState>, door: &Door) -> Routes {
    Routes::new(door)
        .post("/v1/events", Least::World, take)
        .dress(|router| router.with_state(state))
}

#[utoipa::path(
    post,
    path = "/v1/events",
    operation_id = "post_events",
    tag = "ingest",
    summary = "What only servers know",
    request_body(content = ref("#/components/schemas/ServerBatch"), content_type = "application/json"),
    responses(
        (status = 202, description = "all of them are durable, and counted once", body = ServerAnswer),
        EventsRefused,
    ),
    security(("server_token" = [])),
)]
pub(super) async fn take(
    Shared(state): Shared<Arc<ServerState>>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let began = Instant::now();
    let metrics = &state.metrics;
    metrics.server_requests_received.inc();
    let mut outcome = Outcome::new(&metrics.server_requests);
    let taken = receive(&state, &headers, body).await;
    metrics
        .ingest_seconds
        .observe(began.elapsed().as_secs_f64());
    match taken {
        Ok(answer) => {
            outcome.word = "accepted";
            (StatusCode::ACCEPTED, Json(answer)).into_response()
        }
        Err(refusal) => {
            outcome.word = "rejected";
            let code = refusal.code();
            metrics
                .server_requests_rejected
                .with_label_values(&[code])
                .inc();
            // Not the refusal's text, which may quote what the server sent.
            tracing::warn!(code, field = refusal.field(), "server events rejected");
            refusal.into_response()
        }
    }
}

async fn receive(
    state: &ServerState,
    headers: &HeaderMap,
    body: Body,
) -> Result<ServerAnswer, Refusal> {
    let now_ms = (state.clock)();
    let step = telemetry::step("ingest");
    check_content_type(headers)?;
    let (claims, token_id) = verify(state, headers)?;
    state.limit.check(&token_id)?;
    state.gate.check()?;
    let body = body::read(headers, body, limits::SERVER_BYTES, state.body_timeout).await?;
    let _place = state.gate.enter()?;
    let events = check(&body, &claims, now_ms)?;
    check_elsewhere(state, &events).await?;
    let mut keyed = Vec::with_capacity(events.len());
    for event in &events {
        keyed.push(Keyed {
            key: event.key(),
            digest: event.digest(),
            received_ms: now_ms,
            payload: Bytes::from(event.to_record()?),
        });
    }
    drop(step);
    // One stands for all: they are written together, and a request can have hundreds.
    let awaited = keyed.first().map(|event| Awaited::record(&event.payload));
    let step = telemetry::step("spool");
    let told = state.spool.tell(keyed).await?;
    drop(step);
    match told {
        Told::Conflict(at) => Err(conflict(at, &events)),
        Told::Kept(new) => {
            if let (Some(awaited), Some(true)) = (awaited, new.first()) {
                awaited.keep();
            }
            Ok(count(state, &events, &new))
        }
    }
}

/// Reads a body, and checks the rules of each event and that the token covers it.
pub(super) fn check(
    body: &[u8],
    claims: &ServerClaims,
    now_ms: Millis,
) -> Result<Vec<Confirmed>, Refusal> {
    let batch = read(body)?;
    let mut events = Vec::with_capacity(batch.events.len());
    for (at, event) in batch.events.into_iter().enumerate() {
        facts::check(&event, now_ms).map_err(|(code, field, rule)| Refusal::Field {
            code,
            field: format!("events[{at}].{field}"),
            rule,
        })?;
        if !claims.covers(event.fact.site()) {
            return Err(Refusal::OutOfScope(format!("events[{at}].fact")));
        }
        events.push(Confirmed::new(now_ms, event)?);
    }
    Ok(events)
}

fn verify(state: &ServerState, headers: &HeaderMap) -> Result<(ServerClaims, String), Refusal> {
    let given = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim());
    let token = given.ok_or(Refusal::TokenMissing)?;
    let claims = state.keys.verify_server(token)?;
    // A good token has an id.
    let id = Token::id_of(token).unwrap_or_default();
    let host = claims.host.as_ref().map_or("", |host| host.as_str());
    if state.revoked.contains(id, host) {
        return Err(Refusal::Revoked);
    }
    Ok((claims, id.to_owned()))
}

#[derive(Deserialize)]
struct Version {
    v: u32,
}

fn read(body: &[u8]) -> Result<ServerBatch, Refusal> {
    let text = std::str::from_utf8(body).map_err(|error| Refusal::NotUtf8(error.valid_up_to()))?;
    serde_json::from_str::<IgnoredAny>(text)
        .map_err(|error| Refusal::NotJson(error.to_string()))?;
    // Another version may look different in everything else, so it is asked for first.
    if let Ok(Version { v }) = serde_json::from_str(text)
        && v != limits::SERVER_VERSION
    {
        return Err(Refusal::Version(v));
    }
    let batch: ServerBatch = decode::read(text, "body").map_err(Unreadable::of_whole)?;
    if (1..=limits::SERVER_EVENTS).contains(&batch.events.len()) {
        Ok(batch)
    } else {
        Err(Refusal::NumberOfEvents(batch.events.len()))
    }
}

/// Refuses keys that another collector has merged with other content.
async fn check_elsewhere(state: &ServerState, events: &[Confirmed]) -> Result<(), Refusal> {
    let key = |event: &Confirmed| (event.site().to_owned(), event.event.id.clone());
    let keys: Vec<_> = events.iter().map(key).collect();
    let known = match timeout(ASKED, state.store.known_events(&keys)).await {
        Ok(Ok(known)) => known,
        // The spool knows its own keys; the rest shows at the merge.
        Ok(Err(_)) | Err(_) => return Ok(()),
    };
    let differs = |(key, event): (&(String, String), &Confirmed)| {
        known
            .get(key)
            .is_some_and(|digest| *digest != event.digest())
    };
    match keys.iter().zip(events).position(differs) {
        Some(at) => Err(conflict(at, events)),
        None => Ok(()),
    }
}

fn conflict(at: usize, events: &[Confirmed]) -> Refusal {
    Refusal::Conflict {
        field: format!("events[{at}].id"),
        key: events
            .get(at)
            .map(|event| event.event.id.clone())
            .unwrap_or_default(),
    }
}

fn count(state: &ServerState, events: &[Confirmed], new: &[bool]) -> ServerAnswer {
    let metrics = &state.metrics;
    let mut accepted = 0;
    for (event, _) in events.iter().zip(new).filter(|(_, new)| **new) {
        let kind = event.event.fact.kind();
        metrics
            .server_events_accepted
            .with_label_values(&[kind])
            .inc();
        accepted += 1;
    }
    let repeated = events.len() - accepted;
    metrics.server_events_repeated.inc_by(repeated as u64);
    ServerAnswer { accepted, repeated }
}
