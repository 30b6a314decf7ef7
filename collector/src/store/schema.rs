//! Brings a database's schema up to date, and refuses one that a newer Foresight has changed.
//!
//! The caller holds a lock, or the migrator takes one: two processes never migrate at once.

use sqlx::migrate::{Migrate, MigrateError, Migrator};

use super::error::StoreError;

/// The newest version among migrations.
pub(super) fn known(migrations: &Migrator) -> i64 {
    migrations.iter().map(|one| one.version).max().unwrap_or(0)
}

/// Runs the migrations that the database has not seen.
pub(super) async fn migrate<C: Migrate>(
    migrations: &Migrator,
    connection: &mut C,
) -> Result<(), StoreError> {
    let known = known(migrations);
    // `run` would do the same, but its future cannot be spawned: the compiler cannot prove it `Send`
    // (https://github.com/rust-lang/rust/issues/110338).
    match migrations.run_direct(None, connection, false).await {
        Err(MigrateError::VersionMissing(found)) if found > known => {
            Err(StoreError::Newer { found, known })
        }
        result => Ok(result?),
    }
}
