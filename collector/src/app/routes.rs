//! Which routes there are, and on which listener.
//!
//! In: the parts. Out: a table of routes for each listener. What must never happen: a listener serves what it is
//! not there for.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    http::{HeaderValue, header},
    middleware::{from_fn_with_state, map_response},
};

use tower_http::set_header::SetResponseHeaderLayer;

use super::{Parts, answers, at_least_one, health, openapi};
use crate::{
    admin, alerts, assets,
    config::Config,
    door::{self, Routes},
    growth::Rules,
    ingest::{self, Bots, Countries, Forwarded, Gate, Proxies, ServerLimit, ServerState},
    query,
    telemetry::Traces,
};

/// What each listener serves.
pub(super) struct Served {
    /// What sites and servers send, and what has no listener of its own.
    pub(super) public: Routes,
    /// Dashboard and reports, if they have a listener of their own.
    pub(super) dashboard: Option<Routes>,
    /// What only admins may do, with a dashboard to do it in, if it has a listener of its own.
    pub(super) admin: Option<Routes>,
}

impl Parts {
    pub(super) fn served(&self, config: &Config) -> Served {
        let has_dashboard = !config.dashboard_listen.is_empty();
        let has_admin = !config.admin_listen.is_empty();
        let of_dashboard = |with_admin: bool| {
            let routes = self.report_routes(config);
            if with_admin {
                routes.merge(self.admin_routes(config))
            } else {
                routes
            }
        };
        let public = self.health_routes().merge(self.site_routes(config));
        Served {
            public: if has_dashboard {
                public
            } else {
                public.merge(of_dashboard(!has_admin))
            },
            dashboard: has_dashboard.then(|| self.health_routes().merge(of_dashboard(!has_admin))),
            admin: has_admin.then(|| self.health_routes().merge(of_dashboard(true))),
        }
    }

    fn health_routes(&self) -> Routes {
        health::routes(self.spool.clone(), self.store.clone(), &self.door)
            .merge(openapi::routes(&self.door))
    }

    /// What sites and servers use.
    fn site_routes(&self, config: &Config) -> Routes {
        let gate = Gate::new(config.max_requests);
        let ingest = ingest::State {
            spool: self.spool.clone(),
            keys: self.keys.clone(),
            revoked: self.revoked.clone(),
            limits: self.limits.clone(),
            gate: gate.clone(),
            proxies: proxies(config, &self.countries),
            bots: Bots {
                headless_are_visitors: config.headless_are_visitors,
            },
            metrics: self.metrics.clone(),
            body_timeout: Duration::from_secs(config.body_timeout_seconds),
            clock: self.clock.clone(),
        };
        let server = ServerState {
            spool: self.spool.clone(),
            store: self.store.clone(),
            keys: self.keys.clone(),
            revoked: self.revoked.clone(),
            limit: ServerLimit::new(
                at_least_one(config.server_requests_per_second),
                at_least_one(config.server_burst),
            ),
            gate,
            metrics: self.metrics.clone(),
            body_timeout: Duration::from_secs(config.body_timeout_seconds),
            clock: self.clock.clone(),
        };
        let demo = config.demo.then(|| assets::Demo {
            listen: self.listen,
            key: self.keys.signing().clone(),
            started_s: (self.clock)() / 1000,
        });
        ingest::routes(Arc::new(ingest), &self.door)
            .merge(ingest::server_routes(Arc::new(server), &self.door))
            .merge(assets::site_routes(
                Arc::new(assets::State { demo }),
                &self.door,
            ))
    }

    /// What people look at, and signing in to do so.
    fn report_routes(&self, config: &Config) -> Routes {
        let query = query::State {
            store: self.store.clone(),
            clock: self.clock.clone(),
            rules: Rules::of(config),
            feed: self.feed.clone(),
            places: query::Places::default(),
            small_group_views: config.small_group_views.into(),
        };
        query::routes(query, &self.door)
            .merge(alerts::routes(self.alerts.clone(), &self.door))
            .merge(door::sign_in_routes(&self.door))
            .merge(assets::dashboard_routes(&self.door))
    }

    fn admin_routes(&self, config: &Config) -> Routes {
        let base_url = match config.public_url.as_str() {
            "" => format!("{}://{}", config.scheme(), self.listen),
            url => url.to_owned(),
        };
        admin::routes(admin::State {
            door: self.door.clone(),
            store: self.store.clone(),
            key: self.keys.signing().clone(),
            settings: admin::Settings {
                keep_hours_days: config.keep_hours_days,
                keep_single_days: config.keep_single_days,
                keep_days: config.keep_days,
                public_url: base_url.clone(),
                version: env!("CARGO_PKG_VERSION"),
            },
            base_url,
        })
    }
}

/// The router of a listener. One that speaks TLS tells browsers to come by it always.
pub(super) fn finished(routes: Routes, has_tls: bool, traces: Traces) -> Router {
    let router = routes.into_router().layer(map_response(answers::explain));
    let router = if has_tls {
        router.layer(SetResponseHeaderLayer::if_not_present(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000"),
        ))
    } else {
        router
    };
    router.layer(from_fn_with_state(traces, answers::identify))
}

/// Whose word on a client's address is believed.
pub(super) fn proxies(config: &Config, countries: &Countries) -> Proxies {
    Proxies::new(
        config.trusted_proxies.clone(),
        Forwarded::of_header(&config.forwarded_header),
        &config.country_header,
        countries.clone(),
    )
}
