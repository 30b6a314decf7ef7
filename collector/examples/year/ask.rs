//! Asks the API about a year: how long each question takes over 30, 90 and 365 days.
//!
//! In: a store, and the fleet's largest site. Out: times of whole answers, as JSON in memory, without
//! HTTP. What must never happen: a question that failed is counted as fast.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use axum::{Router, body::Body, http::Request};
use foresight::{
    config::Config,
    door::Door,
    event::{DAY_MS, Millis},
    growth::Rules,
    live::Feed,
    query::{Places, State, routes},
    store::Store,
};
use jiff::Timestamp;
use tower::ServiceExt;

/// Ranges, in days.
pub(crate) const RANGES: [i64; 3] = [30, 90, 365];

/// Questions: a name, and the address without the range. `SITE` stands for the largest site.
const QUESTIONS: [(&str, &str); 24] = [
    ("fleet, summary", "fleet/summary?"),
    ("fleet, table of sites", "fleet/sites?"),
    (
        "fleet, the same beside before",
        "fleet/sites?compare=previous",
    ),
    ("fleet, LCP by page", "breakdown?metric=LCP&by=page"),
    ("fleet, LCP by template", "breakdown?metric=LCP&by=template"),
    ("fleet, LCP by build", "breakdown?metric=LCP&by=build"),
    (
        "largest site, LCP by page",
        "breakdown?metric=LCP&by=page&site=SITE",
    ),
    (
        "one page, LCP by device",
        "breakdown?metric=LCP&by=device&site=SITE&page=/",
    ),
    ("fleet, vitals", "vitals?"),
    ("fleet, LCP over time", "series?metric=LCP"),
    ("fleet, by site", "sites?"),
    ("fleet, by page", "pages?metric=LCP"),
    ("fleet, causes of LCP", "causes?metric=LCP"),
    ("fleet, activity", "activity?"),
    ("fleet, by country, device, browser, page", "dimensions?"),
    (
        "fleet, phones in one country",
        "vitals?country=DE&device=phone",
    ),
    ("largest site, vitals", "vitals?site=SITE"),
    ("largest site, LCP over time", "series?metric=LCP&site=SITE"),
    ("largest site, by page", "pages?metric=LCP&site=SITE"),
    (
        "largest site, phones in one country",
        "vitals?site=SITE&country=DE&device=phone",
    ),
    ("largest site, activity", "activity?site=SITE"),
    (
        "largest site, by country, device, browser, page",
        "dimensions?site=SITE",
    ),
    ("one page, vitals", "vitals?site=SITE&page=/"),
    (
        "one page, LCP over time",
        "series?metric=LCP&site=SITE&page=/",
    ),
];

/// How long a question took over each range: median and 95th percentile.
pub(crate) struct Asked {
    pub(crate) name: &'static str,
    pub(crate) times: Vec<(Duration, Duration)>,
}

/// Asks each question over each range so many times.
pub(crate) async fn ask(
    store: &Arc<dyn Store>,
    site: &str,
    now_ms: Millis,
    repeats: usize,
) -> Result<Vec<Asked>> {
    let state = State {
        store: Arc::clone(store),
        clock: Arc::new(move || now_ms),
        rules: Rules::of(&Config::default()),
        feed: Feed::default(),
        places: Places::default(),
        small_group_views: 10,
    };
    let door = Door::open(store.clone(), Arc::new(move || now_ms))?;
    let router = routes(state, &door).into_router();
    let mut all = Vec::new();
    for (name, address) in QUESTIONS {
        let mut times = Vec::new();
        for days in RANGES {
            let from = Timestamp::from_millisecond(now_ms - days * DAY_MS)?;
            let address = address.replace("SITE", site);
            let address = format!("/api/v1/{address}&from={from}").replace("?&", "?");
            // Once without a clock: what is read again and again is in memory.
            time(&router, &address).await?;
            let mut took = Vec::with_capacity(repeats);
            for _ in 0..repeats {
                took.push(time(&router, &address).await?);
            }
            took.sort();
            let at = |part: f64| took[((repeats - 1) as f64 * part).round() as usize];
            times.push((at(0.5), at(0.95)));
        }
        all.push(Asked { name, times });
    }
    Ok(all)
}

async fn time(router: &Router, address: &str) -> Result<Duration> {
    let request = Request::get(address).body(Body::empty())?;
    let start = Instant::now();
    let response = router.clone().oneshot(request).await?;
    let status = response.status();
    let body = axum::body::to_bytes(response.into_body(), 64 << 20)
        .await
        .context("no answer")?;
    let took = start.elapsed();
    ensure!(
        status.is_success(),
        "{address}: {status}: {}",
        String::from_utf8_lossy(&body)
    );
    Ok(took)
}
