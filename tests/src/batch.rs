//! Batches as a beacon sends them.

use std::time::{SystemTime, UNIX_EPOCH};

use foresight_shared::{
    Batch, Event, Metric, NavigationType, PageView, Text, Viewport, limits::BATCH_VERSION,
};
use rand::RngExt;

use crate::Site;

/// Characters of base64url.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// A random id of 22 characters, as beacons make them.
#[must_use]
pub fn new_id() -> String {
    let mut random = rand::rng();
    (0..22)
        .map(|_| char::from(ALPHABET[random.random_range(0..ALPHABET.len())]))
        .collect()
}

/// The first batch of a new page view, which began a second ago.
#[must_use]
pub fn first_batch(token: &str, path: &str, events: Vec<Event<'static>>) -> Batch<'static> {
    Batch {
        v: BATCH_VERSION,
        site: owned(token),
        id: owned(&new_id()),
        sent: now_ms(),
        view: PageView {
            id: owned(&new_id()),
            seq: 0,
            age: 1000,
            path: owned(path),
            referrer: None,
            navigation: NavigationType::Navigate,
            connection: None,
            viewport: Viewport::Desktop,
            weight: None,
            can: Metric::ALL.to_vec(),
        },
        events,
    }
}

/// The batch that follows another one of the same page view.
#[must_use]
pub fn later_batch(before: &Batch<'static>, events: Vec<Event<'static>>) -> Batch<'static> {
    let mut batch = before.clone();
    batch.id = owned(&new_id());
    batch.sent = now_ms();
    batch.view.seq += 1;
    batch.view.can.clear();
    batch.events = events;
    batch
}

/// A vital's value, perhaps in place of an earlier one.
#[must_use]
pub fn vital(name: Metric, value: f64, was: Option<f64>) -> Event<'static> {
    Event::Vital {
        name,
        value,
        was,
        why: None,
    }
}

/// The bytes of a POST of `body` as a page of `site` sends it, through a proxy that saw it come from
/// `address`.
#[must_use]
pub fn request(site: &Site, address: &str, body: &str) -> Vec<u8> {
    format!(
        "POST /v1/batches HTTP/1.1\r\nHost: rum.example\r\nOrigin: https://{}\r\n\
         Content-Type: text/plain\r\nX-Forwarded-For: {address}\r\nContent-Length: {}\r\n\r\n{body}",
        site.host,
        body.len()
    )
    .into_bytes()
}

fn owned(text: &str) -> Text<'static> {
    Text(text.to_owned().into())
}

fn now_ms() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use foresight_shared::limits;

    #[test]
    fn ids_keep_the_rule_and_differ() {
        let (one, other) = (new_id(), new_id());
        assert!(limits::is_id(&one) && limits::is_id(&other));
        assert_ne!(one, other);
    }

    #[test]
    fn a_later_batch_belongs_to_the_same_view_and_is_a_batch_of_its_own() {
        let first = first_batch("token", "/menu", vec![]);
        let later = later_batch(&first, vec![vital(Metric::Cls, 0.1, None)]);
        assert_eq!(
            (later.view.id.clone(), later.view.seq),
            (first.view.id.clone(), 1)
        );
        assert_ne!(later.id, first.id);
    }
}
