//! Tokens of programs. Their text is shown once, when one is made; only its hash is kept.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State as Shared},
    http::StatusCode,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{State, field_invalid, timestamp};
use crate::{
    door::{Asked, Body, Caller, Missing, Nothing, Sent, new_token, unavailable},
    problem::Problem,
    store::{ApiToken, Scope},
};

/// Characters of a token's name.
const NAME_CHARS: std::ops::RangeInclusive<usize> = 1..=64;

#[derive(Serialize, ToSchema)]
pub(super) struct Tokens {
    tokens: Vec<Listed>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Token)]
struct Listed {
    id: String,
    name: String,
    scopes: Vec<Scope>,
    #[schema(value_type = Option<String>, format = DateTime)]
    created: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    expires: Option<Timestamp>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = NewTokenMade)]
pub(super) struct Made {
    token: String,
    #[serde(flatten)]
    listed: Listed,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewToken {
    #[schema(min_length = 1, max_length = 64)]
    name: String,
    #[schema(min_items = 1)]
    scopes: Vec<Scope>,
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    expires: Option<Timestamp>,
}

impl From<ApiToken> for Listed {
    fn from(token: ApiToken) -> Self {
        Self {
            id: token.id,
            name: token.name,
            scopes: match token.scope {
                Scope::Read => vec![Scope::Read],
                Scope::Admin => vec![Scope::Read, Scope::Admin],
            },
            created: timestamp(token.created_ms),
            last_used: token.used_ms.and_then(timestamp),
            expires: token.expires_ms.and_then(timestamp),
        }
    }
}

#[utoipa::path(
    get,
    path = "/api/v1/tokens",
    operation_id = "tokens",
    tag = "admin",
    summary = "The tokens of programs",
    responses((status = 200, description = "without their texts", body = Tokens), Asked),
)]
pub(super) async fn list(
    Shared(state): Shared<Arc<State>>,
    _: Nothing,
) -> Result<Json<Tokens>, Problem> {
    let tokens = state.door.accounts().api_tokens().await;
    let tokens = tokens.map_err(unavailable)?.into_iter();
    Ok(Json(Tokens {
        tokens: tokens.map(Listed::from).collect(),
    }))
}

#[utoipa::path(
    post,
    path = "/api/v1/tokens",
    operation_id = "add_token",
    tag = "admin",
    summary = "Makes a token",
    request_body = NewToken,
    responses((status = 201, description = "its text is shown here only", body = Made), Asked, Body),
)]
pub(super) async fn add(
    Shared(state): Shared<Arc<State>>,
    caller: Caller,
    Sent(sent): Sent<NewToken>,
) -> Result<(StatusCode, Json<Made>), Problem> {
    let door = &state.door;
    if !NAME_CHARS.contains(&sent.name.chars().count()) || sent.name.chars().any(char::is_control) {
        return Err(field_invalid("name", "1 to 64 characters"));
    }
    if sent.scopes.is_empty() {
        return Err(field_invalid("scopes", "read, or admin, which includes it"));
    }
    let now_ms = door.now_ms();
    let expires_ms = sent.expires.map(Timestamp::as_millisecond);
    if expires_ms.is_some_and(|expires_ms| expires_ms <= now_ms) {
        return Err(field_invalid("expires", "a time to come"));
    }
    let scope = if sent.scopes.contains(&Scope::Admin) {
        Scope::Admin
    } else {
        Scope::Read
    };
    let (text, token) = new_token(sent.name, scope, now_ms, expires_ms);
    let what = format!("{} ({})", token.name, token.id);
    let entry = door.entry(&caller, "token_added", what);
    let added = door.accounts().add_api_token(&token, &entry).await;
    added.map_err(unavailable)?;
    let made = Made {
        token: text,
        listed: token.into(),
    };
    Ok((StatusCode::CREATED, Json(made)))
}

#[utoipa::path(
    delete,
    path = "/api/v1/tokens/{id}",
    operation_id = "remove_token",
    tag = "admin",
    summary = "Revokes a token",
    params(("id" = String, Path, description = "the token's id")),
    responses((status = 204, description = "it is good no longer"), Asked, Missing),
)]
pub(super) async fn remove(
    Shared(state): Shared<Arc<State>>,
    caller: Caller,
    Path(id): Path<String>,
    _: Nothing,
) -> Result<StatusCode, Problem> {
    let entry = state.door.entry(&caller, "token_removed", id.as_str());
    let removed = state.door.accounts().delete_api_token(&id, &entry).await;
    if removed.map_err(unavailable)? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Problem::new(
        StatusCode::NOT_FOUND,
        "token_missing",
        "there is no such token",
    ))
}
