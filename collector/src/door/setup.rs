//! The one-time link with which the first person is made.
//!
//! In: nobody in the database. Out: a link, which only who starts the collector sees. Its secret is kept as a
//! hash, in the database, so that the link is good at every collector. It ends after a day, or with the first
//! person.

use super::{Door, hash_of, new_secret};
use crate::{event::Millis, store::StoreError};

/// How long a link is good, in ms.
pub(super) const GOOD_MS: Millis = 24 * 60 * 60 * 1000;

impl Door {
    /// The secret of a new link, if there is nobody yet, and somebody has to sign in.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn offer_setup(&self) -> Result<Option<String>, StoreError> {
        if self.0.parts.login == crate::config::Login::Off || self.accounts().has_people().await? {
            return Ok(None);
        }
        let secret = new_secret();
        let hash = hash_of(&secret);
        self.accounts().offer_setup(&hash, self.now_ms()).await?;
        Ok(Some(secret))
    }
}
