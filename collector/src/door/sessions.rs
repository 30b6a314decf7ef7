//! Keeps what `tower-sessions` manages: sessions, by the hash of their id.
//!
//! In: ids, which only browsers have. Out: sessions that are still good. What must never happen: an id is
//! kept where its hash does, one that was not given out here is taken over, or a session is good for longer
//! than its limits.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use serde_json::Value;
use time::Duration;
use tower_sessions::{
    Expiry, SessionManagerLayer, SessionStore,
    cookie::SameSite,
    session::{Id, Record},
    session_store::{Error, Result},
};

use super::{ABSOLUTE_MS, IDLE_MS, Parts, hash_of};
use crate::{
    event::{Clock, Millis},
    store::{Accounts, SignedIn, StoreError},
};

/// The keys of a session's values.
pub(super) const PERSON: &str = "person";
pub(super) const BEGAN_MS: &str = "began_ms";
pub(super) const USED_MS: &str = "used_ms";

/// Sessions in the database.
#[derive(Clone)]
pub(super) struct Kept {
    accounts: Arc<dyn Accounts>,
    clock: Clock,
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Kept")
    }
}

/// What gives each request its session, and each answer its cookie.
pub(super) fn layer(parts: &Parts, name: &'static str) -> SessionManagerLayer<Kept> {
    let kept = Kept {
        accounts: parts.accounts.clone(),
        clock: parts.clock.clone(),
    };
    SessionManagerLayer::new(kept)
        .with_name(name)
        .with_path("/")
        .with_http_only(true)
        .with_same_site(SameSite::Strict)
        .with_secure(parts.secure)
        .with_expiry(Expiry::OnInactivity(Duration::milliseconds(IDLE_MS)))
}

#[async_trait]
impl SessionStore for Kept {
    async fn create(&self, record: &mut Record) -> Result<()> {
        let session = session_of(record)?;
        loop {
            let hash = hash_of(&record.id.to_string());
            if self
                .accounts
                .add_session(&hash, &session)
                .await
                .map_err(failed)?
            {
                return Ok(());
            }
            record.id = Id::default();
        }
    }

    /// Not an error where the session is gone meanwhile, or the database: the answer stands all the same.
    async fn save(&self, record: &Record) -> Result<()> {
        let session = session_of(record)?;
        let hash = hash_of(&record.id.to_string());
        if let Err(error) = self.accounts.use_session(&hash, &session).await {
            tracing::warn!(%error, "the use of a session was not noted");
        }
        Ok(())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let found = self.accounts.session(&hash_of(&id.to_string())).await;
        let now_ms = (self.clock)();
        let good = found.map_err(failed)?.filter(|session| {
            now_ms - session.used_ms < IDLE_MS && now_ms - session.began_ms < ABSOLUTE_MS
        });
        Ok(good.map(|session| record_of(*id, &session)))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let hash = hash_of(&id.to_string());
        self.accounts.delete_session(&hash).await.map_err(failed)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "`map_err` hands it over")]
fn failed(error: StoreError) -> Error {
    Error::Backend(error.to_string())
}

fn session_of(record: &Record) -> Result<SignedIn> {
    let number = |key| record.data.get(key).and_then(Value::as_i64);
    let person = record.data.get(PERSON).and_then(Value::as_str);
    match (person, number(BEGAN_MS), number(USED_MS)) {
        (Some(person), Some(began_ms), Some(used_ms)) => Ok(SignedIn {
            person: person.to_owned(),
            began_ms,
            used_ms,
        }),
        _ => Err(Error::Encode("a session without a person".to_owned())),
    }
}

fn record_of(id: Id, session: &SignedIn) -> Record {
    let idle = Duration::milliseconds(session.used_ms + IDLE_MS);
    let data = [
        (PERSON.to_owned(), Value::from(session.person.as_str())),
        (BEGAN_MS.to_owned(), Value::from(session.began_ms)),
        (USED_MS.to_owned(), Value::from(session.used_ms)),
    ];
    Record {
        id,
        data: data.into_iter().collect(),
        // Nobody reads it: `load` has looked at the limits, by the server's clock.
        expiry_date: time::OffsetDateTime::UNIX_EPOCH + idle,
    }
}

/// What a session says, if somebody has signed in to it.
pub(super) async fn read(
    session: &tower_sessions::Session,
) -> std::result::Result<Option<SignedIn>, tower_sessions::session::Error> {
    let Some(person) = session.get::<String>(PERSON).await? else {
        return Ok(None);
    };
    Ok(Some(SignedIn {
        person,
        began_ms: session.get::<Millis>(BEGAN_MS).await?.unwrap_or_default(),
        used_ms: session.get::<Millis>(USED_MS).await?.unwrap_or_default(),
    }))
}
