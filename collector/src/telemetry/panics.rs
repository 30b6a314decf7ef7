//! Panics, told to Sentry.
//!
//! In: panics of this process, of any thread. Out: for each, an event with its place in the code, the functions that
//! led there, the program's version, and nothing else. What must never happen: the message of a panic is sent, as it
//! may quote what a visitor has sent.

use std::{panic::Location, sync::Arc, time::Duration};

use sentry::{
    ClientInitGuard, ClientOptions,
    integrations::{
        backtrace::{ProcessStacktraceIntegration, current_stacktrace},
        panic::PanicIntegration,
    },
    protocol::{Event, Exception, Level, Mechanism},
    types::Dsn,
};

use super::TelemetryError;

/// How long a thread that panics waits until it is told, and the process at its end.
const PATIENCE: Duration = Duration::from_secs(1);

/// Tells of panics until it is dropped.
#[must_use]
pub struct Panics(#[allow(dead_code, reason = "stops when it is dropped")] ClientInitGuard);

/// Tells Sentry of panics from now on. Call it before threads are started.
///
/// # Errors
/// If the DSN is none.
pub fn report_panics(dsn: &str, version: &str) -> Result<Panics, TelemetryError> {
    let dsn: Dsn = dsn.parse().map_err(|_| TelemetryError::Dsn)?;
    let mut options = ClientOptions::new()
        .default_integrations(false)
        .shutdown_timeout(PATIENCE)
        .max_breadcrumbs(0)
        .send_default_pii(false);
    options.dsn = Some(dsn);
    options.release = Some(format!("foresight@{version}").into());
    options.integrations = vec![
        Arc::new(PanicIntegration::new().add_extractor(|info| Some(event(info.location())))),
        Arc::new(ProcessStacktraceIntegration),
    ];
    Ok(Panics(sentry::init(options)))
}

fn event(place: Option<&Location<'_>>) -> Event<'static> {
    let place = place.map_or_else(|| "somewhere".to_owned(), ToString::to_string);
    let exception = Exception {
        ty: "panic".into(),
        value: Some(format!("panicked at {place}")),
        mechanism: Some(Mechanism {
            ty: "panic".into(),
            handled: Some(false),
            ..Mechanism::default()
        }),
        stacktrace: current_stacktrace(),
        ..Exception::default()
    };
    Event {
        exception: vec![exception].into(),
        level: Level::Fatal,
        ..Event::default()
    }
}
