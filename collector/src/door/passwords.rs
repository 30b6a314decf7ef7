//! Passwords, as Argon2id keeps them.
//!
//! In: a password. Out: its hash in PHC's format, or whether it is the one. Each takes some 20 MiB and some
//! tens of ms on purpose, so it is done on threads that may block, and only a few at a time. What must never
//! happen: sign-ins take the processor from ingest, or a password is printed.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier},
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::spawn_blocking,
    time::timeout,
};

use crate::config::Secret;

/// Characters of a password. No rule about their kinds: length is what helps
/// (NIST SP 800-63B, section 3.1.1.2).
const CHARS: std::ops::RangeInclusive<usize> = 12..=256;

/// Hashes at the same time.
const AT_ONCE: usize = 2;

/// Callers that may wait for their turn; more are turned away at once.
const WAITING: usize = 32;

/// How long one waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why a password was not hashed.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// It has too few or too many characters.
    #[error("a password must have 12 to 256 characters")]
    Length,
    /// It is the name, or has it and hardly more.
    #[error("a password must not be the name")]
    Name,
    /// Too many others are being hashed.
    #[error("too many passwords are being checked")]
    Busy,
    /// Argon2 did not do it.
    #[error("argon2: {0}")]
    Hash(String),
}

/// Hashes passwords. Cheap to clone; all clones share their turns.
#[derive(Clone)]
pub struct Passwords {
    queue: Arc<Semaphore>,
    turns: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            queue: Arc::new(Semaphore::new(AT_ONCE + WAITING)),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }
}

impl Passwords {
    /// The hash to keep of a new password, if it keeps the rules.
    ///
    /// # Errors
    /// If it breaks a rule, or too many others are being hashed.
    pub async fn hash(&self, name: &str, password: &Secret) -> Result<String, PasswordError> {
        if !CHARS.contains(&password.reveal().chars().count()) {
            return Err(PasswordError::Length);
        }
        if password.reveal().eq_ignore_ascii_case(name) {
            return Err(PasswordError::Name);
        }
        self.hashed(password.clone()).await
    }

    async fn hashed(&self, password: Secret) -> Result<String, PasswordError> {
        self.in_turn(move || {
            let hash = argon2().hash_password(password.reveal().as_bytes());
            hash.map(|hash| hash.to_string())
                .map_err(|error| PasswordError::Hash(error.to_string()))
        })
        .await?
    }

    /// Whether a password is the one that a hash was made of. Without a hash, it takes as long, and it is not.
    ///
    /// # Errors
    /// If too many others are being hashed.
    pub async fn verify(
        &self,
        password: &Secret,
        hash: Option<String>,
    ) -> Result<bool, PasswordError> {
        // Nobody has a longer one, and hashing it would take its time.
        if password.reveal().chars().count() > *CHARS.end() {
            return Ok(false);
        }
        let password = password.clone();
        self.in_turn(move || {
            let is_known = hash.is_some();
            let hash = hash.unwrap_or_else(|| nobodys().to_owned());
            let verified = argon2().verify_password(password.reveal().as_bytes(), hash.as_str());
            is_known && verified.is_ok()
        })
        .await
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PasswordError> {
        let place = self.queue.clone().try_acquire_owned();
        let place = place.map_err(|_| PasswordError::Busy)?;
        let turn = timeout(PATIENCE, self.turns.clone().acquire_owned()).await;
        let turn = turn
            .map_err(|_| PasswordError::Busy)?
            .map_err(|_| PasswordError::Busy)?;
        // The permits go along: a caller that hangs up does not free a core that is still busy.
        let permits: (OwnedSemaphorePermit, OwnedSemaphorePermit) = (place, turn);
        spawn_blocking(move || {
            let done = work();
            drop(permits);
            done
        })
        .await
        .map_err(|error| PasswordError::Hash(error.to_string()))
    }
}

/// 19 MiB, two passes, one lane: what OWASP asks for
/// (<https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#argon2id>), and this
/// crate's default; a test holds it so.
fn argon2() -> Argon2<'static> {
    Argon2::default()
}

/// A hash of a password that nobody has.
fn nobodys() -> &'static str {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| {
        let password = super::new_secret();
        let hash = argon2().hash_password(password.as_bytes());
        hash.map(|hash| hash.to_string()).unwrap_or_default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::from(text.to_owned())
    }

    #[tokio::test]
    async fn a_password_is_kept_as_argon2id_with_a_salt_of_its_own() {
        let passwords = Passwords::default();
        let password = secret("correct horse battery");
        let hash = passwords.hash("ada", &password).await.unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        assert_ne!(hash, passwords.hash("ada", &password).await.unwrap());
        let verify = async |text: &str, hash: Option<&String>| {
            let password = secret(text);
            let verified = passwords.verify(&password, hash.cloned());
            verified.await.unwrap()
        };
        assert!(verify("correct horse battery", Some(&hash)).await);
        assert!(!verify("correct horse batterz", Some(&hash)).await);
        assert!(!verify("correct horse battery", None).await);
        assert!(!verify("", Some(&hash)).await);
        assert!(!verify("x", Some(&"no hash".to_owned())).await);
    }

    #[tokio::test]
    async fn short_and_endless_passwords_and_the_name_are_refused() {
        let passwords = Passwords::default();
        for password in ["elevenchars", &"x".repeat(257)] {
            let refused = passwords.hash("ada", &secret(password)).await;
            assert!(matches!(refused, Err(PasswordError::Length)));
        }
        let name = secret("Ada@Example.com");
        let refused = passwords.hash("ada@example.com", &name).await;
        assert!(matches!(refused, Err(PasswordError::Name)));
        assert!(passwords.hash("ada", &secret("twelve chars")).await.is_ok());
    }

    #[tokio::test]
    async fn who_comes_when_too_many_wait_is_turned_away() {
        let passwords = Passwords::default();
        let places = u32::try_from(AT_ONCE + WAITING).unwrap();
        let _taken = passwords.queue.clone().acquire_many_owned(places).await;
        let refused = passwords.verify(&secret("x"), None).await;
        assert!(matches!(refused, Err(PasswordError::Busy)));
    }
}
