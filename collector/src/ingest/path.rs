//! One name for pages that differ by an id only: `/orders/81734` and `/orders/81735` are `/orders/:n`.
//!
//! In: a path as the beacon sent it. Out: the page under which its views are counted. What must never
//! happen: a path with a query, a longer one than [`limits::PATH_CHARS`], or a second run that
//! changes the result of the first.
//!
//! What stays, because people read it: words, numbers of up to three digits (`/page/2`, `/404`,
//! versions), and years from 1900 to 2099 (`/2026/11/23/`, `report-2026.pdf`).

use foresight_shared::limits;

/// Digits that a number may have and stay.
const SHORT_NUMBER: usize = 3;
/// Digits that a number at the end of a word must have to go: `covid2019` stays, `img00012` goes.
const TAIL_DIGITS: usize = 5;
/// Characters from which on hexadecimal digits are an id. Shorter ones may be words: `facade`.
const HEX_CHARS: usize = 12;
/// Characters from which on upper and lower case in disorder are an id.
const MIXED_CHARS: usize = 16;
/// Characters from which on letters of one case with digits among them are an id.
const PLAIN_CHARS: usize = 20;
/// Characters of a UUID.
const UUID_CHARS: usize = 36;
/// What stands for the segments that were too many.
const MORE: &str = "/:more";

/// The page of a path.
pub(super) fn page_of(path: &str) -> String {
    // The beacon sends no query; a page that posts by itself might, and queries can name people.
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let path = normal(path);
    let named = path.split('/').map(segment).collect::<Vec<_>>().join("/");
    shortened(named)
}

/// The address of a script or a request: without query and fragment, its path as [`page_of`] has it.
pub(super) fn address_of(url: &str) -> String {
    // First of all: a query may have a slash before any path does.
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let host = url.find("://").map_or(0, |scheme| scheme + 3);
    match url.get(host..).and_then(|rest| rest.find('/')) {
        Some(path) => {
            let (origin, path) = url.split_at(host + path);
            format!("{origin}{}", page_of(path))
        }
        None => url.to_owned(),
    }
}

/// Escapes in their normal form (RFC 3986, 6.2.2): upper case, and none where none is needed. A
/// stray `%` is escaped, else it could become a part of an escape.
fn normal(path: &str) -> String {
    let mut normal = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('%') {
        normal.push_str(before);
        rest = match after.get(..2).and_then(hex_byte) {
            Some(byte) => {
                if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                    normal.push(char::from(byte));
                } else {
                    normal.push_str(&format!("%{byte:02X}"));
                }
                &after[2..]
            }
            None => {
                normal.push_str("%25");
                after
            }
        };
    }
    normal.push_str(rest);
    normal
}

fn hex_byte(digits: &str) -> Option<u8> {
    let hex = digits.bytes().all(|b| b.is_ascii_hexdigit());
    hex.then(|| u8::from_str_radix(digits, 16).ok())?
}

/// Drops segments from the end until the path fits. Whole ones: half a segment has another meaning.
fn shortened(path: String) -> String {
    if path.chars().count() <= limits::PATH_CHARS {
        return path;
    }
    let room = limits::PATH_CHARS - MORE.len();
    let end = path
        .char_indices()
        .take(room + 1)
        .filter_map(|(place, c)| (c == '/').then_some(place))
        .last()
        .unwrap_or_default();
    format!("{}{MORE}", &path[..end])
}

fn segment(segment: &str) -> String {
    if is_mail(segment) {
        return ":mail".to_owned();
    }
    let mut named = String::with_capacity(segment.len());
    let mut rest = segment;
    while let Some(first) = rest.chars().next() {
        let (word, name) = if first == '%' {
            // After `normal`, two digits follow each of them.
            (&rest[..3.min(rest.len())], None)
        } else if first.is_ascii_alphanumeric() {
            match rest.get(..UUID_CHARS).filter(|text| is_uuid(text)) {
                Some(uuid) if !begins_with_word(&rest[UUID_CHARS..]) => {
                    (uuid, Some(":uuid".to_owned()))
                }
                _ => {
                    let word = leading_word(rest);
                    (word, name_of(word))
                }
            }
        } else {
            (&rest[..first.len_utf8()], None)
        };
        named.push_str(name.as_deref().unwrap_or(word));
        rest = &rest[word.len()..];
    }
    // Asked last: a UUID is in disorder too, and has a name of its own.
    if named == segment && is_disordered(segment.trim_end_matches("%3D").trim_end_matches('=')) {
        return ":id".to_owned();
    }
    named
}

/// The ASCII letters and digits at the beginning.
fn leading_word(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric());
    &text[..end.unwrap_or(text.len())]
}

