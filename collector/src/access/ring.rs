//! The keys of a rotation: one that signs, and the ones before it that are still believed.
//!
//! In: the settings. Out: tokens' claims, whichever of the keys signed them. What must never happen:
//! a previous key signs, or a token is believed that none of the keys has signed.

use std::path::Path;

use super::{Claims, KeyError, Token, TokenError, TokenKey};
use crate::config::Secret;

/// The key that signs, and the previous ones that verify too. Cheap to clone, never printed.
#[derive(Clone, Debug)]
pub struct TokenKeys {
    signing: TokenKey,
    previous: Vec<TokenKey>,
}

impl TokenKeys {
    /// One key that signs and verifies.
    #[must_use]
    pub const fn new(signing: TokenKey) -> Self {
        Self {
            signing,
            previous: Vec::new(),
        }
    }

    /// The keys of the settings; see [`TokenKey::load`] for the one that signs.
    ///
    /// # Errors
    /// If a key is malformed, or the key's file cannot be read or written.
    pub fn load(given: &Secret, previous: &[Secret], data_dir: &Path) -> Result<Self, KeyError> {
        Ok(Self {
            signing: TokenKey::load(given.reveal(), data_dir)?,
            previous: previous
                .iter()
                .map(|key| TokenKey::from_hex(key.reveal()))
                .collect::<Result<_, _>>()?,
        })
    }

    /// The key that signs new tokens.
    #[must_use]
    pub const fn signing(&self) -> &TokenKey {
        &self.signing
    }

    /// Checks a token against every key and reads its claims.
    ///
    /// # Errors
    /// If it is not a token, or none of the keys signed it.
    pub fn verify(&self, text: &str) -> Result<Claims, TokenError> {
        let mut verified = Token::verify(text, &self.signing);
        for key in &self.previous {
            if verified != Err(TokenError::Forged) {
                break;
            }
            verified = Token::verify(text, key);
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
            for (token, good) in [(&first, first_good), (&second, second_good)] {
                let verified = keys.verify(token.as_str());
                assert_eq!(verified.is_ok(), good, "{signing} {previous:?}");
                assert!(good || verified == Err(TokenError::Forged));
            }
        }
    }

    #[test]
    fn a_text_that_is_no_token_is_none_for_any_key() {
        let verified = ring("0b", &["0a"]).verify("f1.x");
        assert_eq!(verified, Err(TokenError::Malformed));
    }

    #[test]
    fn a_malformed_key_is_refused_and_keys_are_not_printed() {
        let loaded = TokenKeys::load(&secret("0a"), &["ab".to_owned().into()], Path::new("."));
        assert!(matches!(loaded, Err(KeyError::Malformed)));
        let printed = format!("{:?}", ring("0b", &["0a"]));
        assert!(!printed.contains("0a0a") && printed.contains("****"));
    }
}
