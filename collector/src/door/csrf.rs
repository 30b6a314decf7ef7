//! Whether the page that asks for a change is ours.
//!
//! In: a cookie that only the browser knows, and a header that only a page of ours can know: it was told so
//! in `GET /api/v1/session`. Out: whether they belong together. The header's value is an HMAC under the
//! cookie's, so nothing is kept on the server, and it is as new as the cookie is. Who has not signed in has
//! a cookie for this alone, so that nobody is signed in as somebody else by a page elsewhere. What must never
//! happen: the header's value tells the cookie's.

use axum::http::{HeaderMap, HeaderName, Method, header};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use tower_sessions::cookie::Cookie;

/// The header that brings it back.
pub(super) const HEADER: HeaderName = HeaderName::from_static("x-foresight-csrf");

/// What is signed; it keeps this use of the cookie apart from any other.
const PURPOSE: &[u8] = b"foresight csrf 1";

/// The cookies' names.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cookies {
    /// Of who has signed in.
    pub(super) session: &'static str,
    /// Of who has not.
    pub(super) visit: &'static str,
    /// The name of the one for a sign-in that is with an issuer elsewhere.
    pub(super) pending: &'static str,
    /// Whether they are for https only.
    pub(super) secure: bool,
}

impl Cookies {
    /// Under https browsers keep `__Host-` cookies to this very host: no neighbour under the same domain can
    /// set one (<https://developer.mozilla.org/docs/Web/HTTP/Cookies#cookie_prefixes>).
    pub(super) const fn new(secure: bool) -> Self {
        if secure {
            Self {
                session: "__Host-foresight",
                visit: "__Host-foresight-visit",
                pending: "__Host-foresight-oidc",
                secure,
            }
        } else {
            Self {
                session: "foresight",
                visit: "foresight-visit",
                pending: "foresight-oidc",
                secure,
            }
        }
    }

    /// The text of a cookie that lasts as long as the browser is open.
    pub(super) fn set(self, name: &str, value: &str) -> String {
        let secure = if self.secure { "; Secure" } else { "" };
        format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict{secure}")
    }

    /// The header of the one for a sign-in elsewhere: lax, as the browser comes back from there.
    pub(super) fn set_pending(self, value: &str, seconds: u32) -> String {
        let (name, secure) = (self.pending, if self.secure { "; Secure" } else { "" });
        format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}")
    }

    /// The text that takes a cookie away.
    pub(super) fn clear(self, name: &str) -> String {
        format!("{}; Max-Age=0", self.set(name, ""))
    }
}

/// The value of a cookie of a request.
pub(super) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let texts = headers.get_all(header::COOKIE).iter();
    let texts = texts.filter_map(|value| value.to_str().ok());
    texts
        .flat_map(Cookie::split_parse)
        .filter_map(Result::ok)
        .find(|cookie| cookie.name() == name)
        .map(|cookie| cookie.value().to_owned())
}

/// What the header must say for a cookie.
pub(super) fn token(cookie: &str) -> String {
    let code = mac(cookie).map(|mac| mac.finalize().into_bytes());
    code.map(|code| URL_SAFE_NO_PAD.encode(code))
        .unwrap_or_default()
}

/// Whether a header's value is that of a cookie. Takes as long for a wrong value as for a right one.
pub(super) fn verify(cookie: &str, given: &str) -> bool {
    let given = URL_SAFE_NO_PAD.decode(given);
    match (mac(cookie), given) {
        (Some(mac), Ok(given)) if !cookie.is_empty() => mac.verify_slice(&given).is_ok(),
        _ => false,
    }
}

fn mac(cookie: &str) -> Option<Hmac<Sha256>> {
    // Keys of any length are taken.
    let mac = Hmac::<Sha256>::new_from_slice(cookie.as_bytes()).ok()?;
    Some(mac.chain_update(PURPOSE))
}

/// Whether a method changes nothing.
pub(super) fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Whether the browser says that another site's page asks. Old browsers say nothing; then the header decides.
pub(super) fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    headers
        .get("sec-fetch-site")
        .is_some_and(|site| !matches!(site.as_bytes(), b"same-origin" | b"none"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_its_cookie_only_and_does_not_tell_it() {
        let token = token("one");
        assert!(verify("one", &token));
        assert!(!token.contains("one"));
        for (cookie, given) in [
            ("two", token.as_str()),
            ("one", ""),
            ("one", "one"),
            ("one", &token[1..]),
            ("", &super::token("")),
        ] {
            assert!(!verify(cookie, given), "{cookie} {given}");
        }
    }

    #[test]
    fn cookies_are_found_among_others_by_their_whole_name() {
        let mut headers = HeaderMap::new();
        headers.append(
            header::COOKIE,
            "xforesight=no; foresight=yes".parse().unwrap(),
        );
        headers.append(header::COOKIE, "foresight-visit=also".parse().unwrap());
        assert_eq!(cookie(&headers, "foresight").as_deref(), Some("yes"));
        assert_eq!(cookie(&headers, "foresight-visit").as_deref(), Some("also"));
        assert_eq!(cookie(&headers, "sight"), None);
    }

    #[test]
    fn cookies_are_kept_from_scripts_and_other_sites() {
        let plain = Cookies::new(false);
        assert_eq!(
            plain.set(plain.visit, "x"),
            "foresight-visit=x; Path=/; HttpOnly; SameSite=Strict"
        );
        let secure = Cookies::new(true);
        assert_eq!(
            secure.clear(secure.session),
            "__Host-foresight=; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=0"
        );
    }

    #[test]
    fn only_pages_of_ours_are_not_from_elsewhere() {
        for (said, elsewhere) in [
            (None, false),
            (Some("same-origin"), false),
            (Some("none"), false),
            (Some("same-site"), true),
            (Some("cross-site"), true),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(said) = said {
                headers.insert("sec-fetch-site", said.parse().unwrap());
            }
            assert_eq!(is_from_elsewhere(&headers), elsewhere, "{said:?}");
        }
    }
}