fn begins_with_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
}

/// What stands for a word of letters and digits, if it is an id or a number.
fn name_of(word: &str) -> Option<String> {
    let letters = word.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = word.len() - letters.len();
    if letters.is_empty() {
        let year = digits == 4 && (word.starts_with("19") || word.starts_with("20"));
        return (digits > SHORT_NUMBER && !year).then(|| ":n".to_owned());
    }
    let has_digit = word.bytes().any(|b| b.is_ascii_digit());
    let hex = has_digit && word.bytes().all(|b| b.is_ascii_hexdigit());
    if hex && word.len() >= HEX_CHARS || word.len() >= PLAIN_CHARS && digit_runs(word) > 2 {
        return Some(":id".to_owned());
    }
    let plain = letters.bytes().all(|b| b.is_ascii_alphabetic());
    (plain && digits >= TAIL_DIGITS).then(|| format!("{letters}:n"))
}

/// Whether a segment is 8-4-4-4-12 hexadecimal digits.
fn is_uuid(text: &str) -> bool {
    text.bytes().enumerate().all(|(place, b)| match place {
        8 | 13 | 18 | 23 => b == b'-',
        _ => b.is_ascii_hexdigit(),
    })
}

/// Whether a segment is an address of electronic mail. `@name` alone is a page's name.
fn is_mail(segment: &str) -> bool {
    let parts = segment
        .split_once("%40")
        .or_else(|| segment.split_once('@'));
    parts.is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
}

/// Whether a segment in the letters of base64url is in such disorder that nobody wrote it: both
/// cases, and digits inside words twice, or at every sixth place a change that words do not have.
fn is_disordered(segment: &str) -> bool {
    let bytes = segment.as_bytes();
    let base64 = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    if bytes.len() < MIXED_CHARS || !bytes.iter().all(base64) {
        return false;
    }
    let both_cases =
        bytes.iter().any(u8::is_ascii_uppercase) && bytes.iter().any(u8::is_ascii_lowercase);
    let changes = (1..bytes.len()).filter(|place| is_change(bytes, *place));
    let inside: usize = segment.split(['-', '_']).map(digit_runs).sum();
    both_cases && (inside > 1 || 6 * changes.count() > bytes.len())
}

/// Whether the letters before and at a place are of two kinds, other than where a word with a
/// capital begins: `HowToBakeBread` has no change.
fn is_change(bytes: &[u8], place: usize) -> bool {
    let kind = |b: u8| (b.is_ascii_uppercase(), b.is_ascii_digit());
    let (before, at) = (bytes[place - 1], bytes[place]);
    let follows = bytes.get(place + 1).is_some_and(u8::is_ascii_lowercase);
    let capital = before.is_ascii_uppercase() && at.is_ascii_lowercase()
        || before.is_ascii_lowercase() && at.is_ascii_uppercase() && follows;
    let alphanumeric = before.is_ascii_alphanumeric() && at.is_ascii_alphanumeric();
    alphanumeric && !capital && kind(before) != kind(at)
}

