//! Who asks, once it is known.

use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    http::request::Parts,
};

use super::refusal;
use crate::{
    problem::Problem,
    store::{Role, Scope},
};

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The person's name, or the token's.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// How they showed it.
    pub by: By,
}

/// How somebody showed who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// They signed in; their browser has the session.
    Session,
    /// With a token of a program.
    Token(Scope),
    /// Not at all: nobody has to sign in here.
    Nothing,
}

impl Caller {
    /// Whoever asks where nobody has to sign in.
    pub(super) fn anybody() -> Self {
        Self {
            name: String::new(),
            role: Role::Admin,
            by: By::Nothing,
        }
    }

    /// As what they stand in the list of changes.
    #[must_use]
    pub fn label(&self) -> String {
        match self.by {
            By::Session => self.name.clone(),
            By::Token(_) => format!("token {}", self.name),
            By::Nothing => "(anybody)".to_owned(),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let caller = parts.extensions.get::<Self>().cloned();
        caller.ok_or_else(refusal::not_signed_in)
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut Parts,
        _state: &S,
    ) -> Result<Option<Self>, Self::Rejection> {
        Ok(parts.extensions.get::<Self>().cloned())
    }
}
