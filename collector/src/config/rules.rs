//! The rules of settings that their types do not express.

use super::{Config, ConfigError};

impl Config {
    /// Checks the rules that types do not express.
    ///
    /// # Errors
    /// The first key that breaks its rule.
    pub fn check(&self) -> Result<(), ConfigError> {
        let positive = "at least 1";
        let url = self.database_url.reveal();
        let rules = [
            (
                "site_batches_per_second",
                self.site_batches_per_second > 0,
                positive,
            ),
            ("site_burst", self.site_burst > 0, positive),
            (
                "client_batches_per_second",
                self.client_batches_per_second > 0,
                positive,
            ),
            ("client_burst", self.client_burst > 0, positive),
            (
                "server_requests_per_second",
                self.server_requests_per_second > 0,
                positive,
            ),
            ("server_burst", self.server_burst > 0, positive),
            ("max_requests", self.max_requests > 0, positive),
            ("spool_max_hours", self.spool_max_hours > 0, positive),
            ("max_connections", self.max_connections > 0, positive),
            (
                "header_timeout_seconds",
                self.header_timeout_seconds > 0,
                positive,
            ),
            (
                "body_timeout_seconds",
                self.body_timeout_seconds > 0,
                positive,
            ),
            ("flush_records", self.flush_records > 0, positive),
            ("flush_interval_ms", self.flush_interval_ms > 0, positive),
            (
                "max_pages_per_site_hour",
                self.max_pages_per_site_hour > 0,
                positive,
            ),
            (
                "max_names_per_site_hour",
                self.max_names_per_site_hour > 0,
                positive,
            ),
            (
                "metrics_window_minutes",
                self.metrics_window_minutes > 0,
                positive,
            ),
            (
                "growth_window_days",
                (1..=400).contains(&self.growth_window_days),
                "from 1 to 400 days: shares are not kept for longer",
            ),
            (
                "growth_opened_goal",
                !self.growth_opened_goal.is_empty(),
                "the name of a goal",
            ),
            (
                "growth_refresh_seconds",
                self.growth_refresh_seconds > 0,
                positive,
            ),
            (
                "changes_refresh_seconds",
                self.changes_refresh_seconds > 0,
                positive,
            ),
            (
                "changes_least_percent",
                (1..=1000).contains(&self.changes_least_percent),
                "from 1 to 1000 percent",
            ),
            (
                "changes_least_views",
                self.changes_least_views >= 20,
                "at least 20",
            ),
            (
                "changes_least_sites",
                self.changes_least_sites >= 2,
                "at least 2",
            ),
            (
                "alertmanager_url",
                is_plain(&self.alertmanager_url),
                "empty, or http://… without a user and a final slash",
            ),
            (
                "small_group_views",
                self.small_group_views <= 25,
                "at most 25: percentiles of fewer page views are left out for everybody",
            ),
            (
                "remember_batches_hours",
                self.remember_batches_hours >= 24,
                "at least 24 hours",
            ),
            (
                "keep_hours_days",
                self.keep_hours_days >= 8,
                "at least 8 days: series of a week have a point per hour",
            ),
            (
                "keep_single_days",
                self.keep_single_days >= self.keep_hours_days,
                "at least keep_hours_days",
            ),
            (
                "keep_days",
                self.keep_days >= self.keep_single_days,
                "at least keep_single_days",
            ),
            (
                "spool_max_bytes",
                self.spool_max_bytes >= 1 << 20,
                "at least 1048576 bytes (1 MiB)",
            ),
            (
                "database_url",
                url.is_empty()
                    || url.starts_with("postgres://")
                    || url.starts_with("postgresql://")
                    || url.starts_with("sqlite:"),
                "empty, postgres://… or sqlite:<path>",
            ),
            (
                "token_key",
                self.token_key.reveal().is_empty() || is_key(self.token_key.reveal()),
                "empty or 64 hexadecimal digits",
            ),
            (
                "previous_token_keys",
                self.previous_token_keys
                    .iter()
                    .all(|key| is_key(key.reveal())),
                "64 hexadecimal digits each",
            ),
            (
                "forwarded_header",
                ["X-Forwarded-For", "Forwarded"]
                    .iter()
                    .any(|name| self.forwarded_header.eq_ignore_ascii_case(name)),
                "X-Forwarded-For or Forwarded",
            ),
            (
                "tls_key",
                self.tls_key.as_os_str().is_empty() != self.has_tls(),
                "set together with tls_certificate",
            ),
            (
                "dashboard_listen",
                is_address(&self.dashboard_listen),
                ADDRESS,
            ),
            ("admin_listen", is_address(&self.admin_listen), ADDRESS),
            (
                "oidc_issuer",
                is_issuer(&self.oidc_issuer),
                "empty or https://…; http:// on this machine only",
            ),
            (
                "oidc_client_id",
                self.oidc_issuer.is_empty() || !self.oidc_client_id.is_empty(),
                "set together with oidc_issuer",
            ),
            (
                "oidc_issuer",
                self.oidc_issuer.is_empty() || !self.dashboard_base().is_empty(),
                "set together with dashboard_url or public_url, where browsers come back to",
            ),
            (
                "oidc_roles",
                self.oidc_roles.iter().all(|text| is_mapping(text)),
                "value=role each, with the role viewer, analyst or admin",
            ),
            (
                "oidc_default_role",
                self.oidc_default_role.is_empty() || is_role(&self.oidc_default_role),
                "empty, viewer, analyst or admin",
            ),
            ("otlp_traces_url", is_base(&self.otlp_traces_url), BASE),
            ("otlp_logs_url", is_base(&self.otlp_logs_url), BASE),
            (
                "otlp_sample",
                (0.0..=1.0).contains(&self.otlp_sample),
                "from 0 to 1",
            ),
            (
                "otlp_authorization",
                is_header_value(self.otlp_authorization.reveal()),
                "printable ASCII, such as Bearer TOKEN",
            ),
            ("public_url", is_base(&self.public_url), BASE),
            ("dashboard_url", is_base(&self.dashboard_url), BASE),
        ];
        match rules.into_iter().find(|(_, kept, _)| !kept) {
            Some((key, _, rule)) => Err(ConfigError::Rule { key, rule }),
            None => Ok(()),
        }
    }
}

