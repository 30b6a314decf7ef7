//! The keys of a rotation: one that signs, and the ones before it that are still believed.
//!
//! In: the settings. Out: tokens' claims, whichever of the keys signed them. What must never happen:
//! a previous key signs, or a token is believed that none of the keys has signed.

use std::{path::Path, sync::Arc};

use quick_cache::sync::Cache;

use super::{Claims, KeyError, ServerClaims, ServerToken, Token, TokenError, TokenKey};
use crate::config::Secret;

/// Tokens whose claims are remembered: the sites of a large fleet.
const REMEMBERED: usize = 8192;

/// The key that signs, and the previous ones that verify too. Cheap to clone, never printed.
#[derive(Clone, Debug)]
pub struct TokenKeys {
    signing: TokenKey,
    previous: Vec<TokenKey>,
    /// The claims of tokens that were verified, by their text; no others, so that nobody without a
    /// key can push them out. Whether a token was revoked is not remembered here.
    verified: Arc<Cache<String, Claims>>,
}

impl TokenKeys {
    /// One key that signs and verifies.
    #[must_use]
    pub fn new(signing: TokenKey) -> Self {
        Self {
            signing,
            previous: Vec::new(),
            verified: Arc::new(Cache::new(REMEMBERED)),
        }
    }

    /// The keys of the settings; see [`TokenKey::load`] for the one that signs.
    ///
    /// # Errors
    /// If a key is malformed, or the key's file cannot be read or written.
    pub fn load(given: &Secret, previous: &[Secret], data_dir: &Path) -> Result<Self, KeyError> {
        Ok(Self {
            previous: previous
                .iter()
                .map(|key| TokenKey::from_hex(key.reveal()))
                .collect::<Result<_, _>>()?,
            ..Self::new(TokenKey::load(given.reveal(), data_dir)?)
        })
    }

    /// The key that signs new tokens.
    #[must_use]
    pub const fn signing(&self) -> &TokenKey {
        &self.signing
    }

    /// Checks a site's token against every key and reads its claims.
    ///
    /// # Errors
    /// If it is not a token, or none of the keys signed it.
    pub fn verify(&self, text: &str) -> Result<Claims, TokenError> {
        if let Some(claims) = self.verified.get(text) {
            return Ok(claims);
        }
        let claims = self.verify_with(|key| Token::verify(text, key))?;
        self.verified.insert(text.to_owned(), claims.clone());
        Ok(claims)
    }

    /// Checks a server's token against every key and reads its claims.
    ///
    /// # Errors
    /// If it is not a server token, or none of the keys signed it.
    pub fn verify_server(&self, text: &str) -> Result<ServerClaims, TokenError> {
        self.verify_with(|key| ServerToken::verify(text, key))
    }

    fn verify_with<T>(
        &self,
        verify: impl Fn(&TokenKey) -> Result<T, TokenError>,
    ) -> Result<T, TokenError> {
        let mut verified = verify(&self.signing);
        for key in &self.previous {
            if !matches!(verified, Err(TokenError::Forged)) {
                break;
            }
            verified = verify(key);
        }
        verified
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(byte: &str) -> Secret {
        byte.repeat(32).into()
    }

    fn ring(signing: &str, previous: &[&str]) -> TokenKeys {
        let previous: Vec<_> = previous.iter().map(|byte| secret(byte)).collect();
        TokenKeys::load(&secret(signing), &previous, Path::new("unused")).unwrap()
    }

    fn token(keys: &TokenKeys) -> Token {
        let claims = Claims {
            host: "bakery.4site.pro".parse().unwrap(),
            template: None,
            build: None,
            issued_s: 0,
        };
        Token::sign(&claims, keys.signing())
    }

    #[test]
    fn a_rotated_key_verifies_until_it_is_taken_away() {
        let (first, second) = (token(&ring("0a", &[])), token(&ring("0b", &["0a"])));
        for (signing, previous, first_good, second_good) in [
            ("0a", &[][..], true, false),
            // Before the change every collector learns to believe the key to come.
            ("0a", &["0b"], true, true),
            ("0b", &["0a"], true, true),
            ("0c", &["0b", "0a"], true, true),
            ("0b", &[], false, true),
        ] {
            let keys = ring(signing, previous);
            // The second time from memory.
            for (token, good) in [(&first, first_good), (&second, second_good)].repeat(2) {
                let verified = keys.verify(token.as_str());
                assert_eq!(verified.is_ok(), good, "{signing} {previous:?}");
                assert!(good || verified == Err(TokenError::Forged));
            }
        }
    }

    #[test]
    fn a_text_that_is_no_token_is_none_for_any_key() {
        let verified = ring("0b", &["0a"]).verify("f1.x");
        assert_eq!(verified, Err(TokenError::Malformed("f1")));
    }

    #[test]
    fn a_malformed_key_is_refused_and_keys_are_not_printed() {
        let loaded = TokenKeys::load(&secret("0a"), &["ab".to_owned().into()], Path::new("."));
        assert!(matches!(loaded, Err(KeyError::Malformed)));
        let printed = format!("{:?}", ring("0b", &["0a"]));
        assert!(!printed.contains("0a0a") && printed.contains("****"));
    }
}
