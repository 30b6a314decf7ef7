//! What browsers load: the loader, the beacon, the dashboard, the demo site. All of it is inside
//! the binary, with the `.br` and `.gz` twins that `cargo xtask build` made.
//!
//! In: a path and headers. Out: a file. What must never happen: anything outside `www/dist` is
//! served, or a file that may change is cached for long.

use std::{borrow::Cow, net::SocketAddr, sync::Arc};

use axum::{
    body::Body,
    extract::{Path, State as Shared},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::{
    access::{Claims, Host, Token, TokenKey},
    door::{Door, Least, Routes},
    problem::Problem,
};

#[derive(RustEmbed)]
#[folder = "../www/dist"]
// A first `cargo build` has no assets yet; the routes then say how to get them.
#[allow_missing = true]
struct Files;

/// What serving files needs.
pub struct State {
    /// The demo site, if it is served.
    pub demo: Option<Demo>,
}

/// What the demo site needs: tokens for the addresses under which it may be opened.
pub struct Demo {
    /// The public listener's address.
    pub listen: SocketAddr,
    /// The key that signs its tokens.
    pub key: TokenKey,
    /// When the collector started, in seconds since 1970: the tokens' time of issue.
    pub started_s: i64,
}

/// May be used by any page, under an address that names its content: cached for a year.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";
/// The loader changes with every release: asked for again after five minutes.
const SHORT: &str = "public, max-age=300, stale-while-revalidate=86400";
/// Asked for again each time; unchanged files cost a 304.
const REVALIDATE: &str = "no-cache";

/// The dashboard loads nothing from elsewhere and cannot be framed.
const DASHBOARD_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; \
     base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// The routes of what sites load, and of the demo site.
#[must_use]
pub fn site_routes(state: Arc<State>, door: &Door) -> Routes {
    let to_demo = async || Redirect::permanent("/demo/");
    Routes::new(door)
        .get("/beacon.js", Least::World, loader)
        .get("/beacon/{*path}", Least::World, beacon)
        .get("/demo", Least::World, to_demo)
        .get("/demo/", Least::World, demo_home)
        .get("/demo/{*path}", Least::World, demo)
        .dress(|router| router.with_state(state))
}

/// The routes of the dashboard's files. They are open to anybody: who signs in needs them to do so, and they
/// hold nothing that was measured.
#[must_use]
pub fn dashboard_routes(door: &Door) -> Routes {
    Routes::new(door)
        .get("/", Least::World, dashboard_home)
        .get("/{*path}", Least::World, dashboard)
}

async fn loader(headers: HeaderMap) -> Response {
    for_any_page(file("beacon.js", &headers, SHORT))
}

async fn beacon(Path(path): Path<String>, headers: HeaderMap) -> Response {
    for_any_page(file(&format!("beacon/{path}"), &headers, IMMUTABLE))
}

async fn dashboard_home(headers: HeaderMap) -> Response {
    if Files::get("dashboard/index.html").is_none() {
        return Problem::new(
            StatusCode::NOT_FOUND,
            "assets_missing",
            "this binary was built without assets",
        )
        .detail("build it with `cargo xtask build`, which makes the beacon and the dashboard first")
        .into_response();
    }
    guarded(file("dashboard/index.html", &headers, REVALIDATE))
}

async fn dashboard(Path(path): Path<String>, headers: HeaderMap) -> Response {
    // The bundler puts a hash into every name below assets/.
    let caching = if path.starts_with("assets/") {
        IMMUTABLE
    } else {
        REVALIDATE
    };
    guarded(file(&format!("dashboard/{path}"), &headers, caching))
}

async fn demo_home(state: Shared<Arc<State>>, headers: HeaderMap) -> Response {
    demo(state, Path("index.html".to_owned()), headers).await
}

async fn demo(
    Shared(state): Shared<Arc<State>>,
    Path(path): Path<String>,
    headers: HeaderMap,
) -> Response {
    let Some(demo) = &state.demo else {
        return not_found();
    };
    if !path.ends_with(".html") {
        return file(&format!("demo/{path}"), &headers, REVALIDATE);
    }
    let Some(page) = Files::get(&format!("demo/{path}")) else {
        return not_found();
    };
    let Some(token) = demo.token(&headers) else {
        return Problem::new(
            StatusCode::MISDIRECTED_REQUEST,
            "demo_host",
            "the demo site is open under its own address only",
        )
        .detail(format!("open it as http://{}/demo/", demo.listen))
        .into_response();
    };
    let html = String::from_utf8_lossy(&page.data).replace("{{token}}", token.as_str());
    (
        [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CACHE_CONTROL, REVALIDATE),
        ],
        html,
    )
        .into_response()
}

