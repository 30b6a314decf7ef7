//! Signed texts: `<kind>.<claims>.<signature>`, from which both kinds of token are made.
//!
//! In: claims and a key, or a text. Out: a text, or the claims that it proves. Claims are JSON in
//! base64url, the signature is the first 16 bytes of HMAC-SHA-256 over `<kind>.<claims>`. What must
//! never happen: a text of one kind is believed as another; so the kind is under the signature.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use foresight_shared::limits;
use hmac::Mac;
use serde::{Serialize, de::DeserializeOwned};

use super::{TokenError, TokenKey};

/// Bytes of the signature: 128 bits cannot be guessed, and tokens stay short.
const SIGNATURE_BYTES: usize = 16;

/// Characters of the signature.
const SIGNATURE_CHARS: usize = 22;

/// Signs claims.
pub(super) fn sign(kind: &str, claims: &impl Serialize, key: &TokenKey) -> String {
    // Writing a few plain fields to memory cannot fail.
    let json = serde_json::to_vec(claims).unwrap_or_default();
    let signed = format!("{kind}.{}", BASE64.encode(json));
    let signature = BASE64.encode(&signature(&signed, key)[..SIGNATURE_BYTES]);
    format!("{signed}.{signature}")
}

/// Checks a text's signature and reads its claims.
pub(super) fn open<T: DeserializeOwned>(
    kind: &'static str,
    text: &str,
    key: &TokenKey,
) -> Result<T, TokenError> {
    let malformed = TokenError::Malformed(kind);
    let (signed, given) = text.rsplit_once('.').ok_or(malformed)?;
    let (found, claims) = signed.split_once('.').ok_or(malformed)?;
    if found != kind || text.len() > limits::TOKEN_CHARS {
        return Err(malformed);
    }
    let given = BASE64.decode(given).map_err(|_| malformed)?;
    if given.len() != SIGNATURE_BYTES {
        return Err(malformed);
    }
    let mut mac = key.mac();
    mac.update(signed.as_bytes());
    // Compares in constant time.
    mac.verify_truncated_left(&given)
        .map_err(|_| TokenError::Forged)?;
    let json = BASE64.decode(claims).map_err(|_| malformed)?;
    serde_json::from_slice(&json).map_err(|_| malformed)
}

/// The id by which a token is revoked: its signature. `None` for a text without one.
pub(super) fn id_of(text: &str) -> Option<&str> {
    let (_, id) = text.rsplit_once('.')?;
    (id.len() == SIGNATURE_CHARS).then_some(id)
}

fn signature(signed: &str, key: &TokenKey) -> [u8; 32] {
    let mut mac = key.mac();
    mac.update(signed.as_bytes());
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn a_text_of_one_kind_is_no_text_of_another() {
        let key = TokenKey::from_hex(&"0a".repeat(32)).unwrap();
        let text = sign("f1", &["claims"], &key);
        assert!(open::<Vec<String>>("f1", &text, &key).is_ok());
        let renamed = text.replacen("f1.", "s1.", 1);
        assert_eq!(
            open::<Vec<String>>("s1", &text, &key),
            Err(TokenError::Malformed("s1"))
        );
        assert_eq!(
            open::<Vec<String>>("s1", &renamed, &key),
            Err(TokenError::Forged)
        );
    }
}
