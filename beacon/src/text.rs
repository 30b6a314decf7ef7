//! Cleaning and splitting of texts before they leave the page.
//!
//! In: texts of the page, of any length. Out: texts within the limits of the wire format, without
//! query strings. All of it works on bytes and only ever splits at ASCII ones: the standard library's
//! searchers and Unicode tables weigh more than the rest of the beacon.

/// The first `limit` Unicode scalar values of `text`.
#[must_use]
pub fn cut(text: &str, limit: usize) -> &str {
    let mut scalars = 0;
    for (index, byte) in text.bytes().enumerate() {
        if byte & 0xc0 != 0x80 {
            if scalars == limit {
                return &text[..index];
            }
            scalars += 1;
        }
    }
    text
}

/// Takes the text before the first `separator` off `rest`, which is left with what follows it.
pub fn field<'a>(rest: &mut &'a str, separator: u8) -> &'a str {
    let text = *rest;
    let end = text
        .bytes()
        .position(|byte| byte == separator)
        .unwrap_or(text.len());
    *rest = text.get(end + 1..).unwrap_or_default();
    &text[..end]
}

/// A name for a rollup: without surrounding blanks and at most `limit` characters. Empty if there
/// is nothing to name.
#[must_use]
pub fn name(text: &str, limit: usize) -> &str {
    trimmed(cut(trimmed(text), limit))
}

/// `text` without ASCII blanks and control characters around it.
fn trimmed(text: &str) -> &str {
    let Some(first) = text.bytes().position(|byte| byte > b' ') else {
        return "";
    };
    let mut end = text.len();
    while text.as_bytes()[end - 1] <= b' ' {
        end -= 1;
    }
    &text[first..end]
}

/// `url` without query and fragment, at most `limit` characters. Empty if it is not a web address:
/// `data:` and `blob:` addresses hold content or name nothing.
#[must_use]
pub fn address(url: &str, limit: usize) -> &str {
    if url.starts_with("http") {
        cut(without_query(url), limit)
    } else {
        ""
    }
}

/// Everything before the first `?` or `#`.
fn without_query(url: &str) -> &str {
    field(&mut field(&mut { url }, b'#'), b'?')
}

/// An error's message without the browser's prefix and without the query strings of the addresses
/// in it, at most `limit` characters.
#[must_use]
pub fn message(text: &str, limit: usize) -> String {
    let mut rest = trimmed(text);
    rest = rest.strip_prefix("Uncaught ").unwrap_or(rest);
    let mut clean = String::new();
    // Word by word: a word with an address is cut at its query, up to what closes a quotation.
    while !rest.is_empty() {
        let word = field(&mut rest, b' ');
        let is_address = word.as_bytes().windows(3).any(|bytes| bytes == b"://");
        let kept = if is_address {
            without_query(word)
        } else {
            word
        };
        clean.push_str(kept);
        let dropped = &word[kept.len()..];
        if let Some(close) = dropped
            .bytes()
            .position(|byte| matches!(byte, b'"' | b'\'' | b')'))
        {
            clean.push_str(&dropped[close..]);
        }
        if !rest.is_empty() {
            clean.push_str(" ");
        }
    }
    cut(&clean, limit).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cutting_counts_scalars_and_never_splits_one() {
        assert_eq!(cut("héllo", 2), "hé");
        assert_eq!(cut("👩‍🚀x", 1), "👩");
        assert_eq!(cut("ab", 5), "ab");
        assert_eq!(cut("ab", 0), "");
    }

    #[test]
    fn fields_are_taken_one_by_one() {
        let mut rest = "a\tbc\t";
        assert_eq!(field(&mut rest, b'\t'), "a");
        assert_eq!(field(&mut rest, b'\t'), "bc");
        assert_eq!(field(&mut rest, b'\t'), "");
        assert_eq!(rest, "");
    }

    #[test]
    fn names_are_trimmed_before_and_after_the_cut() {
        assert_eq!(name("  table \n", 64), "table");
        assert_eq!(name("ab  cd", 3), "ab");
        assert_eq!(name(" \t ", 64), "");
    }

    #[test]
    fn addresses_lose_query_and_fragment_and_only_the_web_remains() {
        assert_eq!(
            address("https://a.b/c.png?user=1#x", 256),
            "https://a.b/c.png"
        );
        assert_eq!(address("http://a.b/#x?y", 256), "http://a.b/");
        assert_eq!(address("data:image/png;base64,AAAA", 256), "");
        assert_eq!(address("https://a.b/c", 10), "https://a.");
    }

    #[test]
    fn messages_lose_the_queries_of_addresses_only() {
        for (text, expected) in [
            (
                "Uncaught TypeError: no \"https://a.b/c?mail=x@y.z\" here? yes",
                "TypeError: no \"https://a.b/c\" here? yes",
            ),
            (
                "fetch(https://a.b/c#t=1) failed",
                "fetch(https://a.b/c) failed",
            ),
            ("at http://a/?q", "at http://a/"),
            (" a  b ", "a  b"),
        ] {
            assert_eq!(message(text, 256), expected);
        }
        assert_eq!(message("abcdef", 3), "abc");
    }
}
