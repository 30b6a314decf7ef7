//! The route over a real spool: what is answered, kept and counted.

use std::num::NonZeroU32;

use axum::{body::to_bytes, http::Request};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::*;
use crate::{
    access::{Claims, TokenKey},
    event::{Accepted, Event, Kind},
    spool::Settings,
};

const NOW_MS: Millis = 1_793_523_600_000;
const EXAMPLE: &str = include_str!("../../../shared/examples/batch.v1.json");

struct Room {
    _dir: tempfile::TempDir,
    state: Arc<State>,
    router: axum::Router,
    token: String,
}

impl Room {
    async fn new(client_burst: u32) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let settings = Settings {
            path: dir.path().join("spool.db"),
            max_bytes: 1 << 20,
            max_age_ms: 1 << 40,
            remember_ms: 1 << 40,
        };
        let (spool, _) = Spool::open(settings).await.unwrap();
        let key = TokenKey::from_hex(&"0a".repeat(32)).unwrap();
        let claims = Claims {
            host: "a.example".parse().unwrap(),
            template: None,
            build: None,
            issued_s: 0,
        };
        let token = Token::sign(&claims, &key).to_string();
        let rate = |burst| Rate {
            per_second: NonZeroU32::MIN,
            burst: NonZeroU32::new(burst).unwrap(),
        };
        let metrics = Arc::new(Metrics::new(1, []).unwrap());
        let state = State {
            spool,
            keys: TokenKeys::new(key),
            revoked: Revoked::default(),
            limits: Arc::new(Limits::new(rate(100), rate(client_burst), metrics.clone())),
            gate: Gate::new(100),
            proxies: Proxies::new(
                Vec::new(),
                Forwarded::ListOfAddresses,
                "",
                Countries::default(),
            ),
            bots: Bots {
                headless_are_visitors: false,
            },
            metrics,
            body_timeout: Duration::from_millis(50),
            clock: Arc::new(|| NOW_MS),
        };
        let url = format!("sqlite:{}", dir.path().join("foresight.db").display());
        let store = crate::store::open(&url).await.unwrap();
        let door = Door::open(store, Arc::new(|| NOW_MS)).unwrap();
        let state = Arc::new(state);
        Self {
            _dir: dir,
            router: routes(state.clone(), &door).into_router(),
            state,
            token,
        }
    }

    fn batch(&self, id: &str, events: &Value) -> Value {
        let mut batch: Value = serde_json::from_str(EXAMPLE).unwrap();
        batch["site"] = self.token.clone().into();
        batch["id"] = id.into();
        batch["events"] = events.clone();
        batch
    }

    async fn post(&self, body: &str, headers: &[(&str, &str)]) -> (StatusCode, Value) {
        let mut request = Request::post("/v1/batches");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(Body::from(body.to_owned())).unwrap();
        let peer: SocketAddr = ([192, 0, 2, 1], 1).into();
        request.extensions_mut().insert(ConnectInfo(peer));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap())
    }

    async fn honest(&self, batch: &Value) -> (StatusCode, Value) {
        self.post(&batch.to_string(), &[("origin", "https://a.example")])
            .await
    }

    fn count(&self, outcome: &str) -> u64 {
        self.state
            .metrics
            .batches
            .with_label_values(&[outcome])
            .get()
    }
}

