//! The list of changes: written with each change, in its transaction.

use futures_util::TryStreamExt;

use super::{Entry, Listed};
use crate::store::{
    engine::{Engine, Statement, Transaction},
    error::StoreError,
};

/// Writes an entry into a transaction.
pub(super) async fn write(
    transaction: &mut dyn Transaction,
    entry: &Entry,
) -> Result<(), StoreError> {
    let insert = Statement::new(include_str!("../sql/insert_audit.sql"))
        .with(entry.at_ms)
        .with(&*entry.who)
        .with(entry.action)
        .with(&*entry.what);
    transaction.run(insert).await?;
    Ok(())
}

/// Writes an entry alone.
pub(super) async fn note(engine: &impl Engine, entry: &Entry) -> Result<(), StoreError> {
    let mut transaction = engine.begin().await?;
    write(transaction.as_mut(), entry).await?;
    Ok(transaction.commit().await?)
}

/// Entries before one, newest first.
pub(super) async fn before(
    engine: &impl Engine,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<Listed>, StoreError> {
    let select = Statement::new(include_str!("../sql/select_audit.sql"))
        .with(before.unwrap_or(i64::MAX))
        .with(i64::from(limit));
    let mut rows = engine.rows(select);
    let mut listed = Vec::new();
    while let Some(row) = rows.try_next().await? {
        listed.push(Listed {
            id: row.number(0)?,
            at_ms: row.number(1)?,
            who: row.text(2)?.to_owned(),
            action: row.text(3)?.to_owned(),
            what: row.text(4)?.to_owned(),
        });
    }
    Ok(listed)
}
