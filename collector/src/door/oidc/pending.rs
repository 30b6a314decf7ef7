//! A sign-in that has gone to the issuer and is not back.
//!
//! In: a secret, which only the browser has, in a cookie. Out: `state`, `nonce` and the verifier of PKCE, each made
//! of it by HMAC: so any collector can take the browser back, and none remembers anything. What must never happen: one
//! of the three tells another, or the secret.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::super::new_secret;

/// One that is under way.
pub(super) struct Pending(String);

impl Pending {
    pub(super) fn new() -> Self {
        Self(new_secret())
    }

    pub(super) fn of(secret: String) -> Self {
        Self(secret)
    }

    pub(super) fn secret(&self) -> &str {
        &self.0
    }

    pub(super) fn state(&self) -> String {
        self.made_for(b"foresight oidc state 1")
    }

    pub(super) fn nonce(&self) -> String {
        self.made_for(b"foresight oidc nonce 1")
    }

    /// 43 characters, as RFC 7636 wants at least.
    pub(super) fn verifier(&self) -> String {
        self.made_for(b"foresight oidc verifier 1")
    }

    /// Whether a browser was sent away with this. In constant time.
    pub(super) fn is_state(&self, given: &str) -> bool {
        let given = URL_SAFE_NO_PAD.decode(given);
        let mac = self.mac(b"foresight oidc state 1");
        match (mac, given) {
            (Some(mac), Ok(given)) if !self.0.is_empty() => mac.verify_slice(&given).is_ok(),
            _ => false,
        }
    }

    fn made_for(&self, purpose: &[u8]) -> String {
        let mac = self.mac(purpose).map(|mac| mac.finalize().into_bytes());
        mac.map(|mac| URL_SAFE_NO_PAD.encode(mac))
            .unwrap_or_default()
    }

    fn mac(&self, purpose: &[u8]) -> Option<Hmac<Sha256>> {
        // Keys of any length are taken.
        let mac = Hmac::<Sha256>::new_from_slice(self.0.as_bytes()).ok()?;
        Some(mac.chain_update(purpose))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_good_for_its_browser_only() {
        let (one, other) = (Pending::new(), Pending::new());
        let state = one.state();
        assert!(Pending::of(one.secret().to_owned()).is_state(&state));
        assert!(!other.is_state(&state));
        for given in ["", "x", &one.nonce(), &one.verifier(), one.secret()] {
            assert!(!one.is_state(given), "{given}");
        }
        let nobody = Pending::of(String::new());
        assert!(!nobody.is_state(&nobody.state()));
        assert_eq!(one.verifier().len(), 43);
    }
}
