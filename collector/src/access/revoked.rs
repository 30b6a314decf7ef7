//! The list of revoked tokens, kept in memory and renewed from the database.

use std::{
    collections::HashSet,
    sync::{Arc, PoisonError, RwLock},
};

use crate::store::{Store, StoreError};

/// The ids of revoked tokens. Cheap to clone; all clones see the same list.
#[derive(Clone, Default)]
pub struct Revoked(Arc<RwLock<HashSet<String>>>);

impl Revoked {
    /// Whether a token with that id is refused.
    #[must_use]
    pub fn contains(&self, token_id: &str) -> bool {
        let list = self.0.read().unwrap_or_else(PoisonError::into_inner);
        list.contains(token_id)
    }

    /// Reads the list anew. On an error the list stays as it was: a token that was refused stays
    /// refused while the database is away.
    ///
    /// # Errors
    /// If the database cannot be asked.
    pub async fn renew(&self, store: &dyn Store) -> Result<(), StoreError> {
        let renewed = store.revoked_tokens().await?;
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = renewed;
        Ok(())
    }
}
