//! Site tokens: public, signed, without a look-up.
//!
//! `f1.<claims>.<signature>`: claims are JSON in base64url, the signature is the first 16 bytes of
//! HMAC-SHA-256 over `f1.<claims>`. A token stands in the page's source, so it proves which site a
//! page was made for, not who sends.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use foresight_shared::limits;
use hmac::Mac;
use serde::{Deserialize, Serialize};

use super::{Host, TokenKey};

const PREFIX: &str = "f1";

/// Bytes of the signature: 128 bits cannot be guessed, and tokens stay short.
const SIGNATURE_BYTES: usize = 16;

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
    #[error("site token is not of the form f1.<claims>.<signature>")]
    Malformed,
    /// The signature is not ours.
    #[error("site token was not signed by this collector's key")]
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
        // Writing four plain fields to memory cannot fail.
        let json = serde_json::to_vec(&payload).unwrap_or_default();
        let signed = format!("{PREFIX}.{}", BASE64.encode(json));
        let signature = BASE64.encode(&signature(&signed, key)[..SIGNATURE_BYTES]);
        Self(format!("{signed}.{signature}"))
    }

    /// Checks a text's signature and reads its claims.
    ///
    /// # Errors
    /// If it is not a token, or was signed with another key.
    pub fn verify(text: &str, key: &TokenKey) -> Result<Claims, TokenError> {
        let (signed, given) = text.rsplit_once('.').ok_or(TokenError::Malformed)?;
        let (prefix, claims) = signed.split_once('.').ok_or(TokenError::Malformed)?;
        if prefix != PREFIX || text.len() > limits::TOKEN_CHARS {
            return Err(TokenError::Malformed);
        }
        let given = BASE64.decode(given).map_err(|_| TokenError::Malformed)?;
        if given.len() != SIGNATURE_BYTES {
            return Err(TokenError::Malformed);
        }
        let mut mac = key.mac();
        mac.update(signed.as_bytes());
        // Compares in constant time.
        mac.verify_truncated_left(&given)
            .map_err(|_| TokenError::Forged)?;
        let json = BASE64.decode(claims).map_err(|_| TokenError::Malformed)?;
        let payload: Payload = serde_json::from_slice(&json).map_err(|_| TokenError::Malformed)?;
        Ok(Claims {
            host: payload.h.parse().map_err(|_| TokenError::Malformed)?,
            template: payload.t,
            build: payload.b,
            issued_s: payload.n,
        })
    }

    /// The id by which a token is revoked: its signature. `None` for a text without one.
    #[must_use]
    pub fn id_of(text: &str) -> Option<&str> {
        let (_, id) = text.rsplit_once('.')?;
        (id.len() == 22).then_some(id)
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

fn signature(signed: &str, key: &TokenKey) -> [u8; 32] {
    let mut mac = key.mac();
    mac.update(signed.as_bytes());
    mac.finalize().into_bytes().into()
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

    #[test]
    fn the_signature_is_hmac_sha_256_of_rfc_4231() {
        // Test case 6 of RFC 4231 has a longer key; case 1's key of 20 bytes padded with zeros is
        // the same HMAC key as ours of 32 bytes.
        let key = TokenKey::from_hex(&("0b".repeat(20) + &"00".repeat(12))).unwrap();
        let hex: String = signature("Hi There", &key)
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        assert_eq!(
            hex,
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        );
    }

    proptest! {
        #[test]
        fn random_text_never_panics(text in "\\PC{0,80}|f1\\.[A-Za-z0-9_-]{0,40}\\.[A-Za-z0-9_-]{0,30}") {
            prop_assert!(Token::verify(&text, &key("0a")).is_err());
            let _ = Token::id_of(&text);
        }
    }
}
