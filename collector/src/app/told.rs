//! Who is told of the collector itself, by the settings.

use anyhow::Result;

use crate::{
    config::Config,
    telemetry::{self, Panics, Telemetry},
};

/// Starts to send traces and lines of the log, if somebody is to have them.
///
/// # Errors
/// If an address cannot be used.
pub fn telemetry(config: &Config) -> Result<Telemetry> {
    let settings = telemetry::Settings {
        traces_url: config.otlp_traces_url.clone(),
        logs_url: config.otlp_logs_url.clone(),
        authorization: config.otlp_authorization.reveal().to_owned(),
        sample: config.otlp_sample,
        version: env!("CARGO_PKG_VERSION"),
    };
    Ok(Telemetry::start(&settings)?)
}

/// Tells of panics from now on, if somebody is to know.
///
/// # Errors
/// If the DSN is none.
pub fn panics(config: &Config) -> Result<Option<Panics>> {
    match config.sentry_dsn.reveal() {
        "" => Ok(None),
        dsn => Ok(Some(telemetry::report_panics(
            dsn,
            env!("CARGO_PKG_VERSION"),
        )?)),
    }
}
