//! Who is let in: people by name and password, programs by a token of their own.
//!
//! In: a request, and the least role that its route needs. Out: the [`Caller`], or a refusal. What must
//! never happen: a route without a rule; a secret that is kept, logged or answered where its hash does; a
//! browser that is made to act by a page elsewhere; or sign-ins that take the processor from ingest.
//!
//! Each route stands in [`Routes`] with its [`Least`] role, and the router is built from nothing else. What
//! is checked, in this order: who it is (`guard.rs`), whether the role suffices, and for what changes
//! something, whether the page that asks is ours (`csrf.rs`).

mod secrets;
mod csrf;
mod passwords;
mod lockout;
mod caller;
mod sessions;
mod refusal;
mod sent;
mod guard;
mod routes;
mod setup;
mod names;
mod tokens;
mod begin;
mod oidc;
mod sign_in;
mod documented;

use std::{net::IpAddr, sync::Arc};

use axum::http::HeaderMap;
use foresight_shared::Fact;
use tower_sessions::SessionManagerLayer;

pub use caller::{By, Caller};
pub use documented::{Asked, Body, Hashing, InTheWay, Missing, documented};
pub use names::{NameError, check_name};
pub use oidc::OidcSettings;
pub use passwords::{PasswordError, Passwords};
pub use refusal::unavailable;
pub use routes::{Least, Routes, Rule};
pub use secrets::{hash_of, new_secret};
pub use sent::{Nothing, Sent, parameter_invalid};
pub use sign_in::routes as sign_in_routes;
pub use tokens::new_token;

use crate::{
    config::Login,
    event::{Clock, Millis},
    metrics::Metrics,
    store::{Accounts, Entry},
};
use lockout::Lockout;
use oidc::Issuer;
use sessions::Kept;

/// A session that was not used for so long has ended, in ms.
pub const IDLE_MS: Millis = 12 * 60 * 60 * 1000;

/// A session ends so long after its sign-in, in ms.
pub const ABSOLUTE_MS: Millis = 7 * 24 * 60 * 60 * 1000;

/// Use is noted this often, in ms: not with each request, which would be a write each.
const NOTED_EVERY_MS: Millis = 60 * 1000;

/// Finds the client's address: of the connection, or what a trusted proxy tells.
pub type AddressOf = Arc<dyn Fn(IpAddr, &HeaderMap) -> IpAddr + Send + Sync>;

/// What the door is made of.
pub struct Parts {
    /// Whether anybody has to sign in.
    pub login: Login,
    /// The issuer of single sign-on, if there is one.
    pub oidc: Option<OidcSettings>,
    /// Whether browsers come by https: then cookies are for https only.
    pub secure: bool,
    /// Where people, sessions and tokens are.
    pub accounts: Arc<dyn Accounts>,
    /// The counters.
    pub metrics: Arc<Metrics>,
    /// The server's clock.
    pub clock: Clock,
    /// Who asks.
    pub address_of: AddressOf,
}

/// The door. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Door(Arc<Inner>);

struct Inner {
    parts: Parts,
    passwords: Passwords,
    lockout: Lockout,
    cookies: csrf::Cookies,
    sessions: SessionManagerLayer<Kept>,
    issuer: Option<Issuer>,
}

impl Door {
    /// A door that knows nobody's failures yet.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let cookies = csrf::Cookies::new(parts.secure);
        let issuer = parts.oidc.clone().map(Issuer::new);
        let sessions = sessions::layer(&parts, cookies.session);
        Self(Arc::new(Inner {
            parts,
            passwords: Passwords::default(),
            lockout: Lockout::default(),
            cookies,
            sessions,
            issuer,
        }))
    }

    /// A door that is open to anybody: for what asks a room without a listener, such as examples and tests.
    ///
    /// # Errors
    /// If its counters cannot be made.
    pub fn open(accounts: Arc<dyn Accounts>, clock: Clock) -> Result<Self, prometheus::Error> {
        Ok(Self::new(Parts {
            login: Login::Off,
            oidc: None,
            secure: false,
            accounts,
            metrics: Arc::new(Metrics::new(0, Vec::new())?),
            clock,
            address_of: Arc::new(|peer, _| peer),
        }))
    }

    /// The people and tokens behind it.
    #[must_use]
    pub fn accounts(&self) -> &dyn Accounts {
        self.0.parts.accounts.as_ref()
    }

    /// Hashes passwords, a few at a time.
    #[must_use]
    pub fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }

    /// Whether a name had too many wrong passwords just now, as far as this collector knows.
    #[must_use]
    pub fn is_locked(&self, name: &str) -> bool {
        self.0.lockout.is_locked(name, self.now_ms())
    }

    /// Lets a name try again.
    pub fn unlock(&self, name: &str) {
        self.0.lockout.forgive(name, None);
    }

    /// The server's time.
    #[must_use]
    pub fn now_ms(&self) -> Millis {
        (self.0.parts.clock)()
    }

    /// An entry for the list of changes.
    #[must_use]
    pub fn entry(&self, caller: &Caller, action: &'static str, what: impl Into<String>) -> Entry {
        Entry {
            at_ms: self.now_ms(),
            who: caller.label(),
            action,
            what: what.into(),
        }
    }

    /// Counts an attempt of somebody to prove who they are that failed.
    fn count_failure(&self, reason: &str) {
        self.0.parts.metrics.count_fact(&Fact::AuthFailed {
            realm: "foresight".into(),
            reason: reason.into(),
        });
        // Neither name nor address: people type passwords into the wrong field, and addresses are not logged.
        tracing::info!(reason, "sign-in failed");
    }
}
