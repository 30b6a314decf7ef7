//! What people may be called.

/// Why a text is no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a name has 1 to 64 characters, of a-z, 0-9, and . _ - @ + inside")]
pub struct NameError;

/// Checks a name: lower case only, so that no two look alike, and mail addresses are names.
///
/// # Errors
/// If it breaks the rule.
pub fn check_name(name: &str) -> Result<(), NameError> {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_inner = |byte: u8| is_plain(byte) || b"._-@+".contains(&byte);
    let bytes = name.as_bytes();
    let ends = [bytes.first(), bytes.last()];
    let is_name = (1..=64).contains(&bytes.len())
        && bytes.iter().all(|byte| is_inner(*byte))
        && ends.into_iter().flatten().all(|byte| is_plain(*byte));
    if is_name { Ok(()) } else { Err(NameError) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_plain_and_lower_case() {
        for name in ["a", "ada", "ada.lovelace+rum@example.com", &"a".repeat(64)] {
            assert_eq!(check_name(name), Ok(()), "{name}");
        }
        for name in [
            "",
            "Ada",
            "a b",
            ".a",
            "a.",
            "ä",
            "a/b",
            "a\0",
            &"a".repeat(65),
        ] {
            assert_eq!(check_name(name), Err(NameError), "{name}");
        }
    }
}
