//! The key that signs site tokens: given in the settings, or made once and kept in a file.

use std::{
    fmt, fs, io,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use hmac::{Hmac, KeyInit};
use sha2::Sha256;

/// Bytes of a key: as many as SHA-256 gives.
const KEY_BYTES: usize = 32;

/// A signing key, as the HMAC state that begins with it. It is never printed.
#[derive(Clone)]
pub struct TokenKey(Hmac<Sha256>);

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The text is not a key.
    #[error("token key must be 64 hexadecimal digits")]
    Malformed,
    /// The key's file cannot be read or written.
    #[error("token key file {path}: {cause}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
}

impl TokenKey {
    /// Reads a key from 64 hexadecimal digits.
    ///
    /// # Errors
    /// If the text is anything else.
    pub fn from_hex(text: &str) -> Result<Self, KeyError> {
        let mut key = [0; KEY_BYTES];
        if text.len() != 2 * KEY_BYTES || !text.is_ascii() {
            return Err(KeyError::Malformed);
        }
        for (byte, place) in key.iter_mut().zip((0..text.len()).step_by(2)) {
            *byte =
                u8::from_str_radix(&text[place..place + 2], 16).map_err(|_| KeyError::Malformed)?;
        }
        Hmac::new_from_slice(&key)
            .map(Self)
            .map_err(|_| KeyError::Malformed)
    }

    /// The key of the settings, or the one kept in `data_dir`; it is made there if it is missing.
    ///
    /// # Errors
    /// If the file cannot be read or written, or holds no key.
    pub fn load(given: &str, data_dir: &Path) -> Result<Self, KeyError> {
        if !given.is_empty() {
            return Self::from_hex(given);
        }
        let path = data_dir.join("token.key");
        match Self::read_or_make(&path) {
            Ok(text) => Self::from_hex(text.trim()),
            Err(cause) => Err(KeyError::File { path, cause }),
        }
    }

    fn read_or_make(path: &Path) -> io::Result<String> {
        match fs::read_to_string(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            read => return read,
        }
        let key: [u8; KEY_BYTES] = rand::random();
        let text: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        // Written beside and linked into place: a process that starts at the same moment reads a
        // whole key, and the first one to arrive wins.
        let draft = path.with_extension(format!("key.{}", std::process::id()));
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&draft)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        let linked = fs::hard_link(&draft, path);
        fs::remove_file(&draft)?;
        match linked {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => fs::read_to_string(path),
        }
    }

    /// An HMAC-SHA-256 state with this key.
    pub(super) fn mac(&self) -> Hmac<Sha256> {
        self.0.clone()
    }
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenKey(****)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hmac::Mac;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_key_is_made_once_and_readable_by_its_owner_only() {
        let dir = tempfile::tempdir().unwrap();
        let first = TokenKey::load("", dir.path()).unwrap();
        let second = TokenKey::load("", dir.path()).unwrap();
        let sign = |key: &TokenKey| key.mac().chain_update("x").finalize().into_bytes();
        assert_eq!(sign(&first), sign(&second));
        let mode = fs::metadata(dir.path().join("token.key"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        assert_eq!(format!("{first:?}"), "TokenKey(****)");
    }

    #[test]
    fn a_damaged_key_file_is_an_error_and_stays_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("token.key"), "abc").unwrap();
        assert!(matches!(
            TokenKey::load("", dir.path()),
            Err(KeyError::Malformed)
        ));
        assert_eq!(
            fs::read_to_string(dir.path().join("token.key")).unwrap(),
            "abc"
        );
    }
}