impl Demo {
    /// A token for the host by which the demo was asked for, if that is this machine's.
    fn token(&self, headers: &HeaderMap) -> Option<Token> {
        let asked = headers.get(header::HOST)?.to_str().ok()?;
        let port = self.listen.port();
        let own = [
            self.listen.to_string(),
            format!("localhost:{port}"),
            format!("127.0.0.1:{port}"),
        ];
        let host: Host = own.iter().find(|own| *own == asked)?.parse().ok()?;
        let claims = Claims {
            host,
            template: Some("demo".into()),
            build: Some(env!("CARGO_PKG_VERSION").into()),
            issued_s: self.started_s,
        };
        Some(Token::sign(&claims, &self.key))
    }
}

/// Lets pages of other sites load a file, also under cross-origin isolation, and see its timing.
fn for_any_page(mut response: Response) -> Response {
    let headers = response.headers_mut();
    let any = HeaderValue::from_static("*");
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, any.clone());
    headers.insert("timing-allow-origin", any);
    headers.insert(
        "cross-origin-resource-policy",
        HeaderValue::from_static("cross-origin"),
    );
    response
}

/// Adds the dashboard's security headers.
fn guarded(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, DASHBOARD_POLICY),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // For browsers that do not know `frame-ancestors`.
        (header::X_FRAME_OPTIONS, "DENY"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

fn file(path: &str, headers: &HeaderMap, caching: &'static str) -> Response {
    // Precompressed twins are no files of their own.
    if path.ends_with(".br") || path.ends_with(".gz") {
        return not_found();
    }
    let Some(plain) = Files::get(path) else {
        return not_found();
    };
    let tag = tag_of(&plain);
    let known = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|known| known.split(',').any(|known| known.trim() == tag));
    let common = [
        (header::CACHE_CONTROL, caching.to_owned()),
        (header::ETAG, tag),
        (header::VARY, "accept-encoding".to_owned()),
    ];
    if known {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    let kind = plain.metadata.mimetype().to_owned();
    let (data, encoding) = encoded(path, plain, headers);
    let mut response = (common, [(header::CONTENT_TYPE, kind)], body_of(data)).into_response();
    if let Some(encoding) = encoding {
        response
            .headers_mut()
            .insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

/// The smallest form of a file that the client takes.
fn encoded(
    path: &str,
    plain: EmbeddedFile,
    headers: &HeaderMap,
) -> (Cow<'static, [u8]>, Option<&'static str>) {
    let accepted = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let takes = |encoding: &str| {
        accepted.split(',').any(|part| {
            let (name, parameters) = part.split_once(';').unwrap_or((part, ""));
            name.trim() == encoding && !matches!(parameters.trim(), "q=0" | "q=0.0")
        })
    };
    for (encoding, ending) in [("br", "br"), ("gzip", "gz")] {
        if takes(encoding)
            && let Some(small) = Files::get(&format!("{path}.{ending}"))
        {
            return (small.data, Some(encoding));
        }
    }
    (plain.data, None)
}

fn body_of(data: Cow<'static, [u8]>) -> Body {
    match data {
        Cow::Borrowed(bytes) => Body::from(bytes),
        Cow::Owned(bytes) => Body::from(bytes),
    }
}

/// Weak: the same tag stands for all encodings.
fn tag_of(file: &EmbeddedFile) -> String {
    let hash = file.metadata.sha256_hash();
    let short: String = hash[..12]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("W/\"{short}\"")
}

fn not_found() -> Response {
    Problem::new(StatusCode::NOT_FOUND, "not_found", "there is nothing here").into_response()
}
