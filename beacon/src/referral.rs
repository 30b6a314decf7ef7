//! Referrals: a visitor arrives through a shared link, `?ref=<share id>`.
//!
//! In: the page's query string. Out: the share's id, which also becomes the parent of what this
//! visitor shares. It is kept in memory only; nothing is stored in the browser.

use foresight_shared::limits;

use crate::text::field;

/// The share id in a query string such as `?a=b&ref=kT3vQx9bW1`, if there is a valid one.
#[must_use]
pub fn share_id(query: &str) -> Option<&str> {
    let mut rest = query.strip_prefix("?").unwrap_or(query);
    while !rest.is_empty() {
        if let Some(id) = field(&mut rest, b'&').strip_prefix("ref=") {
            return limits::is_id(id).then_some(id);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_valid_id_is_a_referral() {
        for (query, expected) in [
            ("?ref=kT3vQx9bW1", Some("kT3vQx9bW1")),
            ("?utm=x&ref=kT3vQx9bW1&y=z", Some("kT3vQx9bW1")),
            ("ref=kT3vQx9bW1", Some("kT3vQx9bW1")),
            ("?xref=kT3vQx9bW1", None),
            ("?ref=short", None),
            ("?ref=has%20blanks", None),
            ("?ref", None),
            ("", None),
        ] {
            assert_eq!(share_id(query), expected, "{query}");
        }
    }
}
