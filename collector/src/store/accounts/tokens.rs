//! Tokens of programs, by the hash of their text.

use futures_util::TryStreamExt;

use super::{ApiToken, Entry, Scope, audit};
use crate::{
    event::Millis,
    store::{
        engine::{Engine, Row, Statement},
        error::StoreError,
    },
};

pub(super) async fn all(engine: &impl Engine) -> Result<Vec<ApiToken>, StoreError> {
    let select = Statement::new(include_str!("../sql/select_api_tokens.sql"));
    let mut rows = engine.rows(select);
    let mut tokens = Vec::new();
    while let Some(row) = rows.try_next().await? {
        tokens.push(token_of(&row)?);
    }
    Ok(tokens)
}

pub(super) async fn one(engine: &impl Engine, hash: &str) -> Result<Option<ApiToken>, StoreError> {
    let select = Statement::new(include_str!("../sql/select_api_token.sql")).with(hash);
    let row = engine.rows(select).try_next().await?;
    row.as_ref().map(token_of).transpose()
}

fn token_of(row: &Row) -> Result<ApiToken, StoreError> {
    let scope = match row.text(3)? {
        "read" => Scope::Read,
        "admin" => Scope::Admin,
        other => return Err(StoreError::Row(format!("scope {other:?}"))),
    };
    Ok(ApiToken {
        id: row.text(0)?.to_owned(),
        hash: row.text(1)?.to_owned(),
        name: row.text(2)?.to_owned(),
        scope,
        created_ms: row.number(4)?,
        used_ms: row.maybe_number(5)?,
        expires_ms: row.maybe_number(6)?,
    })
}

pub(super) async fn add(
    engine: &impl Engine,
    token: &ApiToken,
    entry: &Entry,
) -> Result<(), StoreError> {
    let insert = Statement::new(include_str!("../sql/insert_api_token.sql"))
        .with(&*token.id)
        .with(&*token.hash)
        .with(&*token.name)
        .with(token.scope.word())
        .with(token.created_ms)
        .with(token.expires_ms);
    let mut transaction = engine.begin().await?;
    transaction.run(insert).await?;
    audit::write(transaction.as_mut(), entry).await?;
    Ok(transaction.commit().await?)
}

pub(super) async fn note_use(
    engine: &impl Engine,
    id: &str,
    now_ms: Millis,
) -> Result<(), StoreError> {
    let update = Statement::new(include_str!("../sql/update_api_token_used.sql"))
        .with(id)
        .with(now_ms);
    let mut transaction = engine.begin().await?;
    transaction.run(update).await?;
    Ok(transaction.commit().await?)
}

pub(super) async fn delete(
    engine: &impl Engine,
    id: &str,
    entry: &Entry,
) -> Result<bool, StoreError> {
    let delete = Statement::new(include_str!("../sql/delete_api_token.sql")).with(id);
    let mut transaction = engine.begin().await?;
    if transaction.run(delete).await? == 0 {
        transaction.roll_back().await?;
        return Ok(false);
    }
    audit::write(transaction.as_mut(), entry).await?;
    transaction.commit().await?;
    Ok(true)
}
