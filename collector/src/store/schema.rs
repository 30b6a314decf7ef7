//! Brings a database's schema up to date, and refuses one that a newer Foresight has changed.
//!
//! The caller holds a lock, or the migrator takes one: two processes never migrate at once.

use std::ops::Deref;

use sqlx::{
    Acquire,
    migrate::{Migrate, MigrateError, Migrator},
};

use super::error::StoreError;

/// Runs the migrations that the database has not seen.
pub(super) async fn migrate<'a, A>(migrations: &Migrator, connection: A) -> Result<(), StoreError>
where
    A: Acquire<'a>,
    <A::Connection as Deref>::Target: Migrate,
{
    let known = migrations.iter().map(|one| one.version).max().unwrap_or(0);
    match migrations.run(connection).await {
        Err(MigrateError::VersionMissing(found)) if found > known => {
            Err(StoreError::Newer { found, known })
        }
        result => Ok(result?),
    }
}
