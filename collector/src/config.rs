//! The settings: defaults < `foresight.toml` < `FORESIGHT_*` environment < flags.
//!
//! In: a file's text, the environment and flags. Out: plain data, read once. What must never
//! happen: a key that nobody knows is passed over in the file, or a secret is printed.

use std::{fmt, net::SocketAddr, path::PathBuf};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use toml::{Table, Value};

/// The file that documents every key with its default; a test keeps it so.
pub const EXAMPLE: &str = include_str!("../../foresight.example.toml");

/// The prefix of settings in the environment.
const PREFIX: &str = "FORESIGHT_";

/// Variables with the prefix that are not settings: they steer the command line and the tests.
const OTHER_VARIABLES: [&str; 4] = ["CONFIG", "LOG", "BIN", "SCREENSHOTS"];

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
    /// Connections at once on each listener.
    pub max_connections: usize,
    /// Time in seconds for a request's header, and for the next request of an idle connection.
    pub header_timeout_seconds: u64,
    /// Time in seconds for a batch's body.
    pub body_timeout_seconds: u64,
    /// Bytes of batches that may wait for the database.
    pub spool_max_bytes: u64,
    /// Hours for which batch ids are remembered.
    pub remember_batches_hours: u32,
    /// Time in ms between two merges into the database.
    pub flush_interval_ms: u64,
    /// Records of the spool that one merge takes.
    pub flush_records: u32,
    /// Days for which sums are kept by the hour; older ones are kept by the day.
    pub keep_hours_days: u32,
    /// Days for which sums and shares are kept at all.
    pub keep_days: u32,
    /// Pages that one site may add in an hour; the others are counted under `(other)`.
    pub max_pages_per_site_hour: usize,
    /// Names of each kind that one site may add in an hour; the others are counted under `(other)`.
    pub max_names_per_site_hour: usize,
    /// Sites with a label of their own in `/metrics`; the others share `other`.
    pub metrics_sites: usize,
    /// Minutes over which the `web_vitals_*_p75` gauges look back.
    pub metrics_window_minutes: u32,
    /// Time in seconds that running requests get at shutdown.
    pub shutdown_grace_seconds: u64,
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
            max_connections: 10_000,
            header_timeout_seconds: 30,
            body_timeout_seconds: 10,
            spool_max_bytes: 1 << 30,
            remember_batches_hours: 48,
            flush_interval_ms: 1_000,
            flush_records: 10_000,
            keep_hours_days: 35,
            keep_days: 400,
            max_pages_per_site_hour: 1_000,
            max_names_per_site_hour: 500,
            metrics_sites: 50,
            metrics_window_minutes: 15,
            shutdown_grace_seconds: 10,
        }
    }
}

/// A text that is never printed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The text, for whoever needs it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "\"\"" } else { "****" })
    }
}

