//! A site's token, and the host and origin that it speaks of.

use std::sync::LazyLock;

use axum::http::Uri;
use foresight::access::{Claims, Host, Token, TokenError, TokenKey};
use foresight_shared::limits;

static KEY: LazyLock<TokenKey> = LazyLock::new(|| key("0a"));
static OTHER: LazyLock<TokenKey> = LazyLock::new(|| key("0b"));

fn key(byte: &str) -> TokenKey {
    TokenKey::from_hex(&byte.repeat(32)).expect("a key")
}

/// Nobody but the key's owner makes a token: any text is refused, and of one that was signed every
/// change is noticed. The lines are host, template, build, a place and byte to change, and an origin.
pub fn token(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    assert!(Token::verify(&text, &KEY).is_err());

    let mut lines = text.split('\n');
    let Some(Ok(host)) = lines.next().map(str::parse::<Host>) else {
        return;
    };
    origins_are_told_apart(&host);
    if let Some(origin) = text.split('\n').nth(4) {
        origins_are_read_as_by_others(&host, origin);
    }
    let claims = Claims {
        host,
        template: lines.next().map(str::to_owned),
        build: lines.next().map(str::to_owned),
        issued_s: i64::try_from(data.len()).unwrap_or_default(),
    };
    let token = Token::sign(&claims, &KEY);
    if token.as_str().len() > limits::TOKEN_CHARS {
        // Too long to be sent; `site add` does not give it out.
        let verified = Token::verify(token.as_str(), &KEY);
        assert!(matches!(verified, Err(TokenError::Malformed(_))));
        return;
    }
    assert!(Token::id_of(token.as_str()).is_some());
    assert_eq!(Token::verify(token.as_str(), &KEY), Ok(claims));
    let forged = Token::verify(token.as_str(), &OTHER);
    assert_eq!(forged, Err(TokenError::Forged));
    if let Some(&[high, low, byte, ..]) = lines.next().map(str::as_bytes) {
        changes_are_noticed(token.as_str(), [high, low], byte);
    }
}

fn changes_are_noticed(token: &str, place: [u8; 2], byte: u8) {
    let mut changed = token.as_bytes().to_vec();
    let place = usize::from(u16::from_be_bytes(place)) % changed.len();
    if changed[place] == byte {
        return;
    }
    changed[place] = byte;
    let changed = String::from_utf8_lossy(&changed);
    let verified = Token::verify(&changed, &KEY);
    assert!(verified.is_err(), "{changed} passes as {token}");
}

fn origins_are_told_apart(host: &Host) {
    assert_eq!(host.as_str().parse().as_ref(), Ok(host));
    for (scheme, own) in [("https", true), ("http", true), ("file", false)] {
        assert_eq!(host.is_origin(&format!("{scheme}://{host}")), own);
    }
    for stranger in ["evil.", "a", "evil@", "evil/"] {
        assert!(!host.is_origin(&format!("https://{stranger}{host}")));
    }
    for stranger in [".evil", "/", "/evil", "?", "@evil", ":x/", "\\evil", " "] {
        assert!(!host.is_origin(&format!("https://{host}{stranger}")));
    }
}

/// What is taken for an origin of this host is one for another reader of URLs too, and nothing more.
fn origins_are_read_as_by_others(host: &Host, origin: &str) {
    if !host.is_origin(origin) {
        return;
    }
    let host: Uri = format!("http://{host}").parse().expect("a host's URL");
    let read: Uri = origin.parse().expect("an origin's URL");
    let [own, other] = [&host, &read].map(|uri| uri.host().map(str::to_ascii_lowercase));
    assert_eq!(own, other);
    assert_eq!((read.path(), read.query()), ("/", None));
    let authority = read.authority().map_or("", |authority| authority.as_str());
    assert!(!authority.contains('@'), "{origin}");
}
