//! A collector without its listeners, and browsers that visit it.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::ConnectInfo,
    http::{HeaderMap, Request, header},
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt;

use super::super::{Parts, routes};
use crate::{
    config::{Config, Secret},
    door::{Rule, new_token},
    event::Millis,
    store::{Entry, Person, Role, Scope},
    telemetry::Traces,
};

/// 2026-11-23T21:20:00Z.
pub(super) const NOW_MS: Millis = 1_795_468_800_000;

/// Everybody's, to begin with.
pub(super) const PASSWORD: &str = "correct horse battery";

pub(super) struct Room {
    pub(super) dir: TempDir,
    pub(super) parts: Parts,
    pub(super) router: Router,
    pub(super) table: Vec<Rule>,
    now_ms: Arc<AtomicI64>,
}

/// What was answered.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Value,
    pub(super) headers: HeaderMap,
}

impl Answer {
    pub(super) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// Status and code, to compare.
    pub(super) fn told(&self) -> (u16, &str) {
        (self.status, self.code())
    }
}

impl Room {
    pub(super) async fn new() -> Self {
        Self::with(Config::default()).await
    }

    pub(super) async fn with(config: Config) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let config = Config {
            data_dir: dir.path().to_owned(),
            ..config
        };
        let now_ms = Arc::new(AtomicI64::new(NOW_MS));
        let clock = now_ms.clone();
        let clock = Arc::new(move || clock.load(Ordering::Relaxed));
        let listen = ([127, 0, 0, 1], 3333).into();
        let parts = Parts::start(&config, listen, clock).await.unwrap();
        let served = parts.served(&config).public;
        Self {
            dir,
            table: served.table().to_vec(),
            router: routes::finished(served, false, Traces::default()),
            parts,
            now_ms,
        }
    }

    /// With a viewer, an analyst and an admin, called so.
    pub(super) async fn staffed() -> Self {
        let room = Self::new().await;
        for role in [Role::Viewer, Role::Analyst, Role::Admin] {
            room.add(role.word(), role).await;
        }
        room
    }

    pub(super) async fn add(&self, name: &str, role: Role) {
        let password = Secret::from(PASSWORD.to_owned());
        let door = &self.parts.door;
        let person = Person {
            name: name.to_owned(),
            role,
            password: door.passwords().hash(name, &password).await.unwrap(),
            created_ms: NOW_MS,
            seen_ms: None,
        };
        let added = door.accounts().add_person(&person, &entry()).await;
        added.unwrap();
    }

    /// The text of a new token.
    pub(super) async fn token(&self, scope: Scope, expires_ms: Option<Millis>) -> (String, String) {
        let (text, token) = new_token("a program".to_owned(), scope, NOW_MS, expires_ms);
        let accounts = self.parts.door.accounts();
        accounts.add_api_token(&token, &entry()).await.unwrap();
        (text, token.id)
    }

    pub(super) fn pass(&self, ms: Millis) {
        self.now_ms.fetch_add(ms, Ordering::Relaxed);
    }

    pub(super) async fn ask(
        &self,
        method: &str,
        address: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(address);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let body = body.map(Value::to_string).unwrap_or_default();
        let mut request = request.body(Body::from(body)).unwrap();
        let peer: std::net::SocketAddr = ([192, 0, 2, 1], 1).into();
        request.extensions_mut().insert(ConnectInfo(peer));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let kind = parts.headers.get(header::CONTENT_TYPE);
        let is_json = kind.is_some_and(|kind| kind.to_str().unwrap().contains("json"));
        // Others may never end.
        let bytes = if is_json {
            to_bytes(body, 1 << 22).await.unwrap()
        } else {
            Vec::new().into()
        };
        Answer {
            status: parts.status.as_u16(),
            body: serde_json::from_slice(&bytes).unwrap_or_default(),
            headers: parts.headers,
        }
    }

    pub(super) async fn with_token(&self, token: &str, method: &str, address: &str) -> Answer {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str())];
        self.ask(method, address, &headers, Some(&json!({}))).await
    }

    /// What a counter of `failed_auth_attempts_by_reason_total` says.
    pub(super) fn failures(&self, reason: &str) -> Option<u64> {
        let text = String::from_utf8(self.parts.metrics.text().unwrap()).unwrap();
        let start = format!(
            "failed_auth_attempts_by_reason_total{{realm=\"foresight\",reason=\"{reason}\"}} "
        );
        let line = text.lines().find_map(|line| line.strip_prefix(&start));
        line.map(|number| number.parse().unwrap())
    }
}

fn entry() -> Entry {
    Entry {
        at_ms: NOW_MS,
        who: "a test".to_owned(),
        action: "made",
        what: String::new(),
    }
}

/// A browser: keeps cookies, and what its page knows.
pub(super) struct Browser<'a> {
    pub(super) room: &'a Room,
    pub(super) cookies: BTreeMap<String, String>,
    pub(super) csrf: String,
}

impl<'a> Browser<'a> {
    /// With the dashboard open.
    pub(super) async fn new(room: &'a Room) -> Self {
        let mut browser = Self {
            room,
            cookies: BTreeMap::new(),
            csrf: String::new(),
        };
        browser.session().await;
        browser
    }

    /// Signed in by that name.
    pub(super) async fn of(room: &'a Room, name: &str) -> Self {
        let mut browser = Self::new(room).await;
        let answer = browser.sign_in(name, PASSWORD).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        browser
    }

    pub(super) async fn session(&mut self) -> Value {
        let answer = self.send("GET", "/api/v1/session", None).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    }

    pub(super) async fn sign_in(&mut self, name: &str, password: &str) -> Answer {
        let body = json!({ "name": name, "password": password });
        self.send("POST", "/api/v1/session", Some(&body)).await
    }

    /// A request as a page of ours makes it.
    pub(super) async fn send(
        &mut self,
        method: &str,
        address: &str,
        body: Option<&Value>,
    ) -> Answer {
        let csrf = self.csrf.clone();
        let headers = [("x-foresight-csrf", csrf.as_str())];
        self.send_with(method, address, &headers, body).await
    }

    pub(super) async fn get(&mut self, address: &str) -> Answer {
        self.send("GET", address, None).await
    }

    /// A request with what cookies there are, and these headers.
    pub(super) async fn send_with(
        &mut self,
        method: &str,
        address: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Answer {
        let pairs = self.cookies.iter();
        let pairs: Vec<_> = pairs
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let cookies = pairs.join("; ");
        let mut all = headers.to_vec();
        if !cookies.is_empty() {
            all.push(("cookie", &cookies));
        }
        let answer = self.room.ask(method, address, &all, body).await;
        for cookie in answer.headers.get_all(header::SET_COOKIE) {
            let text = cookie.to_str().unwrap();
            let (pair, attributes) = text.split_once(';').unwrap_or((text, ""));
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        if let Some(csrf) = answer.body["csrf"].as_str() {
            csrf.clone_into(&mut self.csrf);
        }
        answer
    }
}
