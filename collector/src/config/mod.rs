//! The settings: defaults < `foresight.toml` < `FORESIGHT_*` environment < flags.
//!
//! In: a file's text, the environment and flags. Out: plain data, read once. What must never
//! happen: a key that nobody knows is passed over in the file, or a secret is printed.

mod secret;
mod environment;
mod rules;

use std::{net::SocketAddr, path::PathBuf};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use toml::Table;
use utoipa::ToSchema;

use environment::{PREFIX, read_variable};
pub use secret::Secret;

/// The file that documents every key with its default; a test keeps it so.
pub const EXAMPLE: &str = include_str!("../../../foresight.example.toml");

/// The settings of a collector. `foresight.example.toml` says what each key means.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Address of the public listener.
    pub listen: SocketAddr,
    /// Address of the metrics listener.
    pub metrics_listen: SocketAddr,
    /// Directory of the spool, the token key and the embedded database.
    pub data_dir: PathBuf,
    /// `postgres://…`, or empty for the embedded database.
    pub database_url: Secret,
    /// The address under which browsers reach the public listener, without a final slash; empty:
    /// `http://<listen>`.
    pub public_url: String,
    /// The key that signs site tokens, 64 hexadecimal digits; empty: kept in the data directory.
    pub token_key: Secret,
    /// Keys that signed before it and still verify, 64 hexadecimal digits each.
    pub previous_token_keys: Vec<Secret>,
    /// File with the certificate, and those it rests on, with which the public, dashboard and admin listeners
    /// speak TLS; empty: a proxy does.
    pub tls_certificate: PathBuf,
    /// File with its private key.
    pub tls_key: PathBuf,
    /// Whether who uses dashboard and API must sign in.
    pub access_login: Login,
    /// The issuer of single sign-on by OpenID Connect; empty: none.
    pub oidc_issuer: String,
    /// What the collector is called there.
    pub oidc_client_id: String,
    /// The secret of that; empty: none.
    pub oidc_client_secret: Secret,
    /// The claim that is the name here.
    pub oidc_name_claim: String,
    /// The claim whose values give roles.
    pub oidc_role_claim: String,
    /// Its values, each with a role: `value=role`.
    pub oidc_roles: Vec<String>,
    /// The role of everybody else; empty: they are refused.
    pub oidc_default_role: String,
    /// The address under which browsers reach the dashboard, without a final slash; empty: `public_url`.
    pub dashboard_url: String,
    /// Address of a listener of its own for dashboard and reports, such as `127.0.0.1:3334`; empty: the public
    /// one has them.
    pub dashboard_listen: String,
    /// The same for what only admins may do; empty: the dashboard's listener has it.
    pub admin_listen: String,
    /// Address of an Alertmanager whose alerts the overview shows, without a final slash; empty: none.
    pub alertmanager_url: String,
    /// Page views that a group must have to be told to people below admin; 0 and 1 hide nothing.
    pub small_group_views: u32,
    /// Whether the demo site is served.
    pub demo: bool,
    /// Networks of reverse proxies whose word on the client's address is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// The header in which they tell it: `X-Forwarded-For` or `Forwarded`.
    pub forwarded_header: String,
    /// The header in which a trusted proxy tells the visitor's country; empty: none.
    pub country_header: String,
    /// File in MaxMind's format that knows the countries of addresses; empty: none.
    pub country_database: PathBuf,
    /// Whether browsers without a window are visitors, not robots.
    pub headless_are_visitors: bool,
    /// Batches per second that one site may send for long.
    pub site_batches_per_second: u32,
    /// Batches that one site may send at once.
    pub site_burst: u32,
    /// Batches per second that one client address may send for long.
    pub client_batches_per_second: u32,
    /// Batches that one client address may send at once.
    pub client_burst: u32,
    /// Requests with events per second that one server token may send for long.
    pub server_requests_per_second: u32,
    /// Requests with events that one server token may send at once.
    pub server_burst: u32,
    /// Requests that are worked on at once; more are answered with 503.
    pub max_requests: usize,
    /// Connections at once on the public listener.
    pub max_connections: usize,
    /// Time in seconds for a request's header, and for the next request of an idle connection.
    pub header_timeout_seconds: u64,
    /// Time in seconds for a batch's body.
    pub body_timeout_seconds: u64,
    /// Bytes of batches that may wait for the database.
    pub spool_max_bytes: u64,
    /// Hours that a batch may wait for the database before no more are taken.
    pub spool_max_hours: u32,
    /// Hours for which batch ids are remembered.
    pub remember_batches_hours: u32,
    /// Time in ms between two merges into the database.
    pub flush_interval_ms: u64,
    /// Records of the spool that one merge takes.
    pub flush_records: u32,
    /// Days for which sums are kept by the hour; older ones are kept by the day.
    pub keep_hours_days: u32,
    /// Days for which sums are kept by the day; older ones are kept by the week.
    pub keep_single_days: u32,
    /// Days for which sums and shares are kept at all.
    pub keep_days: u32,
    /// Pages that one site may add in an hour; the others are counted under `(other)`.
    pub max_pages_per_site_hour: usize,
    /// Names of each kind that one site may add in an hour; the others are counted under `(other)`.
    pub max_names_per_site_hour: usize,
    /// Which of several shares a new owner is owed to.
    pub growth_attribution: Attribution,
    /// Days for which a share can be what a new owner is owed to.
    pub growth_window_days: u32,
    /// A site that is generated sooner than so many seconds after its share is no referral.
    pub growth_least_seconds: u32,
    /// The goal with which servers tell that the generator was opened.
    pub growth_opened_goal: String,
    /// Time in seconds between two looks at the database for the gauges of growth.
    pub growth_refresh_seconds: u64,
    /// Time in seconds between two looks for changes.
    pub changes_refresh_seconds: u64,
    /// Percent by which a 75th percentile must have moved to be a finding.
    pub changes_least_percent: u32,
    /// Views with a value that a finding must have.
    pub changes_least_views: u32,
    /// Sites that a finding must have, unless it is about one.
    pub changes_least_sites: u32,
    /// Sites with a label of their own in `/metrics`; the others share `other`.
    pub metrics_sites: usize,
    /// Minutes over which the `web_vitals_*_p75` gauges look back.
    pub metrics_window_minutes: u32,
    /// Where spans are sent by OTLP over HTTP, without `/v1/traces`; empty: nowhere.
    pub otlp_traces_url: String,
    /// Where lines of the log are sent so, without `/v1/logs`; empty: nowhere.
    pub otlp_logs_url: String,
    /// The header `Authorization` with both; empty: none.
    pub otlp_authorization: Secret,
    /// The part of requests that is traced, from 0 to 1.
    pub otlp_sample: f64,
    /// Where panics are told; empty: nowhere.
    pub sentry_dsn: Secret,
    /// Time in seconds that running requests get at shutdown.
    pub shutdown_grace_seconds: u64,
}

