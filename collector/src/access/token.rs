//! Site tokens: public, signed, without a look-up.
//!
//! In: claims and a key, or a text. Out: a token, or its claims. A token stands in the page's source,
//! so it proves which site a page was made for, not who sends. What must never happen: claims are
//! believed that none of our keys signed.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Host, TokenKey, signed};

const KIND: &str = "f1";

/// What a token says of its site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// The site's host.
    pub host: Host,
    /// The template that generated the site.
    pub template: Option<String>,
    /// The generator's build.
    pub build: Option<String>,
    /// When the token was issued, in seconds since 1970.
    pub issued_s: i64,
}

#[derive(Serialize, Deserialize)]
struct Payload {
    h: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    t: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    b: Option<String>,
    n: i64,
}

/// A signed token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token(String);

/// Why a text proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It is not in the form of a token.
    #[error("token is not of the form {0}.<claims>.<signature>")]
    Malformed(&'static str),
    /// The signature is not ours.
    #[error("token was not signed by this collector's key")]
    Forged,
}

impl Token {
    /// Signs claims.
    #[must_use]
    pub fn sign(claims: &Claims, key: &TokenKey) -> Self {
        let payload = Payload {
            h: claims.host.as_str().to_owned(),
            t: claims.template.clone(),
            b: claims.build.clone(),
            n: claims.issued_s,
        };
        Self(signed::sign(KIND, &payload, key))
    }

    /// Checks a text's signature and reads its claims.
    ///
    /// # Errors
    /// If it is not a token, or was signed with another key.
    pub fn verify(text: &str, key: &TokenKey) -> Result<Claims, TokenError> {
        let payload: Payload = signed::open(KIND, text, key)?;
        Ok(Claims {
            host: payload.h.parse().map_err(|_| TokenError::Malformed(KIND))?,
            template: payload.t,
            build: payload.b,
            issued_s: payload.n,
        })
    }

    /// The id by which a token is revoked: its signature. `None` for a text without one.
    #[must_use]
    pub fn id_of(text: &str) -> Option<&str> {
        signed::id_of(text)
    }

    /// The token's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(byte: &str) -> TokenKey {
        TokenKey::from_hex(&byte.repeat(32)).unwrap()
    }

    fn claims() -> Claims {
        Claims {
            host: "bakery.4site.pro".parse().unwrap(),
            template: Some("aurora".into()),
            build: None,
            issued_s: 1_793_000_000,
        }
    }

    #[test]
    fn a_token_proves_its_claims_to_its_key_only() {
        let token = Token::sign(&claims(), &key("0a"));
        assert_eq!(Token::verify(token.as_str(), &key("0a")), Ok(claims()));
        assert_eq!(
            Token::verify(token.as_str(), &key("0b")),
            Err(TokenError::Forged)
        );
        assert!(token.as_str().len() < 200);
    }

    #[test]
    fn a_changed_character_is_noticed() {
        let token = Token::sign(&claims(), &key("0a")).0;
        for place in 0..token.len() {
            let mut other = token.clone().into_bytes();
            other[place] = if other[place] == b'A' { b'B' } else { b'A' };
            let other = String::from_utf8(other).unwrap();
            assert!(Token::verify(&other, &key("0a")).is_err(), "{other}");
        }
    }

    proptest! {
        #[test]
        fn random_text_never_panics(text in "\\PC{0,80}|f1\\.[A-Za-z0-9_-]{0,40}\\.[A-Za-z0-9_-]{0,30}") {
            prop_assert!(Token::verify(&text, &key("0a")).is_err());
            let _ = Token::id_of(&text);
        }
    }
}
