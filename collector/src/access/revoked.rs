//! The lists of revoked tokens and forgotten sites, kept in memory and renewed from the database.

use std::{
    collections::HashSet,
    sync::{Arc, PoisonError, RwLock},
};

use crate::store::{Store, StoreError};

/// Which tokens are refused. Cheap to clone; all clones see the same lists.
#[derive(Clone, Default)]
pub struct Revoked(Arc<RwLock<Lists>>);

#[derive(Default)]
struct Lists {
    tokens: HashSet<String>,
    sites: HashSet<String>,
}

impl Revoked {
    /// Whether a token with that id, of that host, is refused: it was revoked, or the site forgotten.
    #[must_use]
    pub fn contains(&self, token_id: &str, host: &str) -> bool {
        let lists = self.0.read().unwrap_or_else(PoisonError::into_inner);
        lists.tokens.contains(token_id) || lists.sites.contains(host)
    }

    /// Reads the lists anew. On an error they stay as they were: a token that was refused stays
    /// refused while the database is away.
    ///
    /// # Errors
    /// If the database cannot be asked.
    pub async fn renew(&self, store: &dyn Store) -> Result<(), StoreError> {
        let renewed = Lists {
            tokens: store.revoked_tokens().await?,
            sites: store.forgotten_sites().await?,
        };
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = renewed;
        Ok(())
    }
}
