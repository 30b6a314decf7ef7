//! The addresses that reverse proxies passed on: `X-Forwarded-For`, or `Forwarded` of RFC 7239.
//!
//! In: headers. Out: addresses, oldest first, as the proxies appended them. What must never happen:
//! both headers are believed. A proxy keeps one of them and may pass the other on as the client sent
//! it, so which one counts is a setting.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, HeaderName, header};

/// The header in which trusted proxies tell the client's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forwarded {
    /// `X-Forwarded-For`: addresses with commas between them.
    ListOfAddresses,
    /// `Forwarded`: `for=…;by=…;proto=…`, with commas between proxies.
    Rfc7239,
}

impl Forwarded {
    /// The form of the header with that name. Every name but `Forwarded` is a list of addresses.
    #[must_use]
    pub fn of_header(name: &str) -> Self {
        if name.eq_ignore_ascii_case(header::FORWARDED.as_str()) {
            Self::Rfc7239
        } else {
            Self::ListOfAddresses
        }
    }

    /// The addresses, oldest first. `None` stands for a proxy that tells none, or nonsense.
    pub(super) fn addresses(self, headers: &HeaderMap) -> Vec<Option<IpAddr>> {
        let name = match self {
            Self::ListOfAddresses => HeaderName::from_static("x-forwarded-for"),
            Self::Rfc7239 => header::FORWARDED,
        };
        let mut addresses = Vec::new();
        for value in headers.get_all(name) {
            // A value that is no text is a proxy that tells nothing.
            let value = value.to_str().unwrap_or_default();
            for part in split(value, ',') {
                addresses.push(match self {
                    Self::ListOfAddresses => address(part.trim()),
                    Self::Rfc7239 => address(&node(part)),
                });
            }
        }
        addresses
    }
}

/// The value of `for` in one element of `Forwarded`, without quotes; empty if there is none.
fn node(element: &str) -> String {
    let value = split(element, ';').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("for")
            .then(|| value.trim())
    });
    let value = value.unwrap_or_default();
    match value.strip_prefix('"').and_then(|v| v.strip_suffix('"')) {
        // An escape is a backslash before the character it stands for (RFC 9110, 5.6.4).
        Some(quoted) => quoted.replace('\\', ""),
        None => value.to_owned(),
    }
}

/// An address, perhaps with a port, IPv6 in brackets then. Names such as `unknown` are none.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|t| t.strip_suffix(']'));
    let bare = bare.unwrap_or(text).parse();
    bare.or_else(|_| text.parse::<SocketAddr>().map(|address| address.ip()))
        .ok()
}

/// The parts between separators that are not in quotes.
fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |c| {
        let here = c == separator && !quoted;
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
        here
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn told(name: &'static str, values: &[&str]) -> Vec<String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name, value.parse().unwrap());
        }
        let addresses = Forwarded::of_header(name).addresses(&headers);
        let words = addresses
            .into_iter()
            .map(|address| address.map_or_else(|| "-".to_owned(), |address| address.to_string()));
        words.collect()
    }

    #[test]
    fn forwarded_is_read_as_rfc_7239_writes_it() {
        for (values, expected) in [
            (
                &["for=192.0.2.43, for=198.51.100.17"][..],
                "192.0.2.43 198.51.100.17",
            ),
            (
                &["for=192.0.2.43", "For=198.51.100.17"],
                "192.0.2.43 198.51.100.17",
            ),
            (&["for=192.0.2.60;proto=http;by=203.0.113.43"], "192.0.2.60"),
            (&["by=203.0.113.43; FOR=192.0.2.60"], "192.0.2.60"),
            (&["For=\"[2001:db8:cafe::17]:4711\""], "2001:db8:cafe::17"),
            (&["for=\"[2001:db8::1]\""], "2001:db8::1"),
            (&["for=\"192.0.2.43:47011\""], "192.0.2.43"),
            (
                &["for=\"_gazonk\", for=unknown, for=192.0.2.1"],
                "- - 192.0.2.1",
            ),
            (&["proto=https"], "-"),
            // A comma in quotes is no boundary, also after an escaped quote.
            (&["host=\"a,for=6.6.6.6\";for=192.0.2.1"], "192.0.2.1"),
            (&["host=\"a\\\",for=6.6.6.6\";for=192.0.2.1"], "192.0.2.1"),
            (&["for=\"192.0.2.1"], "-"),
            (&[""], "-"),
        ] {
            assert_eq!(told("forwarded", values).join(" "), expected, "{values:?}");
        }
    }

    #[test]
    fn lists_of_addresses_may_have_ports() {
        let values = ["192.0.2.43:80, [2001:db8::1]:80", "2001:db8::2, x"];
        let expected = ["192.0.2.43", "2001:db8::1", "2001:db8::2", "-"];
        assert_eq!(told("x-forwarded-for", &values), expected);
    }

    proptest! {
        #[test]
        fn random_headers_never_panic(
            bytes in prop::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(b"for=\",;\\[]:.1".to_vec())], 0..100)
        ) {
            for name in ["forwarded", "x-forwarded-for"] {
                if let Ok(value) = axum::http::HeaderValue::from_bytes(&bytes) {
                    let mut headers = HeaderMap::new();
                    headers.insert(name, value);
                    prop_assert!(!Forwarded::of_header(name).addresses(&headers).is_empty());
                }
            }
        }

        #[test]
        fn any_address_is_read_back(addresses in prop::collection::vec(any::<IpAddr>(), 1..5)) {
            let elements = addresses.iter().map(|address| match address {
                IpAddr::V4(v4) => format!("for={v4}"),
                IpAddr::V6(v6) => format!("for=\"[{v6}]\";proto=https"),
            });
            let value = elements.collect::<Vec<_>>().join(", ");
            let expected: Vec<_> = addresses.iter().map(ToString::to_string).collect();
            prop_assert_eq!(told("forwarded", &[&value]), expected);
        }
    }
}