/// Whether somebody has to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Login {
    /// With name and password, or a token.
    Required,
    /// Whoever reaches the listener may do everything: for a login in front.
    Off,
}

/// Which of several shares counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Attribution {
    /// The one told of first.
    First,
    /// The one told of last.
    Last,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: ([127, 0, 0, 1], 3333).into(),
            metrics_listen: ([127, 0, 0, 1], 9464).into(),
            data_dir: "data".into(),
            database_url: Secret::default(),
            public_url: String::new(),
            token_key: Secret::default(),
            previous_token_keys: Vec::new(),
            tls_certificate: PathBuf::new(),
            tls_key: PathBuf::new(),
            access_login: Login::Required,
            oidc_issuer: String::new(),
            oidc_client_id: String::new(),
            oidc_client_secret: Secret::default(),
            oidc_name_claim: "email".into(),
            oidc_role_claim: "groups".into(),
            oidc_roles: Vec::new(),
            oidc_default_role: String::new(),
            dashboard_url: String::new(),
            dashboard_listen: String::new(),
            admin_listen: String::new(),
            alertmanager_url: String::new(),
            small_group_views: 10,
            demo: false,
            trusted_proxies: Vec::new(),
            forwarded_header: "X-Forwarded-For".into(),
            country_header: String::new(),
            country_database: PathBuf::new(),
            headless_are_visitors: false,
            site_batches_per_second: 500,
            site_burst: 5_000,
            client_batches_per_second: 20,
            client_burst: 200,
            server_requests_per_second: 100,
            server_burst: 1_000,
            max_requests: 512,
            max_connections: 10_000,
            header_timeout_seconds: 30,
            body_timeout_seconds: 10,
            spool_max_bytes: 1 << 30,
            spool_max_hours: 168,
            remember_batches_hours: 48,
            flush_interval_ms: 1_000,
            flush_records: 10_000,
            keep_hours_days: 35,
            keep_single_days: 100,
            keep_days: 400,
            max_pages_per_site_hour: 1_000,
            max_names_per_site_hour: 500,
            growth_attribution: Attribution::Last,
            growth_window_days: 30,
            growth_least_seconds: 60,
            growth_opened_goal: "generator_opened".into(),
            growth_refresh_seconds: 300,
            changes_refresh_seconds: 3_600,
            changes_least_percent: 10,
            changes_least_views: 40,
            changes_least_sites: 5,
            metrics_sites: 50,
            metrics_window_minutes: 15,
            otlp_traces_url: String::new(),
            otlp_logs_url: String::new(),
            otlp_authorization: Secret::default(),
            otlp_sample: 0.01,
            sentry_dsn: Secret::default(),
            shutdown_grace_seconds: 10,
        }
    }
}

