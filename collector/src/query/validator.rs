//! Validators of answers: who has the same answer already is told so, and sent no body.
//!
//! In: an answer to `GET`. Out: the same with a weak `ETag` of its body, or 304 without one
//! (<https://www.rfc-editor.org/rfc/rfc9110#name-if-none-match>). Answers are read anew each time; what is saved
//! is the way to the client. What must never happen: an answer is kept by a cache that others share, an
//! error is kept at all, or a stream is held back.

use std::fmt::Write;

use axum::{
    body::{Body, Bytes, HttpBody, to_bytes},
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use sha2::{Digest, Sha256};

use super::unavailable;
use crate::store::StoreError;

/// Bytes of the hash in a validator.
const BYTES: usize = 16;

/// Adds the validator, and leaves the body out if the client has it.
pub(super) async fn validate(request: Request, next: Next) -> Response {
    let asked = request.headers().get(header::IF_NONE_MATCH).cloned();
    let is_get = request.method() == Method::GET;
    let response = next.run(request).await;
    // What has no length is a stream, which would be waited for without end.
    let is_whole = response.body().size_hint().exact().is_some();
    if !is_get || !is_whole || response.status() != StatusCode::OK {
        return with(
            response,
            header::CACHE_CONTROL,
            HeaderValue::from_static("no-store"),
        );
    }
    let (parts, body) = response.into_parts();
    // Reports are made as a whole: their size is that of what they say.
    let body = match to_bytes(body, usize::MAX).await {
        Ok(body) => body,
        Err(error) => return unavailable(StoreError::Row(error.to_string())).into_response(),
    };
    let Some(tag) = tag_of(&body) else {
        return Response::from_parts(parts, Body::from(body));
    };
    let is_known = asked.is_some_and(|asked| has(&asked, &tag));
    let response = if is_known {
        let mut headers = HeaderMap::new();
        // The cookie says how long a session is good now.
        for name in [header::VARY, header::SET_COOKIE] {
            for value in parts.headers.get_all(&name) {
                headers.append(name.clone(), value.clone());
            }
        }
        (StatusCode::NOT_MODIFIED, headers).into_response()
    } else {
        Response::from_parts(parts, Body::from(body))
    };
    let private = HeaderValue::from_static("private, no-cache");
    with(
        with(response, header::ETAG, tag),
        header::CACHE_CONTROL,
        private,
    )
}

fn with(mut response: Response, name: header::HeaderName, value: HeaderValue) -> Response {
    response.headers_mut().insert(name, value);
    response
}

/// The validator of a body.
fn tag_of(body: &Bytes) -> Option<HeaderValue> {
    let mut tag = "W/\"".to_owned();
    for byte in &Sha256::digest(body)[..BYTES] {
        write!(tag, "{byte:02x}").ok()?;
    }
    tag.push('"');
    HeaderValue::from_str(&tag).ok()
}

/// Whether a client's list of validators has one, or any will do.
fn has(asked: &HeaderValue, tag: &HeaderValue) -> bool {
    let (Ok(asked), Ok(tag)) = (asked.to_str(), tag.to_str()) else {
        return false;
    };
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let tag = opaque(tag);
    asked.trim() == "*" || asked.split(',').any(|one| opaque(one) == tag)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::{Router, middleware::from_fn, routing::get};
    use tokio::time::timeout;
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn a_stream_is_passed_on_as_it_comes() {
        let endless = async || {
            let nothing = futures_util::stream::pending::<Result<Bytes, std::io::Error>>();
            Body::from_stream(nothing)
        };
        let whole = async || "whole";
        let router = Router::new()
            .route("/endless", get(endless))
            .route("/whole", get(whole))
            .layer(from_fn(validate));
        for (address, cached, has_tag) in [
            ("/endless", "no-store", false),
            ("/whole", "private, no-cache", true),
        ] {
            let request = Request::get(address).body(Body::empty()).unwrap();
            let answer = router.clone().oneshot(request);
            let answer = timeout(Duration::from_secs(5), answer)
                .await
                .unwrap()
                .unwrap();
            let headers = answer.headers();
            assert_eq!(headers[header::CACHE_CONTROL], cached, "{address}");
            assert_eq!(headers.contains_key(header::ETAG), has_tag, "{address}");
        }
    }

    #[test]
    fn a_validator_is_found_in_a_list_whether_weak_or_strong() {
        let tag = tag_of(&Bytes::from_static(b"{}")).unwrap();
        assert_eq!(tag, "W/\"44136fa355b3678a1146ad16f7e8649e\"");
        let has = |asked: &str| has(&HeaderValue::from_str(asked).unwrap(), &tag);
        let mine = tag.to_str().unwrap();
        assert!(has(mine) && has(&mine[2..]) && has("*"));
        assert!(has(&format!("\"a\", {mine}")));
        for other in ["", "\"a\"", "W/\"44136fa355b3678a1146ad16f7e8649f\""] {
            assert!(!has(other), "{other}");
        }
    }
}
