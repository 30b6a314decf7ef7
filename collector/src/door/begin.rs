//! What signing in is made of: an attempt, a check, a new session, and what is told of it.

use std::net::IpAddr;

use axum::{
    Json,
    http::{StatusCode, header},
    response::{AppendHeaders, IntoResponse, Response},
};
use tower_sessions::Session;

use super::{
    Door, check_name, csrf,
    oidc::has_no_password,
    refusal,
    sessions::{BEGAN_MS, PERSON, USED_MS},
    sign_in::{Told, User},
    unavailable,
};
use crate::{
    config::{Login, Secret},
    problem::Problem,
    store::Person,
};

impl Door {
    pub(super) async fn told(&self, user: Option<User>, cookie: &str) -> Result<Told, Problem> {
        let login = self.0.parts.login;
        let setup = match login {
            Login::Off => false,
            Login::Required => !self.accounts().has_people().await.map_err(unavailable)?,
        };
        Ok(Told {
            user,
            login,
            setup,
            oidc: self.has_issuer(),
            csrf: csrf::token(cookie),
        })
    }

    pub(super) fn attempt(&self, name: Option<&str>, address: IpAddr) -> Result<(), Box<Problem>> {
        let tried = self.0.lockout.attempt(name, address, self.now_ms());
        tried.map_err(|wait| {
            self.count_failure("locked");
            refusal::locked(wait).into()
        })
    }

    /// The person of a name and password. What is wrong of the two is not told.
    pub(super) async fn verified(
        &self,
        name: &str,
        password: &Secret,
        address: IpAddr,
    ) -> Result<Person, Problem> {
        self.attempt(Some(name), address)?;
        // A text that cannot be a name is not looked up, but takes as long.
        let person = match check_name(name) {
            Ok(()) => self.accounts().person(name).await.map_err(unavailable)?,
            Err(_) => None,
        };
        // Who comes by an issuer has no password: that is found out as slowly.
        let hash = person.as_ref().map(|person| person.password.clone());
        let hash = hash.filter(|kept| !has_no_password(kept));
        let is_right = self.passwords().verify(password, hash).await?;
        match person {
            Some(person) if is_right => {
                self.0.lockout.forgive(name, Some(address));
                Ok(person)
            }
            found => {
                self.count_failure(if found.is_some() {
                    "wrong_password"
                } else {
                    "unknown_user"
                });
                Err(refusal::wrong_password())
            }
        }
    }

    /// Begins a session under an id that nobody had before.
    pub(super) async fn begin(
        &self,
        session: &Session,
        person: &Person,
        status: StatusCode,
    ) -> Result<Response, Problem> {
        let id = self.begin_session(session, person).await?;
        let user = User {
            name: person.name.clone(),
            role: person.role,
        };
        let told = self.told(Some(user), &id).await?;
        // What stood for the visitor before is of no use to anybody now.
        let cookies = self.0.cookies;
        let clear = [(header::SET_COOKIE, cookies.clear(cookies.visit))];
        Ok((status, AppendHeaders(clear), Json(told)).into_response())
    }

    /// The same, without what is told of it. Returns the id.
    pub(super) async fn begin_session(
        &self,
        session: &Session,
        person: &Person,
    ) -> Result<String, Problem> {
        let now_ms = self.now_ms();
        session.cycle_id().await.map_err(not_kept)?;
        for (key, value) in [
            (PERSON, serde_json::Value::from(person.name.as_str())),
            (BEGAN_MS, now_ms.into()),
            (USED_MS, now_ms.into()),
        ] {
            session.insert(key, value).await.map_err(not_kept)?;
        }
        session.save().await.map_err(not_kept)?;
        Ok(session.id().map(|id| id.to_string()).unwrap_or_default())
    }
}

#[expect(clippy::needless_pass_by_value, reason = "`map_err` hands it over")]
pub(super) fn not_kept(error: tower_sessions::session::Error) -> Problem {
    tracing::error!(%error, "a session was not kept");
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "store_unavailable",
        "the database does not answer",
    )
    .retry_after(std::time::Duration::from_secs(5))
}
