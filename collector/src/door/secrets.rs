//! Random secrets, and the hashes by which they are known again.
//!
//! Secrets are 256 random bits, so a hash without salt and cost is enough: nobody can try them all.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// Bytes of a secret.
const SECRET_BYTES: usize = 32;

/// A new secret: 43 characters that may stand in a URL.
#[must_use]
pub fn new_secret() -> String {
    let bytes: [u8; SECRET_BYTES] = rand::random();
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What is kept of a secret: its SHA-256, in hexadecimal digits.
#[must_use]
pub fn hash_of(secret: &str) -> String {
    let hash = Sha256::digest(secret.as_bytes());
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_differ_and_their_hashes_are_sha_256() {
        let (one, two) = (new_secret(), new_secret());
        assert_ne!(one, two);
        assert_eq!(one.len(), 43);
        // FIPS 180-2, appendix B.1.
        assert_eq!(
            hash_of("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
