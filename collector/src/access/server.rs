//! Server tokens: secret, signed, without a look-up. The platform's servers post events with one.
//!
//! In: a scope and a key, or a text. Out: a token, or its scope. What must never happen: a site's
//! token, which anyone can copy from a page, does for one of these. Whoever holds it may tell of
//! money, so it belongs in a secret store and nowhere else.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Host, TokenError, TokenKey, signed};

const KIND: &str = "s1";

/// What a server token allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerClaims {
    /// The only site it may tell of. `None`: every site, and what is about none.
    pub host: Option<Host>,
    /// When the token was issued, in seconds since 1970.
    pub issued_s: i64,
}

#[derive(Serialize, Deserialize)]
struct Payload {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    h: Option<String>,
    n: i64,
}

/// A signed server token. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct ServerToken(String);

impl ServerToken {
    /// Signs claims.
    #[must_use]
    pub fn sign(claims: &ServerClaims, key: &TokenKey) -> Self {
        let payload = Payload {
            h: claims.host.as_ref().map(|host| host.as_str().to_owned()),
            n: claims.issued_s,
        };
        Self(signed::sign(KIND, &payload, key))
    }

    /// Checks a text's signature and reads its claims.
    ///
    /// # Errors
    /// If it is not a server token, or was signed with another key.
    pub fn verify(text: &str, key: &TokenKey) -> Result<ServerClaims, TokenError> {
        let payload: Payload = signed::open(KIND, text, key)?;
        let host = payload.h.map(|host| host.parse()).transpose();
        Ok(ServerClaims {
            host: host.map_err(|_| TokenError::Malformed(KIND))?,
            issued_s: payload.n,
        })
    }

    /// The token's text.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl ServerClaims {
    /// Whether it may tell of a site, or of none.
    #[must_use]
    pub fn covers(&self, site: Option<&str>) -> bool {
        match &self.host {
            None => true,
            Some(host) => site == Some(host.as_str()),
        }
    }
}

impl fmt::Debug for ServerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerToken(****)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Claims, Token};

    fn key(byte: &str) -> TokenKey {
        TokenKey::from_hex(&byte.repeat(32)).unwrap()
    }

    fn claims(host: Option<&str>) -> ServerClaims {
        ServerClaims {
            host: host.map(|host| host.parse().unwrap()),
            issued_s: 1_793_000_000,
        }
    }

    #[test]
    fn a_server_token_proves_its_scope_to_its_key_only() {
        for host in [None, Some("bakery.4site.pro")] {
            let token = ServerToken::sign(&claims(host), &key("0a"));
            let verified = ServerToken::verify(token.reveal(), &key("0a"));
            assert_eq!(verified, Ok(claims(host)));
            assert_eq!(
                ServerToken::verify(token.reveal(), &key("0b")),
                Err(TokenError::Forged)
            );
            assert_eq!(format!("{token:?}"), "ServerToken(****)");
        }
    }

    #[test]
    fn neither_kind_of_token_does_for_the_other() {
        let site = Claims {
            host: "bakery.4site.pro".parse().unwrap(),
            template: None,
            build: None,
            issued_s: 1_793_000_000,
        };
        let site = Token::sign(&site, &key("0a")).to_string();
        let server = ServerToken::sign(&claims(Some("bakery.4site.pro")), &key("0a"));
        assert!(ServerToken::verify(&site, &key("0a")).is_err());
        assert!(Token::verify(server.reveal(), &key("0a")).is_err());
        let renamed = site.replacen("f1.", "s1.", 1);
        assert_eq!(
            ServerToken::verify(&renamed, &key("0a")),
            Err(TokenError::Forged)
        );
    }

    #[test]
    fn a_token_of_one_host_covers_that_host_only() {
        for (scope, site, covered) in [
            (None, Some("a.example"), true),
            (None, None, true),
            (Some("a.example"), Some("a.example"), true),
            (Some("a.example"), Some("b.example"), false),
            (Some("a.example"), None, false),
        ] {
            assert_eq!(claims(scope).covers(site), covered, "{scope:?} {site:?}");
        }
    }
}
