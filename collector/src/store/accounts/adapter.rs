//! The [`Accounts`] that every [`Engine`] keeps: both databases answer with the same code.

use async_trait::async_trait;

use super::{
    Accounts, ApiToken, Changed, Entry, Listed, Person, PersonChange, SignedIn, audit, people,
    sessions, tokens,
};
use crate::{
    event::Millis,
    store::{engine::Engine, error::StoreError},
};

#[async_trait]
impl<E: Engine> Accounts for E {
    async fn people(&self) -> Result<Vec<Person>, StoreError> {
        people::all(self).await
    }

    async fn has_people(&self) -> Result<bool, StoreError> {
        people::any(self).await
    }

    async fn person(&self, name: &str) -> Result<Option<Person>, StoreError> {
        people::one(self, name).await
    }

    async fn add_person(&self, person: &Person, entry: &Entry) -> Result<Changed, StoreError> {
        people::add(self, person, entry).await
    }

    async fn change_person(
        &self,
        name: &str,
        change: &PersonChange,
        entry: &Entry,
    ) -> Result<Changed, StoreError> {
        people::change(self, name, change, entry).await
    }

    async fn remove_person(&self, name: &str, entry: &Entry) -> Result<Changed, StoreError> {
        people::remove(self, name, entry).await
    }

    async fn offer_setup(&self, hash: &str, now_ms: Millis) -> Result<(), StoreError> {
        people::offer_setup(self, hash, now_ms).await
    }

    async fn set_up(
        &self,
        hash: &str,
        since_ms: Millis,
        person: &Person,
        entry: &Entry,
    ) -> Result<bool, StoreError> {
        people::set_up(self, hash, since_ms, person, entry).await
    }

    async fn add_session(&self, hash: &str, session: &SignedIn) -> Result<bool, StoreError> {
        sessions::add(self, hash, session).await
    }

    async fn session(&self, hash: &str) -> Result<Option<SignedIn>, StoreError> {
        sessions::one(self, hash).await
    }

    async fn use_session(&self, hash: &str, session: &SignedIn) -> Result<(), StoreError> {
        sessions::note_use(self, hash, session).await
    }

    async fn delete_session(&self, hash: &str) -> Result<(), StoreError> {
        sessions::delete(self, hash).await
    }

    async fn forget_sessions(
        &self,
        used_before_ms: Millis,
        began_before_ms: Millis,
    ) -> Result<u64, StoreError> {
        sessions::forget(self, used_before_ms, began_before_ms).await
    }

    async fn api_tokens(&self) -> Result<Vec<ApiToken>, StoreError> {
        tokens::all(self).await
    }

    async fn api_token(&self, hash: &str) -> Result<Option<ApiToken>, StoreError> {
        tokens::one(self, hash).await
    }

    async fn add_api_token(&self, token: &ApiToken, entry: &Entry) -> Result<(), StoreError> {
        tokens::add(self, token, entry).await
    }

    async fn use_api_token(&self, id: &str, now_ms: Millis) -> Result<(), StoreError> {
        tokens::note_use(self, id, now_ms).await
    }

    async fn delete_api_token(&self, id: &str, entry: &Entry) -> Result<bool, StoreError> {
        tokens::delete(self, id, entry).await
    }

    async fn note(&self, entry: &Entry) -> Result<(), StoreError> {
        audit::note(self, entry).await
    }

    async fn audit(&self, before: Option<i64>, limit: u32) -> Result<Vec<Listed>, StoreError> {
        audit::before(self, before, limit).await
    }
}
