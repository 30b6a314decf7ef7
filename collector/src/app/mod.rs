//! Puts the rooms together: [`run`] takes settings, listeners and a stop signal.
//!
//! Shutting down, in this order: new connections are refused; running requests get their time; the
//! aggregator merges what was accepted; the spool's last commit is awaited. What is not merged by
//! then waits in the spool for the next start.

mod answers;
mod health;
mod files;
mod guests;
mod listener;
mod openapi;
mod routes;
mod tasks;
mod tls;
mod told;
mod sso;
mod growth;
mod changes;

use std::{
    future::Future,
    net::SocketAddr,
    num::NonZeroU32,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result};
use futures_util::future::join_all;
use prometheus::IntCounter;
use tokio::{net::TcpListener, task::JoinHandle, time::timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use listener::Patience;
use tasks::Tasks;
use tls::Certificates;
pub use told::{panics, telemetry};

use crate::{
    access::{Revoked, TokenKeys},
    aggregate::Window,
    alerts,
    config::Config,
    door::{self, Door},
    event::{Clock, HOUR_MS, Kind, Millis, hour_of},
    ingest::{Countries, Limits, Rate},
    live::Feed,
    metrics::{self, Metrics},
    spool::{self, Spool},
    store::{self, Accounts, Dimension, Group, Selection, Store},
    telemetry::Traces,
};

/// The two listeners, already bound.
pub struct Listeners {
    /// Beacons; and API and dashboard, unless they have listeners of their own.
    pub public: TcpListener,
    /// Dashboard and reports, if they have one of their own.
    pub dashboard: Option<TcpListener>,
    /// What only admins may do, if it has one of its own.
    pub admin: Option<TcpListener>,
    /// Prometheus.
    pub metrics: TcpListener,
}

/// Connections at once on the metrics listener: more than anybody needs who scrapes.
const METRICS_CONNECTIONS: usize = 64;

/// Serves until `stop` is done, then shuts down in order. `traces` show what becomes of requests. `ready` is called once requests are taken, with the
/// secret of the link that makes the first person, if there is nobody yet.
///
/// # Errors
/// If a part cannot start: the data directory, the token key, the spool, the database, a listener.
pub async fn run(
    config: Config,
    listeners: Listeners,
    traces: Traces,
    ready: impl FnOnce(Option<String>),
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<()> {
    let clock = system_clock();
    let parts = Parts {
        traces,
        ..Parts::start(&config, listeners.public.local_addr()?, clock).await?
    };
    let stopping = CancellationToken::new();
    let tasks = Tasks::spawn(&parts, &config, &stopping);

    let patience = Patience {
        header: Duration::from_secs(config.header_timeout_seconds),
        connections: files::connections(config.max_connections),
    };
    let few = Patience {
        connections: METRICS_CONNECTIONS.min(config.max_connections),
        ..patience
    };
    let dismissed = IntCounter::new(
        "foresight_connections_dismissed_total",
        "Connections that were closed to make room for others.",
    )?;
    parts.metrics.register(Box::new(dismissed.clone()))?;
    let tls = acceptor(&config, &stopping)?;
    let served = parts.served(&config);
    let own = [
        (listeners.dashboard, served.dashboard),
        (listeners.admin, served.admin),
    ];
    let own = own
        .into_iter()
        .filter_map(|(listener, routes)| listener.zip(routes));
    let serving: Vec<_> = std::iter::once((listeners.public, served.public))
        .chain(own)
        .map(|(listener, routes)| {
            let router = routes::finished(routes, config.has_tls(), parts.traces.clone());
            let (dismissed, stopping) = (dismissed.clone(), stopping.clone());
            listener::serve(listener, router, patience, dismissed, tls.clone(), stopping)
        })
        .collect();
    // Scraped until the end, so that the last numbers can be seen.
    let scraped = listener::serve(
        listeners.metrics,
        metrics::router(parts.metrics.clone()),
        few,
        dismissed,
        None,
        CancellationToken::new(),
    );
    ready(setup_secret(&parts.door).await);
    stop.await;
    tracing::info!("stopping");
    stopping.cancel();
    parts.feed.close();
    let grace = Duration::from_secs(config.shutdown_grace_seconds);
    if timeout(grace, join_all(serving)).await.is_err() {
        tracing::warn!(
            grace_seconds = config.shutdown_grace_seconds,
            "requests still running were cut off"
        );
    }
    tasks.finish(parts, grace).await;
    scraped.abort();
    tracing::info!("stopped");
    Ok(())
}

/// What listeners speak TLS with, if the settings have a certificate. Its files are looked at from then on.
fn acceptor(config: &Config, stopping: &CancellationToken) -> Result<Option<TlsAcceptor>> {
    if !config.has_tls() {
        return Ok(None);
    }
    let certificates = Certificates::open(&config.tls_certificate, &config.tls_key)?;
    let acceptor = certificates.acceptor()?;
    tokio::spawn(certificates.watch(tls::LOOK_EVERY, stopping.clone()));
    Ok(Some(acceptor))
}

/// The secret of a link that makes the first person, if there is nobody yet.
async fn setup_secret(door: &Door) -> Option<String> {
    match door.offer_setup().await {
        Ok(secret) => secret,
        Err(error) => {
            tracing::warn!(%error, "whether there is a user is not known; a start prints the link to make one");
            None
        }
    }
}

/// The parts that requests and tasks share.
struct Parts {
    listen: SocketAddr,
    door: Door,
    keys: TokenKeys,
    revoked: Revoked,
    countries: Countries,
    store: Arc<dyn Store>,
    spool: Spool,
    writer: JoinHandle<()>,
    limits: Arc<Limits>,
    metrics: Arc<Metrics>,
    window: Window,
    feed: Feed,
    traces: Traces,
    alerts: alerts::Source,
    clock: Clock,
}

impl Parts {
    async fn start(config: &Config, listen: SocketAddr, clock: Clock) -> Result<Self> {
        let dir = &config.data_dir;
        std::fs::create_dir_all(dir)
            .with_context(|| format!("data_dir {} cannot be made", dir.display()))?;
        let keys = TokenKeys::load(&config.token_key, &config.previous_token_keys, dir)?;
        let countries = Countries::open(&config.country_database).with_context(|| {
            let file = config.country_database.display();
            format!("country_database {file} cannot be read")
        })?;
        let store = store::open(&config.store_url())
            .await
            .context("the database cannot be opened")?;
        let settings = spool::Settings {
            path: dir.join("spool.db"),
            max_bytes: config.spool_max_bytes,
            max_age_ms: Millis::from(config.spool_max_hours) * HOUR_MS,
            remember_ms: Millis::from(config.remember_batches_hours) * HOUR_MS,
        };
        let (spool, writer) = Spool::open(settings)
            .await
            .with_context(|| format!("the spool in {} cannot be opened", dir.display()))?;
        let busiest = busiest_sites(store.as_ref(), clock()).await;
        let metrics = Arc::new(Metrics::new(config.metrics_sites, busiest)?);
        let window = Window::new(config.metrics_window_minutes);
        metrics.register(Box::new(window.gauges(clock.clone())?))?;
        metrics.register(Box::new(spool::Gauges::new(&spool, clock.clone())?))?;
        let revoked = Revoked::default();
        if let Err(error) = revoked.renew(store.as_ref()).await {
            tracing::warn!(%error, "revoked tokens are not known yet; trying again");
        }
        let door = door(
            config,
            &countries,
            store.clone(),
            metrics.clone(),
            clock.clone(),
        );
        Ok(Self {
            listen,
            door,
            keys,
            revoked,
            countries,
            store,
            spool,
            writer,
            limits: Arc::new(limits(config, metrics.clone())),
            metrics,
            window,
            feed: Feed::default(),
            traces: Traces::default(),
            alerts: alerts::Source::new(&config.alertmanager_url, clock.clone())
                .context("alerts cannot be asked for")?,
            clock,
        })
    }
}

fn door(
    config: &Config,
    countries: &Countries,
    accounts: Arc<dyn Accounts>,
    metrics: Arc<Metrics>,
    clock: Clock,
) -> Door {
    let proxies = routes::proxies(config, countries);
    Door::new(door::Parts {
        login: config.access_login,
        oidc: sso::settings(config),
        secure: config.is_secure(),
        accounts,
        metrics,
        clock,
        address_of: Arc::new(move |peer, headers| proxies.client_address(peer, headers)),
    })
}

fn limits(config: &Config, metrics: Arc<Metrics>) -> Limits {
    let rate = |per_second, burst| Rate {
        per_second: at_least_one(per_second),
        burst: at_least_one(burst),
    };
    Limits::new(
        rate(config.site_batches_per_second, config.site_burst),
        rate(config.client_batches_per_second, config.client_burst),
        metrics,
    )
}

/// A setting that `Config::check` has refused to be zero.
fn at_least_one(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN)
}

/// The sites with most page views in the last week, busiest first: they get labels of their own.
/// None if the database is away; then the first sites that are seen get the labels.
async fn busiest_sites(store: &dyn Store, now_ms: Millis) -> Vec<String> {
    let hour_ms = hour_of(now_ms);
    let selection = Selection::between(hour_ms - 7 * 24 * HOUR_MS, hour_ms + HOUR_MS);
    let counts = store
        .counts(&selection, Some(Kind::View), Some(Dimension::Site))
        .await;
    let mut counts = counts.unwrap_or_else(|error| {
        tracing::warn!(%error, "the busiest sites are not known");
        Vec::new()
    });
    counts.sort_by_key(|sum| std::cmp::Reverse(sum.count));
    counts
        .into_iter()
        .filter_map(|sum| match sum.group {
            Group::Word(site) => Some(site),
            _ => None,
        })
        .collect()
}

/// The machine's clock.
#[must_use]
pub fn system_clock() -> Clock {
    Arc::new(|| {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        since.as_millis() as Millis
    })
}

#[cfg(test)]
mod tests;
