//! Reads a request's body.
//!
//! In: the body, as it arrives. Out: its bytes, or why there are none. What must never happen: a body
//! is waited for without end, or one that is too large is kept.

use std::time::Duration;

use axum::{
    body::Body,
    http::{HeaderMap, header},
};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use tokio::time::timeout;

use super::refusal::Refusal;

/// Bytes of a body that is too large which are still read, and thrown away: a client that is cut off
/// while it writes never sees the answer.
const DRAINED_BYTES: usize = 2 * 1024 * 1024;

/// The whole body, if it has at most so many bytes.
pub(super) async fn read(
    headers: &HeaderMap,
    body: Body,
    most: usize,
    patience: Duration,
) -> Result<Bytes, Refusal> {
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|bytes| bytes > DRAINED_BYTES) {
        return Err(Refusal::TooLarge(most));
    }
    timeout(patience, collect(body, most))
        .await
        .map_err(|_| Refusal::TooSlow(patience))?
}

/// Of a body that is too large, nothing is kept.
async fn collect(body: Body, most: usize) -> Result<Bytes, Refusal> {
    let mut frames = body.into_data_stream();
    let mut bytes = BytesMut::new();
    let mut length = 0;
    while let Some(frame) = frames.next().await {
        let frame = frame.map_err(|_| Refusal::CutOff)?;
        length += frame.len();
        if length <= most {
            bytes.extend_from_slice(&frame);
        } else if length > DRAINED_BYTES {
            break;
        }
    }
    match length {
        0 => Err(Refusal::Empty),
        _ if length > most => Err(Refusal::TooLarge(most)),
        _ => Ok(bytes.freeze()),
    }
}