fn is_issuer(url: &str) -> bool {
    let local = ["http://127.0.0.1", "http://localhost", "http://[::1]"];
    let is_local = |base: &&str| {
        let rest = url.strip_prefix(*base);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
    };
    url.is_empty() || url.starts_with("https://") || local.iter().any(is_local)
}

fn is_mapping(text: &str) -> bool {
    let parts = text.rsplit_once('=');
    parts.is_some_and(|(value, role)| !value.is_empty() && is_role(role))
}

fn is_role(word: &str) -> bool {
    ["viewer", "analyst", "admin"].contains(&word)
}

const BASE: &str = "empty or http(s)://… without a final slash";

fn is_header_value(text: &str) -> bool {
    text.bytes().all(|b| b == b' ' || b.is_ascii_graphic())
}

fn is_base(url: &str) -> bool {
    let is_web = url.starts_with("http://") || url.starts_with("https://");
    url.is_empty() || (is_web && !url.ends_with('/'))
}

/// An address inside the own network.
fn is_plain(url: &str) -> bool {
    let is_http = || url::Url::parse(url).is_ok_and(|url| url.scheme() == "http" && url.has_host());
    url.is_empty() || (is_http() && !url.ends_with('/') && !url.contains(['@', '?', '#']))
}

const ADDRESS: &str = "empty, or an address and a port, such as 127.0.0.1:3334";

fn is_address(text: &str) -> bool {
    text.is_empty() || text.parse::<std::net::SocketAddr>().is_ok()
}

fn is_key(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())
}
