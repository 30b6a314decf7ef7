//! Sessions: who has signed in, by the hash of what their browser keeps.

use futures_util::TryStreamExt;

use super::SignedIn;
use crate::{
    event::Millis,
    store::{
        engine::{Engine, Statement},
        error::StoreError,
    },
};

pub(super) async fn add(
    engine: &impl Engine,
    hash: &str,
    session: &SignedIn,
) -> Result<bool, StoreError> {
    let insert = Statement::new(include_str!("../sql/insert_session.sql"))
        .with(hash)
        .with(&*session.person)
        .with(session.began_ms)
        .with(session.used_ms);
    let mut transaction = engine.begin().await?;
    let is_new = transaction.run(insert).await? == 1;
    transaction.run(seen(session)).await?;
    transaction.commit().await?;
    Ok(is_new)
}

pub(super) async fn one(engine: &impl Engine, hash: &str) -> Result<Option<SignedIn>, StoreError> {
    let select = Statement::new(include_str!("../sql/select_session.sql")).with(hash);
    let Some(row) = engine.rows(select).try_next().await? else {
        return Ok(None);
    };
    Ok(Some(SignedIn {
        person: row.text(0)?.to_owned(),
        began_ms: row.number(1)?,
        used_ms: row.number(2)?,
    }))
}

/// An update, never an insert: a session that was deleted meanwhile stays so.
pub(super) async fn note_use(
    engine: &impl Engine,
    hash: &str,
    session: &SignedIn,
) -> Result<(), StoreError> {
    let update = Statement::new(include_str!("../sql/update_session.sql"))
        .with(hash)
        .with(session.used_ms);
    let mut transaction = engine.begin().await?;
    if transaction.run(update).await? == 1 {
        transaction.run(seen(session)).await?;
    }
    Ok(transaction.commit().await?)
}

fn seen(session: &SignedIn) -> Statement {
    Statement::new(include_str!("../sql/update_seen.sql"))
        .with(&*session.person)
        .with(session.used_ms)
}

pub(super) async fn delete(engine: &impl Engine, hash: &str) -> Result<(), StoreError> {
    let delete = Statement::new(include_str!("../sql/delete_session.sql")).with(hash);
    let mut transaction = engine.begin().await?;
    transaction.run(delete).await?;
    Ok(transaction.commit().await?)
}

pub(super) async fn forget(
    engine: &impl Engine,
    used_before_ms: Millis,
    began_before_ms: Millis,
) -> Result<u64, StoreError> {
    let delete = Statement::new(include_str!("../sql/delete_old_sessions.sql"))
        .with(used_before_ms)
        .with(began_before_ms);
    let mut transaction = engine.begin().await?;
    let deleted = transaction.run(delete).await?;
    transaction.commit().await?;
    Ok(deleted)
}