#[tokio::test]
async fn a_good_batch_is_durable_when_it_is_answered() {
    let room = Room::new(9).await;
    let batch = room.batch(
        "batch-one",
        &json!([{"lead": {}}, {"vital": {"name": "LCP", "value": -1}}]),
    );
    let (status, answer) = room.honest(&batch).await;
    assert_eq!(status, 202);
    assert_eq!(
        (&answer["accepted"], &answer["rejected"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(answer["errors"][0]["rule"], "between 0 and 600000 ms");
    let stored = room.state.spool.read_after(0, 10).await.unwrap();
    let accepted = Accepted::from_record(&stored[0].payload).unwrap();
    assert_eq!(accepted.view.site, "a.example");
    let kind = |event: &Event| match event {
        Event::Named { kind, .. } => Some(*kind),
        _ => None,
    };
    let kinds: Vec<_> = accepted.events.iter().map(kind).collect();
    // What was told, that a visit started with it, and what the browser can measure.
    assert_eq!(kinds, [Some(Kind::Lead), Some(Kind::Visit), None]);
    assert!(matches!(accepted.events[2], Event::Able { .. }));

    let (status, answer) = room.honest(&batch).await;
    assert_eq!(
        (status, &answer["duplicate"]),
        (StatusCode::ACCEPTED, &json!(true))
    );
    assert_eq!(room.state.spool.depth(), 1);
    assert_eq!((room.count("accepted"), room.count("duplicate")), (1, 1));
}

#[tokio::test]
async fn each_refusal_has_its_status_and_code_and_keeps_nothing() {
    let room = Room::new(100).await;
    let good = room.batch("batch-one", &json!([]));
    let changed = |pointer: &str, value: Value| {
        let mut batch = good.clone();
        *batch.pointer_mut(pointer).unwrap() = value;
        batch.to_string()
    };
    let forged = format!(
        "{}AAAAAAAAAAAAAAAAAAAAAA",
        &room.token[..room.token.len() - 22]
    );
    let mut nothing = room.batch("batch-two", &json!([{"dance": {}}]));
    nothing["view"]["seq"] = 1.into();
    let origin = ("origin", "https://a.example");
    let cases = [
        (String::new(), vec![origin], 400, "body_empty"),
        ("{".into(), vec![origin], 400, "not_json"),
        ("x".repeat(70_000), vec![origin], 413, "body_too_large"),
        (
            good.to_string(),
            vec![origin, ("content-type", "image/png")],
            415,
            "content_type",
        ),
        (
            changed("/v", json!(2)),
            vec![origin],
            422,
            "version_unsupported",
        ),
        (
            changed("/view/path", json!("x")),
            vec![origin],
            422,
            "field_invalid",
        ),
        (
            changed("/site", json!("x")),
            vec![origin],
            401,
            "token_malformed",
        ),
        (
            changed("/site", json!(forged)),
            vec![origin],
            401,
            "token_forged",
        ),
        (good.to_string(), vec![], 403, "origin_missing"),
        (
            good.to_string(),
            vec![("origin", "https://b.example")],
            403,
            "origin_mismatch",
        ),
        (
            good.to_string(),
            vec![("origin", "null")],
            403,
            "origin_mismatch",
        ),
        (nothing.to_string(), vec![origin], 422, "nothing_kept"),
    ];
    let number = cases.len() as u64;
    for (body, headers, status, code) in cases {
        let (found, problem) = room.post(&body, &headers).await;
        assert_eq!((found.as_u16(), &problem["code"]), (status, &json!(code)));
        assert!(
            room.state
                .metrics
                .batches_rejected
                .with_label_values(&[code])
                .get()
                > 0
        );
    }
    assert_eq!(room.count("rejected"), number);
    assert_eq!(room.state.metrics.batches_received.get(), number);
    assert_eq!(room.state.spool.depth(), 0);
    let (status, _) = room.honest(&good).await;
    assert_eq!(status, 202);
}

#[tokio::test]
async fn a_flood_from_one_address_is_told_to_wait() {
    let room = Room::new(1).await;
    let batch = |id| room.batch(id, &json!([]));
    assert_eq!(room.honest(&batch("batch-one")).await.0, 202);
    let (status, problem) = room.honest(&batch("batch-two")).await;
    assert_eq!(
        (status.as_u16(), &problem["code"]),
        (429, &json!("client_limited"))
    );
}

#[tokio::test]
async fn a_wrong_clock_is_counted_and_its_batch_kept() {
    let room = Room::new(9).await;
    let mut batch = room.batch("batch-one", &json!([]));
    batch["sent"] = (NOW_MS - 365 * 24 * 60 * 60 * 1000).into();
    assert_eq!(room.honest(&batch).await.0, 202);
    assert_eq!(room.state.metrics.clocks_wrong.get(), 1);
}

#[tokio::test]
async fn a_body_that_never_ends_is_given_up() {
    let room = Room::new(9).await;
    let silence = futures_util::stream::pending::<Result<Bytes, std::io::Error>>();
    let mut request = Request::post("/v1/batches")
        .body(Body::from_stream(silence))
        .unwrap();
    let peer: SocketAddr = ([192, 0, 2, 1], 1).into();
    request.extensions_mut().insert(ConnectInfo(peer));
    let response = room.router.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::REQUEST_TIMEOUT);
    assert_eq!(room.count("rejected"), 1);
}

#[tokio::test]
async fn a_body_that_is_cut_off_is_no_batch() {
    let room = Room::new(9).await;
    let pieces = [
        Ok(Bytes::from_static(b"{\"v\":1")),
        Err(std::io::Error::other("the client hung up")),
    ];
    let body = Body::from_stream(futures_util::stream::iter(pieces));
    let mut request = Request::post("/v1/batches").body(body).unwrap();
    let peer: SocketAddr = ([192, 0, 2, 1], 1).into();
    request.extensions_mut().insert(ConnectInfo(peer));
    let response = room.router.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    let codes = &room.state.metrics.batches_rejected;
    assert_eq!(codes.with_label_values(&["body_cut_off"]).get(), 1);
}