/// What is wrong with the settings.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is not TOML, or has a key or value that is not allowed.
    #[error("{path}: {cause}")]
    File {
        /// The file.
        path: PathBuf,
        /// Where and why.
        cause: toml::de::Error,
    },
    /// A variable's value is not allowed.
    #[error("environment variable {PREFIX}{name}: {rule}")]
    Variable {
        /// The variable without its prefix.
        name: String,
        /// What it must be.
        rule: String,
    },
    /// A key's value is not allowed.
    #[error("{key} must be {rule}")]
    Rule {
        /// The key.
        key: &'static str,
        /// What it must be.
        rule: &'static str,
    },
}

impl Config {
    /// Reads the settings from a file, if there is one, and from environment variables.
    ///
    /// # Errors
    /// If something in them is unknown or not allowed; the message names it and the rule.
    pub fn load(
        file: Option<(PathBuf, String)>,
        variables: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut table = Table::new();
        if let Some((path, text)) = file {
            // Checked on its own first, so that the message points into the file.
            if let Err(cause) = toml::from_str::<Self>(&text) {
                return Err(ConfigError::File { path, cause });
            }
            table = text
                .parse()
                .map_err(|cause| ConfigError::File { path, cause })?;
        }
        for (name, text) in variables {
            let Some(name) = name.strip_prefix(PREFIX) else {
                continue;
            };
            read_variable(&mut table, name, text)?;
        }
        let config: Self =
            table
                .try_into()
                .map_err(|cause: toml::de::Error| ConfigError::Variable {
                    name: "*".into(),
                    rule: cause.to_string(),
                })?;
        config.check()?;
        Ok(config)
    }

    /// The address under which browsers reach the public listener, without a final slash.
    #[must_use]
    pub fn base_url(&self) -> String {
        match self.public_url.as_str() {
            "" => format!("{}://{}", self.scheme(), self.listen),
            url => url.to_owned(),
        }
    }

    /// Whether the listeners speak TLS by themselves.
    #[must_use]
    pub fn has_tls(&self) -> bool {
        !self.tls_certificate.as_os_str().is_empty()
    }

    /// What the public listener speaks.
    #[must_use]
    pub fn scheme(&self) -> &'static str {
        if self.has_tls() { "https" } else { "http" }
    }

    /// Whether people come to the dashboard by https.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        match self.dashboard_base() {
            "" => self.has_tls(),
            url => url.starts_with("https://"),
        }
    }

    /// The address under which browsers reach the dashboard, if one is set.
    #[must_use]
    pub fn dashboard_base(&self) -> &str {
        match self.dashboard_url.as_str() {
            "" => &self.public_url,
            url => url,
        }
    }

    /// The database's URL: the one given, or the embedded database's.
    #[must_use]
    pub fn store_url(&self) -> String {
        match self.database_url.reveal() {
            "" => format!("sqlite:{}", self.data_dir.join("foresight.db").display()),
            url => url.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;
