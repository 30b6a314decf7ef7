//! An issuer of OpenID Connect on this machine: its document, its keys, and tokens that it signs with ES256.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use hmac::{Hmac, KeyInit, Mac};
use p256::ecdsa::{Signature, SigningKey, signature::Signer};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::{net::TcpListener, task::JoinHandle};
use url::Url;

pub(super) const CLIENT: &str = "foresight-tests";
pub(super) const SECRET: &str = "a secret of the client";

/// How a token is signed.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Signed {
    #[default]
    Well,
    ByAnother,
    WithTheSecret,
    NotAtAll,
}

/// What the issuer will say.
#[derive(Default)]
struct Script {
    /// By code: the challenge, and the claims.
    codes: HashMap<String, (String, Value)>,
    signed: Signed,
}

#[derive(Clone)]
struct Shared {
    url: String,
    script: Arc<Mutex<Script>>,
}

pub(super) struct Issuer {
    shared: Shared,
    task: JoinHandle<()>,
}

impl Issuer {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let shared = Shared {
            url: format!("http://{}", listener.local_addr().unwrap()),
            script: Arc::default(),
        };
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(document))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .with_state(shared.clone());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { shared, task }
    }

    pub(super) fn url(&self) -> &str {
        &self.shared.url
    }

    pub(super) fn signs(&self, signed: Signed) {
        self.shared.script.lock().unwrap().signed = signed;
    }

    /// Somebody signs in here who was sent to this address; `claims` are said of them. Returns the code.
    pub(super) fn signs_in(&self, address: &str, claims: &Value) -> String {
        let asked: HashMap<_, _> = Url::parse(address)
            .unwrap()
            .query_pairs()
            .into_owned()
            .collect();
        let now_s = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap()
            .as_secs();
        let mut all = json!({
            "iss": self.url(), "aud": CLIENT, "sub": "subject-1", "nonce": asked["nonce"],
            "iat": now_s, "exp": now_s + 300,
        });
        for (name, value) in claims.as_object().unwrap() {
            all[name] = value.clone();
        }
        let code = format!("code-{}", rand::random::<u64>());
        let challenge = asked["code_challenge"].clone();
        let mut script = self.shared.script.lock().unwrap();
        script.codes.insert(code.clone(), (challenge, all));
        code
    }

    pub(super) fn goes(self) {
        self.task.abort();
    }
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_slice(&[seed; 32]).unwrap()
}

async fn document(State(shared): State<Shared>) -> Json<Value> {
    let url = &shared.url;
    Json(json!({
        "issuer": url,
        "authorization_endpoint": format!("{url}/authorize"),
        "token_endpoint": format!("{url}/token"),
        "jwks_uri": format!("{url}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
    }))
}

async fn keys() -> Json<Value> {
    // 4, x and y.
    let point = key(7).verifying_key().to_sec1_bytes();
    Json(json!({ "keys": [{
        "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": "one",
        "x": URL_SAFE_NO_PAD.encode(&point[1..33]), "y": URL_SAFE_NO_PAD.encode(&point[33..65]),
    }] }))
}

async fn token(State(shared): State<Shared>, headers: HeaderMap, body: String) -> Response {
    let form: HashMap<_, _> = url::form_urlencoded::parse(body.as_bytes())
        .into_owned()
        .collect();
    let refuse = |error: &str| {
        let body = Json(json!({ "error": error }));
        (StatusCode::BAD_REQUEST, body).into_response()
    };
    // What stands before the colon and behind it is encoded as in a form (RFC 6749, 2.3.1).
    let expected = format!("{CLIENT}:{}", SECRET.replace(' ', "+"));
    let expected = format!("Basic {}", STANDARD.encode(expected));
    let given = headers.get("authorization");
    if given.is_none_or(|given| given.as_bytes() != expected.as_bytes()) {
        return refuse("invalid_client");
    }
    let mut script = shared.script.lock().unwrap();
    // Good once.
    let Some((challenge, claims)) = script.codes.remove(&form["code"]) else {
        return refuse("invalid_grant");
    };
    let verifier = Sha256::digest(form["code_verifier"].as_bytes());
    if URL_SAFE_NO_PAD.encode(verifier) != challenge || form["grant_type"] != "authorization_code" {
        return refuse("invalid_grant");
    }
    Json(json!({
        "access_token": "of no use", "token_type": "Bearer", "expires_in": 300,
        "id_token": jwt(&claims, script.signed),
    }))
    .into_response()
}

fn jwt(claims: &Value, signed: Signed) -> String {
    let alg = match signed {
        Signed::Well | Signed::ByAnother => "ES256",
        Signed::WithTheSecret => "HS256",
        Signed::NotAtAll => "none",
    };
    let header = json!({ "alg": alg, "kid": "one", "typ": "JWT" });
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", part(&header), part(claims));
    let by = |seed| {
        let signature: Signature = key(seed).sign(text.as_bytes());
        signature.to_bytes().to_vec()
    };
    let signature = match signed {
        Signed::Well => by(7),
        Signed::ByAnother => by(8),
        Signed::WithTheSecret => {
            let mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
            mac.chain_update(&text).finalize().into_bytes().to_vec()
        }
        Signed::NotAtAll => Vec::new(),
    };
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}
