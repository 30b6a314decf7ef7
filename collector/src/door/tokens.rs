//! Makes tokens of programs.

use super::{guard::TOKEN_PREFIX, hash_of, new_secret};
use crate::{
    event::Millis,
    store::{ApiToken, Scope},
};

/// A new token: its text, which is shown once, and what is kept of it.
#[must_use]
pub fn new_token(
    name: String,
    scope: Scope,
    now_ms: Millis,
    expires_ms: Option<Millis>,
) -> (String, ApiToken) {
    let text = format!("{TOKEN_PREFIX}{}", new_secret());
    let id: String = hash_of(&new_secret()).chars().take(12).collect();
    let token = ApiToken {
        id,
        hash: hash_of(&text),
        name,
        scope,
        created_ms: now_ms,
        used_ms: None,
        expires_ms,
    };
    (text, token)
}