/// What is wrong with the settings.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {path}: {cause}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
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
                "keep_days",
                self.keep_days >= self.keep_hours_days,
                "at least keep_hours_days",
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
                "public_url",
                self.public_url.is_empty()
                    || ((self.public_url.starts_with("http://")
                        || self.public_url.starts_with("https://"))
                        && !self.public_url.ends_with('/')),
                "empty or http(s)://… without a final slash",
            ),
        ];
        match rules.into_iter().find(|(_, kept, _)| !kept) {
            Some((key, _, rule)) => Err(ConfigError::Rule { key, rule }),
            None => Ok(()),
        }
    }

    /// The names among `variables` that look like settings and are none.
    #[must_use]
    pub fn unknown_variables(variables: impl Iterator<Item = String>) -> Vec<String> {
        // Plain data: it always becomes a table.
        let defaults = Table::try_from(Self::default()).unwrap_or_default();
        let is_known = |name: &str| {
            defaults.contains_key(&name.to_ascii_lowercase()) || is_other_variable(name)
        };
        variables
            .filter(|name| {
                name.strip_prefix(PREFIX)
                    .is_some_and(|name| !is_known(name))
            })
            .collect()
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

fn is_other_variable(name: &str) -> bool {
    OTHER_VARIABLES.contains(&name) || name.starts_with("TEST_")
}

fn is_key(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Puts a variable into the table, typed as the default of its key is.
fn read_variable(table: &mut Table, name: &str, text: String) -> Result<(), ConfigError> {
    let key = name.to_ascii_lowercase();
    let defaults = Table::try_from(Config::default()).map_err(|cause| ConfigError::Variable {
        name: name.to_owned(),
        rule: cause.to_string(),
    })?;
    let refuse = |rule: &str| ConfigError::Variable {
        name: name.to_owned(),
        rule: rule.to_owned(),
    };
    let value = match defaults.get(&key) {
        Some(Value::Integer(_)) => {
            Value::Integer(text.parse().map_err(|_| refuse("must be a whole number"))?)
        }
        Some(Value::Boolean(_)) => {
            Value::Boolean(text.parse().map_err(|_| refuse("must be true or false"))?)
        }
        Some(Value::Array(_)) => Value::Array(
            text.split(',')
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .map(|part| Value::String(part.to_owned()))
                .collect(),
        ),
        Some(_) => Value::String(text),
        None => {
            // Not refused: container platforms invent variables such as FORESIGHT_PORT.
            if !is_other_variable(name) {
                tracing::warn!("environment variable {PREFIX}{name} is not a setting; ignored");
            }
            return Ok(());
        }
    };
    table.insert(key, value.clone());
    // Tried at once, so that the message can name the variable.
    let mut alone = Table::new();
    alone.insert(name.to_ascii_lowercase(), value);
    match Config::try_from_table(alone) {
        Ok(_) => Ok(()),
        Err(cause) => Err(refuse(cause.message())),
    }
}

impl Config {
    fn try_from_table(table: Table) -> Result<Self, toml::de::Error> {
        table.try_into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str, variables: &[(&str, &str)]) -> Result<Config, String> {
        let variables = variables
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        Config::load(Some(("foresight.toml".into(), text.into())), variables)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn the_example_documents_every_key_with_its_default() {
        assert_eq!(
            toml::from_str::<Config>(EXAMPLE).unwrap(),
            Config::default()
        );
        let example: Table = EXAMPLE.parse().unwrap();
        let defaults = Table::try_from(Config::default()).unwrap();
        let keys = |table: &Table| table.keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&example), keys(&defaults));
        assert_eq!(example, defaults);
    }

    #[test]
    fn the_environment_overrides_the_file() {
        let config = load(
            "site_burst = 7\nclient_burst = 8",
            &[
                ("FORESIGHT_SITE_BURST", "9"),
                ("FORESIGHT_DEMO", "true"),
                ("FORESIGHT_TRUSTED_PROXIES", "10.0.0.0/8, ::1/128"),
                ("OTHER", "x"),
            ],
        )
        .unwrap();
        assert_eq!((config.site_burst, config.client_burst), (9, 8));
        assert!(config.demo);
        assert_eq!(config.trusted_proxies.len(), 2);
    }

    #[test]
    fn mistakes_are_named() {
        for (text, variables, part) in [
            ("sitee_burst = 7", &[][..], "sitee_burst"),
            ("listen = 3", &[], "listen"),
            ("", &[("FORESIGHT_LISTEN", "here")], "FORESIGHT_LISTEN"),
            ("", &[("FORESIGHT_SITE_BURST", "many")], "whole number"),
            ("", &[("FORESIGHT_DEMO", "yes")], "true or false"),
            ("flush_records = 0", &[], "flush_records must be at least 1"),
            ("database_url = \"mysql://x\"", &[], "database_url must be"),
            (
                "keep_hours_days = 7",
                &[],
                "keep_hours_days must be at least 8",
            ),
            (
                "keep_days = 34",
                &[],
                "keep_days must be at least keep_hours_days",
            ),
            (
                "forwarded_header = \"X-Real-IP\"",
                &[],
                "forwarded_header must be X-Forwarded-For or",
            ),
            ("token_key = \"abc\"", &[], "64 hexadecimal digits"),
            (
                "",
                &[("FORESIGHT_PREVIOUS_TOKEN_KEYS", "abc, def")],
                "previous_token_keys must be 64",
            ),
        ] {
            let error = load(text, variables).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn secrets_are_not_printed() {
        let keys = format!("{},{}", "ab".repeat(32), "cd".repeat(32));
        let config = load(
            "database_url = \"postgres://me:pass@db/x\"",
            &[("FORESIGHT_PREVIOUS_TOKEN_KEYS", &keys)],
        )
        .unwrap();
        assert_eq!(config.previous_token_keys.len(), 2);
        let printed = format!("{config:?}");
        for secret in ["pass", "abab", "cdcd"] {
            assert!(!printed.contains(secret), "{printed}");
        }
        assert_eq!(printed.matches("****").count(), 3, "{printed}");
    }
}
