//! Referrals: a visitor arrives through a shared link, `?ref=<share id>`.
//!
//! In: what the page's address has as `ref`. Out: the share's id, which also becomes the parent of
//! what this visitor shares. It is kept in memory only; nothing is stored in the browser.

use foresight_shared::limits;

/// The share's id, or nothing if the address has another `ref` than ours.
#[must_use]
pub fn share_id(reference: &str) -> &str {
    if limits::is_id(reference) {
        reference
    } else {
        ""
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_valid_id_is_a_referral() {
        for (reference, expected) in [
            ("kT3vQx9bW1", "kT3vQx9bW1"),
            ("short", ""),
            ("has blanks in it", ""),
            ("https://example.org", ""),
            ("", ""),
        ] {
            assert_eq!(share_id(reference), expected, "{reference}");
        }
    }
}
