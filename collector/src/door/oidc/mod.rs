//! `/api/v1/session/oidc`: signing in with an account elsewhere, by OpenID Connect.
//!
//! In: browsers that want to sign in, and come back from the issuer with a code. Out: sessions, as a password begins
//! them. What must never happen: a code is taken that this browser did not ask for, an account elsewhere becomes one
//! that has a password here, or somebody gets a role that the issuer does not give them any more.

mod account;
mod issuer;
mod pending;

use axum::{
    extract::{Query, State, rejection::QueryRejection},
    http::{HeaderMap, StatusCode, header},
    response::{AppendHeaders, IntoResponse, Response},
};
use serde::Deserialize;
use tower_sessions::Session;
use utoipa::IntoParams;

use super::{
    By, Caller, Door, Nothing, csrf, refusal, sent::parameter_invalid, sign_in::From, unavailable,
};
use crate::{
    config::Login,
    problem::Problem,
    store::{Changed, Entry, Person, PersonChange, Role},
};
use account::Account;
pub(super) use account::has_no_password;
pub(super) use issuer::Issuer;
pub use issuer::OidcSettings;
use pending::Pending;

/// How long a browser may stay with the issuer, in seconds.
const PENDING_S: u32 = 600;

#[utoipa::path(
    get,
    path = "/api/v1/session/oidc",
    operation_id = "begin_oidc",
    tag = "session",
    summary = "Goes to the issuer of single sign-on",
    responses(
        (status = 303, description = "to the issuer", headers(("location" = String, description = "its address"))),
        super::documented::Elsewhere,
    ),
)]
pub(super) async fn begin(State(door): State<Door>, _: Nothing) -> Result<Response, Problem> {
    let issuer = door.issuer()?;
    let pending = Pending::new();
    let address = issuer.authorize(&pending).await?;
    let cookies = door.0.cookies;
    let cookie = cookies.set_pending(pending.secret(), PENDING_S);
    let headers = [(header::LOCATION, address), (header::SET_COOKIE, cookie)];
    Ok((StatusCode::SEE_OTHER, AppendHeaders(headers)).into_response())
}

/// What an issuer adds to the address. Some add more, which says nothing here.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Back {
    /// What is given in for the account.
    code: Option<String>,
    /// What this browser was sent there with.
    state: Option<String>,
    /// Why there is no code.
    error: Option<String>,
}

#[utoipa::path(
    get,
    path = "/api/v1/session/oidc/callback",
    operation_id = "end_oidc",
    tag = "session",
    summary = "Comes back from the issuer of single sign-on, and signs in",
    params(Back),
    responses(
        (status = 303, description = "signed in, to the dashboard", headers(("location" = String, description = "its address"))),
        super::documented::Elsewhere,
        super::documented::Locked,
    ),
)]
pub(super) async fn end(
    State(door): State<Door>,
    session: Session,
    From(address): From,
    headers: HeaderMap,
    back: Result<Query<Back>, QueryRejection>,
) -> Result<Response, Problem> {
    let issuer = door.issuer()?;
    let Query(back) = back.map_err(|_| parameter_invalid("code", "given once"))?;
    door.attempt(None, address)?;
    let cookies = door.0.cookies;
    let pending = csrf::cookie(&headers, cookies.pending).map(Pending::of);
    let pending = pending.filter(|pending| {
        let state = back.state.as_deref().unwrap_or_default();
        pending.is_state(state)
    });
    let Some(pending) = pending else {
        door.count_failure("oidc_state");
        return Err(refusal::oidc_state());
    };
    let Some(code) = back.code.filter(|_| back.error.is_none()) else {
        door.count_failure("oidc_refused");
        return Err(refusal::oidc_refused());
    };
    let claims = issuer.claims(code, pending).await.inspect_err(|problem| {
        door.count_failure(problem.code);
    })?;
    let account = Account::of(&claims, issuer.settings()).inspect_err(|problem| {
        door.count_failure(problem.code);
    })?;
    let person = door.person_of(account).await?;
    door.0.lockout.forgive(&person.name, Some(address));
    let caller = Caller {
        name: person.name.clone(),
        role: person.role,
        by: By::Session,
    };
    let noted = door.entry(&caller, "signed_in", format!("{} (oidc)", person.name));
    door.accounts().note(&noted).await.map_err(unavailable)?;
    door.begin_session(&session, &person).await?;
    let headers = [
        (header::LOCATION, issuer.settings().dashboard()),
        (header::SET_COOKIE, cookies.clear(cookies.visit)),
        (header::SET_COOKIE, cookies.clear(cookies.pending)),
    ];
    Ok((StatusCode::SEE_OTHER, AppendHeaders(headers)).into_response())
}

impl Door {
    /// The issuer of single sign-on.
    fn issuer(&self) -> Result<&Issuer, Box<Problem>> {
        let is_off = self.0.parts.login == Login::Off;
        let issuer = self.0.issuer.as_ref().filter(|_| !is_off);
        issuer.ok_or_else(|| refusal::oidc_off().into())
    }

    /// Whether there is one.
    pub(super) fn has_issuer(&self) -> bool {
        self.issuer().is_ok()
    }

    /// The person of an account elsewhere, with the role that it has there now. Made if there is none yet.
    async fn person_of(&self, account: Account) -> Result<Person, Problem> {
        let accounts = self.accounts();
        let found = accounts.person(&account.name).await.map_err(unavailable)?;
        let changed = match &found {
            Some(person) if person.password != account.mark => {
                self.count_failure("oidc_name_taken");
                return Err(refusal::oidc_name_taken());
            }
            Some(person) if person.role == account.role => Changed::Done,
            Some(person) => {
                let what = format!("{}: {}", person.name, account.role);
                let entry = self.noted("user_changed", what);
                let change = PersonChange {
                    role: Some(account.role),
                    password: None,
                };
                let changed = accounts.change_person(&person.name, &change, &entry);
                changed.await.map_err(unavailable)?
            }
            None => {
                // The first one must be able to let others in.
                let is_first = !accounts.has_people().await.map_err(unavailable)?;
                if is_first && account.role != Role::Admin {
                    self.count_failure("oidc_no_admin");
                    return Err(refusal::oidc_no_admin());
                }
                let what = format!("{}: {}", account.name, account.role);
                let entry = self.noted("user_added", what);
                let person = account.person(self.now_ms());
                let added = accounts.add_person(&person, &entry).await;
                added.map_err(unavailable)?
            }
        };
        match changed {
            Changed::Done => Ok(account.person(found.map_or(self.now_ms(), |one| one.created_ms))),
            Changed::LastAdmin => {
                self.count_failure("oidc_no_admin");
                Err(refusal::oidc_no_admin())
            }
            // Somebody else was quicker: the next try meets what is there now.
            Changed::Missing | Changed::Taken => Err(refusal::oidc_state()),
        }
    }

    /// An entry for the list of changes, of what a sign-in changes by itself.
    fn noted(&self, action: &'static str, what: String) -> Entry {
        Entry {
            at_ms: self.now_ms(),
            who: "(oidc)".to_owned(),
            action,
            what,
        }
    }
}
