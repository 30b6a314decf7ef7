//! The id of a request: in its log lines, in its answer's header, and in the body of an error.
//!
//! In: a request's headers. Out: the id that a proxy gave it, or a new one. What must never happen: a
//! text that somebody made up breaks a line of the log, or fills it.

use std::{fmt, future::Future, sync::Arc};

use axum::http::{HeaderMap, HeaderValue};
use serde::Serialize;

/// Characters of an id that is taken from a header.
const CHARS: std::ops::RangeInclusive<usize> = 8..=64;

/// The id of a request. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct RequestId(Arc<str>);

tokio::task_local! {
    static CURRENT: RequestId;
}

impl RequestId {
    /// The header, of requests and of answers.
    pub const HEADER: &'static str = "x-request-id";

    /// The id in a request's header if it is a sane one, else a new one.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let given = headers
            .get(Self::HEADER)
            .and_then(|value| value.to_str().ok())
            .filter(|text| is_sane(text));
        match given {
            Some(text) => Self(text.into()),
            None => Self(format!("{:032x}", rand::random::<u128>()).into()),
        }
    }

    /// The id of the request that this task answers.
    #[must_use]
    pub fn current() -> Option<Self> {
        CURRENT.try_with(Clone::clone).ok()
    }

    /// Lets a future be about this request.
    pub async fn scope<F: Future>(self, future: F) -> F::Output {
        CURRENT.scope(self, future).await
    }

    /// The id as a header's value.
    #[must_use]
    pub fn header_value(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&self.0).ok()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_sane(text: &str) -> bool {
    CHARS.contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sane_id_is_taken_and_any_other_replaced() {
        let of = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RequestId::HEADER, text.parse().unwrap());
            RequestId::of(&headers).to_string()
        };
        assert_eq!(of("proxy-0001.a_b"), "proxy-0001.a_b");
        let long = "x".repeat(65);
        for bad in [
            "short",
            "with a space",
            "quote\"quote",
            "me@a.example",
            &long,
        ] {
            let made = of(bad);
            assert_eq!(made.len(), 32, "{bad}");
            assert_ne!(made, of(bad));
        }
        assert_eq!(RequestId::of(&HeaderMap::new()).to_string().len(), 32);
    }

    #[tokio::test]
    async fn only_inside_its_scope_a_request_has_an_id() {
        let id = RequestId::of(&HeaderMap::new());
        assert_eq!(RequestId::current(), None);
        let inside = id.clone().scope(async { RequestId::current() }).await;
        assert_eq!(inside, Some(id));
    }
}