/// How many runs of digits a word has beside its letters. A word that is a number has none.
fn digit_runs(word: &str) -> usize {
    if word.bytes().all(|b| b.is_ascii_digit()) {
        return 0;
    }
    word.split(|c: char| !c.is_ascii_digit())
        .filter(|run| !run.is_empty())
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ids_get_one_name_and_words_stay() {
        for (path, page) in [
            ("/", "/"),
            ("/menu", "/menu"),
            ("/menu?name=anna", "/menu"),
            ("/menu#anna", "/menu"),
            ("/Menu/", "/Menu/"),
            // Numbers.
            ("/orders/81734", "/orders/:n"),
            ("/orders/1234/items/7", "/orders/:n/items/7"),
            ("/order-12345", "/order-:n"),
            ("/order_12345.html", "/order_:n.html"),
            ("/img00012.webp", "/img:n.webp"),
            ("/p/%31%32%33%34%35", "/p/:n"),
            // Numbers that people read.
            ("/2026/11/23/opening", "/2026/11/23/opening"),
            ("/2026-11-23", "/2026-11-23"),
            ("/report-1999.pdf", "/report-1999.pdf"),
            ("/404", "/404"),
            ("/docs/v1.20.3/", "/docs/v1.20.3/"),
            ("/windows95-vs-covid2019", "/windows95-vs-covid2019"),
            ("/page/2", "/page/2"),
            ("/20261123", "/:n"),
            ("/3000", "/:n"),
            // UUIDs in both cases, and inside.
            ("/u/6F9619FF-8B86-d011-b42d-00cf4fc964ff", "/u/:uuid"),
            (
                "/a-6f9619ff-8b86-d011-b42d-00cf4fc964ff.html",
                "/a-:uuid.html",
            ),
            // Long hexadecimal digits.
            ("/c/507f1f77bcf86cd799439011", "/c/:id"),
            ("/c/507F1F77BCF86CD799439011-x", "/c/:id-x"),
            ("/facade/decade/deadbeef", "/facade/decade/deadbeef"),
            // Base64, and ids of one case.
            ("/s/pR7mYc2LzAq8Wv0TkXb4Nd", "/s/:id"),
            ("/s/c2hhcmUtaWQ4dGVzdA%3D%3D", "/s/:id"),
            ("/s/01ARZ3NDEKTSV4RRFFQ69G5FAV", "/s/:id"),
            ("/s/ckl2v3x9p0000q1w2e3r4t5y6", "/s/:id"),
            // Words that look a little like it.
            ("/HowToBakeBread2026", "/HowToBakeBread2026"),
            ("/WhatIsItAndWhyDoWeDoIt", "/WhatIsItAndWhyDoWeDoIt"),
            ("/iPhone15ProMaxCase", "/iPhone15ProMaxCase"),
            (
                "/How-To-Bake-3-Breads-In-2-Days",
                "/How-To-Bake-3-Breads-In-2-Days",
            ),
            (
                "/the-very-long-name-of-a-story-about-sourdough",
                "/the-very-long-name-of-a-story-about-sourdough",
            ),
            (
                "/Donaudampfschifffahrtsgesellschaft",
                "/Donaudampfschifffahrtsgesellschaft",
            ),
            // Escapes: one form, and not part of a number or word.
            ("/caf%c3%a9/%7Eanna", "/caf%C3%A9/~anna"),
            ("/%D0%BC%D0%B5%D0%BD%D1%8E", "/%D0%BC%D0%B5%D0%BD%D1%8E"),
            ("/caf%C3%A912345", "/caf%C3%A9:n"),
            ("/100%", "/100%25"),
            ("/a%2Fb", "/a%2Fb"),
            // People.
            ("/u/anna%40example.com", "/u/:mail"),
            ("/u/anna@example.com", "/u/:mail"),
            ("/@anna", "/@anna"),
        ] {
            assert_eq!(page_of(path), page, "{path}");
            assert_eq!(page_of(page), page, "{page}");
        }
    }

    #[test]
    fn an_address_has_no_query_and_its_path_is_a_page() {
        for (url, address) in [
            (
                "https://a.example/orders/81734?x=1",
                "https://a.example/orders/:n",
            ),
            (
                "https://a.example?mail=anna@example.com/x",
                "https://a.example",
            ),
            ("https://a.example#/u/anna", "https://a.example"),
            ("/v1/u/anna@example.com", "/v1/u/:mail"),
            ("blob", "blob"),
        ] {
            assert_eq!(address_of(url), address, "{url}");
        }
    }

    #[test]
    fn a_long_path_loses_whole_segments() {
        let path = "/word".repeat(200);
        let page = page_of(&path);
        assert!(page.len() <= limits::PATH_CHARS && page.ends_with("/word/:more"));
        assert_eq!(page_of(&format!("/{}", "é".repeat(600))), "/:more");
        let exact = format!("/{}", "x".repeat(limits::PATH_CHARS - 1));
        assert_eq!(page_of(&exact), exact);
    }

    #[test]
    fn few_random_ids_pass_as_words() {
        const LETTERS: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        // Marsaglia's xorshift, so that the ids are the same in every run.
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            char::from(LETTERS[(state >> 58) as usize])
        };
        let ids: Vec<String> = (0..1000)
            .map(|_| (0..22).map(|_| next()).collect())
            .collect();
        let pass = ids
            .iter()
            .filter(|id| !page_of(&format!("/{id}")).contains(':'));
        let pass = pass.count();
        assert!(pass < 50, "{pass} of 1000");
    }

    proptest! {
        #[test]
        fn any_path_has_a_page_that_stays(
            path in "/\\PC{0,40}|/(%|%[0-9a-f]{2}|[0-9a-zA-Z]{1,30}|[-_.:=@/?é]){0,60}|(/[a-f0-9-]{30,40}){1,20}"
        ) {
            let page = page_of(&path);
            prop_assert!(page.starts_with('/') && !page.contains('?'));
            prop_assert!(page.chars().count() <= limits::PATH_CHARS);
            prop_assert_eq!(page_of(&page), page);
        }

        #[test]
        fn numbers_of_orders_are_one_page(number in 100_000_u64..) {
            prop_assert_eq!(page_of(&format!("/orders/{number}")), "/orders/:n");
        }
    }
}
