//! The room under test: its routes over a store, with a clock that stands still.

use std::sync::Arc;

use axum::{Router, body::Body, http::Request};
use foresight::{
    config::Config,
    door::Door,
    event::{Accepted, Device, Event, HOUR_MS, Kind, Millis, View},
    growth::Rules,
    live::Feed,
    query::{Places, State, routes},
    rollup::Rollup,
    store::{self, Store},
};
use foresight_shared::{Metric, NavigationType, bins};
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt;

/// 2026-11-23T21:20:00Z.
pub(crate) const NOW_MS: Millis = 1_795_468_800_000;

/// A router over a store, and the directory that keeps it.
pub(crate) struct Room {
    router: Router,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) dir: TempDir,
}

impl Room {
    /// Without a page view.
    pub(crate) async fn empty() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = store::open(&format!("sqlite:{}/foresight.db", dir.path().display()))
            .await
            .unwrap();
        let door = Door::open(store.clone(), Arc::new(|| NOW_MS)).unwrap();
        let state = State {
            store: Arc::clone(&store),
            clock: Arc::new(|| NOW_MS),
            rules: Rules::of(&Config::default()),
            feed: Feed::default(),
            places: Places::default(),
            small_group_views: 10,
        };
        Self {
            router: routes(state, &door).into_router(),
            store,
            dir,
        }
    }

    /// With a day of two sites.
    pub(crate) async fn filled() -> Self {
        let room = Self::empty().await;
        room.store.merge("spool", 0, 1, &day()).await.unwrap();
        room
    }

    /// Status, body and headers of the answer to a request.
    pub(crate) async fn request(
        &self,
        method: &str,
        address: &str,
    ) -> (u16, Value, Vec<(String, String)>) {
        let request = Request::builder()
            .method(method)
            .uri(address)
            .body(Body::empty())
            .unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let headers = response.headers().iter();
        let headers = headers
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect();
        let status = response.status().as_u16();
        let body = axum::body::to_bytes(response.into_body(), 1 << 20)
            .await
            .unwrap();
        (status, serde_json::from_slice(&body).unwrap(), headers)
    }

    /// Status, validator and length of the answer to somebody who has an answer already.
    pub(crate) async fn again(&self, address: &str, tag: &str) -> (u16, String, usize) {
        let request = Request::get(address).header("if-none-match", tag);
        let request = request.body(Body::empty()).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let tag = response.headers()["etag"].to_str().unwrap().to_owned();
        let body = axum::body::to_bytes(response.into_body(), 1 << 20).await;
        (status, tag, body.unwrap().len())
    }

    /// The file at an address, and its type.
    pub(crate) async fn file(&self, address: &str) -> (String, String) {
        let request = Request::get(address).body(Body::empty()).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status().as_u16(), 200, "{address}");
        let kind = response.headers()["content-type"].to_str().unwrap();
        let kind = kind.to_owned();
        let body = axum::body::to_bytes(response.into_body(), 1 << 20).await;
        (String::from_utf8(body.unwrap().to_vec()).unwrap(), kind)
    }

    /// The report at an address.
    pub(crate) async fn get(&self, address: &str) -> Value {
        let (status, body, headers) = self.request("GET", address).await;
        assert_eq!(status, 200, "{address}: {body}");
        let private = ("cache-control".to_owned(), "private, no-cache".to_owned());
        assert!(headers.contains(&private), "{address}: {headers:?}");
        body
    }
}

/// Four views of a.example and one of b.example, an hour and more ago.
fn day() -> Rollup {
    let mut rollup = Rollup::default();
    let visits = [
        ("a.example", "/", Device::Phone, 1, 1000.0),
        ("a.example", "/", Device::Phone, 1, 3000.0),
        ("a.example", "/menu", Device::Desktop, 2, 5000.0),
        ("a.example", "/menu", Device::Desktop, 25, 200.0),
        ("b.example", "/", Device::Phone, 2, 2000.0),
    ];
    for (site, page, device, hours_ago, lcp) in visits {
        let lcp = Event::Vital {
            metric: Metric::Lcp,
            value: lcp,
            was: None,
            element: Some(format!("{page} img")),
        };
        let lead = Event::Named {
            kind: Kind::Lead,
            name: "table".to_owned(),
        };
        rollup.fold(Accepted {
            view: view(site, page, device, hours_ago),
            events: vec![lcp, lead],
        });
    }
    let mut shared = view("a.example", "/menu", Device::Desktop, 1);
    shared.counted = false;
    let share = Event::Share {
        channel: "whatsapp".to_owned(),
        id: "share-one".to_owned(),
        parent: None,
    };
    let referral = |share: &str| Event::Referral {
        share: share.to_owned(),
    };
    let events = vec![
        share,
        referral("share-one"),
        referral("share-one"),
        referral("elsewhere"),
    ];
    rollup.fold(Accepted {
        view: shared,
        events,
    });
    rollup
}

/// A page view by a browser in Germany, so many hours ago.
pub(crate) fn view(site: &str, page: &str, device: Device, hours_ago: i64) -> View {
    View {
        site: site.to_owned(),
        template: (site == "a.example").then(|| "aurora".to_owned()),
        build: None,
        page: page.to_owned(),
        device,
        country: "DE".to_owned(),
        browser: "Firefox".to_owned(),
        navigation: NavigationType::Navigate,
        start_ms: NOW_MS - hours_ago * HOUR_MS,
        received_ms: NOW_MS - HOUR_MS,
        counted: true,
    }
}

/// A value as its bin reports it.
pub(crate) fn binned(value: f64) -> Value {
    json!((bins::value_of(bins::bin_of(value)) * 10.0).round() / 10.0)
}
