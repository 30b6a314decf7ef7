//! Who may read and change what: people, their sessions, tokens of programs, and the list of changes.
//!
//! In: hashes of secrets, never secrets. Out: whose they are. Whatever changes something is given an
//! [`Entry`], which is written in the same transaction. What must never happen: a change without its entry,
//! a deleted session that comes back, or an installation without an admin.

mod people;
mod sessions;
mod tokens;
mod audit;
mod adapter;

use std::{fmt, str::FromStr};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::StoreError;
use crate::event::Millis;

/// What a person may do. Each role includes the ones before it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Reads what was measured.
    Viewer,
    /// Reads money and leads too.
    Analyst,
    /// Manages people, tokens and sites.
    Admin,
}

/// A text that is no role.
#[derive(Debug, thiserror::Error)]
#[error("a role is viewer, analyst or admin")]
pub struct NoRole;

impl Role {
    /// The word for it, in the API and the database.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Analyst => "analyst",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Role {
    type Err = NoRole;

    fn from_str(text: &str) -> Result<Self, NoRole> {
        [Self::Viewer, Self::Analyst, Self::Admin]
            .into_iter()
            .find(|role| role.word() == text)
            .ok_or(NoRole)
    }
}

/// What a token of a program may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = TokenScope)]
pub enum Scope {
    /// Reads what an analyst reads.
    Read,
    /// Does what an admin does.
    Admin,
}

impl Scope {
    /// The word for it, in the API and the database.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Admin => "admin",
        }
    }
}

/// A person.
#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    /// The name they sign in with.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Their password as Argon2id keeps it, in PHC's format.
    pub password: String,
    /// When they were added.
    pub created_ms: Millis,
    /// When they were last here, to a minute.
    pub seen_ms: Option<Millis>,
}

/// The password's hash is not shown.
impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Person")
            .field("name", &self.name)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// What is to be changed of a person.
#[derive(Clone, Default)]
pub struct PersonChange {
    /// The new role.
    pub role: Option<Role>,
    /// The new password's hash. It ends all of the person's sessions.
    pub password: Option<String>,
}

/// What became of a change of people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// It was made.
    Done,
    /// There is nobody of that name.
    Missing,
    /// There is somebody of that name already.
    Taken,
    /// It would leave nobody who is an admin; nothing was changed.
    LastAdmin,
}

/// A session that somebody has signed in to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// Whose it is.
    pub person: String,
    /// When they signed in.
    pub began_ms: Millis,
    /// When it was last used, to a minute.
    pub used_ms: Millis,
}

/// A program's token.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// By which it is named; no secret.
    pub id: String,
    /// The SHA-256 of its text.
    pub hash: String,
    /// What its maker calls it.
    pub name: String,
    /// What it may do.
    pub scope: Scope,
    /// When it was made.
    pub created_ms: Millis,
    /// When it was last used, to a minute.
    pub used_ms: Option<Millis>,
    /// From when on it is refused.
    pub expires_ms: Option<Millis>,
}

/// The hash is not shown.
impl fmt::Debug for ApiToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiToken")
            .field("id", &self.id)
            .field("name", &self.name)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

/// A change, for the list of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When.
    pub at_ms: Millis,
    /// Who made it.
    pub who: String,
    /// A word for it, such as `user_added`.
    pub action: &'static str,
    /// What it was made to. Never a secret.
    pub what: String,
}

/// A change, as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its number; later ones are higher.
    pub id: i64,
    /// When.
    pub at_ms: Millis,
    /// Who made it.
    pub who: String,
    /// The word for it.
    pub action: String,
    /// What it was made to.
    pub what: String,
}

/// What the door asks of the database.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// Everybody, by name.
    async fn people(&self) -> Result<Vec<Person>, StoreError>;

    /// Whether there is anybody.
    async fn has_people(&self) -> Result<bool, StoreError>;

    /// The person of a name.
    async fn person(&self, name: &str) -> Result<Option<Person>, StoreError>;

    /// Adds a person.
    async fn add_person(&self, person: &Person, entry: &Entry) -> Result<Changed, StoreError>;

    /// Changes a person. A new password or role ends the person's sessions: rights are never older than
    /// the last sign-in.
    async fn change_person(
        &self,
        name: &str,
        change: &PersonChange,
        entry: &Entry,
    ) -> Result<Changed, StoreError>;

    /// Removes a person, with their sessions.
    async fn remove_person(&self, name: &str, entry: &Entry) -> Result<Changed, StoreError>;

    /// Keeps the hash of a one-time link's secret.
    async fn offer_setup(&self, hash: &str, now_ms: Millis) -> Result<(), StoreError>;

    /// Makes the first person, if the secret was offered since a time and there is nobody yet; then no
    /// secret is good any more. Whether it did.
    async fn set_up(
        &self,
        hash: &str,
        since_ms: Millis,
        person: &Person,
        entry: &Entry,
    ) -> Result<bool, StoreError>;

    /// Keeps a new session. `false` if there is one with that hash.
    async fn add_session(&self, hash: &str, session: &SignedIn) -> Result<bool, StoreError>;

    /// The session with a hash.
    async fn session(&self, hash: &str) -> Result<Option<SignedIn>, StoreError>;

    /// Notes that a session, and with it its person, was here. Does nothing if it is gone.
    async fn use_session(&self, hash: &str, session: &SignedIn) -> Result<(), StoreError>;

    /// Deletes a session.
    async fn delete_session(&self, hash: &str) -> Result<(), StoreError>;

    /// Deletes the sessions that were last used before a time, or began before another. Returns how many.
    async fn forget_sessions(
        &self,
        used_before_ms: Millis,
        began_before_ms: Millis,
    ) -> Result<u64, StoreError>;

    /// Every token, oldest first.
    async fn api_tokens(&self) -> Result<Vec<ApiToken>, StoreError>;

    /// The token with a hash.
    async fn api_token(&self, hash: &str) -> Result<Option<ApiToken>, StoreError>;

    /// Adds a token.
    async fn add_api_token(&self, token: &ApiToken, entry: &Entry) -> Result<(), StoreError>;

    /// Notes that a token was used.
    async fn use_api_token(&self, id: &str, now_ms: Millis) -> Result<(), StoreError>;

    /// Deletes a token: it is refused from now on. `false` if there is none.
    async fn delete_api_token(&self, id: &str, entry: &Entry) -> Result<bool, StoreError>;

    /// Notes a change that was made elsewhere.
    async fn note(&self, entry: &Entry) -> Result<(), StoreError>;

    /// So many changes before one, newest first; the newest of all without one.
    async fn audit(&self, before: Option<i64>, limit: u32) -> Result<Vec<Listed>, StoreError>;
}
